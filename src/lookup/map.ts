import { labelledTexts } from './content.ts';

/** Labels of values. */
export interface LabelMap {
  /** In the order of the definition. */
  readonly labels: readonly string[];
  /** Index in `labels` for a value as it is printed, or -1. */
  lookup(value: string): number;
}

/**
 * A map from its definition: label → array of values, `{"web": ["80", "443"]}`. Of two labels that list a value the
 * last rules. Throws WeirError MAP_BAD that names the label and the value.
 */
export function createMap(content: unknown): LabelMap {
  const entries = labelledTexts(content, 'MAP_BAD', 'map');
  const labelOf = new Map<string, number>();
  for (const [index, [, values]] of entries.entries()) for (const value of values) labelOf.set(value, index);
  return { labels: entries.map(([label]) => label), lookup: (value) => labelOf.get(value) ?? -1 };
}
