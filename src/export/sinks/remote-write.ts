import { compress } from 'snappyjs';
import type { Members } from '../members.ts';
import { type Point, pointOf } from '../message.ts';
import type { Sink } from '../sink.ts';
import { basicAuthorization, createHttpClient } from './http-client.ts';
import { encodeWriteRequest } from './remote-write-request.ts';
import { tlsOptions } from './tls-options.ts';

/** Prometheus remote write 1.0: Prometheus itself, VictoriaMetrics, Mimir and others. */
export function remoteWriteSink(members: Members): () => Sink {
  const url = members.url('url', ['http:', 'https:']);
  const prefix = members.optionalText('prefix') ?? 'sflow_';
  const labels = members.record('labels');
  for (const name of Object.keys(labels))
    if (!/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name)) throw members.fault('labels', `cannot have the name ${name}`);
  const headers: Record<string, string> = {
    'Content-Type': 'application/x-protobuf',
    'Content-Encoding': 'snappy',
    'X-Prometheus-Remote-Write-Version': '0.1.0',
    'User-Agent': 'weir',
    ...members.record('headers'),
  };
  const token = members.optionalText('token');
  const user = members.optionalText('username');
  const password = members.optionalText('password') ?? '';
  if (token !== undefined) headers['Authorization'] = `Bearer ${token}`;
  else if (user !== undefined) headers['Authorization'] = basicAuthorization(user, password);
  const tls = tlsOptions(members);
  return () => {
    const client = createHttpClient({ url, tls, gzip: false });
    return {
      async send(messages, signal) {
        const points = messages.flatMap((message): Point[] => {
          const point = pointOf(message, prefix);
          return point === undefined ? [] : [{ ...point, labels: { ...labels, ...point.labels } }];
        });
        if (points.length === 0) return;
        await client.send('POST', headers, compress(encodeWriteRequest(points)), signal);
      },
      close: async () => client.close(),
    };
  };
}
