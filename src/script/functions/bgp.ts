import { isIP } from 'node:net';
import type { PushResult } from '../../speaker/index.ts';
import type { ScriptArea, ScriptHost } from '../host.ts';
import { isAbsent, isObject, isTrue, numberOf, textOf } from './arguments.ts';
import { callBack, callbackOf } from './callback.ts';

/** A router that the script has added, with what it wants to be called with. */
interface Callbacks {
  readonly opened: ReturnType<typeof callbackOf>;
  readonly closed: ReturnType<typeof callbackOf>;
}

const LARGEST_AS = 0xffffffff;
const DEFAULT_SECONDS = 2;

/** Section 13: BGP. */
export const bgpFunctions: ScriptArea = (host) => {
  /** By router: as the next session will have them, and as the live one has. */
  const callbacks = new Map<string, Callbacks>();
  const live = new Map<string, Callbacks>();
  const holds = new Map<string, () => void>();
  const release = (router: string): void => {
    holds.get(router)?.();
    holds.delete(router);
  };
  host.onNews((news) => {
    if (news.kind === 'ran') return;
    const { kind, router } = news;
    const next = callbacks.get(router);
    if (kind === 'opened') {
      if (next !== undefined) live.set(router, next);
      callBack(host, next?.opened, router);
      return;
    }
    const ended = live.get(router) ?? next;
    live.delete(router);
    callBack(host, ended?.closed, router);
    if (next === undefined) release(router);
  });
  const topPrefixes = (version: 4 | 6, args: readonly unknown[]) => {
    const [router, max, minValue, direction, includeCovered, minPrefix, pruneCovered] = args;
    return host.call('bgpTopPrefixes', text(host, router), {
      version,
      maxPrefixes: numberOf(max) ?? 0,
      minValue: numberOf(minValue) ?? 0,
      direction: direction === 'source' ? 'source' : 'destination',
      includeCovered: isTrue(includeCovered),
      minPrefix: numberOf(minPrefix) ?? 0,
      pruneCovered: isTrue(pruneCovered),
    });
  };
  return {
    bgpAddNeighbor(...args) {
      const [router, as, routerId, options, opened, closed] = args;
      if (args.length < 2) throw host.error('missing args');
      for (const callback of [opened, closed])
        if (!isAbsent(callback) && callbackOf(callback) === undefined)
          throw host.error('bad connect function');
      const name = text(host, router);
      host.call('bgpAddNeighbor', name, asNumber(host, as), textOf(routerId), plain(host, options));
      callbacks.set(name, { opened: callbackOf(opened), closed: callbackOf(closed) });
      // Callbacks may come as long as there is the neighbour.
      if ((callbackOf(opened) ?? callbackOf(closed)) !== undefined && !holds.has(name))
        holds.set(name, host.hold());
    },
    bgpRemoveNeighbor(router) {
      const name = text(host, router);
      host.call('bgpRemoveNeighbor', name);
      const last = callbacks.get(name);
      callbacks.delete(name);
      // The end of a live session is still to be told.
      if (last !== undefined && live.has(name)) return;
      release(name);
    },
    bgpAddSource(agent, router, seconds, value) {
      const pair = isObject(router) ? router : { router, router6: undefined };
      host.call('bgpAddSource', text(host, agent), {
        router: textOf(pair['router']) ?? '',
        router6: textOf(pair['router6']),
        seconds: numberOf(seconds) ?? DEFAULT_SECONDS,
        value: value === 'frames' ? 'frames' : 'bytes',
      });
    },
    bgpRemoveSource: (agent) => host.call('bgpRemoveSource', text(host, agent)),
    // Kept by nobody: no use of it was ever seen (bgp section 4).
    bgpSetNextHops(hops) {
      if (!isObject(hops)) throw host.error('next hops are an object of MAC addresses by IP address');
    },
    bgpClearNextHops: () => undefined,
    bgpAddRoute: (router, route) => isDone(host.call('bgpAddRoute', text(host, router), plain(host, route))),
    bgpRemoveRoute: (router, prefix) =>
      isDone(host.call('bgpRemoveRoute', text(host, router), plain(host, prefix))),
    bgpGetRoute: (router, prefix) => host.call('bgpGetRoute', text(host, router), textOf(prefix) ?? ''),
    bgpRoutes: (router) => host.call('bgpRoutes', text(host, router)),
    bgpRouteCount: (router) => host.call('bgpRouteCount', text(host, router)),
    bgpAddFlow(router, rule) {
      if (!isObject(rule) || !isObject(rule['then'])) throw host.error('then is missing');
      return isTaken(host, host.call('bgpAddFlow', text(host, router), plain(host, rule)));
    },
    bgpRemoveFlow: (router, rule) =>
      isTaken(host, host.call('bgpRemoveFlow', text(host, router), plain(host, rule))),
    bgpFlows: (router) => host.call('bgpFlows', text(host, router)),
    bgpFlowCount: (router) => host.call('bgpFlowCount', text(host, router)),
    bgpTopPrefixes: (...args) => topPrefixes(4, args),
    bgpTopPrefixes6: (...args) => topPrefixes(6, args),
    bgpPrefixForAddress(router, address) {
      const name = textOf(address) ?? '';
      return isIP(name) === 0 ? null : host.call('bgpPrefixForAddress', text(host, router), name);
    },
  };
};

/** A value without functions and the like, as it goes to another thread. */
function plain(host: ScriptHost, value: unknown): unknown {
  const json = isAbsent(value) ? undefined : host.formatJson(value);
  return json === undefined ? undefined : JSON.parse(json);
}

function text(host: ScriptHost, value: unknown): string {
  const name = textOf(value);
  if (name === undefined) throw host.error('missing args');
  return name;
}

/** All 32 bits. What is no number is 0, which no router accepts: it is told in the log, and not thrown. */
function asNumber(host: ScriptHost, value: unknown): number {
  const number = numberOf(value);
  if (number !== undefined && Number.isInteger(number) && number > 0 && number <= LARGEST_AS) return number;
  host.log('warning', `bgpAddNeighbor: ${String(value)} is no AS number (1 to ${LARGEST_AS})`);
  return 0;
}

function isDone({ status }: PushResult): boolean {
  return status === 'done';
}

/** Rules that cannot be understood or make no sense are errors of the script, unless nobody is there to get them. */
function isTaken(host: ScriptHost, result: PushResult): boolean {
  if (result.status === 'bad') throw host.error(result.reason);
  return result.status === 'done';
}
