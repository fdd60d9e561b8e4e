import type { IncomingHttpHeaders } from 'node:http';
import type { Static, TArray, TObject, TRecord, TSchema, TString } from '@sinclair/typebox';
import type { Answer } from './answer.ts';
import type { ApiContext } from './context.ts';
import type { Role } from './tokens.ts';

/** Headings of the reference and of the OpenAPI document. */
export type RouteGroup =
  | 'Analyzer'
  | 'Agents'
  | 'Metrics'
  | 'Flows'
  | 'Thresholds and events'
  | 'Topology'
  | 'Forwarding and tenants'
  | 'Groups and maps'
  | 'Prometheus'
  | 'Exports'
  | 'Applications'
  | 'Lists in pages'
  | 'Live'
  | 'BGP'
  | 'Pages';

/** Parameters declared by name, or (metric filters) any name with its values. */
export type QuerySchema = TObject | TRecord<TString, TArray<TString>>;

/** A request whose parameters have been read and checked against the route's schemas. */
export interface RouteRequest<P extends TObject = TObject, Q extends QuerySchema = QuerySchema> {
  readonly params: Static<P>;
  readonly query: Static<Q>;
  /** The JSON object of a PUT, and of a DELETE whose route has a body; an empty object for other methods. */
  readonly body: Readonly<Record<string, unknown>>;
  /** Headers as Node gives them. */
  readonly headers: IncomingHttpHeaders;
  /** Name of the token that it came with; undefined where none is asked for. Costs nothing until called. */
  token(): string | undefined;
  /** Aborted when the client goes away before it has its answer. Costs nothing until called. */
  gone(): AbortSignal;
}

/**
 * One operation on one path. This declaration is all there is: the server validates by it, the handler's types
 * come from it, and the OpenAPI document and the reference page are printed from it.
 *
 * HEAD follows GET and POST follows PUT; OPTIONS, TRACE and PATCH are answered for every path (section 1).
 */
export interface Route<P extends TObject = TObject, Q extends QuerySchema = QuerySchema> {
  readonly method: 'GET' | 'PUT' | 'DELETE';
  /** Template with a brace pair per path parameter: `/flow/{name}/json`. */
  readonly path: string;
  readonly group: RouteGroup;
  /** One line without a full stop. */
  readonly summary: string;
  readonly description?: string;
  readonly params: P;
  readonly query: Q;
  /** Describes the JSON object of a PUT or DELETE; who gets it does the checking. */
  readonly body?: TSchema;
  /** The 200 (or 204) answer: a schema for JSON, or what the text holds. */
  readonly answer: TSchema | TextAnswer | 'empty';
  /** What each error status means here, beyond 403 and 413 of every change. */
  readonly errors?: Readonly<Record<number, string>>;
  /** Status of methods this path has no route for: 405 for read-only resources, 404 for collections. */
  readonly otherMethods?: 404 | 405;
  /** A request that works; printed in the documents and run by a test. */
  readonly example?: RouteExample;
  /** Left out of the documents: pages, redirects. */
  readonly hidden?: boolean;
  /** Not of the contract but of our own: errors have a problem body. */
  readonly own?: boolean;
  /** Needs no token: shows nothing that is not in every copy of the program. */
  readonly open?: boolean;
  /** Role a change needs; `write` when it is not said. */
  readonly role?: Role;
  handle(request: RouteRequest<P, Q>, context: ApiContext): Answer | Promise<Answer>;
}

/** What the text of an answer that is not JSON holds: a sentence; and its media type, `text/plain` by default. */
export interface TextAnswer {
  readonly text: string;
  readonly mediaType?: string;
}

export function isTextAnswer(answer: Route['answer']): answer is TextAnswer {
  return typeof answer === 'object' && typeof answer['text'] === 'string';
}

export interface RouteExample {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: Readonly<Record<string, unknown>>;
}

/** Keeps the parameter types between the schemas and the handler; does nothing else. */
export function route<P extends TObject, Q extends QuerySchema>(declaration: Route<P, Q>): Route {
  return declaration;
}

/** All routes of one path. */
export interface Resource {
  readonly path: string;
  readonly routes: Readonly<Partial<Record<Route['method'], Route>>>;
  readonly otherMethods: 404 | 405;
  readonly own: boolean;
}

/** Routes gathered by path, in order of first mention. A path and method given twice is a programming error. */
export function gatherResources(routes: readonly Route[]): Resource[] {
  const byPath = new Map<
    string,
    { routes: Partial<Record<Route['method'], Route>>; otherMethods: 404 | 405 }
  >();
  for (const each of routes) {
    const resource = byPath.get(each.path) ?? { routes: {}, otherMethods: 405 };
    if (resource.routes[each.method] !== undefined)
      throw new Error(`declared twice: ${each.method} ${each.path}`);
    resource.routes[each.method] = each;
    if (each.otherMethods !== undefined) resource.otherMethods = each.otherMethods;
    byPath.set(each.path, resource);
  }
  return [...byPath].map(([path, resource]) => ({
    path,
    own: Object.values(resource.routes).some(({ own }) => own === true),
    ...resource,
  }));
}

/** Names of the path parameters, in order. */
export function pathParameters(path: string): string[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
}

/** Path of an example request. */
export function examplePath(each: Route): string {
  const path = each.path.replace(/\{(\w+)\}/g, (_, name: string) => {
    // Colons, commas and the like may stand as they are in a path; keeping them makes examples readable.
    return encodeURI(each.example?.params?.[name] ?? name);
  });
  const query = Object.entries(each.example?.query ?? {}).flatMap(([name, value]) =>
    (typeof value === 'string' ? [value] : value).map((one) => `${name}=${encodeURIComponent(one)}`),
  );
  return query.length === 0 ? path : `${path}?${query.join('&')}`;
}
