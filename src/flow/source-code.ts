import { formatIPv4, formatIPv6, formatMac, parseIPv4, parseIPv6 } from '../common/index.ts';
import { MAX_OCCURRENCES, SLOT, type UintFormat } from '../packet/index.ts';
import type { CodeGenerator } from './code-generator.ts';
import type { KeyReference } from './expression.ts';
import { formatWord, type KeySource } from './key.ts';

/** Code that reads one source of a key: condition, words and their widths. Undefined when it has no fixed place. */
export interface SourceCode {
  readonly present: string;
  readonly words: readonly string[];
  readonly bits: readonly number[];
  readonly format: (values: readonly number[]) => string;
  /** Tells apart sources whose text forms differ. */
  readonly form: unknown;
  readonly numeric: boolean;
}

export function sourceCode(source: KeySource, g: CodeGenerator): SourceCode | undefined {
  const { field, origin } = source;
  if (field.kind === 'words') {
    const words = field.words.map((word) => g.read(`s.${word}`));
    const present = field.absent === undefined ? '' : `${words[0]} !== ${Number(field.absent)}`;
    const bits = words.map(() => 32);
    return { present, words, bits, format: field.format, form: field.format, numeric: field.numeric };
  }
  const place = placeOf(source, g);
  if (place === undefined) return undefined;
  const { at, present } = place;
  const read = (code: string): string => g.read(`${present} ? ${code} : 0`);
  switch (field.kind) {
    case 'uint': {
      const width = field.size * 8 - (field.shift ?? 0);
      const bits = field.mask === undefined ? width : Math.min(width, 32 - Math.clz32(field.mask));
      let code = bigEndian(at, field.offset, field.size);
      if (field.shift !== undefined && field.shift !== 0) code = `(${code} >>> ${Number(field.shift)})`;
      if (field.mask !== undefined) code = `(${code} & ${Number(field.mask)})`;
      return {
        present,
        words: [read(code)],
        bits: [bits],
        ...uintForm(field.format),
        numeric: field.numeric,
      };
    }
    case 'mac': {
      const words = [read(bigEndian(at, field.offset, 2)), read(bigEndian(at, field.offset + 2, 4))];
      const format = (values: readonly number[]): string => formatMac(values[0], values[1]);
      return { present, words, bits: [16, 32], format, form: 'mac', numeric: false };
    }
    case 'ipv6': {
      const words = [0, 4, 8, 12].map((o) => read(bigEndian(at, field.offset + o, 4)));
      const format = (v: readonly number[]): string => formatIPv6(v[0], v[1], v[2], v[3]);
      return { present, words, bits: [32, 32, 32, 32], format, form: 'ipv6', numeric: false };
    }
    case 'slot': {
      if (origin.kind !== 'layer') return undefined;
      const word = read(`S[${SLOT[field.slot] * MAX_OCCURRENCES + origin.occurrence}]`);
      return { present, words: [word], bits: [32], ...uintForm(field.format), numeric: field.numeric };
    }
    default:
      return undefined;
  }
}

function placeOf(source: KeySource, g: CodeGenerator): { at: string; present: string } | undefined {
  const { origin } = source;
  if (origin.kind === 'layer') {
    const at = g.read(`A[${Number(origin.layer) * MAX_OCCURRENCES + Number(origin.occurrence)}]`);
    return { at, present: `${at} >= 0` };
  }
  if (origin.kind === 'record') {
    const slot = Number(origin.slot);
    const at = g.read(
      `R[${slot}] >= 0 && E[${slot}] - R[${slot}] >= ${Number(origin.minimum)} ? R[${slot}] : -1`,
    );
    return { at, present: `${at} >= 0` };
  }
  return undefined;
}

function bigEndian(at: string, offset: number, size: number): string {
  const bytes: string[] = [];
  for (let i = 0; i < size; i++) {
    const byte = `b[${at} + ${Number(offset) + i}]`;
    const shift = (size - 1 - i) * 8;
    bytes.push(shift === 0 ? byte : `(${byte} << ${shift})`);
  }
  return bytes.length === 1 ? bytes[0] : `(${bytes.join(' | ')})`;
}

function uintForm(format: UintFormat): Pick<SourceCode, 'format' | 'form'> {
  return { format: (values) => formatWord(format, values[0], formatIPv4), form: format };
}

/** Code of a plain key all of whose places are fixed and alike in form; undefined otherwise. */
export function fixedKey(reference: KeyReference, g: CodeGenerator): SourceCode | undefined {
  const code = fixedSources(g.sources(reference), g);
  if (code === undefined || g.whole === undefined) return code;
  // Both functions write the same table: where all places together are not fixed, neither is the first alone.
  const whole = fixedKey(reference, g.whole);
  return whole === undefined ? undefined : { ...code, bits: whole.bits };
}

export function fixedSources(places: readonly KeySource[], g: CodeGenerator): SourceCode | undefined {
  const sources = places.map((source) => sourceCode(source, g));
  const first = sources[0];
  if (first === undefined) return undefined;
  let merged = first;
  for (const next of sources.slice(1)) {
    if (next === undefined || next.form !== first.form || next.words.length !== first.words.length)
      return undefined;
    if (merged.present === '') break;
    const before = merged;
    merged = {
      ...first,
      present: `(${before.present} || ${next.present === '' ? 'true' : next.present})`,
      words: first.words.map((_, i) => g.read(`${before.present} ? ${before.words[i]} : ${next.words[i]}`)),
      bits: first.bits.map((bits, i) => Math.max(bits, before.bits[i], next.bits[i])),
    };
  }
  return merged;
}

/** Words whose text is `text`; undefined when there are none; 'unknown' when that takes trying. */
export function parseWords(source: SourceCode, text: string): number[] | undefined | 'unknown' {
  switch (source.form) {
    case 'decimal':
      return /^(0|[1-9]\d{0,9})$/.test(text) && Number(text) < 2 ** 32 ? [Number(text)] : undefined;
    case 'ipv4': {
      const word = parseIPv4(text);
      return word === undefined ? undefined : [word];
    }
    case 'mac': {
      if (!/^[0-9A-F]{12}$/.test(text)) return undefined;
      return [Number.parseInt(text.slice(0, 4), 16), Number.parseInt(text.slice(4), 16)];
    }
    case 'ipv6': {
      const words = parseIPv6(text);
      if (words === undefined || formatIPv6(words[0], words[1], words[2], words[3]) !== text)
        return undefined;
      return [...words];
    }
    default:
      return 'unknown';
  }
}
