import { lookup } from 'node:dns/promises';
import { parentPort, workerData } from 'node:worker_threads';
import type { Timers } from '../bgp/index.ts';
import { WeirError } from '../common/index.ts';
import { SpeakerCore } from './core.ts';
import type { FromSpeaker, KeptPush, SpeakerCalls, SpeakerData, ToSpeaker } from './protocol.ts';

/** The speaker's thread: sessions and their tables do not keep the main thread waiting, nor it them. */
const port = parentPort;
if (port === null) throw new WeirError('BGP_NO_THREAD', 'this is the program of a worker thread');
const { hostname, port: bgpPort, defaults, neighbors, pushes } = workerData as SpeakerData;
const say = (message: FromSpeaker): void => port.postMessage(message);

const timers: Timers = {
  now: () => Date.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
  random: () => Math.random(),
};

const core = new SpeakerCore(defaults, {
  timers,
  log: (level, line) => say({ kind: 'log', level, line }),
  news: (news) => say({ kind: 'news', news }),
  resolve: async (name) => (await lookup(name)).address,
});

type Handlers = {
  readonly [K in keyof SpeakerCalls]: (
    ...args: Parameters<SpeakerCalls[K]>
  ) => ReturnType<SpeakerCalls[K]> | Promise<ReturnType<SpeakerCalls[K]>>;
};

const { pushes: pushed } = core;
const handlers: Handlers = {
  putNeighbor: (...args) => core.putNeighbor(...args),
  deleteNeighbor: (router) => core.deleteNeighbor(router),
  neighbors: () => core.neighbors(),
  neighbor: (router) => core.neighbor(router),
  resetNeighbor: (router, how) => core.resetNeighbor(router, how),
  learntRules: (router) => core.learntRules(router),
  pushed: (router) => core.pushed(router),
  addScriptNeighbor: (...args) => core.addScriptNeighbor(...args),
  removeScriptNeighbor: (script, router) => core.removeScriptNeighbor(script, router),
  forgetScript: (script) => core.forgetScript(script),
  addRoute: (...args) => pushed.addRoute(...args),
  removeRoute: (router, prefix) => pushed.removeRoute(router, prefix),
  getRoute: (router, prefix) => pushed.getRoute(router, prefix),
  routes: (router) => pushed.routes(router),
  routeCount: (router) => pushed.routeCount(router),
  addFlow: (...args) => pushed.addFlow(...args),
  removeFlow: (router, json) => pushed.removeFlow(router, json),
  flows: (router) => pushed.flows(router),
  flowCount: (router) => pushed.flowCount(router),
  session: (router, version) => core.session(router, version),
  learntRoute: (router, address) => core.learntRoute(router, address),
  addressOf: (router) => core.addressOf(router),
};

port.on('message', (message: ToSpeaker) => {
  if (message.kind === 'call') void answer(message);
  else
    void core.stop().then(() => {
      say({ kind: 'stopped' });
      port.close();
    });
});

/** One after the other: what was asked first is done first, also where a name has to be looked up. */
let before: Promise<unknown> = begin();

function answer({ id, name, args }: Extract<ToSpeaker, { kind: 'call' }>): Promise<void> {
  const handler = handlers[name] as (...given: readonly unknown[]) => unknown;
  const own = before.then(async () => {
    try {
      say({ kind: 'answer', id, value: await handler(...args) });
    } catch (error) {
      const code = error instanceof WeirError ? error.code : 'BGP_FAULT';
      say({ kind: 'refusal', id, code, message: error instanceof Error ? error.message : String(error) });
    }
  });
  before = own;
  return own;
}

/** What is configured first, so that a router that connects finds all of it. */
async function begin(): Promise<void> {
  try {
    for (const { router, json, origin } of neighbors)
      await attempt(`neighbour ${router}`, () => core.putNeighbor(router, json, origin));
    for (const push of pushes) await attempt(`${push.kind} for ${push.router}`, () => restore(push));
    const place = await core.start(hostname, bgpPort);
    say({ kind: 'ready', ...place });
  } catch (error) {
    const code = error instanceof WeirError ? error.code : 'BGP_FAULT';
    say({ kind: 'failed', code, message: error instanceof Error ? error.message : String(error) });
  }
}

async function restore({ router, kind, json, who, why }: KeptPush): Promise<void> {
  const result =
    kind === 'route'
      ? await pushed.addRoute(router, json, who, why)
      : await pushed.addFlow(router, json, who, why);
  if (result.status !== 'done')
    throw new WeirError('BGP_BAD_PUSH', 'reason' in result ? result.reason : 'there is no such neighbour');
}

/** One that is wrong does not keep the others away. */
async function attempt(what: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    say({
      kind: 'log',
      level: 'warn',
      line: `BGP ${what}: ${error instanceof Error ? error.message : error}`,
    });
  }
}
