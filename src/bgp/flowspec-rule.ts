import { type AsPath, asSequence } from './as-path.ts';
import type { MpReach, PathAttributes } from './attributes.ts';
import type { LargeCommunity } from './community.ts';
import {
  ACTION_ORDER,
  actionOfExtendedCommunity,
  actionOfIpv6ExtendedCommunity,
  encodeAction,
  type FlowSpecAction,
} from './flowspec-action.ts';
import type { FlowSpecComponent } from './flowspec-component.ts';
import type { UpdateMessage } from './update.ts';

/** A FlowSpec rule: which packets, and what to do with them. */
export interface FlowSpecRule {
  readonly version: 4 | 6;
  /** In ascending order of types. */
  readonly components: readonly FlowSpecComponent[];
  /** At most one of a kind. None lets the packets pass. */
  readonly actions: readonly FlowSpecAction[];
  /** Standard communities, 32 bits each. */
  readonly communities: readonly number[];
  /** Extended communities that are not actions, eight bytes each. */
  readonly extendedCommunities: readonly Uint8Array[];
  readonly largeCommunities: readonly LargeCommunity[];
}

/** How a route of our own is told to a peer. */
export interface RuleRoute {
  /** Own AS for an external peer, empty for an internal one. */
  readonly asPath: AsPath;
  /** Given to an internal peer. */
  readonly localPref?: number;
}

/** The route of a speaker of AS `as` for a peer: the AS_PATH is its own AS, or empty with LOCAL_PREF 100 inside of it. */
export function ruleRoute(as: number, external: boolean): RuleRoute {
  return external ? { asPath: asSequence([as]) } : { asPath: [], localPref: 100 };
}

/** The UPDATE that announces a rule. */
export function announceFlowSpecRule(rule: FlowSpecRule, route: RuleRoute): UpdateMessage {
  const extendedCommunities: Uint8Array[] = [];
  const ipv6ExtendedCommunities: Uint8Array[] = [];
  for (const action of inActionOrder(rule.actions)) {
    const { form, bytes } = encodeAction(action);
    (form === 'ipv6' ? ipv6ExtendedCommunities : extendedCommunities).push(bytes);
  }
  extendedCommunities.push(...rule.extendedCommunities);
  const attributes: PathAttributes = {
    origin: 'IGP',
    ...route,
    ...(rule.communities.length > 0 && { communities: rule.communities }),
    ...(extendedCommunities.length > 0 && { extendedCommunities }),
    ...(ipv6ExtendedCommunities.length > 0 && { ipv6ExtendedCommunities }),
    ...(rule.largeCommunities.length > 0 && { largeCommunities: rule.largeCommunities }),
  };
  const reach: MpReach = { ...destinationsOf(rule), nextHop: { address: nextHopOf(rule) } };
  return { type: 'update', withdrawn: [], announced: [], attributes, reach, unreach: undefined };
}

/** The UPDATE that withdraws a rule; what it does is irrelevant. */
export function withdrawFlowSpecRule(rule: Pick<FlowSpecRule, 'version' | 'components'>): UpdateMessage {
  return {
    type: 'update',
    withdrawn: [],
    announced: [],
    attributes: {},
    reach: undefined,
    unreach: destinationsOf(rule),
  };
}

/** The rules that an UPDATE announces, in its order. */
export function rulesOfUpdate(message: UpdateMessage): FlowSpecRule[] {
  const { reach, attributes } = message;
  if (reach?.family !== 'ipv4-flowspec' && reach?.family !== 'ipv6-flowspec') return [];
  const actions: FlowSpecAction[] = [];
  const extendedCommunities: Uint8Array[] = [];
  for (const bytes of attributes.extendedCommunities ?? []) {
    const action = actionOfExtendedCommunity(bytes, reach.nextHop.address);
    // A second action of one kind is passed on as it is: which of them a router takes is its own choice.
    if (action === undefined || hasKind(actions, action)) extendedCommunities.push(bytes);
    else actions.push(action);
  }
  for (const bytes of attributes.ipv6ExtendedCommunities ?? []) {
    const action = actionOfIpv6ExtendedCommunity(bytes);
    if (action !== undefined && !hasKind(actions, action)) actions.push(action);
  }
  const version = reach.family === 'ipv4-flowspec' ? 4 : 6;
  return reach.nlri.map(({ components }) => ({
    version,
    components,
    actions: inActionOrder(actions),
    communities: attributes.communities ?? [],
    extendedCommunities,
    largeCommunities: attributes.largeCommunities ?? [],
  }));
}

/** A copy in the order in which actions are sent. */
export function inActionOrder(actions: readonly FlowSpecAction[]): FlowSpecAction[] {
  return actions.toSorted((a, b) => ACTION_ORDER.indexOf(a.kind) - ACTION_ORDER.indexOf(b.kind));
}

function hasKind(actions: readonly FlowSpecAction[], action: FlowSpecAction): boolean {
  return actions.some(({ kind }) => kind === action.kind);
}

function destinationsOf({ version, components }: Pick<FlowSpecRule, 'version' | 'components'>) {
  const family = version === 4 ? ('ipv4-flowspec' as const) : ('ipv6-flowspec' as const);
  return { family, nlri: [{ components, pathId: undefined }] };
}

function nextHopOf(rule: FlowSpecRule): string {
  for (const action of rule.actions) if (action.kind === 'redirect-nexthop') return action.address;
  return '';
}
