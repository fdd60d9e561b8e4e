/** One moment of a top-n trend: values by key; anything else is an empty moment. */
type Moment = unknown;

export interface TopSeries {
  /** Keys with the largest sums of all moments, largest first. */
  readonly keys: readonly string[];
  readonly values: readonly (readonly number[])[];
  /** What all other keys have together at each moment; undefined when there are none. */
  readonly other: readonly number[] | undefined;
}

/** Turns a trend of tops into a series for each of the `most` largest keys. A key that a moment does not have is 0 there. */
export function topSeries(moments: readonly Moment[], most: number): TopSeries {
  const sums = new Map<string, number>();
  for (const moment of moments)
    for (const [key, value] of entries(moment)) sums.set(key, (sums.get(key) ?? 0) + Math.abs(value));
  const ranked = [...sums.keys()].sort((a, b) => sums.get(b)! - sums.get(a)! || (a < b ? -1 : 1));
  const keys = ranked.slice(0, most);
  const place = new Map(keys.map((key, i) => [key, i]));
  const values = keys.map(() => new Array<number>(moments.length).fill(0));
  const other = new Array<number>(moments.length).fill(0);
  for (const [i, moment] of moments.entries())
    for (const [key, value] of entries(moment)) {
      const at = place.get(key);
      if (at === undefined) other[i] += value;
      else values[at][i] = value;
    }
  return { keys, values, other: ranked.length > most ? other : undefined };
}

function entries(moment: Moment): [string, number][] {
  if (typeof moment !== 'object' || moment === null) return [];
  return Object.entries(moment).filter(
    (entry): entry is [string, number] => typeof entry[1] === 'number' && Number.isFinite(entry[1]),
  );
}

/** Colours that stay with their keys as long as these are shown; one that is given back is the next to be used. */
export function createColorKeeper(colors: number): (keys: readonly string[]) => number[] {
  let given = new Map<string, number>();
  return (keys) => {
    const kept = new Map<string, number>();
    for (const key of keys) {
      const color = given.get(key);
      if (color !== undefined) kept.set(key, color);
    }
    const used = new Set(kept.values());
    let next = 0;
    for (const key of keys) {
      if (kept.has(key)) continue;
      while (used.has(next) && used.size < colors) next++;
      kept.set(key, next % colors);
      used.add(next);
      if (used.size >= colors) next++;
    }
    given = kept;
    return keys.map((key) => kept.get(key)!);
  };
}

/** Splits a key into as many parts as there are columns; the last takes what is left. */
export function keyParts(key: string, separator: string, columns: number): string[] {
  const parts = separator === '' ? [key] : key.split(separator);
  const most = Math.max(1, columns);
  if (parts.length <= most) return parts;
  return [...parts.slice(0, most - 1), parts.slice(most - 1).join(separator)];
}
