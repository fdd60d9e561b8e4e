import type { FastifyRequest } from 'fastify';
import { WeirError } from '../common/index.ts';
import type { Answer } from './answer.ts';
import type { ApiContext } from './context.ts';

/** A request as it came, for routes whose rest of the path, query and body are somebody else's to understand. */
export interface RawRequest {
  readonly method: string;
  /** Decoded elements of the path, from the beginning; an encoded slash stays in its element. */
  readonly path: readonly string[];
  /** The target as it came. */
  readonly target: string;
  /** Media type of the body, lower case, without parameters; '' for none. */
  readonly contentType: string;
  readonly body: Uint8Array | undefined;
}

/** A route below which paths are not declared one by one: scripts and the pages of applications. */
export interface RawRoute {
  /** As Fastify writes it, with `*` for the rest. */
  readonly url: string;
  /** Whether it takes what asks for a change, too. */
  readonly takesChanges: boolean;
  handle(request: RawRequest, context: ApiContext): Promise<Answer>;
}

/** Throws WeirError HTTP_BAD_ENCODING for a path that is no text. */
export function rawRequest(request: FastifyRequest, contentType: string | undefined): RawRequest {
  const { originalUrl, method, body } = request;
  const end = originalUrl.indexOf('?');
  const path = end < 0 ? originalUrl : originalUrl.slice(0, end);
  return {
    method,
    path: path.slice(1).split('/').map(decode),
    target: originalUrl,
    contentType: (contentType ?? '').split(';')[0].trim().toLowerCase(),
    body: Buffer.isBuffer(body) ? body : undefined,
  };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw new WeirError('HTTP_BAD_ENCODING', 'the path holds a percent sign that encodes nothing', { cause });
  }
}
