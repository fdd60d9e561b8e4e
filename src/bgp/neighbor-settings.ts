import type { Capability } from './capability.ts';
import { FAMILIES, type Family, isFlowSpec } from './family.ts';
import type { OpenMessage } from './open.ts';

/** Which form a redirect towards an address takes on the wire. */
export type RedirectForm =
  /** As the rule says. */
  | 'as-given'
  /** The address is the next hop (draft-simpson-idr-flowspec-redirect). */
  | 'next-hop'
  /** The address is in a community (draft-ietf-idr-flowspec-redirect-ip). */
  | 'community';

/** What is peculiar to the router at the other end. */
export interface NeighborProfile {
  /** Next hop to send with FlowSpec rules that have none; '' for none, as RFC 8955 has it. */
  readonly flowSpecNextHop: string;
  readonly redirect: RedirectForm;
  /** Most rules, and most unicast routes, that may be pushed. */
  readonly maxRules: number;
  readonly maxRoutes: number;
  /** Most destinations in one UPDATE; 1 for one message each. */
  readonly nlriPerUpdate: number;
  /** Most destinations sent in a second; 0 for no limit. */
  readonly nlriPerSecond: number;
}

export const PLAIN_PROFILE: NeighborProfile = {
  flowSpecNextHop: '',
  redirect: 'as-given',
  maxRules: 10_000,
  maxRoutes: 100_000,
  nlriPerUpdate: 1000,
  nlriPerSecond: 0,
};

/** How a speaker meets one neighbour. */
export interface NeighborSettings {
  readonly localAs: number;
  /** BGP identifier, dotted quad. */
  readonly identifier: string;
  /** AS that the neighbour must have; without it any will do. */
  readonly remoteAs: number | undefined;
  /** In the order in which they are offered; empty for IPv4 unicast without saying so. */
  readonly families: readonly Family[];
  /** Offer what the compatible engine offers and nothing else, and end both of two connections as it does. */
  readonly compatible: boolean;
  /** ADD-PATH of the unicast families. */
  readonly addPath: 'none' | 'receive' | 'both';
  /** Seconds: 0, or 3 to 65535. */
  readonly holdTime: number;
  /** Seconds for which the neighbour shall keep our routes when we are gone, 0 to 4095; 0 offers no graceful restart. */
  readonly restartTime: number;
  /** The same for stale routes thereafter, 0 to 16777215 (RFC 9494). */
  readonly longLivedTime: number;
  /** How long End-of-RIB waits after the session has come up, ms: who pushes routes only then needs time. */
  readonly endOfRibMs: number;
  /** Name shown to the neighbour; '' for none. */
  readonly hostName: string;
  /** Longest time for which the neighbour may read nothing, ms. */
  readonly sendHoldMs: number;
  /** Whether to dial, too. */
  readonly active: boolean;
  /** Time between attempts to dial, ms. */
  readonly connectRetryMs: number;
  readonly profile: NeighborProfile;
}

/** The OPEN for a neighbour: the capabilities of the compatible engine in its order, then our own. */
export function openOf(settings: NeighborSettings, restarted: boolean): OpenMessage {
  const { localAs: as, identifier, holdTime, families, addPath } = settings;
  const capabilities: Capability[] = [{ kind: 'four-octet-as', as }];
  for (const family of families) capabilities.push({ kind: 'multiprotocol', ...FAMILIES[family] });
  if (addPath !== 'none') {
    const unicast = families.filter((family) => !isFlowSpec(family));
    capabilities.push({
      kind: 'add-path',
      families: unicast.map((family) => ({ ...FAMILIES[family], mode: addPath })),
    });
  }
  if (!settings.compatible) capabilities.push(...ownCapabilities(settings, restarted));
  return { type: 'open', as, holdTime, identifier, capabilities };
}

function ownCapabilities(settings: NeighborSettings, restarted: boolean): Capability[] {
  const { families, restartTime, longLivedTime, hostName } = settings;
  const capabilities: Capability[] = [
    { kind: 'route-refresh' },
    { kind: 'enhanced-route-refresh' },
    { kind: 'extended-message' },
  ];
  // What we announce is not of our own forwarding, which therefore always outlives us (RFC 4724 3, F bit).
  const kept = families.map((family) => ({ ...FAMILIES[family], forwarding: true }));
  if (restartTime > 0) {
    capabilities.push({
      kind: 'graceful-restart',
      restarted,
      notification: true,
      restartTime,
      families: kept,
    });
    if (longLivedTime > 0) {
      const longLived = kept.map((family) => ({ ...family, staleTime: longLivedTime }));
      capabilities.push({ kind: 'long-lived-graceful-restart', families: longLived });
    }
  }
  if (hostName !== '') capabilities.push({ kind: 'fqdn', hostName, domainName: '' });
  return capabilities;
}
