export interface Group {
  readonly version: 4 | 6;
  readonly path: readonly number[];
  readonly communities: readonly number[];
  readonly med: number | undefined;
  readonly prefixes: readonly (readonly [number, number, number])[];
}

export function fullTable(size?: { ipv4?: number; ipv6?: number; seed?: number }): Group[];
export function prefixCount(groups: readonly Group[], version: 4 | 6): number;
export function updatesOf(groups: readonly Group[]): Generator<Uint8Array>;
export function writeMrt(descriptor: number, groups: readonly Group[]): void;
