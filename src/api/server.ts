import type { IncomingMessage, ServerResponse } from 'node:http';
import { Server as HttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Config } from '../config/index.ts';
import type { Engine } from '../engine/index.ts';
import { createExports, type Exports } from '../export/index.ts';
import { NO_SCRIPTS, type Scripts } from '../script/index.ts';
import type { SnmpReport } from '../snmp/index.ts';
import type { Speaker } from '../speaker/index.ts';
import { type Access, createAccess } from './access.ts';
import { analyzerDocument } from './analyzer.ts';
import { type Answer, refused, unroutedPage } from './answer.ts';
import { type Assets, createAssets } from './assets.ts';
import { auditChange } from './audit.ts';
import type { ApiContext, ApiLog } from './context.ts';
import {
  answerEarly,
  answerError,
  answerRawEarly,
  answerRoute,
  isChange,
  isKnownMethod,
  METHODS,
  routeOf,
  withoutPathParameters,
} from './dispatch.ts';
import { createFiles } from './files.ts';
import { createHttpMeter } from './http-meter.ts';
import {
  CLIENT_LIMITS,
  type ClientLimits,
  createHttpServer,
  type HttpServerOptions,
  listenError,
  refuseClient,
} from './http-server.ts';
import { createLive } from './live.ts';
import { createLogPositions } from './log-position.ts';
import { createMetricTexts } from './metric-texts.ts';
import { describeApi } from './openapi.ts';
import { asProblem } from './problem.ts';
import { createProcessMeter } from './process-meter.ts';
import { createRateLimiter, type RateLimiter } from './rate-limit.ts';
import { type RawRoute, rawRequest } from './raw-route.ts';
import { gatherResources, type Resource, type Route } from './route.ts';
import { apiRoutes } from './routes/index.ts';
import { pageRoutes } from './routes/pages.ts';
import { scriptRoutes } from './routes/scripts.ts';
import { createSend, type Send } from './send.ts';
import { renderSections, startPageView } from './start-page.ts';
import { keyFiles, readKeyPair, reloadKeyPair } from './tls.ts';

export interface ApiDependencies {
  readonly engine: Engine;
  /** None unless given. */
  readonly scripts?: Scripts;
  /** undefined: no BGP. */
  readonly speaker?: Speaker | undefined;
  /** Exports that end with the API unless given. */
  readonly exports?: Exports;
  readonly config: Config;
  readonly log: ApiLog;
  /** Version of the software, as /version gives it. */
  readonly version: string;
  /** How agents are asked for names, where that is done. */
  readonly snmp?: () => SnmpReport;
  /** Clock, epoch ms. */
  readonly now?: () => number;
  /** What clients may hold open, where it differs from the usual. */
  readonly limits?: Partial<ClientLimits>;
  /** What is served below `/inc/`, where it is not what the build made. */
  readonly assets?: Assets;
  /** How often the TLS files are looked at, ms. */
  readonly tlsCheckMs?: number;
}

/** Where HTTP listens. */
export interface HttpAddress {
  readonly address: string;
  readonly port: number;
  /** By TLS. */
  readonly secure: boolean;
}

export interface Api {
  /** Listens. Throws WeirError `HTTP_PORT_IN_USE` or `HTTP_CANNOT_LISTEN` with one line that says what to change. */
  start(): Promise<HttpAddress>;
  /** Ends all connections, waiting long polls included. */
  stop(): Promise<void>;
  /** What /analyzer/json answers. */
  analyzer(): Promise<Readonly<Record<string, unknown>>>;
}

const TLS_CHECK_MS = 5_000;

/**
 * The REST API over HTTP: rest-api sections 1 and 2. Throws WeirError for properties that make no server: `AUTH_MISSING`
 * when other machines could do everything and nobody has said that they may, `AUTH_BAD_SETTING`, `AUTH_BAD_TOKEN`,
 * `TLS_BAD_FILES`.
 */
export function createApi(dependencies: ApiDependencies): Api {
  const {
    engine,
    scripts = NO_SCRIPTS,
    config,
    log,
    exports = createExports({ engine, log }),
    version,
    now = Date.now,
    tlsCheckMs = TLS_CHECK_MS,
  } = dependencies;
  const limits = { ...CLIENT_LIMITS, ...dependencies.limits };
  const http = createHttpMeter();
  const machine = createProcessMeter(now);
  const files = keyFiles(config);
  let openApi: unknown;
  const positions = createLogPositions(now());
  const context: ApiContext = {
    engine,
    scripts,
    speaker: dependencies.speaker,
    exports,
    version,
    prometheusPrefix: config.string('prometheus.metric.prefix'),
    prometheusCompat: config.boolean('prometheus.compat'),
    metricTexts: createMetricTexts({
      engine,
      prefix: config.string('prometheus.metric.prefix'),
      maxSeries: config.integer('prometheus.maxseries'),
      stallMs: limits.stallMs,
      now,
      fault: (error) => log.error({ err: error }, 'a Prometheus text could not be ended'),
    }),
    startPage: config.string('http.html.redirect').replace(/^\.\//, '/'),
    http,
    process: machine,
    positions,
    files: createFiles(),
    assets: dependencies.assets ?? createAssets(),
    live: createLive({
      engine,
      maxClients: config.integer('live.clients'),
      positions,
      now,
      stallMs: limits.stallMs,
      heartbeatMs: limits.heartbeatMs,
      fault: (error) => log.error({ err: error }, 'the live stream of a client failed'),
      analyzer: () => analyzerDocument(context),
      page: async () => renderSections(await startPageView(engine, scripts, version)),
    }),
    snmp: dependencies.snmp ?? (() => NO_SNMP),
    openApi: () => (openApi ??= describeApi(apiRoutes, version)),
  };
  const front: Front = {
    resources: new Map(gatherResources(servedRoutes(config)).map((resource) => [urlOf(resource), resource])),
    raw: new Map(scriptRoutes.map((each) => [each.url, each])),
    access: createAccess(config),
    limiter: createRateLimiter(config.integer('http.ratelimit'), now),
    readonly: config.boolean('http.readonly'),
    send: createSend({ now, indent: config.integer('http.json.indent'), stallMs: limits.stallMs }),
    log,
  };
  const app = createApp(front, context, config.integer('http.maxbody'), {
    limits,
    maxHeaderSize: config.integer('http.requestheadersize'),
    keyPair: files === undefined ? undefined : readKeyPair(files),
    meter: http,
    log: config.boolean('http.log') ? log : undefined,
  });
  let stopReloading = (): void => {};

  return {
    analyzer: () => analyzerDocument(context),
    async start() {
      const host = config.string('http.hostname');
      const port = config.integer('http.port');
      try {
        await listen(app, host, port);
      } catch (cause) {
        throw listenError(cause, host, port);
      }
      machine.start();
      if (files !== undefined && app.server instanceof HttpsServer)
        stopReloading = reloadKeyPair(app.server, files, tlsCheckMs, log);
      const { address, port: bound } = app.server.address() as AddressInfo;
      return { address, port: bound, secure: files !== undefined };
    },
    async stop() {
      stopReloading();
      machine.stop();
      if (dependencies.exports === undefined) await exports.stop();
      await app.close();
    },
  };
}

/** REST goes only together with the pages, which live on it: `http.rest=no` counts where `http.html=no`. */
function servedRoutes(config: Config): readonly Route[] {
  if (config.boolean('http.html')) return [...apiRoutes, ...pageRoutes];
  return config.boolean('http.rest') ? apiRoutes : [];
}

const NO_SNMP: SnmpReport = { enabled: false, walks: 0, failures: 0, agents: {} };

/** What every request passes before and after its handler. */
interface Front {
  /** By the path as Fastify writes it. */
  readonly resources: ReadonlyMap<string, Resource>;
  readonly raw: ReadonlyMap<string, RawRoute>;
  readonly access: Access;
  readonly limiter: RateLimiter;
  readonly readonly: boolean;
  readonly send: Send;
  readonly log: ApiLog;
}

function urlOf({ path }: Resource): string {
  return path.replace(/\{(\w+)\}/g, ':$1');
}

function resourceOf({ resources }: Front, request: FastifyRequest): Resource | undefined {
  return request.is404 ? undefined : resources.get(request.routeOptions.url ?? '');
}

function rawRouteOf({ raw }: Front, request: FastifyRequest): RawRoute | undefined {
  return request.is404 ? undefined : raw.get(request.routeOptions.url ?? '');
}

/** Fastify without what the contract does not have: schema compilers, media types, texts of its own. */
function createApp(
  front: Front,
  context: ApiContext,
  bodyLimit: number,
  options: HttpServerOptions,
): FastifyInstance {
  const app = fastify({
    bodyLimit,
    exposeHeadRoutes: false,
    // Long polls would keep a server that is closing open.
    forceCloseConnections: true,
    rewriteUrl: ({ url }) => withoutPathParameters(url ?? '/'),
    routerOptions: { maxParamLength: options.maxHeaderSize, querystringParser: () => ({}) },
    // Named so that Fastify does not load its own, which takes long; no route has a schema to compile.
    schemaController: { compilersFactory: { buildValidator: noCompiler, buildSerializer: noCompiler } },
    frameworkErrors: (error, request, reply) => void answerFault(front, request, reply, error),
    clientErrorHandler: refuseClient,
    serverFactory: (handle) => createHttpServer(handle, options),
  });
  const contentTypes = new WeakMap<IncomingMessage, string | undefined>();
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.addHook('onRequest', async (request, reply) => {
    // By contract the type of a body does not matter but to scripts; Fastify would refuse malformed ones.
    contentTypes.set(request.raw, request.headers['content-type']);
    delete request.raw.headers['content-type'];
    const answer = answerAtDoor(front, request, reply.raw);
    if (answer !== undefined) return answerRequest(front, request, reply, answer);
  });
  app.setErrorHandler((error, request, reply) => answerFault(front, request, reply, error));
  for (const [url, resource] of front.resources) {
    app.route({
      method: [...METHODS],
      url,
      async handler(request, reply) {
        const client = {
          token: () => front.access.tokenName(request.headers),
          gone: () => abortedWhenGone(reply.raw),
        };
        const answer = await answerRoute(resource, request, client, context);
        return answerRequest(front, request, reply, answer);
      },
    });
  }
  for (const [url, route] of front.raw) {
    app.route({
      method: [...METHODS],
      url,
      async handler(request, reply) {
        const answer = await route.handle(rawRequest(request, contentTypes.get(request.raw)), context);
        return answerRequest(front, request, reply, answer);
      },
    });
  }
  return app;
}

function noCompiler(): never {
  throw new Error('routes are checked by their own declarations');
}

/** What is answered before the body is read: too many requests, no right to make them, nothing there. */
function answerAtDoor(front: Front, request: FastifyRequest, response: ServerResponse): Answer | undefined {
  const { access, limiter, readonly, log } = front;
  const { method, headers } = request;
  const from = clientAddress(request);
  const waitSeconds = limiter.take(from);
  if (waitSeconds > 0)
    return { ...refused(429, 'too many requests'), headers: { 'Retry-After': String(waitSeconds) } };
  const misdirected = access.misdirected(headers.host);
  if (misdirected !== undefined) return misdirected;

  const resource = resourceOf(front, request);
  const raw = rawRouteOf(front, request);
  const route = resource === undefined ? undefined : routeOf(resource, method);
  const client = access.identify(headers);
  if (isChange(method) && (route !== undefined || raw?.takesChanges === true))
    auditChange({ who: client?.name ?? 'nobody', from, method, target: request.originalUrl }, response, log);
  if (route?.open !== true || isChange(method)) {
    const refusal = access.refusal(client, isChange(method) ? (route?.role ?? 'write') : 'read');
    if (refusal !== undefined) return refusal;
  }
  if (!isKnownMethod(method)) return refused(501);
  if (raw !== undefined) return answerRawEarly(raw, request);
  if (resource === undefined) return unroutedPage();
  return answerEarly(resource, request, readonly);
}

/** Address of the other end, IPv4 as IPv4 even where the socket is for both. */
function clientAddress(request: FastifyRequest): string {
  return (request.raw.socket.remoteAddress ?? '').replace(/^::ffff:(?=\d+\.)/, '');
}

function answerRequest(
  front: Front,
  request: FastifyRequest,
  reply: FastifyReply,
  answer: Answer,
): Promise<FastifyReply> {
  return front.send(reply, resourceOf(front, request)?.own === true ? asProblem(answer) : answer);
}

function answerFault(
  front: Front,
  request: FastifyRequest,
  reply: FastifyReply,
  error: unknown,
): Promise<FastifyReply> {
  const answer = answerError(error);
  const { method, url } = request;
  if (answer.status >= 500) front.log.error({ err: error, method, url }, 'request failed');
  return answerRequest(front, request, reply, answer);
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
