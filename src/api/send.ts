import type { ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { FastifyReply } from 'fastify';
import type { Answer } from './answer.ts';

/** Bodies below this many bytes go out plain: they fit into one packet anyway. */
const GZIP_FROM_BYTES = 512;
/** Larger bodies go out in parts of so many bytes, so that a client that takes none of them can be told. */
const PART_BYTES = 64 * 1024;
/** Answers are compressed once and read once: the fast end of the scale gives most of the gain. */
const GZIP_LEVEL = 3;

const compress = promisify<Buffer, { level: number }, Buffer>(gzip);

const NEVER_CACHED = {
  'Cache-Control': 'no-cache, no-store, must-revalidate',
  Pragma: 'no-cache',
  Expires: '0',
};

export interface SendOptions {
  /** Clock, epoch ms. */
  readonly now: () => number;
  /** Blanks by which JSON is indented. */
  readonly indent: number;
  /** A client that takes nothing of its answer for so long is cut off, ms. */
  readonly stallMs: number;
}

export type Send = (reply: FastifyReply, answer: Answer) => Promise<FastifyReply>;

/**
 * Sends answers with the headers every reply carries (section 1). HEAD gets the same headers and no body. Written past
 * Fastify, which would change the case of header names and add a charset to JSON.
 */
export function createSend({ now, indent, stallMs }: SendOptions): Send {
  return async (reply, answer) => {
    const { status, etag, stream } = answer;
    const request = reply.request;
    const headers: Record<string, string | number> = {
      ...(etag === undefined
        ? { ...NEVER_CACHED, 'Last-Modified': new Date(now()).toUTCString() }
        : { 'Cache-Control': 'no-cache', ETag: etag }),
      Vary: 'Accept-Encoding, User-Agent',
      'X-Content-Type-Options': 'nosniff',
      ...(answer.contentType !== undefined && { 'Content-Type': answer.contentType }),
      ...(answer.reason !== undefined && { 'Weir-Error': headerText(answer) }),
      ...answer.headers,
    };
    // The rest of a body that is too large is not worth reading.
    if (status === 413) headers['Connection'] = 'close';
    reply.hijack();
    const response = reply.raw;
    if (etag !== undefined && request.headers['if-none-match'] === etag) {
      response.writeHead(304, headers).end();
      return reply;
    }
    if (stream !== undefined) {
      response.writeHead(status, headers);
      if (request.method === 'HEAD') {
        response.end();
        answer.unwanted?.();
      } else stream(response);
      return reply;
    }
    let bytes = bodyOf(answer, indent);
    if (bytes.length >= GZIP_FROM_BYTES && acceptsGzip(request.headers['accept-encoding'])) {
      bytes = await compress(bytes, { level: GZIP_LEVEL });
      headers['Content-Encoding'] = 'gzip';
    }
    if (status !== 204) headers['Content-Length'] = bytes.length;
    response.writeHead(status, headers);
    await sendBody(response, bytes, stallMs);
    return reply;
  };
}

/** Writes a body no faster than it is taken, and ends the connection when it is not taken at all. */
async function sendBody(response: ServerResponse, bytes: Buffer, stallMs: number): Promise<void> {
  let at = 0;
  for (; bytes.length - at > PART_BYTES; at += PART_BYTES) {
    if (response.write(bytes.subarray(at, at + PART_BYTES))) continue;
    if (!(await isTaken(response, 'drain', stallMs))) return;
  }
  response.end(bytes.subarray(at));
  await isTaken(response, 'finish', stallMs);
}

/**
 * Resolves to true when the event says that the client took what was written. Ends the connection and resolves to
 * false when it took nothing for so long; resolves to false, too, when the connection ends by itself. What the client
 * sends meanwhile does not count: the timeout of a socket would wait on for it.
 */
export function isTaken(
  response: ServerResponse,
  event: 'drain' | 'finish',
  stallMs: number,
): Promise<boolean> {
  if (response.destroyed || response.writableFinished) return Promise.resolve(response.writableFinished);
  return new Promise((resolve) => {
    const taken = (): void => finish(true);
    const closed = (): void => finish(false);
    const timer = setTimeout(() => {
      response.destroy();
      finish(false);
    }, stallMs);
    const finish = (outcome: boolean): void => {
      clearTimeout(timer);
      response.off(event, taken).off('close', closed);
      resolve(outcome);
    };
    response.on(event, taken).on('close', closed);
  });
}

function bodyOf({ body, json }: Answer, indent: number): Buffer {
  if (Buffer.isBuffer(body)) return body;
  return Buffer.from(json === undefined ? (body ?? '') : JSON.stringify(json, null, indent), 'utf8');
}

/** The reason as it may stand in a header: printable ASCII, of bounded length. */
function headerText({ code, reason = '' }: Answer): string {
  const whole = code === undefined ? reason : `${code} ${reason}`;
  return whole.replace(/[^\x20-\x7e]/g, '?').slice(0, 300);
}

/** Whether an Accept-Encoding header names gzip (or `*`) with a weight above zero. */
export function acceptsGzip(header: string | undefined): boolean {
  if (header === undefined) return false;
  let any = false;
  for (const item of header.split(',')) {
    const [coding, ...parameters] = item.split(';').map((part) => part.trim().toLowerCase());
    const refused = parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter));
    if (coding === 'gzip' || coding === 'x-gzip') return !refused;
    if (coding === '*') any = !refused;
  }
  return any;
}
