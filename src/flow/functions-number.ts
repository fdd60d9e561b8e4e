import type { KeyFunction } from './function.ts';

/** Functions of numbers. */
export const NUMBER_FUNCTIONS: readonly KeyFunction[] = [
  {
    name: 'range',
    usage: 'range:key:low[:high]',
    doc: 'Whether low ≤ key ≤ high: `true` or `false`. An empty bound is open.',
    required: ['number', 'bound'],
    optional: ['bound'],
    evaluate: ([value, low, high]) => String(!below(value, low) && !below(high, value)),
  },
  {
    name: 'bits',
    usage: 'bits:key:mask[:shift]',
    doc: '(key & mask) >> shift, decimal. The mask is decimal.',
    required: ['number', 'count'],
    optional: ['count'],
    check: ([, , shift]) => (Number(shift ?? 0) > 63 ? 'the shift must be at most 63' : undefined),
    evaluate: ([value, mask, shift = 0]) => {
      const whole = Math.trunc(Number(value));
      return String((BigInt(whole) & BigInt(Number(mask))) >> BigInt(Number(shift)));
    },
  },
];

/** False when either is missing: an open bound. */
function below(a: unknown, b: unknown): boolean {
  return typeof a === 'number' && typeof b === 'number' && a < b;
}
