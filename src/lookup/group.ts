import { badContent, labelledTexts, quote } from './content.ts';
import { parsePrefix } from './prefix.ts';
import { PrefixTable4Builder } from './prefix-table-4.ts';
import { PrefixTable6Builder } from './prefix-table-6.ts';

/** Labels of addresses, by longest prefix over all labels. */
export interface Group {
  /** In the order of the definition. */
  readonly labels: readonly string[];
  /** Index in `labels` for an IPv4 address given as a word, or -1. */
  lookup4(word: number): number;
  /** Index in `labels` for an IPv6 address given as four words, or -1. */
  lookup6(w0: number, w1: number, w2: number, w3: number): number;
}

/**
 * A group from its definition: label → array of addresses and CIDR prefixes, `{"lan": ["10.0.0.0/8", "fd00::/8"]}`.
 * Host bits are tolerated; of two equal prefixes the first rules. Throws WeirError GROUP_BAD that names the label and
 * the value.
 */
export function createGroup(content: unknown): Group {
  const entries = labelledTexts(content, 'GROUP_BAD', 'group');
  const builder4 = new PrefixTable4Builder();
  const builder6 = new PrefixTable6Builder();
  for (const [index, [label, texts]] of entries.entries())
    for (const text of texts) {
      const prefix = parsePrefix(text);
      if (prefix === undefined)
        throw badContent(
          'GROUP_BAD',
          'group',
          `label ${quote(label)}: ${quote(text)} is not an IPv4 or IPv6 address or prefix`,
        );
      if (prefix.words.length === 1) builder4.add(prefix.words[0], prefix.length, index);
      else builder6.add(prefix.words, prefix.length, index);
    }
  const table4 = builder4.build();
  const table6 = builder6.build();
  return {
    labels: entries.map(([label]) => label),
    lookup4: (word) => table4.lookup(word),
    lookup6: (w0, w1, w2, w3) => table6.lookup(w0, w1, w2, w3),
  };
}
