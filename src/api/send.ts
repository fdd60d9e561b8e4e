import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { FastifyReply } from 'fastify';
import type { Answer } from './answer.ts';

/** Bodies below this many bytes go out plain: they fit into one packet anyway. */
const GZIP_FROM_BYTES = 512;
/** Answers are compressed once and read once: the fast end of the scale gives most of the gain. */
const GZIP_LEVEL = 3;

const compress = promisify<Buffer, { level: number }, Buffer>(gzip);

/** Sends an answer with the headers every reply carries (section 1). HEAD gets the same headers and no body. */
export async function send(
  reply: FastifyReply,
  answer: Answer,
  acceptEncoding: string | undefined,
  now: number,
): Promise<FastifyReply> {
  reply.code(answer.status);
  reply.headers({
    'Cache-Control': 'no-cache, no-store, must-revalidate',
    Pragma: 'no-cache',
    Expires: '0',
    'Last-Modified': new Date(now).toUTCString(),
    Vary: 'Accept-Encoding, User-Agent',
    'X-Content-Type-Options': 'nosniff',
    ...answer.headers,
  });
  if (answer.body === undefined) return reply.send();
  if (answer.contentType !== undefined) reply.header('Content-Type', answer.contentType);
  // A Buffer, because Fastify adds a charset to the type of JSON given as a string.
  let bytes: Buffer = Buffer.from(answer.body, 'utf8');
  if (bytes.length >= GZIP_FROM_BYTES && acceptsGzip(acceptEncoding)) {
    bytes = await compress(bytes, { level: GZIP_LEVEL });
    reply.header('Content-Encoding', 'gzip');
  }
  return reply.send(bytes);
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
