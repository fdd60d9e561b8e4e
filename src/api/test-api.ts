import { request } from 'node:http';
import { createConfig } from '../config/index.ts';
import { createFakeEngine, type FakeEngine } from './fake-engine.ts';
import { type ApiDependencies, createApi } from './server.ts';

/** A reply as it came over the wire, undecoded. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Names and values in turn, as written. */
  readonly rawHeaders: readonly string[];
  readonly bytes: Buffer;
  readonly text: string;
}

export interface AskOptions {
  readonly body?: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
  /** Send the body without a length. */
  readonly chunked?: boolean;
}

/** An API on a free loopback port, before a fake engine. */
export interface TestApi {
  readonly port: number;
  readonly engine: FakeEngine;
  /** Messages logged: what, and with which fields. */
  readonly logged: { level: string; fields: unknown; message: string | undefined }[];
  /** Sends the target exactly as written, over a connection of its own. */
  ask(method: string, target: string, options?: AskOptions): Promise<Reply>;
  stop(): Promise<void>;
}

export async function startTestApi(
  properties: Readonly<Record<string, string>> = {},
  dependencies: Partial<ApiDependencies> = {},
): Promise<TestApi> {
  const engine = createFakeEngine();
  const logged: TestApi['logged'] = [];
  const note =
    (level: string) =>
    (...[first, second]: unknown[]): void => {
      logged.push({
        level,
        fields: typeof first === 'string' ? undefined : first,
        message: String(typeof first === 'string' ? first : second),
      });
    };
  const api = createApi({
    engine,
    config: createConfig({ 'http.port': '0', ...properties }),
    log: { info: note('info'), warn: note('warn'), error: note('error') },
    version: '1.2.3',
    ...dependencies,
  });
  const { port } = await api.start();
  return {
    port,
    engine,
    logged,
    ask: (method, target, options = {}) => ask(port, method, target, options),
    stop: () => api.stop(),
  };
}

function ask(port: number, method: string, target: string, options: AskOptions): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const length = Buffer.byteLength(options.body ?? '');
    const sending = request(
      {
        host: '127.0.0.1',
        port,
        method,
        path: target,
        agent: false,
        headers: {
          ...(options.body !== undefined && !options.chunked && { 'Content-Length': length }),
          ...options.headers,
        },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const bytes = Buffer.concat(chunks);
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            rawHeaders: response.rawHeaders,
            bytes,
            text: bytes.toString('utf8'),
          });
        });
      },
    );
    sending.on('error', reject);
    sending.end(options.body);
  });
}
