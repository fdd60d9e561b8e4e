import type { AdjRibIn, Neighbor } from '../bgp/index.ts';
import type { NeighborDefinition } from './neighbor-definition.ts';
import type { Origin } from './protocol.ts';

/** A neighbour and what belongs to it. */
export interface Entry {
  /** As it was configured: what callbacks and logs name. */
  readonly router: string;
  readonly address: string;
  origin: Origin;
  definition: NeighborDefinition;
  readonly neighbor: Neighbor;
  readonly learnt: AdjRibIn;
  /** Scripts to be told, each with the name it gave. */
  readonly watchers: Map<string, string>;
}
