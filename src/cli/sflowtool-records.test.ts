import { expect, it } from 'vitest';
import { structureOf } from '../sflow/index.ts';
import { COUNTER_FIELD_NAMES, DISCARD_REASONS, FLOW_FIELD_NAMES } from './sflowtool-names.ts';

/** sflowtool reads a header where the structure has the payload, so it has no name for it. */
const SHORTER = ['0:1013'];

it.each([
  ...Object.entries(FLOW_FIELD_NAMES).map(([tag, { names }]) => ['flow', tag, names] as const),
  ...Object.entries(COUNTER_FIELD_NAMES).map(([tag, { names }]) => ['counter', tag, names] as const),
])('%s %s has a name for each of its fields', (kind, tag, names) => {
  const [enterprise, format] = tag.split(':').map(Number);
  const fields = structureOf(kind, enterprise, format)?.fields.map((field) => field.name) ?? [];
  const named = names.split(' ').length;
  expect(named).toBe(SHORTER.includes(tag) ? fields.length - 1 : fields.length);
});

it('numbers the reasons of discards as their specification does', () => {
  expect(DISCARD_REASONS.get(15)).toBe('precedence_cutoff');
  expect(DISCARD_REASONS.get(256)).toBe('unknown');
  expect(DISCARD_REASONS.get(289)).toBe('unknown_l4');
  expect(DISCARD_REASONS.get(371)).toBe('socket_filter');
  expect(DISCARD_REASONS.get(16)).toBeUndefined();
});
