import { WeirError } from '../common/index.ts';
import type { FlowSpecNlri, MpNextHop, PathAttributes } from './attributes.ts';
import { hexOfBytes } from './byte-writer.ts';
import type { Family } from './family.ts';
import type { FlowSpecAction } from './flowspec-action.ts';
import { encodeFlowSpecNlri } from './flowspec-nlri.ts';
import { announceFlowSpecRule, type FlowSpecRule, ruleRoute } from './flowspec-rule.ts';
import type { NeighborProfile } from './neighbor-settings.ts';
import type { UnicastNlri } from './nlri.ts';
import { bytesOfBits, formatPrefix, type Prefix } from './prefix.ts';
import { announceRoute, type UnicastRoute } from './route.ts';
import type { UpdateMessage } from './update.ts';
import { encodeAttributes } from './write-attributes.ts';

/** Something to be announced to a neighbour. */
export type Announced =
  | { readonly kind: 'route'; readonly route: UnicastRoute }
  | { readonly kind: 'rule'; readonly rule: FlowSpecRule };

/** The same with its origin, as operators see it. */
export interface Announcement {
  readonly what: Announced;
  /** Who asked for it, such as `rest` or `script ddos~main.js`. */
  readonly who: string;
  /** Why, in the words of who asked; '' for no reason given. */
  readonly why: string;
  /** Goes with the session, so that who asked must ask again. */
  readonly transient: boolean;
  /** First asked for, and last changed, epoch ms. */
  readonly since: number;
  readonly changed: number;
}

/** An announcement in the form in which it is put into an UPDATE. */
export interface Encoded {
  readonly family: Family;
  readonly attributes: PathAttributes;
  readonly nextHop: MpNextHop;
  readonly nlri: UnicastNlri | FlowSpecNlri;
  /** Bytes of the destination. */
  readonly nlriBytes: number;
  /** Bytes of the attributes, destinations excepted. */
  readonly attributeBytes: number;
  /** Equal for announcements that may go into one UPDATE. */
  readonly group: string;
}

/** The family of an announcement. */
export function familyOfAnnounced(what: Announced): Family {
  if (what.kind === 'route') return what.route.prefix.version === 4 ? 'ipv4-unicast' : 'ipv6-unicast';
  return what.rule.version === 4 ? 'ipv4-flowspec' : 'ipv6-flowspec';
}

/** What tells announcements apart: the destination. */
export function keyOfPrefix(prefix: Prefix): string {
  return `route ${formatPrefix(prefix)}`;
}

/** The same of a rule, by its bytes: two spellings of one match are one rule. */
export function keyOfMatch({ version, components }: Pick<FlowSpecRule, 'version' | 'components'>): string {
  const bytes = encodeFlowSpecNlri(components);
  if (!bytes.ok) throw new WeirError('BGP_BAD_RULE', bytes.reason);
  return `rule${version} ${hexOfBytes(bytes.value)}`;
}

export function keyOfAnnounced(what: Announced): string {
  return what.kind === 'route' ? keyOfPrefix(what.route.prefix) : keyOfMatch(what.rule);
}

/** Prepares an announcement for a neighbour. Throws WeirError for what has no bytes. */
export function encodeAnnounced(
  what: Announced,
  as: number,
  external: boolean,
  profile: NeighborProfile,
): Encoded {
  const message =
    what.kind === 'route'
      ? announceRoute(what.route, as, external)
      : announceRule(what.rule, as, external, profile);
  const { attributes, reach } = message;
  const nextHop = reach?.nextHop ?? { address: '' };
  const family = familyOfAnnounced(what);
  const bytes = encodeAttributes(attributes, undefined, undefined, true);
  return {
    family,
    attributes,
    nextHop,
    nlri:
      what.kind === 'route'
        ? { prefix: what.route.prefix, pathId: undefined }
        : { components: what.rule.components, pathId: undefined },
    nlriBytes: nlriBytes(what),
    attributeBytes: bytes.length,
    group: `${family} ${nextHop.address} ${nextHop.linkLocal ?? ''} ${hexOfBytes(bytes)}`,
  };
}

function announceRule(
  rule: FlowSpecRule,
  as: number,
  external: boolean,
  profile: NeighborProfile,
): UpdateMessage {
  const shaped = { ...rule, actions: rule.actions.map((action) => shapedAction(action, profile)) };
  const message = announceFlowSpecRule(shaped, ruleRoute(as, external));
  const { reach } = message;
  if (reach === undefined || reach.nextHop.address !== '' || profile.flowSpecNextHop === '') return message;
  return { ...message, reach: { ...reach, nextHop: { address: profile.flowSpecNextHop } } };
}

/** The draft of redirects that the neighbour knows. */
function shapedAction(action: FlowSpecAction, { redirect }: NeighborProfile): FlowSpecAction {
  if (redirect === 'community' && action.kind === 'redirect-nexthop')
    return { kind: 'redirect-action-ip', address: action.address, value: action.copy ? 1 : 0 };
  if (redirect === 'next-hop' && action.kind === 'redirect-action-ip')
    return { kind: 'redirect-nexthop', address: action.address, copy: (action.value & 1) !== 0 };
  return action;
}

function nlriBytes(what: Announced): number {
  if (what.kind === 'route') return 1 + bytesOfBits(what.route.prefix.length);
  const bytes = encodeFlowSpecNlri(what.rule.components);
  return bytes.ok ? bytes.value.length : 0;
}

/** The UPDATE for destinations of one group. */
export function announceTogether(group: Encoded, nlri: readonly Encoded['nlri'][]): UpdateMessage {
  const { family, attributes, nextHop } = group;
  const message = {
    type: 'update' as const,
    withdrawn: [],
    announced: [],
    attributes,
    reach: undefined,
    unreach: undefined,
  };
  if (family === 'ipv4-unicast') return { ...message, announced: nlri as readonly UnicastNlri[] };
  if (family === 'ipv6-unicast')
    return { ...message, reach: { family, nextHop, nlri: nlri as readonly UnicastNlri[] } };
  return { ...message, reach: { family, nextHop, nlri: nlri as readonly FlowSpecNlri[] } };
}

/** The UPDATE that withdraws destinations of one family. */
export function withdrawTogether(family: Family, nlri: readonly Encoded['nlri'][]): UpdateMessage {
  const message = {
    type: 'update' as const,
    withdrawn: [],
    announced: [],
    attributes: {},
    reach: undefined,
    unreach: undefined,
  };
  if (family === 'ipv4-unicast') return { ...message, withdrawn: nlri as readonly UnicastNlri[] };
  if (family === 'ipv6-unicast')
    return { ...message, unreach: { family, nlri: nlri as readonly UnicastNlri[] } };
  return { ...message, unreach: { family, nlri: nlri as readonly FlowSpecNlri[] } };
}
