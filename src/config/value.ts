import type { PropertySchema } from './config.ts';

export type PropertyValue = string | number | boolean | readonly string[];

const TRUE = ['yes', 'true', 'on', '1'];
const FALSE = ['no', 'false', 'off', '0'];
const SIZE = /^(\d+(?:\.\d+)?)\s*([KMGT]?)(?:i?B)?$/i;
const SUFFIXES = ['', 'K', 'M', 'G', 'T'];

/** The typed value of a property's text, or undefined when the schema does not allow it. */
export function parseValue(schema: PropertySchema, text: string): PropertyValue | undefined {
  const trimmed = text.trim();
  switch (schema.type) {
    case 'string':
      return schema.choices === undefined || schema.choices.includes(trimmed) ? trimmed : undefined;
    case 'list': {
      const items = trimmed.split(',').map((item) => item.trim());
      const values = items.filter((item) => item !== '');
      return values.every((item) => schema.choices?.includes(item) ?? true) ? values : undefined;
    }
    case 'boolean':
      if (TRUE.includes(trimmed.toLowerCase())) return true;
      return FALSE.includes(trimmed.toLowerCase()) ? false : undefined;
    case 'integer':
      return within(schema, schema.unit === 'bytes' ? parseSize(trimmed) : parseInteger(trimmed));
    case 'number':
      return within(
        schema,
        /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(trimmed) ? Number(trimmed) : Number.NaN,
      );
  }
}

/** What a property may be, in words that complete "must be". */
export function describeAllowed(schema: PropertySchema): string {
  if (schema.choices !== undefined) {
    const words = schema.choices.map((choice) => `"${choice}"`).join(', ');
    return schema.type === 'list' ? `a comma-separated list out of ${words}` : `one of ${words}`;
  }
  switch (schema.type) {
    case 'string':
      return 'text';
    case 'list':
      return 'a comma-separated list';
    case 'boolean':
      return '"yes" or "no"';
    case 'integer':
      if (schema.unit === 'bytes') return `a number of bytes such as 64M${describeRange(schema, formatSize)}`;
      return `a whole number${describeRange(schema, String)}`;
    case 'number':
      return `a number${describeRange(schema, String)}`;
  }
}

/** Bytes with the largest suffix that divides them: 1048576 is `1M`. */
export function formatSize(bytes: number): string {
  let power = 0;
  while (power < SUFFIXES.length - 1 && bytes !== 0 && bytes % 1024 === 0) {
    bytes /= 1024;
    power++;
  }
  return `${bytes}${SUFFIXES[power]}`;
}

function describeRange(schema: PropertySchema, format: (value: number) => string): string {
  const { minimum, maximum } = schema;
  if (minimum !== undefined && maximum !== undefined) return ` from ${format(minimum)} to ${format(maximum)}`;
  if (minimum !== undefined) return `, at least ${format(minimum)}`;
  return maximum === undefined ? '' : `, at most ${format(maximum)}`;
}

function within(schema: PropertySchema, value: number): number | undefined {
  const { minimum = -Infinity, maximum = Infinity } = schema;
  return Number.isFinite(value) && value >= minimum && value <= maximum ? value : undefined;
}

function parseInteger(text: string): number {
  const value = /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(value) ? value : Number.NaN;
}

function parseSize(text: string): number {
  const found = SIZE.exec(text);
  if (found === null) return Number.NaN;
  const bytes = Math.floor(Number(found[1]) * 1024 ** SUFFIXES.indexOf(found[2].toUpperCase()));
  return Number.isSafeInteger(bytes) ? bytes : Number.NaN;
}
