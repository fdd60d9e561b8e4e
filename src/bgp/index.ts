/**
 * BGP-4 in bytes: messages, capabilities, path attributes and FlowSpec rules, and the routes learnt. Exported as `weir/bgp`. No I/O.
 *
 * - `frameMessage` finds a message in a stream, `decodeMessage` reads it, `encodeMessage` writes one. Reading never
 *   throws: an error that ends the session comes with the NOTIFICATION to send, one that does not is in `faults`
 *   (RFC 7606). Writing throws WeirError where there are no such bytes.
 * - `parseFlowSpecRule` reads the match/then form of a rule and `formatFlowSpecRule` writes it; `validateFlowSpecRule`
 *   tells what is wrong with a rule before it is sent; `announceFlowSpecRule` and `withdrawFlowSpecRule` make the
 *   UPDATE, `rulesOfUpdate` is the reverse; `flowSpecText` shows a rule in words and as routers write it.
 * - `AdjRibIn` keeps the unicast routes that a neighbour has announced, up to full tables, and finds the longest match;
 *   other threads may read its memory.
 * - `parseRoute` and `formatRoute` do so for unicast routes, `announceRoute` and `withdrawRoute` make their UPDATE.
 * - `Session` is one connection as RFC 4271 8 has it, `Neighbor` one neighbour over all its connections, with what is to be
 *   announced to it in `AdjRibOut`. They are given streams and the time, and do no I/O.
 */

export {
  AdjRibIn,
  type AdjRibInOptions,
  type LearntCounters,
  type LearntPath,
  type LearntRoute,
} from './adj-rib-in.ts';
export { AdjRibOut, type FlushResult, type Outlet, type SetResult, type Standing } from './adj-rib-out.ts';
export { type Agreement, agree, familiesOf } from './agreement.ts';
export {
  type Announced,
  type Announcement,
  familyOfAnnounced,
  keyOfAnnounced,
  keyOfMatch,
  keyOfPrefix,
} from './announcement.ts';
export {
  type AsPath,
  type AsPathSegment,
  asPathLength,
  asSequence,
  formatAsPath,
  parseAsPath,
} from './as-path.ts';
export {
  type Aggregator,
  ATTRIBUTE,
  attributeName,
  type Destinations,
  destination,
  type FlowSpecNlri,
  type MpNextHop,
  type MpReach,
  type MpUnreach,
  type Origin,
  type PathAttributes,
  type UnknownAttribute,
} from './attributes.ts';
export { bytesOfHex, hexOfBytes } from './byte-writer.ts';
export type { AddPathFamily, Capability, LongLivedFamily, RestartFamily } from './capability.ts';
export { capabilityWords } from './capability-words.ts';
export {
  COMMUNITY,
  type CommunityList,
  formatCommunity,
  formatExtendedCommunity,
  formatLargeCommunity,
  type LargeCommunity,
  parseCommunities,
  parseLargeCommunities,
} from './community.ts';
export type { AddPathFamilies } from './destinations.ts';
export {
  type AfiSafi,
  FAMILIES,
  type Family,
  familyOf,
  familyText,
  isFlowSpec,
  versionOf,
} from './family.ts';
export type { FlowSpecAction } from './flowspec-action.ts';
export type {
  BitmaskTerm,
  ComponentName,
  FlowSpecComponent,
  NumericTerm,
} from './flowspec-component.ts';
export {
  type FlowSpecJson,
  formatFlowSpecRule,
  type ParsedRule,
  parseFlowSpecMatch,
  parseFlowSpecRule,
} from './flowspec-json.ts';
export { encodeComponents, encodeFlowSpecNlri } from './flowspec-nlri.ts';
export {
  announceFlowSpecRule,
  type FlowSpecRule,
  type RuleRoute,
  ruleRoute,
  rulesOfUpdate,
  withdrawFlowSpecRule,
} from './flowspec-rule.ts';
export { type RuleFault, validateFlowSpecRule } from './flowspec-validate.ts';
export type { LearntContext, LearntRoutes } from './learnt-routes.ts';
export { LearntRules } from './learnt-rules.ts';
export { type Json, messageJson } from './message-json.ts';
export {
  type BgpMessage,
  decodeMessage,
  encodeMessage,
  type Framing,
  frameMessage,
  HEADER_LENGTH,
  INITIAL_CONTEXT,
  KEEPALIVE,
  type KeepaliveMessage,
  MAXIMUM_EXTENDED_LENGTH,
  MAXIMUM_LENGTH,
  type MessageContext,
  type MessageReading,
} from './messages.ts';
export {
  ADMINISTRATIVE_SHUTDOWN,
  type Dial,
  type HistoryEntry,
  Neighbor,
  type NeighborDependencies,
  type NeighborState,
  shutdownMessage,
} from './neighbor.ts';
export {
  type NeighborProfile,
  type NeighborSettings,
  openOf,
  PLAIN_PROFILE,
  type RedirectForm,
} from './neighbor-settings.ts';
export type { UnicastNlri } from './nlri.ts';
export {
  CEASE,
  ERROR,
  type NotificationMessage,
  notification,
  notificationText,
  OPEN_ERROR,
  shutdownNotification,
} from './notification.ts';
export { AS_TRANS, type OpenMessage, type SessionError } from './open.ts';
export { formatPrefix, formatPrefixAddress, type Prefix, parsePrefix } from './prefix.ts';
export type { AttributeContext, AttributeFault } from './read-attributes.ts';
export type { Result } from './result.ts';
export { announceRoute, type UnicastRoute, withdrawRoute } from './route.ts';
export { formatRoute, parseRoute } from './route-json.ts';
export { REFRESH, type RouteRefreshMessage } from './route-refresh.ts';
export {
  Session,
  type SessionEnd,
  type SessionEvents,
  type SessionSettings,
  type SessionState,
  type SessionStream,
  type TrafficCounters,
} from './session.ts';
export { flowSpecText, NOTATION_NAMES, type NotationName } from './text.ts';
export type { RuleText } from './text-parts.ts';
export type { Timers } from './timers.ts';
export { endOfRib, endOfRibFamily, type UpdateMessage } from './update.ts';
