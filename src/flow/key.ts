import type { Field, UintFormat } from '../packet/index.ts';
import type { SampleContext } from './sample.ts';

/** Where a key's field lies. */
export type KeyOrigin =
  | { readonly kind: 'layer'; readonly layer: number; readonly occurrence: number }
  /** A flow record, by slot; `minimum` bytes must be there (checked before a declarative field is read). */
  | { readonly kind: 'record'; readonly slot: number; readonly minimum: number }
  | { readonly kind: 'sample' };

/** Numeric members of SampleContext that keys may use as words. */
export type SampleWord =
  | 'dataSourceScope'
  | 'agentScope'
  | 'inputFormat'
  | 'input'
  | 'outputFormat'
  | 'output'
  | 'expanded'
  | 'inputIfIndex'
  | 'outputIfIndex'
  | 'direction'
  | 'frames'
  | 'frameLength'
  | 'stripped'
  | 'reason'; // prettier-ignore

/** How a key is read from the sample itself. */
export type SampleField =
  /** One or more members as they are; `absent` is the value of the first that means the key is not there. */
  | {
      readonly kind: 'words';
      readonly words: readonly SampleWord[];
      readonly absent?: number;
      readonly format: (words: readonly number[]) => string;
      /** The number of the first word, for values. */
      readonly numeric: boolean;
    }
  | { readonly kind: 'sampleText'; readonly read: (sample: SampleContext) => string | undefined }
  | {
      readonly kind: 'sampleNumber';
      readonly read: (sample: SampleContext) => number;
      readonly format?: (value: number) => string;
    };

/** One place a key may come from. */
export interface KeySource {
  readonly origin: KeyOrigin;
  readonly field: Field | SampleField;
}

/** A key: its places in the order in which they are tried. */
export interface KeyDefinition {
  readonly name: string;
  readonly sources: readonly KeySource[];
  /** True when it may be a value. */
  readonly numeric: boolean;
  readonly doc: string;
}

/** Text of a word under a format. */
export function formatWord(format: UintFormat, word: number, ipv4: (word: number) => string): string {
  return format === 'decimal' ? String(word >>> 0) : format === 'ipv4' ? ipv4(word) : format(word >>> 0);
}
