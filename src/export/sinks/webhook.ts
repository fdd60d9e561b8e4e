import type { Members } from '../members.ts';
import type { ExportMessage } from '../message.ts';
import { type Sink, SinkError } from '../sink.ts';
import { createHttpClient } from './http-client.ts';
import { tlsOptions } from './tls-options.ts';

/**
 * Any HTTP server. Without a template batches go as arrays of JSON; with one each message is a request of its own, whose
 * body is the template filled in.
 */
export function webhookSink(members: Members): () => Sink {
  const url = members.url('url', ['http:', 'https:']);
  const method = members.choice('method', ['POST', 'PUT'], 'POST');
  const contentType = members.optionalText('contentType') ?? 'application/json';
  const headers = { 'Content-Type': contentType, ...members.record('headers') };
  const template = members.optionalText('template');
  const tls = tlsOptions(members);
  for (const [name, value] of Object.entries(headers))
    if (!/^[!#$%&'*+.^_`|~\w-]+$/.test(name) || /[^\t\x20-\x7e]/.test(value))
      throw members.fault('headers', `have one that is none: ${JSON.stringify(name)}`);
  return () => {
    const client = createHttpClient({ url, tls, gzip: false });
    return {
      async send(messages, signal) {
        if (template === undefined) {
          await client.send(method, headers, JSON.stringify(messages), signal);
          return;
        }
        for (let delivered = 0; delivered < messages.length; delivered++) {
          const body = fillTemplate(template, messages[delivered], contentType.includes('json'));
          try {
            await client.send(method, headers, body, signal);
          } catch (error) {
            const permanent = error instanceof SinkError && error.permanent;
            const text = error instanceof Error ? error.message : String(error);
            throw new SinkError(text, { delivered, permanent, refused: 1, cause: error });
          }
        }
      },
      close: async () => client.close(),
    };
  };
}

/**
 * A template with `{{member}}`, `{{keys.member}}` and `{{message}}` (the whole as JSON) replaced. `json`: texts are escaped
 * so that they may stand between quotes. What a message does not have is empty.
 */
export function fillTemplate(template: string, message: ExportMessage, json: boolean): string {
  return template.replaceAll(/\{\{\s*([\w.]+)\s*\}\}/g, (_, path: string) => {
    if (path === 'message') return JSON.stringify(message);
    let value: unknown = message;
    for (const name of path.split('.'))
      value =
        typeof value === 'object' && value !== null && Object.hasOwn(value, name)
          ? (value as Record<string, unknown>)[name]
          : undefined;
    if (value === undefined) return '';
    const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
    return json && typeof value === 'string' ? JSON.stringify(text).slice(1, -1) : text;
  });
}
