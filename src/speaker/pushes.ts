import {
  type Announced,
  type FlowSpecJson,
  formatFlowSpecRule,
  formatPrefix,
  formatRoute,
  keyOfAnnounced,
  keyOfMatch,
  keyOfPrefix,
  parseFlowSpecMatch,
  parseFlowSpecRule,
  parsePrefix,
  parseRoute,
  validateFlowSpecRule,
} from '../bgp/index.ts';
import type { Entry } from './entry.ts';
import type { PushResult } from './protocol.ts';

export interface PushDependencies {
  now(): number;
  /** Throws WeirError `BGP_BAD_HOST`. */
  find(router: string): Promise<Entry | undefined>;
}

const NO_SESSION: PushResult = { status: 'no-session' };

/**
 * What is pushed to routers: routes and FlowSpec rules (bgp 2 and 3). With a neighbour of an operator it is kept whether
 * there is a session or not; with one of a script, and what a script pushes, it goes with the session.
 */
export class Pushes {
  private readonly deps: PushDependencies;

  constructor(deps: PushDependencies) {
    this.deps = deps;
  }

  async addRoute(router: string, json: unknown, who: string, why: string): Promise<PushResult> {
    const entry = await this.receiver(router, who);
    if (entry === undefined) return NO_SESSION;
    const route = parseRoute(json);
    return route.ok ? this.push(entry, { kind: 'route', route: route.value }, who, why) : bad(route.reason);
  }

  async removeRoute(router: string, prefix: unknown): Promise<PushResult> {
    const entry = await this.holder(router);
    if (entry === undefined) return NO_SESSION;
    const parsed = typeof prefix === 'string' ? parsePrefix(prefix) : undefined;
    if (parsed === undefined) return bad(`${JSON.stringify(prefix)} is not an address or prefix`);
    return this.withdraw(entry, keyOfPrefix(parsed));
  }

  async getRoute(router: string, prefix: string): Promise<Record<string, string | number> | null> {
    const entry = await this.connected(router);
    const parsed = parsePrefix(prefix);
    if (entry === undefined || parsed === undefined) return null;
    const announcement = entry.neighbor.out.get(keyOfPrefix(parsed));
    if (announcement?.what.kind !== 'route') return null;
    // The path that is sent when none is given is told, too.
    return { aspath: this.defaultPath(entry), ...formatRoute(announcement.what.route) };
  }

  /** IPv4 first. */
  async routes(router: string): Promise<string[] | null> {
    const entry = await this.connected(router);
    if (entry === undefined) return null;
    const lists: Record<4 | 6, string[]> = { 4: [], 6: [] };
    for (const [, { what }] of entry.neighbor.out.all())
      if (what.kind === 'route') lists[what.route.prefix.version].push(formatPrefix(what.route.prefix));
    return [...lists[4], ...lists[6]];
  }

  async routeCount(router: string): Promise<number> {
    const out = (await this.connected(router))?.neighbor.out;
    return out === undefined ? -1 : out.count('ipv4-unicast') + out.count('ipv6-unicast');
  }

  async addFlow(router: string, json: unknown, who: string, why: string): Promise<PushResult> {
    const entry = await this.receiver(router, who);
    const parsed = parseFlowSpecRule(json);
    if (!parsed.ok) return entry === undefined ? NO_SESSION : bad(parsed.reason);
    if (entry === undefined) return NO_SESSION;
    const { rule } = parsed.value;
    const fault = validateFlowSpecRule(rule).find(({ severity }) => severity === 'error');
    if (fault !== undefined) return { status: 'refused', reason: fault.reason };
    return this.push(entry, { kind: 'rule', rule }, who, why);
  }

  async removeFlow(router: string, json: unknown): Promise<PushResult> {
    const entry = await this.holder(router);
    if (entry === undefined) return NO_SESSION;
    const match = parseFlowSpecMatch(json);
    if (!match.ok) return bad(match.reason);
    // What no rule can match is not there.
    return match.value.components.length > 0
      ? this.withdraw(entry, keyOfMatch(match.value))
      : { status: 'done' };
  }

  async flows(router: string): Promise<FlowSpecJson[] | null> {
    const entry = await this.connected(router);
    if (entry === undefined) return null;
    const list: FlowSpecJson[] = [];
    for (const [, { what }] of entry.neighbor.out.all())
      if (what.kind === 'rule') list.push(formatFlowSpecRule(what.rule));
    return list;
  }

  async flowCount(router: string): Promise<number> {
    const out = (await this.connected(router))?.neighbor.out;
    return out === undefined ? -1 : out.count('ipv4-flowspec') + out.count('ipv6-flowspec');
  }

  private push(entry: Entry, what: Announced, who: string, why: string): PushResult {
    const transient = isTransient(entry, who);
    const result = entry.neighbor.out.set(what, { who, why, transient }, this.deps.now());
    if (result === 'full') {
      const { maxRoutes, maxRules } = entry.definition.settings.profile;
      const most = what.kind === 'route' ? `${maxRoutes} routes` : `${maxRules} rules`;
      return { status: 'refused', reason: `${entry.router} has ${most}, and may have no more` };
    }
    if (result !== 'same') entry.neighbor.flush();
    return doneWith(entry, transient ? undefined : keyOfAnnounced(what));
  }

  private withdraw(entry: Entry, key: string): PushResult {
    const wasKept = entry.neighbor.out.get(key)?.transient === false;
    if (entry.neighbor.out.remove(key)) entry.neighbor.flush();
    return doneWith(entry, wasKept ? key : undefined);
  }

  /** The neighbour when something may be pushed to it now. */
  private async receiver(router: string, who: string): Promise<Entry | undefined> {
    const entry = await this.deps.find(router);
    if (entry === undefined || (isTransient(entry, who) && !entry.neighbor.hasSession())) return undefined;
    return entry;
  }

  /** The neighbour when there may be something to take back. */
  private async holder(router: string): Promise<Entry | undefined> {
    const entry = await this.deps.find(router);
    return entry?.origin === 'script' && !entry.neighbor.hasSession() ? undefined : entry;
  }

  private async connected(router: string): Promise<Entry | undefined> {
    const entry = await this.deps.find(router);
    return entry?.neighbor.hasSession() === true ? entry : undefined;
  }

  private defaultPath({ neighbor }: Entry): string {
    const session = neighbor.session();
    return session?.agreement?.external === false ? '' : String(session?.settings.open.as ?? '');
  }
}

function doneWith({ address }: Entry, key: string | undefined): PushResult {
  return { status: 'done', ...(key !== undefined && { kept: { router: address, key } }) };
}

function isTransient(entry: Entry, who: string): boolean {
  return entry.origin === 'script' || who.startsWith('script ');
}

function bad(reason: string): PushResult {
  return { status: 'bad', reason };
}
