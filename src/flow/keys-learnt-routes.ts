import { type KeyEntry, sampleKey } from './key-entry.ts';
import { type LearntKeys, recordSlot, type SampleContext } from './sample.ts';

const GATEWAY_SLOT = recordSlot(1003);

/** Routes learnt from the router of the sample's agent, unless the sample itself tells of routes (bgp.md 4). */
function routesOf(sample: SampleContext): LearntKeys | null {
  return sample.recordAt[GATEWAY_SLOT] >= 0 ? null : sample.routes;
}

function numberOf(name: string, read: (routes: LearntKeys) => number): KeyEntry {
  const field = {
    kind: 'sampleNumber' as const,
    read: (sample: SampleContext): number => {
      const routes = routesOf(sample);
      return routes === null ? Number.NaN : read(routes);
    },
  };
  return sampleKey(name, field, '');
}

function textOf(name: string, read: (routes: LearntKeys) => string | undefined): KeyEntry {
  const field = {
    kind: 'sampleText' as const,
    read: (sample: SampleContext): string | undefined => {
      const routes = routesOf(sample);
      return routes === null ? undefined : read(routes);
    },
  };
  return sampleKey(name, field, '');
}

/** Keys of extended_gateway for samples without that record, whose agent's router Weir has a session with. */
export const LEARNT_ROUTE_KEYS: readonly KeyEntry[] = [
  textOf('bgpnexthop', (routes) => routes.facts()?.nextHop),
  numberOf('bgpas', (routes) => routes.peerAs()),
  numberOf('bgpsourceas', (routes) => routes.sourceAs()),
  numberOf('bgpsourcepeeras', (routes) => routes.sourcePeerAs()),
  numberOf('bgpdestinationas', (routes) => routes.destinationAs()),
  numberOf('bgpdestinationpeeras', (routes) => routes.destinationPeerAs()),
  textOf('bgpdestinationaspath', (routes) => routes.facts()?.asPath),
  textOf('bgpcommunities', (routes) => routes.facts()?.communityText),
  numberOf('bgplocalpref', (routes) => routes.localPref()),
];
