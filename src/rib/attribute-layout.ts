/**
 * A set of path attributes in shared memory: a header, the fixed words, then what the counts tell, in the order next
 * hop, AS path, communities, extended (two words each) and large communities (three). A set's id is its place in units
 * of four words; 0 is none.
 */
export const SET_SHIFT = 2;

export const SET = {
  /** Words that the set takes, a multiple of four. */
  size: 0,
  /** A number that only this set has had. */
  serial: 1,
  /** How many routes have it, and its hash: for the writer. */
  references: 2,
  hash: 3,
  flags: 4,
  localPref: 5,
  med: 6,
  /** First and last AS of the path, 0 for an empty one. */
  firstAs: 7,
  lastAs: 8,
  /** Words of the path: each segment is `kind << 16 | count`, then its numbers. */
  pathWords: 9,
  communities: 10,
  extendedCommunities: 11,
  largeCommunities: 12,
  /** Next hop (none, one or four words), link-local next hop (none or four words), and the lists. */
  lists: 13,
} as const;

/** Bits of `flags`; the lowest two are ORIGIN. */
export const SET_FLAG = { localPref: 4, med: 8, nextHop4: 16, nextHop6: 32, linkLocal: 64 } as const;

/** Words of the next hops that a set's flags tell of. */
export function nextHopWords(flags: number): number {
  const address = (flags & SET_FLAG.nextHop4) !== 0 ? 1 : (flags & SET_FLAG.nextHop6) !== 0 ? 4 : 0;
  return address + ((flags & SET_FLAG.linkLocal) !== 0 ? 4 : 0);
}
