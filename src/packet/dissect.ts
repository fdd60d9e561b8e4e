import type { LayerTable } from './layers.ts';

/** `header_protocol` of the sFlow v5 sampled_header record. */
export const HEADER_PROTOCOL = { ethernet: 1, ppp: 7, ieee80211: 8, ipv4: 11, ipv6: 12, mpls: 13 } as const;

/**
 * Find the layers of a sampled header: `bytes[start, end)`, beginning with `headerProtocol`. Fills `table` (after
 * resetting it); never throws; reads nothing outside the given bytes; enters only layers whose fixed header is whole.
 */
export function dissect(
  _table: LayerTable,
  _bytes: Uint8Array,
  _start: number,
  _end: number,
  _headerProtocol: number,
): void {}
