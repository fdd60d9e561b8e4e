import { type ClientRequest, type IncomingMessage, request as requestHttp } from 'node:http';
import { Agent, request as requestHttps } from 'node:https';
import type { Readable } from 'node:stream';
import { createSecureContext } from 'node:tls';
import { createInflate, createUnzip } from 'node:zlib';
import { WeirError } from '../common/index.ts';

/** A request as the HTTP functions of the API make it (section 11). */
export interface HttpRequest {
  readonly url: string;
  /** Upper case. */
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

export interface HttpAnswer {
  readonly status: number;
  /** By name as it was sent, each with its values; the status line has the name `null`. */
  readonly headers: Readonly<Record<string, readonly string[]>>;
  readonly body: string;
  /** As requested, redirects or not. */
  readonly url: string;
}

export interface HttpSettings {
  readonly userAgent: string;
  /** PEM: who is trusted, instead of those that Node brings; '' for these. */
  readonly ca: string;
  /** PEM: who we are; '' for nobody. */
  readonly cert: string;
  readonly key: string;
}

const CONNECT_TIMEOUT_MS = 5_000;
const READ_TIMEOUT_MS = 5_000;
/** All redirects together. */
const WHOLE_TIMEOUT_MS = 60_000;
const MAX_REDIRECTS = 20;
/** Unpacked. */
const MAX_BODY_BYTES = 32 * 2 ** 20;

/** A client with the settings of the program. Errors are WeirErrors with the texts of section 11. */
export class HttpClient {
  private readonly settings: HttpSettings;
  private agent: Agent | undefined;

  constructor(settings: HttpSettings) {
    this.settings = settings;
  }

  /**
   * Sends a request and follows redirects, but never from TLS to plain text. Rejects for a status of 400 and more, as
   * for everything that keeps an answer from coming.
   */
  async send(request: HttpRequest): Promise<HttpAnswer> {
    const until = Date.now() + WHOLE_TIMEOUT_MS;
    let url = parseUrl(request.url);
    let { method, headers, body } = request;
    for (let redirects = 0; ; redirects++) {
      const answer = await this.exchange({ url, method, headers, body, until });
      const target = redirects < MAX_REDIRECTS ? redirectTarget(answer, url) : undefined;
      if (target === undefined) return finished(answer, request.url);
      if (target.host !== url.host) headers = without(headers, 'authorization');
      // What browsers and Java do: only 307 and 308 repeat what was sent.
      if (answer.status < 307 && method !== 'GET' && method !== 'HEAD') {
        method = 'GET';
        body = undefined;
        headers = without(headers, 'content-type');
      }
      url = target;
    }
  }

  private exchange(sent: Sent): Promise<RawAnswer> {
    const secure = sent.url.protocol === 'https:';
    return new Promise((resolve, reject) => {
      const options = {
        method: sent.method,
        headers: {
          'User-Agent': this.settings.userAgent,
          Accept: '*/*',
          'Accept-Encoding': 'gzip, deflate',
          ...sent.headers,
          ...(sent.body === undefined ? {} : { 'Content-Length': Buffer.byteLength(sent.body) }),
          Connection: 'close',
        },
      };
      const client = secure
        ? requestHttps(sent.url, { ...options, agent: this.secureAgent() })
        : requestHttp(sent.url, { ...options, agent: false });
      const watch = new Watch(client, sent.until, secure);
      client.on('error', (error) => {
        watch.stop();
        reject(ioFault(error, sent.url));
      });
      client.on('response', (response) => {
        watch.progress();
        readBody(response, () => watch.progress())
          .then((bytes) => resolve(rawAnswer(response, bytes)))
          .catch((error) => {
            client.destroy();
            reject(ioFault(error, sent.url));
          })
          .finally(() => watch.stop());
      });
      client.end(sent.body);
    });
  }

  /** Made once: reading the certificates of all authorities takes a while. Keeps no connections. */
  private secureAgent(): Agent {
    const { ca, cert, key } = this.settings;
    return (this.agent ??= new Agent({
      secureContext: createSecureContext({
        ...(ca === '' ? {} : { ca }),
        ...(cert === '' ? {} : { cert, key }),
      }),
    }));
  }
}

interface Sent {
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  /** Epoch ms at which the whole must be over. */
  readonly until: number;
}

interface RawAnswer {
  readonly status: number;
  readonly location: string | undefined;
  readonly headers: Record<string, string[]>;
  readonly body: string;
}

/**
 * Ends a request that makes no progress. A thread that was busy finds its timers due before it reads what came
 * meanwhile; so a timer that is due looks again after the reading.
 */
class Watch {
  private readonly client: ClientRequest;
  private readonly until: number;
  private timer: NodeJS.Timeout | undefined;
  private connected = false;
  private steps = 0;

  constructor(client: ClientRequest, until: number, secure: boolean) {
    this.client = client;
    this.until = until;
    client.once('socket', (socket) => {
      socket.once(secure ? 'secureConnect' : 'connect', () => {
        this.connected = true;
        this.progress();
      });
    });
    this.progress();
  }

  progress(): void {
    this.steps++;
    clearTimeout(this.timer);
    const left = this.until - Date.now();
    this.timer = setTimeout(
      () => this.due(this.steps),
      Math.max(0, Math.min(left, this.connected ? READ_TIMEOUT_MS : CONNECT_TIMEOUT_MS)),
    );
  }

  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private due(steps: number): void {
    setImmediate(() => {
      if (this.timer === undefined || (this.steps !== steps && Date.now() < this.until)) return;
      this.client.destroy(new Timeout(this.connected ? 'Read timed out' : 'Connect timed out'));
    });
  }
}

class Timeout extends Error {}

async function readBody(response: IncomingMessage, progress: () => void): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  response.on('data', progress);
  for await (const chunk of unpacked(response)) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) throw new Error(`the answer is larger than ${MAX_BODY_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function unpacked(response: IncomingMessage): Readable {
  const coding = response.headers['content-encoding']?.toLowerCase();
  if (coding !== 'gzip' && coding !== 'x-gzip' && coding !== 'deflate') return response;
  const unpack = coding === 'deflate' ? createInflate() : createUnzip();
  response.on('error', (error) => unpack.destroy(error));
  return response.pipe(unpack);
}

function rawAnswer(response: IncomingMessage, bytes: Buffer): RawAnswer {
  const { statusCode = 0, statusMessage = '', httpVersion, rawHeaders } = response;
  // The names are the server's.
  const headers: Record<string, string[]> = Object.create(null);
  headers['null'] = [`HTTP/${httpVersion} ${statusCode} ${statusMessage}`.trim()];
  for (let i = 0; i < rawHeaders.length; i += 2) (headers[rawHeaders[i]] ??= []).push(rawHeaders[i + 1]);
  return {
    status: statusCode,
    location: response.headers.location,
    headers: { ...headers },
    body: decode(bytes, response.headers['content-type']),
  };
}

function decode(bytes: Buffer, contentType: string | undefined): string {
  const [, charset = 'utf-8'] = /charset="?([^\s;"]+)/i.exec(contentType ?? '') ?? [];
  try {
    return new TextDecoder(charset).decode(bytes);
  } catch {
    return bytes.toString('utf8');
  }
}

function redirectTarget({ status, location }: RawAnswer, from: URL): URL | undefined {
  if (![301, 302, 303, 307, 308].includes(status) || location === undefined) return undefined;
  const target = URL.canParse(location, from.href) ? new URL(location, from) : undefined;
  const follows = target?.protocol === from.protocol || target?.protocol === 'https:';
  return follows ? target : undefined;
}

function finished({ status, headers, body }: RawAnswer, url: string): HttpAnswer {
  if (status === 404) throw new WeirError('SCRIPT_HTTP', 'not found');
  if (status >= 400)
    throw fault(`java.io.IOException: Server returned HTTP response code: ${status} for URL: ${url}`);
  return { status, headers, body, url };
}

function without(headers: Readonly<Record<string, string>>, name: string): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([given]) => given.toLowerCase() !== name));
}

/** Throws for what is no address of a web server. */
export function parseUrl(text: string): URL {
  if (/\s/.test(text)) throw fault(`java.net.MalformedURLException: Illegal character in URL: ${text}`);
  if (!URL.canParse(text)) throw fault(`java.net.MalformedURLException: no protocol: ${text}`);
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw fault(`java.net.MalformedURLException: unknown protocol: ${url.protocol.slice(0, -1)}`);
  return url;
}

/** Established scripts compare these texts, so they name exceptions that Node does not have. */
function ioFault(error: NodeJS.ErrnoException, url: URL): WeirError {
  if (error instanceof Timeout) return fault(`java.net.SocketTimeoutException: ${error.message}`);
  switch (error.code) {
    case 'ECONNREFUSED':
      return fault('java.net.ConnectException: Connection refused');
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return fault(`java.net.UnknownHostException: ${url.hostname}`);
    case 'ECONNRESET':
      return fault('java.net.SocketException: Connection reset');
    default:
      return fault(`java.io.IOException: ${error.message}`);
  }
}

function fault(message: string): WeirError {
  return new WeirError('SCRIPT_HTTP', `IO error ${message}`);
}
