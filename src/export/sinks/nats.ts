import type { NatsConnection } from '@nats-io/transport-node';
import type { Members } from '../members.ts';
import { type Sink, untilAborted } from '../sink.ts';
import { type TlsOptions, tlsOptions } from './tls-options.ts';
import { fillTopic } from './topic.ts';

interface NatsOptions {
  readonly servers: string[];
  readonly subject: string;
  readonly user?: string;
  readonly pass?: string;
  readonly token?: string;
  readonly tls?: TlsOptions;
}

const CONNECT_MS = 5000;

/** A subject of NATS. A batch counts as sent when the server has answered behind it. */
export function natsSink(members: Members): () => Sink {
  const servers = [...members.texts('servers')];
  if (servers.length === 0) throw members.fault('servers', 'is missing');
  const subject = members.optionalText('subject') ?? 'weir.{type}.{name}';
  if (/[\s*>]/.test(subject) || subject === '') throw members.fault('subject', 'is no subject');
  const [user, pass, token] = ['user', 'password', 'token'].map((name) => members.optionalText(name));
  const options: NatsOptions = {
    servers,
    subject,
    ...(user !== undefined && { user }),
    ...(pass !== undefined && { pass }),
    ...(token !== undefined && { token }),
    ...(members.has('tls') && { tls: tlsOptions(members) }),
  };
  return () => createNatsSink(options);
}

function createNatsSink({ subject, ...options }: NatsOptions): Sink {
  let connection: NatsConnection | undefined;

  async function connected(): Promise<NatsConnection> {
    if (connection !== undefined && !connection.isClosed()) return connection;
    const { connect } = await import('./nats-library.ts');
    // Reconnecting is ours: theirs would keep what is published meanwhile, without a bound.
    connection = await connect({ ...options, name: 'weir', reconnect: false, timeout: CONNECT_MS });
    return connection;
  }

  async function drop(): Promise<void> {
    const old = connection;
    connection = undefined;
    await old?.close().catch(() => undefined);
  }

  return {
    async send(messages, signal) {
      try {
        const to = await untilAborted(connected(), signal);
        for (const message of messages) to.publish(fillTopic(subject, message), JSON.stringify(message));
        await untilAborted(to.flush(), signal);
      } catch (error) {
        await drop();
        throw error;
      }
    },
    close: drop,
  };
}
