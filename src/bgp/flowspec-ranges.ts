import type { NumericTerm } from './flowspec-component.ts';

/** Values from the first to the second, both included. */
export type Range = readonly [number, number];

/**
 * The values from 0 to `greatest` that satisfy the terms, as ranges in ascending order that do not touch. *And* binds
 * before *or* (RFC 8955 4.2.1.1).
 */
export function rangesOfTerms(terms: readonly NumericTerm[], greatest: number): Range[] {
  const alternatives: Range[][] = [];
  for (const term of terms) {
    const ranges = rangesOfTerm(term, greatest);
    const before = term.and ? alternatives.pop() : undefined;
    alternatives.push(before === undefined ? ranges : common(before, ranges));
  }
  return united(alternatives.flat());
}

/** `53`, `1000-2000`. */
export function formatRange([from, to]: Range, separator = '-'): string {
  return from === to ? String(from) : `${from}${separator}${to}`;
}

function rangesOfTerm({ less, greater, equal, value }: NumericTerm, greatest: number): Range[] {
  const ranges: Range[] = [];
  if (less) ranges.push([0, Math.min(value - 1, greatest)]);
  if (equal) ranges.push([value, Math.min(value, greatest)]);
  if (greater) ranges.push([value + 1, greatest]);
  return ranges.filter(([from, to]) => from <= to);
}

function common(a: readonly Range[], b: readonly Range[]): Range[] {
  return a
    .flatMap(([from, to]) => b.map(([least, most]): Range => [Math.max(from, least), Math.min(to, most)]))
    .filter(([from, to]) => from <= to);
}

function united(ranges: readonly Range[]): Range[] {
  const result: [number, number][] = [];
  for (const [from, to] of ranges.toSorted((a, b) => a[0] - b[0])) {
    const last = result.at(-1);
    if (last !== undefined && from <= last[1] + 1) last[1] = Math.max(last[1], to);
    else result.push([from, to]);
  }
  return result;
}
