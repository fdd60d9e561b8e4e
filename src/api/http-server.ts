import {
  createServer as createHttp,
  type IncomingMessage,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http';
import { createServer as createHttps, type Server as HttpsServer } from 'node:https';
import type { Socket } from 'node:net';
import { WeirError } from '../common/index.ts';
import type { ApiLog } from './context.ts';
import type { HttpMeter } from './http-meter.ts';
import type { KeyPair } from './tls.ts';

/** Bounds on what a client can hold open, in ms. Its answer may wait (long polls), but nothing else may. */
export interface ClientLimits {
  /** For a TLS handshake. */
  readonly handshakeMs: number;
  /** For the headers of a request. */
  readonly headersMs: number;
  /** For a whole request. */
  readonly requestMs: number;
  /** Between requests of a connection. */
  readonly idleMs: number;
  /** Without taking anything of an answer that waits to be sent. */
  readonly stallMs: number;
  /** Longest silence of a live stream: then it sends a comment. */
  readonly heartbeatMs: number;
  /** How often headers and requests are checked for their time. */
  readonly checkMs: number;
}

export const CLIENT_LIMITS: ClientLimits = {
  handshakeMs: 10_000,
  headersMs: 10_000,
  requestMs: 60_000,
  idleMs: 72_000,
  stallMs: 30_000,
  heartbeatMs: 15_000,
  checkMs: 5_000,
};
const MAX_CONNECTIONS = 4096;

type RequestHandler = (request: IncomingMessage, response: ServerResponse) => void;

export interface HttpServerOptions {
  readonly limits: ClientLimits;
  /** Bytes of a request's headers. */
  readonly maxHeaderSize: number;
  /** TLS when it is there. */
  readonly keyPair: KeyPair | undefined;
  readonly meter: HttpMeter;
  /** Where each request is logged, if anywhere. */
  readonly log: ApiLog | undefined;
}

/** A server whose connections and messages are counted, and logged when there is a log. */
export function createHttpServer(handle: RequestHandler, options: HttpServerOptions): Server | HttpsServer {
  const { limits, maxHeaderSize, keyPair, meter, log } = options;
  const settings = {
    maxHeaderSize,
    headersTimeout: limits.headersMs,
    requestTimeout: limits.requestMs,
    keepAliveTimeout: limits.idleMs,
    connectionsCheckingInterval: limits.checkMs,
  };
  const listener: RequestHandler = (request, response) => {
    meter.count(response);
    if (log !== undefined) logRequest(request, response, log);
    handle(request, response);
  };
  const server =
    keyPair === undefined
      ? createHttp(settings, listener)
      : createHttps({ ...settings, ...keyPair, handshakeTimeout: limits.handshakeMs }, listener);
  server.maxConnections = MAX_CONNECTIONS;
  meter.watch(server);
  return server;
}

/** The line of property `http.log`. */
function logRequest(request: IncomingMessage, response: ServerResponse, log: ApiLog): void {
  const { method, url } = request;
  const client = request.socket.remoteAddress;
  response.once('close', () => {
    log.info(`HTTP ${method}, client: ${client}, status: ${response.statusCode}, path: ${url}`);
  });
}

/** Answers what is not HTTP, or too much of it, and closes. */
export function refuseClient(error: Error & { code?: string }, socket: Socket): void {
  // Who fails at the handshake of TLS would not understand an answer.
  if (error.code === 'ECONNRESET' || error.code?.startsWith('ERR_SSL') || !socket.writable) {
    socket.destroy();
    return;
  }
  const status = clientErrorStatus(error.code);
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
}

function clientErrorStatus(code: string | undefined): number {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return 431;
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return 408;
    default:
      return 400;
  }
}

/** A failure to listen, in one line for the person who started the program. */
export function listenError(cause: unknown, host: string, port: number): WeirError {
  const where = `HTTP cannot listen on port ${port} of ${host === '' ? 'any address' : host}`;
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  if (code === 'EADDRINUSE') {
    return new WeirError('HTTP_PORT_IN_USE', `${where}: it is in use; set http.port to another`, { cause });
  }
  return new WeirError('HTTP_CANNOT_LISTEN', `${where}: ${listenProblem(code, cause)}`, { cause });
}

function listenProblem(code: unknown, cause: unknown): string {
  switch (code) {
    case 'EACCES':
      return 'not permitted';
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return 'http.hostname is no address of this machine';
    default:
      return cause instanceof Error ? cause.message : String(cause);
  }
}
