/** Names this short have too many neighbours for two slips. */
const SHORT_NAME = 6;

/**
 * The candidate that `name` was probably meant to be: at most two slips of the keyboard away (one for short names),
 * case and the kind of separator aside. undefined when there is none.
 */
export function nearestName(name: string, candidates: Iterable<string>): string | undefined {
  const typed = normalise(name);
  const limit = typed.length <= SHORT_NAME ? 1 : 2;
  let nearest: string | undefined;
  let least = limit + 1;
  for (const candidate of candidates) {
    const known = normalise(candidate);
    if (Math.abs(known.length - typed.length) >= least) continue;
    const distance = editDistance(typed, known);
    if (distance < least) {
      least = distance;
      nearest = candidate;
    }
  }
  return nearest;
}

function normalise(name: string): string {
  return name.toLowerCase().replace(/[-_]/g, '.');
}

/** Insertions, deletions, substitutions and swaps of neighbours that make one text the other. */
export function editDistance(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, i) => i);
  for (let i = 1; i <= from.length; i++) {
    const row = [i];
    for (let j = 1; j <= to.length; j++) {
      const same = from[i - 1] === to[j - 1];
      row[j] = Math.min(row[j - 1] + 1, last[j] + 1, last[j - 1] + (same ? 0 : 1));
      if (i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1])
        row[j] = Math.min(row[j], beforeLast[j - 2] + 1);
    }
    beforeLast = last;
    last = row;
  }
  return last[to.length];
}
