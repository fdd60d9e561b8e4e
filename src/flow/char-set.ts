/**
 * Sets of UTF-16 code units, as sorted ranges that neither touch nor overlap: `[first, last, first, last, …]`.
 */
export type CharSet = readonly number[];

const LAST = 0xffff;

export const ANY_CHAR: CharSet = [0, LAST];
export const NO_CHAR: CharSet = [];

export function charRange(first: number, last: number): CharSet {
  return [first, last];
}

/** The set of the characters of a text. */
export function charsOf(text: string): CharSet {
  return unite([...text].map((char) => charRange(char.charCodeAt(0), char.charCodeAt(0))));
}

export function unite(sets: readonly CharSet[]): CharSet {
  const ranges: [number, number][] = [];
  for (const set of sets) for (let i = 0; i < set.length; i += 2) ranges.push([set[i], set[i + 1]]);
  ranges.sort((a, b) => a[0] - b[0]);
  const united: number[] = [];
  for (const [first, last] of ranges) {
    const end = united.length - 1;
    if (united.length > 0 && first <= united[end] + 1) united[end] = Math.max(united[end], last);
    else united.push(first, last);
  }
  return united;
}

export function complement(set: CharSet): CharSet {
  const rest: number[] = [];
  let first = 0;
  for (let i = 0; i < set.length; i += 2) {
    if (set[i] > first) rest.push(first, set[i] - 1);
    first = set[i + 1] + 1;
  }
  if (first <= LAST) rest.push(first, LAST);
  return rest;
}

export function intersect(a: CharSet, b: CharSet): CharSet {
  return complement(unite([complement(a), complement(b)]));
}

export function contains(set: CharSet, char: number): boolean {
  for (let i = 0; i < set.length; i += 2) if (char <= set[i + 1]) return char >= set[i];
  return false;
}

/** The set with the other case of each ASCII letter in it: what `(?i)` means in Java. */
export function foldCase(set: CharSet): CharSet {
  const upper = intersect(set, [0x41, 0x5a]);
  const lower = intersect(set, [0x61, 0x7a]);
  return unite([set, upper.map((char) => char + 32), lower.map((char) => char - 32)]);
}
