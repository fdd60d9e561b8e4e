import type { BgpSource, Engine } from '../../engine/index.ts';
import type { PushResult, Speaker } from '../../speaker/index.ts';
import { prefixForAddress, type TopPrefixesQuestion, topPrefixes } from '../../speaker/learnt.ts';
import type { CallContext, FrontHandlers } from './handlers.ts';

/** The BGP speaker, for scripts (section 13). */
export interface BgpCalls {
  bgpAddNeighbor(router: string, as: number, routerId: string | undefined, options: unknown): void;
  bgpRemoveNeighbor(router: string): void;
  bgpAddSource(agent: string, source: BgpSource): void;
  bgpRemoveSource(agent: string): void;
  bgpAddRoute(router: string, route: unknown): PushResult;
  bgpRemoveRoute(router: string, prefix: unknown): PushResult;
  bgpGetRoute(router: string, prefix: string): Record<string, string | number> | null;
  bgpRoutes(router: string): string[] | null;
  bgpRouteCount(router: string): number;
  bgpAddFlow(router: string, rule: unknown): PushResult;
  bgpRemoveFlow(router: string, rule: unknown): PushResult;
  bgpFlows(router: string): object[] | null;
  bgpFlowCount(router: string): number;
  bgpTopPrefixes(router: string, question: TopPrefixesQuestion): Record<string, unknown> | null;
  bgpPrefixForAddress(router: string, address: string): Record<string, unknown> | null;
}

const NO_SESSION: PushResult = { status: 'no-session' };

/** Without a speaker every router is one that there is no session with. */
export function bgpCalls(
  speaker: Speaker | undefined,
  engine: Engine,
  log: { warn(message: string): void },
): FrontHandlers<BgpCalls> {
  const addressOf = async (router: string | undefined): Promise<string | undefined> =>
    router === undefined ? undefined : speaker?.call('addressOf', router).catch(() => router);
  /** What makes no difference to the script, which sees true or false, is for the log. */
  const told = async (context: CallContext, push: Promise<PushResult> | undefined): Promise<PushResult> => {
    const result = (await push) ?? NO_SESSION;
    if (result.status === 'bad' || result.status === 'refused')
      log.warn(`${context.script}: ${result.reason}`);
    return result;
  };
  return {
    async bgpAddNeighbor({ script }, router, as, routerId, options) {
      if (speaker === undefined) log.warn(`${script}: bgpAddNeighbor has no effect without -Dbgp.start=yes`);
      else await speaker.call('addScriptNeighbor', script, router, as, routerId, options);
    },
    async bgpRemoveNeighbor({ script }, router) {
      await speaker?.call('removeScriptNeighbor', script, router);
    },
    async bgpAddSource(_context, agent, source) {
      const router = (await addressOf(source.router)) ?? source.router;
      await engine.setBgpSource(agent, { ...source, router, router6: await addressOf(source.router6) });
    },
    bgpRemoveSource: (_context, agent) => engine.clearBgpSource(agent),
    bgpAddRoute: (context, router, route) =>
      told(context, speaker?.call('addRoute', router, route, whoOf(context), '')),
    bgpRemoveRoute: (context, router, prefix) => told(context, speaker?.call('removeRoute', router, prefix)),
    bgpGetRoute: async (_context, router, prefix) =>
      (await speaker?.call('getRoute', router, prefix)) ?? null,
    bgpRoutes: async (_context, router) => (await speaker?.call('routes', router)) ?? null,
    bgpRouteCount: async (_context, router) => (await speaker?.call('routeCount', router)) ?? -1,
    bgpAddFlow: (context, router, rule) =>
      told(context, speaker?.call('addFlow', router, rule, whoOf(context), '')),
    bgpRemoveFlow: (context, router, rule) => told(context, speaker?.call('removeFlow', router, rule)),
    bgpFlows: async (_context, router) => (await speaker?.call('flows', router)) ?? null,
    bgpFlowCount: async (_context, router) => (await speaker?.call('flowCount', router)) ?? -1,
    bgpTopPrefixes: async (_context, router, question) =>
      (speaker && (await topPrefixes(speaker, engine, router, question))) ?? null,
    bgpPrefixForAddress: async (_context, router, address) =>
      (speaker && (await prefixForAddress(speaker, engine, router, address))) ?? null,
  };
}

function whoOf({ script }: CallContext): string {
  return `script ${script}`;
}
