import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { float32, float64 } from './float.ts';

describe('floats from words', () => {
  it('equal what the platform reads', () => {
    const view = new DataView(new ArrayBuffer(8));
    fc.assert(
      fc.property(fc.integer(), fc.integer(), (high, low) => {
        view.setInt32(0, high);
        view.setInt32(4, low);
        expect(float32(high)).toBe(finite(view.getFloat32(0)));
        expect(float64(high, low >>> 0)).toBe(finite(view.getFloat64(0)));
      }),
      {
        examples: [
          [0, 0],
          [-2147483648, 0],
          [0, 1],
          [0x00100000, 0],
          [0x7f800000, 0],
          [0x7ff00000, 0],
          [-1, -1],
          [1, 0],
        ],
      },
    );
  });
});

function finite(value: number): number {
  return Number.isFinite(value) ? value : Number.NaN;
}
