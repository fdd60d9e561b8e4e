import type { FieldType, ScalarType, Structure, StructureField } from './schema.ts';
import { COUNTER_STRUCTURES, FLOW_STRUCTURES } from './structures.ts';

const TYPES: Readonly<Record<ScalarType, string>> = {
  u32: 'number',
  i32: 'number',
  u64: 'integer',
  f32: 'number',
  f64: 'number',
  mac: 'MAC address',
  mac6: 'MAC address',
  ipv4: 'IPv4 address',
  ipv6: 'IPv6 address',
  address: 'address or null',
  string: 'text',
  opaque: 'hex',
  uuid: 'UUID',
};

/** The structures that the decoder knows, as tables of their fields: a part of docs/reference/decode-json.md. */
export function renderStructures(): string {
  return [
    '## Flow records\n',
    ...FLOW_STRUCTURES.map(renderStructure),
    '## Counter records\n',
    ...COUNTER_STRUCTURES.map(renderStructure),
  ].join('\n');
}

function renderStructure({ enterprise, format, name, source, fields }: Structure): string {
  return [
    `### ${enterprise}:${format} ${name}\n`,
    `${source}.\n`,
    '| field | type | meaning |',
    '|---|---|---|',
    ...fields.flatMap((field) => fieldRows(field, '')),
    '',
  ].join('\n');
}

/** A row for the field, and one for each field inside it. */
function fieldRows({ name, type, doc = '', optional }: StructureField, path: string): string[] {
  const remark = optional === true ? 'may be missing' : '';
  const meaning = [doc, remark].filter((part) => part !== '').join('; ');
  const row = `| \`${path}${name}\` | ${typeText(type)} | ${meaning} |`;
  return [row, ...innerRows(type, `${path}${name}`)];
}

function typeText(type: FieldType): string {
  if (typeof type === 'string') return TYPES[type];
  if ('bytes' in type) return 'hex';
  if ('records' in type) return 'list of flow records';
  if ('fixed' in type) return `list of ${type.count} × ${TYPES[type.fixed]}`;
  if ('union' in type) return 'object';
  return typeof type.array === 'string' ? `list of ${TYPES[type.array]}` : 'list of objects';
}

function innerRows(type: FieldType, path: string): string[] {
  if (typeof type === 'string') return [];
  if ('array' in type && typeof type.array !== 'string')
    return type.array.flatMap((field) => fieldRows(field, `${path}[].`));
  if (!('union' in type)) return [];
  return [
    `| \`${path}.selector\` | number | says which of the following are there |`,
    ...Object.entries(type.union).flatMap(([selector, fields]) =>
      fields.flatMap((field) =>
        fieldRows(
          { ...field, doc: [`selector ${selector}`, field.doc].filter(Boolean).join(': ') },
          `${path}.`,
        ),
      ),
    ),
  ];
}
