import type { LayerTable, SlotName } from './layers.ts';

/** How an unsigned integer of up to 32 bits is shown as text. A function gets the unsigned value. */
export type UintFormat = 'decimal' | 'ipv4' | ((value: number) => string);

/**
 * How a key is read from the bytes of one layer (or one flow record). `offset` is in bytes from the layer's first
 * byte. The declarative kinds (`uint`, `mac`, `ipv6`, `slot`) lie inside the layer's fixed header, need no bounds
 * check, and are compiled into straight code by the flow engine; `text` and `number` are functions, for what has no
 * fixed place, and must check against `end` themselves: they get bytes that anybody may have sent.
 */
export type Field = UintField | MacField | Ipv6Field | SlotField | TextField | NumberField;

export interface UintField {
  readonly kind: 'uint';
  readonly offset: number;
  /** Bytes read, big-endian. */
  readonly size: 1 | 2 | 3 | 4;
  /** The value is `(word >>> shift) & mask`; defaults 0 and all ones. */
  readonly shift?: number;
  readonly mask?: number;
  readonly format: UintFormat;
  /** Numeric keys can be values, and arguments of `range:` and `bits:`. */
  readonly numeric: boolean;
}

export interface MacField {
  readonly kind: 'mac';
  readonly offset: number;
}

export interface Ipv6Field {
  readonly kind: 'ipv6';
  readonly offset: number;
}

/** A value left by the dissector (LayerTable.slots). */
export interface SlotField {
  readonly kind: 'slot';
  readonly slot: SlotName;
  readonly format: UintFormat;
  readonly numeric: boolean;
}

export interface TextField {
  readonly kind: 'text';
  /** The key's text, or undefined when the packet does not hold it. `at` is the layer's first byte, `end` the first byte not captured. */
  readonly read: (bytes: Uint8Array, at: number, end: number, layers: LayerTable) => string | undefined;
}

export interface NumberField {
  readonly kind: 'number';
  /** The key's number, NaN when absent; shown in decimal unless `format` says otherwise. */
  readonly read: (bytes: Uint8Array, at: number, end: number, layers: LayerTable) => number;
  readonly format?: (value: number) => string;
}
