import type { FastifyRequest } from 'fastify';
import { isWeirError } from '../common/index.ts';
import { type Answer, refused, unroutedPage } from './answer.ts';
import { readBody } from './body.ts';
import type { ApiContext } from './context.ts';
import { parseQuery, readParameters } from './parameters.ts';
import type { RawRoute } from './raw-route.ts';
import type { Resource, Route, RouteRequest } from './route.ts';

/** Methods every path is registered for. */
export const METHODS = ['GET', 'HEAD', 'PUT', 'POST', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE'] as const;

/** Other methods are not implemented, whatever the path. */
export function isKnownMethod(method: string): boolean {
  return (METHODS as readonly string[]).includes(method);
}

/** Methods that ask for a change, whether or not the path has them. */
export function isChange(method: string): boolean {
  return method === 'PUT' || method === 'POST' || method === 'DELETE' || method === 'PATCH';
}

/** The route a request is for, when its path has one for its method. */
export function routeOf(resource: Resource, method: string): Route | undefined {
  const effective = EFFECTIVE_METHOD[method];
  return effective === undefined ? undefined : resource.routes[effective];
}

const ALLOW = 'GET, HEAD, POST, PUT, DELETE, TRACE, OPTIONS';

/** HEAD follows GET, POST follows PUT. */
const EFFECTIVE_METHOD: Readonly<Record<string, Route['method']>> = {
  GET: 'GET',
  HEAD: 'GET',
  PUT: 'PUT',
  POST: 'PUT',
  DELETE: 'DELETE',
};

/** Headers that TRACE does not repeat, for they may hold secrets (RFC 9110 9.3.8). */
const SECRET_HEADERS = new Set(['authorization', 'proxy-authorization', 'cookie']);

/**
 * What can be answered from the request line and headers alone, before the body is read: the methods that are the
 * same on every path, and refusals. undefined when a route is to handle the request.
 */
export function answerEarly(
  resource: Resource,
  request: FastifyRequest,
  readonly: boolean,
): Answer | undefined {
  if (request.method === 'OPTIONS') return { status: 200, headers: { Allow: ALLOW } };
  if (request.method === 'TRACE') return trace(request);
  const method = EFFECTIVE_METHOD[request.method];
  if (method === undefined) return refused(501);
  if (resource.routes[method] === undefined) return refused(resource.otherMethods);
  if (method === 'GET') return undefined;
  if (readonly) return refused(403, 'changes are refused: http.readonly is set');
  if (isForeign(request)) return refused(403, 'changes from pages of other sites are refused');
  return undefined;
}

/** The same for a route whose paths are not declared. Changes by scripts are theirs: `http.readonly` does not block them. */
export function answerRawEarly({ takesChanges }: RawRoute, request: FastifyRequest): Answer | undefined {
  if (request.method === 'OPTIONS') return { status: 200, headers: { Allow: ALLOW } };
  if (request.method === 'TRACE') return trace(request);
  const method = EFFECTIVE_METHOD[request.method];
  if (method === undefined) return refused(501);
  if (method === 'GET') return undefined;
  if (!takesChanges) return refused(405);
  return isForeign(request) ? refused(403, 'changes from pages of other sites are refused') : undefined;
}

/**
 * Whether a browser says that a page of another site or port sends this. Since bodies are read whatever their type,
 * such a page could otherwise change definitions with a plain form. Other clients do not send the header.
 */
function isForeign(request: FastifyRequest): boolean {
  const site = request.headers['sec-fetch-site'];
  return site === 'cross-site' || site === 'same-site';
}

function trace({ raw }: FastifyRequest): Answer {
  let body = `TRACE ${raw.url} HTTP/${raw.httpVersion}\r\n`;
  for (let i = 0; i < raw.rawHeaders.length; i += 2) {
    if (SECRET_HEADERS.has(raw.rawHeaders[i].toLowerCase())) continue;
    body += `${raw.rawHeaders[i]}: ${raw.rawHeaders[i + 1]}\r\n`;
  }
  return { status: 200, contentType: 'message/http', body };
}

/** Reads what the route declares and runs its handler. Throws what `answerError` understands. */
export async function answerRoute(
  resource: Resource,
  request: FastifyRequest,
  { token, gone }: Pick<RouteRequest, 'token' | 'gone'>,
  context: ApiContext,
): Promise<Answer> {
  const each = routeOf(resource, request.method)!;
  const segments = Object.entries(request.params as Record<string, string>);
  // An encoded slash names nothing, and neither does an empty segment.
  if (segments.some(([, text]) => text === '' || text.includes('/'))) return refused(404);
  const params = readParameters(each.params, new Map(segments.map(([name, text]) => [name, [text]])));
  const query = readParameters(each.query, parseQuery(request.url));
  const body = each.method === 'PUT' || each.body !== undefined ? readBody(request.body) : {};
  return each.handle({ params, query, body, headers: request.headers, token, gone }, context);
}

/**
 * The answer to whatever was thrown. Errors whose code has the word BAD are the client's, ENGINE errors mean that the
 * engine is starting, stopping or broken, STORE errors that a change could not be saved; Fastify's own carry a status.
 * Anything else is a fault of ours.
 */
export function answerError(error: unknown): Answer {
  if (isWeirError(error)) {
    const { code, message } = error;
    if (/_BAD(_|$)/.test(code)) return refused(400, message, code);
    if (code.startsWith('ENGINE_')) return refused(503, message, code);
    if (code === 'BGP_NOT_YOURS') return refused(409, message, code);
    if (code.startsWith('BGP_')) return refused(503, message, code);
    if (code.startsWith('STORE_')) return refused(500, message, code);
    return refused(500);
  }
  const status = statusOf(error);
  if (status === undefined) return refused(500);
  return status === 404 ? unroutedPage() : refused(status);
}

function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('statusCode' in error)) return undefined;
  const status = error.statusCode;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : undefined;
}

/** The target without path parameters: a raw `;` starts one and it lasts to the end of its segment. */
export function withoutPathParameters(target: string): string {
  const end = target.indexOf('?');
  const path = end < 0 ? target : target.slice(0, end);
  return path.includes(';') ? path.replace(/;[^/]*/g, '') + (end < 0 ? '' : target.slice(end)) : target;
}
