import type { Capability } from './capability.ts';
import type { AddPathFamilies } from './destinations.ts';
import { type Family, familyOf } from './family.ts';
import type { MessageContext } from './messages.ts';
import type { OpenMessage } from './open.ts';

/** What the OPENs of both sides come to. */
export interface Agreement {
  /** For reading what the peer sends. */
  readonly context: MessageContext;
  /** Families that both sides have. */
  readonly families: ReadonlySet<Family>;
  /** Families in which what we send carries path identifiers. */
  readonly sendPathIds: AddPathFamilies;
  /** Seconds; 0 for no timers. */
  readonly holdTime: number;
  readonly external: boolean;
  /** Both sides restart gracefully: End-of-RIB marks are sent. */
  readonly gracefulRestart: boolean;
  /** NOTIFICATION does not make the peer forget our routes, only a hard reset does (RFC 8538). */
  readonly notificationRestart: boolean;
  /** The peer can be asked for its routes. */
  readonly routeRefresh: boolean;
  /** Answers to route refresh are marked (RFC 7313). */
  readonly enhancedRefresh: boolean;
}

/** Compares what we offered with what the peer did. */
export function agree(own: OpenMessage, peer: OpenMessage): Agreement {
  const both = (kind: Capability['kind']): boolean => has(own, kind) && has(peer, kind);
  const ownFamilies = familiesOf(own);
  const families = new Set([...familiesOf(peer)].filter((family) => ownFamilies.has(family)));
  const external = own.as !== peer.as;
  const [ours, theirs] = [restartOf(own), restartOf(peer)];
  return {
    context: {
      fourOctetAs: both('four-octet-as'),
      external,
      addPath: addPathFrom(peer, own),
      extendedMessage: both('extended-message'),
    },
    families,
    sendPathIds: addPathFrom(own, peer),
    holdTime: Math.min(own.holdTime, peer.holdTime),
    external,
    gracefulRestart: ours !== undefined && theirs !== undefined,
    notificationRestart: ours?.notification === true && theirs?.notification === true,
    routeRefresh: both('route-refresh'),
    enhancedRefresh: both('enhanced-route-refresh'),
  };
}

/** Families that an OPEN offers; without any multiprotocol capability IPv4 unicast is meant (RFC 4760 8). */
export function familiesOf(open: Pick<OpenMessage, 'capabilities'>): Set<Family> {
  const families = new Set<Family>();
  let any = false;
  for (const capability of open.capabilities) {
    if (capability.kind !== 'multiprotocol') continue;
    any = true;
    const family = familyOf(capability.afi, capability.safi);
    if (family !== undefined) families.add(family);
  }
  if (!any) families.add('ipv4-unicast');
  return families;
}

function has(open: OpenMessage, kind: Capability['kind']): boolean {
  return open.capabilities.some((capability) => capability.kind === kind);
}

/** Families in which `sender` sends path identifiers to `receiver` (RFC 7911 4). */
function addPathFrom(sender: OpenMessage, receiver: OpenMessage): AddPathFamilies {
  const sends = addPathModes(sender, 'send');
  const receives = addPathModes(receiver, 'receive');
  return new Set([...sends].filter((family) => receives.has(family)));
}

function addPathModes(open: OpenMessage, mode: 'send' | 'receive'): Set<Family> {
  const families = new Set<Family>();
  for (const capability of open.capabilities) {
    if (capability.kind !== 'add-path') continue;
    for (const each of capability.families) {
      const family = familyOf(each.afi, each.safi);
      if (family !== undefined && (each.mode === mode || each.mode === 'both')) families.add(family);
    }
  }
  return families;
}

function restartOf(open: OpenMessage): Extract<Capability, { kind: 'graceful-restart' }> | undefined {
  for (const capability of open.capabilities) if (capability.kind === 'graceful-restart') return capability;
  return undefined;
}
