import { capabilityWords, type OpenMessage, openOf, type Session } from '../bgp/index.ts';
import type { Entry } from './entry.ts';
import type { NeighborStatus, SessionFacts, SideStatus } from './protocol.ts';

/** A neighbour, as operators see it. */
export function neighborStatus({
  router,
  address,
  origin,
  definition,
  neighbor,
  learnt,
}: Entry): NeighborStatus {
  const { out } = neighbor;
  const session = neighbor.session();
  const { port, password, ttlSecurity } = definition.transport;
  const peer = session?.peer;
  return {
    router,
    address,
    origin,
    description: definition.description,
    state: neighbor.state(),
    startTime: session?.startedAt ?? null,
    local: sideStatus(session?.settings.open ?? openOf(definition.settings, false)),
    peer: peer === undefined ? null : sideStatus(peer),
    families: [...(session?.agreement?.families ?? [])],
    holdTime: session?.agreement?.holdTime ?? null,
    transport: { active: definition.settings.active, port, signed: password !== '', hops: ttlSecurity },
    sent: session?.sent ?? null,
    received: session?.received ?? null,
    queuedBytes: session?.queued() ?? 0,
    learnt: { ipv4: learnt.counters(4), ipv6: learnt.counters(6), ...learnt.size() },
    routes: out.count('ipv4-unicast') + out.count('ipv6-unicast'),
    rules: out.count('ipv4-flowspec') + out.count('ipv6-flowspec'),
    established: neighbor.established,
    faultyUpdates: neighbor.faultyUpdates,
    lastError: neighbor.lastError ?? null,
    history: neighbor.history,
  };
}

function sideStatus({ as, identifier, holdTime, capabilities }: OpenMessage): SideStatus {
  const fqdn = capabilities.find(({ kind }) => kind === 'fqdn');
  return {
    as,
    identifier,
    holdTime,
    hostName: fqdn?.kind === 'fqdn' ? fqdn.hostName : '',
    capabilities: capabilities.map(capabilityWords),
  };
}

/** A session with the counters of one family of unicast routes. */
export function sessionFacts({ neighbor, learnt }: Entry, session: Session, version: 4 | 6): SessionFacts {
  const pushed = neighbor.out.pushed[version === 4 ? 'ipv4-unicast' : 'ipv6-unicast'];
  const { prefixes, added, removed } = learnt.counters(version);
  const { peer } = session;
  const fqdn = peer?.capabilities.find(({ kind }) => kind === 'fqdn');
  return {
    nPrefixes: prefixes,
    learnedPrefixesAdded: added,
    learnedPrefixesRemoved: removed,
    pushedPrefixesAdded: pushed.added,
    pushedPrefixesRemoved: pushed.removed,
    state: session.state,
    startTime: session.startedAt,
    ...(peer !== undefined && { as: peer.as, id: peer.identifier }),
    ...(fqdn?.kind === 'fqdn' && { hostname: fqdn.hostName }),
  };
}
