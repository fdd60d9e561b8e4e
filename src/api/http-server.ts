import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http';
import type { Socket } from 'node:net';
import { WeirError } from '../common/index.ts';
import type { ApiLog } from './context.ts';
import type { HttpMeter } from './http-meter.ts';

export const MAX_HEADER_BYTES = 16 * 1024;

/** Bounds on what a client can hold open. A request must arrive whole in its time; its answer may wait (long polls). */
const LIMITS = {
  maxHeaderSize: MAX_HEADER_BYTES,
  headersTimeout: 10_000,
  requestTimeout: 60_000,
  keepAliveTimeout: 72_000,
  connectionsCheckingInterval: 5_000,
};
const MAX_CONNECTIONS = 4096;

type RequestHandler = (request: IncomingMessage, response: ServerResponse) => void;

/** A server whose connections and messages are counted, and logged when there is a log. */
export function createHttpServer(handle: RequestHandler, meter: HttpMeter, log: ApiLog | undefined): Server {
  const server = createServer(LIMITS, (request, response) => {
    meter.count(response);
    if (log !== undefined) logRequest(request, response, log);
    handle(request, response);
  });
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
  if (error.code === 'ECONNRESET' || !socket.writable) {
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
