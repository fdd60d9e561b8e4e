import type { FlowTable } from './table.ts';

/** Somebody who wants to know when flows of a definition reach a value. */
export interface FlowWatch {
  /** Flows whose main value is at or above this are told of; may change. */
  least: number;
  /** Scopes whose every update is told of, by scope: 1 or 0. May be replaced by a longer array. */
  everyUpdate: Uint8Array;
  /** The entry at word offset `entry` was updated. `value` is its main value. */
  updated(table: FlowTable, entry: number, value: number, now: number): void;
}
