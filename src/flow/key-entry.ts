import type { Field, UintFormat } from '../packet/index.ts';
import type { KeyOrigin, KeySource, SampleField } from './key.ts';
import { recordSlot } from './sample.ts';

/** One place a key comes from, as the lists of keys give it. */
export interface KeyEntry {
  readonly name: string;
  readonly source: KeySource;
  /** One line for the reference. Of several entries of one name the first that has one counts. */
  readonly doc: string;
}

/** A key read from the sample itself. */
export function sampleKey(name: string, field: SampleField, doc: string): KeyEntry {
  return { name, source: { origin: { kind: 'sample' }, field }, doc };
}

/** A key read from a flow record of enterprise 0. */
export function recordKey(
  name: string,
  format: number,
  minimum: number,
  field: Field,
  doc: string,
): KeyEntry {
  return slotKey(name, recordSlot(format), minimum, field, doc);
}

/** The same by the record's slot. */
export function slotKey(name: string, slot: number, minimum: number, field: Field, doc: string): KeyEntry {
  const origin: KeyOrigin = { kind: 'record', slot, minimum };
  return { name, source: { origin, field }, doc };
}

/** A word at a fixed place of a record; numeric when it is shown in decimal. */
export function wordKey(
  name: string,
  format: number,
  offset: number,
  doc: string,
  show: UintFormat = 'decimal',
): KeyEntry {
  return recordKey(name, format, offset + 4, wordField(offset, show), doc);
}

export function wordField(offset: number, format: UintFormat = 'decimal'): Field {
  return { kind: 'uint', offset, size: 4, format, numeric: format === 'decimal' };
}

/** Reads text from a record. */
export type TextReader = (bytes: Uint8Array, at: number, end: number) => string | undefined;
/** Reads a number from a record, NaN when it is absent. */
export type NumberReader = (bytes: Uint8Array, at: number, end: number) => number;

export function textKey(name: string, format: number, read: TextReader, doc: string): KeyEntry {
  return recordKey(name, format, 0, { kind: 'text', read }, doc);
}

export function numberKey(
  name: string,
  format: number,
  read: NumberReader,
  doc: string,
  show?: (value: number) => string,
): KeyEntry {
  const field: Field = show === undefined ? { kind: 'number', read } : { kind: 'number', read, format: show };
  return recordKey(name, format, 0, field, doc);
}

/** As a number reader, for an enumerated word: its name is the key's text, and it is no value. */
export function namedKey(
  name: string,
  format: number,
  read: NumberReader,
  show: (value: number) => string | undefined,
  doc: string,
): KeyEntry {
  const text: TextReader = (bytes, at, end) => {
    const value = read(bytes, at, end);
    return Number.isNaN(value) ? undefined : show(value);
  };
  return textKey(name, format, text, doc);
}
