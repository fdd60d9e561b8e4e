/**
 * Flow definitions, their language, and the tables behind them. No I/O; time is an argument.
 *
 * `parseDefinition` reads what a user wrote; a `FlowSet` holds the tables of one shard and is fed `SampleContext`s,
 * which `fillSampleContext` makes from a datagram walker.
 */

export { Decay, type DecayingTable } from './decay.ts';
export { parseDefinition, sameDefinition } from './definition.ts';
export type { FlowDefinition } from './expression.ts';
export { fillSampleContext, type RecordFaults } from './fill.ts';
export { FlowSet, type FlowSetOptions } from './flow-set.ts';
export type { ClosedFlow, EndedFlow, FlowState } from './flow-state.ts';
export {
  IPFIX_KEYS,
  IPFIX_VALUES,
  type IpfixFlow,
  type IpfixMessageHeader,
  IpfixTemplate,
} from './ipfix.ts';
export { type KeyPlace, keyPlace } from './key-place.ts';
export { allKeyNames, presentKeys } from './keys.ts';
export { type HostAttribute, type Lookups, NO_LOOKUPS } from './lookups.ts';
export { SAMPLE_KIND, SampleContext } from './sample.ts';
export { SampleRoutes } from './sample-routes.ts';
export { doublesOf, type FlowTable, NETWORK_SCOPE, SCOPE_MASK, type TableMemory } from './table.ts';
export { flowByKey, type MergeMode, reportsOf, type ScopedFlow, type TopFlow, topByScope } from './top.ts';
export type { FlowWatch } from './watch.ts';
