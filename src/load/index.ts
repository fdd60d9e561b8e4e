/**
 * Traffic to measure and to show Weir with: a generator of steady sFlow load, a model of a small fabric, and what
 * sends them. The models do no I/O.
 */

export { createSender } from './create-sender.ts';
export { createFabric, type Fabric, type FabricOptions } from './fabric.ts';
export { createFabricSource, type FabricSource, type FabricSourceOptions } from './fabric-source.ts';
export type { TrafficMix } from './flow-header.ts';
export {
  type FlowOrder,
  LOAD_DEFAULTS,
  LOAD_LIMITS,
  LoadGenerator,
  type LoadOptions,
} from './generator.ts';
export { type LoadTotals, type RunOptions, runLoad } from './run.ts';
export type { RingSender } from './sender.ts';
export { isLoopback, type Target, targetOf } from './target.ts';
