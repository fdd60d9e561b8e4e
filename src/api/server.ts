import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import fastify, { type FastifyInstance, type FastifyReply } from 'fastify';
import type { Config } from '../config/index.ts';
import type { Engine } from '../engine/index.ts';
import { type Answer, refused, unroutedPage } from './answer.ts';
import type { ApiContext, ApiLog } from './context.ts';
import {
  answerEarly,
  answerError,
  answerRoute,
  isKnownMethod,
  METHODS,
  withoutPathParameters,
} from './dispatch.ts';
import { createHttpMeter, type HttpMeter } from './http-meter.ts';
import { createHttpServer, listenError, MAX_HEADER_BYTES, refuseClient } from './http-server.ts';
import { describeApi } from './openapi.ts';
import { createProcessMeter } from './process-meter.ts';
import { gatherResources, type Resource } from './route.ts';
import { bgpRoutes } from './routes/bgp.ts';
import { apiRoutes } from './routes/index.ts';
import { pageRoutes } from './routes/pages.ts';
import { send } from './send.ts';

export interface ApiDependencies {
  readonly engine: Engine;
  readonly config: Config;
  readonly log: ApiLog;
  /** Version of the software, as /version gives it. */
  readonly version: string;
  /** Clock, epoch ms. */
  readonly now?: () => number;
}

export interface Api {
  /** Listens. Throws WeirError `HTTP_PORT_IN_USE` or `HTTP_CANNOT_LISTEN` with one line that says what to change. */
  start(): Promise<{ address: string; port: number }>;
  /** Ends all connections, waiting long polls included. */
  stop(): Promise<void>;
}

const BODY_LIMIT_BYTES = 16 * 1024 * 1024;

/** The REST API over HTTP: rest-api sections 1 and 2. */
export function createApi({ engine, config, log, version, now = Date.now }: ApiDependencies): Api {
  const http = createHttpMeter();
  const machine = createProcessMeter(now);
  let openApi: string | undefined;
  const context: ApiContext = {
    engine,
    version,
    prometheusPrefix: config.string('prometheus.metric.prefix'),
    startPage: config.string('http.html.redirect').replace(/^\.\//, '/'),
    http,
    process: machine,
    openApi: () => (openApi ??= JSON.stringify(describeApi(apiRoutes, version), null, 1)),
  };
  const responder = createResponder(log, now);
  const app = createApp(http, responder, config.boolean('http.log') ? log : undefined);
  const routes = [...apiRoutes, ...bgpRoutes, ...(config.boolean('http.html') ? pageRoutes : [])];
  for (const resource of gatherResources(routes)) {
    register(app, resource, context, responder, config.boolean('http.readonly'));
  }

  return {
    async start() {
      const host = config.string('http.hostname');
      const port = config.integer('http.port');
      try {
        await listen(app, host, port);
      } catch (cause) {
        throw listenError(cause, host, port);
      }
      machine.start();
      const { address, port: bound } = app.server.address() as AddressInfo;
      return { address, port: bound };
    },
    async stop() {
      machine.stop();
      await app.close();
    },
  };
}

/** Sends answers and what becomes of errors. */
interface Responder {
  answer(reply: FastifyReply, answer: Answer): Promise<FastifyReply>;
  error(reply: FastifyReply, error: unknown): Promise<FastifyReply>;
}

function createResponder(log: ApiLog, now: () => number): Responder {
  const answer: Responder['answer'] = (reply, given) => send(reply, given, now());
  return {
    answer,
    error(reply, error) {
      const given = answerError(error);
      const { method, url } = reply.request;
      if (given.status >= 500) log.error({ err: error, method, url }, 'request failed');
      return answer(reply, given);
    },
  };
}

/** Fastify without what the contract does not have: schema compilers, media types, texts of its own. */
function createApp(meter: HttpMeter, responder: Responder, log: ApiLog | undefined): FastifyInstance {
  const app = fastify({
    bodyLimit: BODY_LIMIT_BYTES,
    exposeHeadRoutes: false,
    // Long polls would keep a server that is closing open.
    forceCloseConnections: true,
    rewriteUrl: ({ url }) => withoutPathParameters(url ?? '/'),
    routerOptions: { maxParamLength: MAX_HEADER_BYTES, querystringParser: () => ({}) },
    // Named so that Fastify does not load its own, which takes long; no route has a schema to compile.
    schemaController: { compilersFactory: { buildValidator: noCompiler, buildSerializer: noCompiler } },
    frameworkErrors: (error, _request, reply) => void responder.error(reply, error),
    clientErrorHandler: refuseClient,
    serverFactory: (handle) => createHttpServer(handle, meter, log),
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.addHook('onRequest', async (request, reply) => {
    // By contract the type of a body does not matter; Fastify would refuse malformed ones.
    delete request.raw.headers['content-type'];
    if (!isKnownMethod(request.method)) return responder.answer(reply, refused(501));
    if (request.is404) return responder.answer(reply, unroutedPage());
  });
  app.setErrorHandler((error, _request, reply) => responder.error(reply, error));
  return app;
}

function noCompiler(): never {
  throw new Error('routes are checked by their own declarations');
}

/** Registers all methods of a path; what needs no body is answered before the body is read. */
function register(
  app: FastifyInstance,
  resource: Resource,
  context: ApiContext,
  responder: Responder,
  readonly: boolean,
): void {
  app.route({
    method: [...METHODS],
    url: resource.path.replace(/\{(\w+)\}/g, ':$1'),
    async onRequest(request, reply) {
      const answer = answerEarly(resource, request, readonly);
      if (answer !== undefined) return responder.answer(reply, answer);
    },
    async handler(request, reply) {
      const answer = await answerRoute(resource, request, () => abortedWhenGone(reply.raw), context);
      return responder.answer(reply, answer);
    },
  });
}

/** A signal that fires when the connection closes before the response is through. */
function abortedWhenGone(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  if (response.destroyed) controller.abort();
  else response.once('close', () => response.writableFinished || controller.abort());
  return controller.signal;
}

/** An empty host means every address: IPv6 and IPv4 together, or IPv4 alone where there is no IPv6. */
async function listen(app: FastifyInstance, host: string, port: number): Promise<void> {
  if (host !== '') {
    await app.listen({ host, port });
    return;
  }
  try {
    await app.listen({ host: '::', port });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EAFNOSUPPORT')) throw error;
    await app.listen({ host: '0.0.0.0', port });
  }
}
