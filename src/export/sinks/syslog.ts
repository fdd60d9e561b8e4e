import { hostname } from 'node:os';
import type { Members } from '../members.ts';
import type { ExportMessage } from '../message.ts';
import { type Sink, SinkError } from '../sink.ts';
import { DatagramConnection, StreamConnection } from './connection.ts';
import { tlsOptions } from './tls-options.ts';

/** RFC 5424 6.2.1. */
const FACILITIES = [
  ...['kern', 'user', 'mail', 'daemon', 'auth', 'syslog', 'lpr', 'news', 'uucp', 'cron', 'authpriv', 'ftp'],
  ...['ntp', 'security', 'console', 'solaris-cron'],
  ...['local0', 'local1', 'local2', 'local3', 'local4', 'local5', 'local6', 'local7'],
];
const SEVERITIES = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug'];
const TRANSPORTS = ['udp', 'tcp', 'tls'] as const;
const DEFAULT_PORTS = { udp: 514, tcp: 601, tls: 6514 };

export interface SyslogHeader {
  readonly facility: number;
  readonly severity: number;
  readonly hostname: string;
  readonly appName: string;
}

/**
 * Syslog: RFC 5424, over UDP (RFC 5426), TCP with octet counting (RFC 6587 3.4.1) or TLS (RFC 5425). The message is JSON,
 * its MSGID the type.
 */
export function syslogSink(members: Members): () => Sink {
  const transport = members.choice('transport', TRANSPORTS, 'udp');
  const port = { minimum: 1, maximum: 65535, default: DEFAULT_PORTS[transport] };
  const target = { host: members.text('host'), port: members.integer('port', port) };
  const header: SyslogHeader = {
    facility: FACILITIES.indexOf(members.choice('facility', FACILITIES, 'local0')),
    severity: SEVERITIES.indexOf(members.choice('severity', SEVERITIES, 'notice')),
    hostname: headerField(members.optionalText('hostname') ?? hostname(), 255),
    appName: headerField(members.optionalText('appName') ?? 'weir', 48),
  };
  if (transport === 'udp') return () => overUdp(new DatagramConnection(target), header);
  const tls = transport === 'tls' ? tlsOptions(members) : undefined;
  return () => {
    const connection = new StreamConnection(target, tls);
    return {
      async send(messages, signal) {
        const frames = messages.map((message) => octetCounted(syslogText(message, header)));
        await connection.write(Buffer.concat(frames), signal);
      },
      close: async () => connection.close(),
    };
  };
}

function overUdp(connection: DatagramConnection, header: SyslogHeader): Sink {
  return {
    async send(messages) {
      for (let delivered = 0; delivered < messages.length; delivered++) {
        try {
          await connection.send(Buffer.from(syslogText(messages[delivered], header)));
        } catch (error) {
          const { permanent, refused } = error instanceof SinkError ? error : {};
          throw new SinkError(error instanceof Error ? error.message : String(error), {
            delivered,
            ...(permanent && { permanent }),
            ...(refused !== undefined && { refused }),
            cause: error,
          });
        }
      }
    },
    close: async () => connection.close(),
  };
}

/** `<PRI>1 TIMESTAMP HOSTNAME APP-NAME PROCID MSGID STRUCTURED-DATA MSG` (RFC 5424 6). */
export function syslogText(message: ExportMessage, header: SyslogHeader): string {
  const priority = header.facility * 8 + header.severity;
  const time = new Date(message.time).toISOString();
  return `<${priority}>1 ${time} ${header.hostname} ${header.appName} ${process.pid} ${message.type} - ${JSON.stringify(message)}`;
}

function octetCounted(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([Buffer.from(`${bytes.length} `), bytes]);
}

/** Printable ASCII without blanks; `-` for nothing. */
function headerField(text: string, longest: number): string {
  return text.replaceAll(/[^\x21-\x7e]/g, '_').slice(0, longest) || '-';
}
