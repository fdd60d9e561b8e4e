import type { Members } from '../members.ts';
import { type ExportMessage, type Point, pointOf } from '../message.ts';
import { type Sink, SinkError } from '../sink.ts';
import { DatagramConnection } from './connection.ts';
import { basicAuthorization, createHttpClient } from './http-client.ts';
import { tlsOptions } from './tls-options.ts';

/** Datagrams stay below this, so that they need not be cut on their way. */
const DATAGRAM_BYTES = 1400;
const UDP_PORT = 8089;

/**
 * InfluxDB and those who take its line protocol. With `bucket` version 2 (`/api/v2/write`), else version 1 (`/write`),
 * with a URL of udp: datagrams.
 */
export function influxdbSink(members: Members): () => Sink {
  const url = members.url('url', ['http:', 'https:', 'udp:']);
  const prefix = members.optionalText('prefix') ?? 'sflow_';
  if (url.protocol === 'udp:') {
    const target = { host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port) || UDP_PORT };
    return () => overUdp(new DatagramConnection(target), prefix);
  }
  const isVersion2 = members.has('bucket');
  const target = new URL(`${url.pathname.replace(/\/$/, '')}${isVersion2 ? '/api/v2/write' : '/write'}`, url);
  target.searchParams.set('precision', 'ms');
  const headers: Record<string, string> = { 'Content-Type': 'text/plain; charset=utf-8' };
  if (isVersion2) {
    target.searchParams.set('bucket', members.text('bucket'));
    const org = members.optionalText('org');
    if (org !== undefined) target.searchParams.set('org', org);
    const token = members.optionalText('token');
    if (token !== undefined) headers['Authorization'] = `Token ${token}`;
  } else {
    target.searchParams.set('db', members.text('database'));
    const policy = members.optionalText('retentionPolicy');
    if (policy !== undefined) target.searchParams.set('rp', policy);
    const user = members.optionalText('username');
    const password = members.optionalText('password') ?? '';
    if (user !== undefined) headers['Authorization'] = basicAuthorization(user, password);
  }
  const tls = tlsOptions(members);
  const gzip = members.flag('gzip', true);
  return () => {
    const client = createHttpClient({ url: target, tls, gzip });
    return {
      async send(messages, signal) {
        const lines = linesOf(messages, prefix);
        if (lines.length > 0) await client.send('POST', headers, lines.join(''), signal);
      },
      close: async () => client.close(),
    };
  };
}

function overUdp(connection: DatagramConnection, prefix: string): Sink {
  return {
    async send(messages) {
      let text = '';
      let delivered = 0;
      const flush = async (upTo: number): Promise<void> => {
        try {
          if (text !== '') await connection.send(Buffer.from(text));
        } catch (error) {
          throw error instanceof SinkError
            ? error
            : new SinkError(String(error), { delivered, cause: error });
        }
        text = '';
        delivered = upTo;
      };
      for (let i = 0; i < messages.length; i++) {
        const point = pointOf(messages[i], prefix);
        const line = point === undefined ? '' : influxLine(point);
        if (Buffer.byteLength(text) + Buffer.byteLength(line) > DATAGRAM_BYTES) await flush(i);
        text += line;
      }
      await flush(messages.length);
    },
    close: async () => connection.close(),
  };
}

function linesOf(messages: readonly ExportMessage[], prefix: string): string[] {
  return messages.flatMap((message) => {
    const point = pointOf(message, prefix);
    return point === undefined ? [] : [influxLine(point)];
  });
}

/** A line of the line protocol, time in ms. Labels without a value are no tags. */
export function influxLine({ name, labels, value, time }: Point): string {
  let tags = '';
  for (const [key, text] of Object.entries(labels)) {
    const tag = escapeTag(text);
    if (tag !== '') tags += `,${escapeTag(key)}=${tag}`;
  }
  return `${name.replaceAll(/[\r\n]/g, ' ').replaceAll(/[, ]/g, '\\$&')}${tags} value=${value} ${Math.round(time)}\n`;
}

/** A line end cannot be written; nor can a backslash at the end, which would escape what follows. */
function escapeTag(text: string): string {
  return text
    .replaceAll(/[\r\n\0]/g, ' ')
    .replace(/\\+$/, '')
    .replaceAll(/[,= ]/g, '\\$&');
}
