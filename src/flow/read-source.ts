import { MAX_OCCURRENCES, readField, readNumber } from '../packet/index.ts';
import type { KeySource } from './key.ts';
import type { SampleContext } from './sample.ts';

/** Text of one source of a key; undefined when it is absent. */
export function sourceText(source: KeySource, sample: SampleContext): string | undefined {
  const { field } = source;
  switch (field.kind) {
    case 'words': {
      const words = field.words.map((word) => sample[word]);
      return words[0] === field.absent ? undefined : field.format(words);
    }
    case 'sampleText':
      return field.read(sample);
    case 'sampleNumber': {
      const value = field.read(sample);
      return Number.isNaN(value) ? undefined : (field.format ?? String)(value);
    }
    default: {
      const at = placeOf(source, sample);
      return at < 0 ? undefined : readField(field, sample.bytes, at, endOf(source, sample), sample.layers);
    }
  }
}

/** Number of one source of a key; NaN when it is absent or not numeric. */
export function sourceNumber(source: KeySource, sample: SampleContext): number {
  const { field } = source;
  switch (field.kind) {
    case 'words': {
      const word = sample[field.words[0]];
      return !field.numeric || word === field.absent ? Number.NaN : word >>> 0;
    }
    case 'sampleText':
      return Number.NaN;
    case 'sampleNumber':
      return field.read(sample);
    default: {
      const at = placeOf(source, sample);
      return at < 0 ? Number.NaN : readNumber(field, sample.bytes, at, endOf(source, sample), sample.layers);
    }
  }
}

/** First byte of the layer or record a source reads, -1 when it is not there. */
export function placeOf({ origin }: KeySource, sample: SampleContext): number {
  switch (origin.kind) {
    case 'layer':
      return sample.layers.at[origin.layer * MAX_OCCURRENCES + origin.occurrence];
    case 'record': {
      const at = sample.recordAt[origin.slot];
      return at >= 0 && sample.recordEnds[origin.slot] - at >= origin.minimum ? at : -1;
    }
    case 'sample':
      return 0;
  }
}

/** Where the bytes end that a source may read. */
function endOf({ origin }: KeySource, sample: SampleContext): number {
  return origin.kind === 'record' ? sample.recordEnds[origin.slot] : sample.layers.end;
}
