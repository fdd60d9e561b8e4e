import { Agent, type IncomingMessage, type OutgoingHttpHeaders, request } from 'node:http';
import { Agent as HttpsAgent, request as secureRequest } from 'node:https';
import { gzipSync } from 'node:zlib';
import { SinkError, type SinkFault } from '../sink.ts';
import type { TlsOptions } from './tls-options.ts';

/** What is read of an answer, for the text of an error. */
const ANSWER_BYTES = 2000;
/** Refusals that the other side may lift. All others of 4xx are for good. */
const MAY_PASS = new Set([401, 403, 404, 408, 425, 429]);

/** Sends bodies to one address, over a connection that is kept. */
export interface HttpClient {
  /** Resolves when the answer is 2xx. Throws a `SinkError` otherwise. */
  send(
    method: string,
    headers: OutgoingHttpHeaders,
    body: string | Uint8Array,
    signal: AbortSignal,
  ): Promise<void>;
  close(): void;
}

export interface HttpClientOptions {
  readonly url: URL;
  readonly tls: TlsOptions;
  readonly gzip: boolean;
}

export function createHttpClient({ url, tls, gzip }: HttpClientOptions): HttpClient {
  const secure = url.protocol === 'https:';
  const keep = { keepAlive: true, maxSockets: 1 };
  const agent = secure ? new HttpsAgent({ ...keep, ...tls }) : new Agent(keep);

  function exchange(
    method: string,
    headers: OutgoingHttpHeaders,
    body: Uint8Array,
    signal: AbortSignal,
  ): Promise<{ status: number; text: string }> {
    return new Promise((resolve, reject) => {
      const all = { ...headers, 'Content-Length': body.length };
      const asked = (secure ? secureRequest : request)(url, { method, agent, headers: all, signal });
      asked.on('error', reject);
      asked.on('response', (response) => {
        readText(response).then((text) => resolve({ status: response.statusCode ?? 0, text }), reject);
      });
      asked.end(body);
    });
  }

  return {
    async send(method, headers, body, signal) {
      const bytes = typeof body === 'string' ? Buffer.from(body) : body;
      const { status, text } = gzip
        ? await exchange(method, { ...headers, 'Content-Encoding': 'gzip' }, gzipSync(bytes), signal)
        : await exchange(method, headers, bytes, signal);
      if (status >= 200 && status < 300) return;
      throw refusal(status, text);
    },
    close: () => agent.destroy(),
  };
}

function refusal(status: number, text: string, fault: SinkFault = {}): SinkError {
  const permanent = status >= 400 && status < 500 && !MAY_PASS.has(status);
  const said = text.replaceAll(/\s+/g, ' ').trim().slice(0, 200);
  return new SinkError(`status ${status}${said === '' ? '' : `: ${said}`}`, { ...fault, permanent });
}

async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response) {
    if (length < ANSWER_BYTES) chunks.push(chunk as Buffer);
    length += (chunk as Buffer).length;
  }
  return Buffer.concat(chunks).toString('utf8', 0, ANSWER_BYTES);
}

/** The header of Basic authentication. */
export function basicAuthorization(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}
