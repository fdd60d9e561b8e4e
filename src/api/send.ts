import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { FastifyReply } from 'fastify';
import type { Answer } from './answer.ts';

/** Bodies below this many bytes go out plain: they fit into one packet anyway. */
const GZIP_FROM_BYTES = 512;
/** Answers are compressed once and read once: the fast end of the scale gives most of the gain. */
const GZIP_LEVEL = 3;

const compress = promisify<Buffer, { level: number }, Buffer>(gzip);

/**
 * Sends an answer with the headers every reply carries (section 1). HEAD gets the same headers and no body. Written
 * past Fastify, which would change the case of header names and add a charset to JSON.
 */
export async function send(
  reply: FastifyReply,
  { status, contentType, body, headers }: Answer,
  now: number,
): Promise<FastifyReply> {
  const all: Record<string, string | number> = {
    'Cache-Control': 'no-cache, no-store, must-revalidate',
    Pragma: 'no-cache',
    Expires: '0',
    'Last-Modified': new Date(now).toUTCString(),
    Vary: 'Accept-Encoding, User-Agent',
    'X-Content-Type-Options': 'nosniff',
    ...headers,
  };
  let bytes: Buffer = Buffer.from(body ?? '', 'utf8');
  if (contentType !== undefined) all['Content-Type'] = contentType;
  if (bytes.length >= GZIP_FROM_BYTES && acceptsGzip(reply.request.headers['accept-encoding'])) {
    bytes = await compress(bytes, { level: GZIP_LEVEL });
    all['Content-Encoding'] = 'gzip';
  }
  if (status !== 204) all['Content-Length'] = bytes.length;
  // The rest of a body that is too large is not worth reading.
  if (status === 413) all['Connection'] = 'close';
  reply.raw.writeHead(status, all);
  reply.hijack();
  reply.raw.end(bytes);
  return reply;
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
