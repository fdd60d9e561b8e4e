import { formatIPv4, i32, ipv6At, macAt, u16 } from '../common/index.ts';
import { MAX_OCCURRENCES, SLOT } from '../packet/index.ts';
import { formatWord, type KeySource } from './key.ts';
import type { SampleContext } from './sample.ts';

/** First byte of the layer or record a source reads, -1 when it is not there. */
function placeOf({ origin }: KeySource, sample: SampleContext): number {
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

/** Text of one source of a key; undefined when it is absent. */
export function sourceText(source: KeySource, sample: SampleContext): string | undefined {
  const { field } = source;
  const at = placeOf(source, sample);
  if (at < 0) return undefined;
  switch (field.kind) {
    case 'words': {
      const words = field.words.map((word) => sample[word]);
      return field.absent !== undefined && words[0] === field.absent ? undefined : field.format(words);
    }
    case 'sampleText':
      return field.read(sample);
    case 'sampleNumber':
    case 'number': {
      const value = sourceNumber(source, sample);
      return Number.isNaN(value) ? undefined : (field.format ?? String)(value);
    }
    case 'text':
      return field.read(sample.bytes, at, endOf(source, sample), sample.layers);
    case 'uint':
    case 'slot':
      return formatWord(field.format, fixedWord(source, sample, at), formatIPv4);
    case 'mac':
      return macAt(sample.bytes, at + field.offset);
    case 'ipv6':
      return ipv6At(sample.bytes, at + field.offset);
  }
}

/** Number of one source of a key; NaN when it is absent or not numeric. */
export function sourceNumber(source: KeySource, sample: SampleContext): number {
  const { field } = source;
  const at = placeOf(source, sample);
  if (at < 0) return Number.NaN;
  switch (field.kind) {
    case 'words': {
      const word = sample[field.words[0]];
      return !field.numeric || word === field.absent ? Number.NaN : word >>> 0;
    }
    case 'sampleNumber':
      return field.read(sample);
    case 'number':
      return field.read(sample.bytes, at, endOf(source, sample), sample.layers);
    case 'uint':
    case 'slot':
      return field.numeric ? fixedWord(source, sample, at) : Number.NaN;
    default:
      return Number.NaN;
  }
}

/** Unsigned word of a `uint` or `slot` field. */
function fixedWord({ field, origin }: KeySource, sample: SampleContext, at: number): number {
  if (field.kind === 'slot' && origin.kind === 'layer') {
    return sample.layers.slots[SLOT[field.slot] * MAX_OCCURRENCES + origin.occurrence] >>> 0;
  }
  if (field.kind !== 'uint') return Number.NaN;
  const word = bigEndian(sample.bytes, at + field.offset, field.size) >>> (field.shift ?? 0);
  return (word & (field.mask ?? -1)) >>> 0;
}

function bigEndian(bytes: Uint8Array, at: number, size: 1 | 2 | 3 | 4): number {
  switch (size) {
    case 1:
      return bytes[at];
    case 2:
      return u16(bytes, at);
    case 3:
      return (u16(bytes, at) << 8) | bytes[at + 2];
    case 4:
      return i32(bytes, at);
  }
}
