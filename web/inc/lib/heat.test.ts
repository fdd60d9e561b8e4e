import { expect, it } from 'vitest';
import { heatColors, heatField, paintHeat } from './heat.ts';

it('a point warms what is around it; y goes up', () => {
  const { heat, columns } = heatField([{ x: 0.5, y: 1, z: 0.8 }], 11, 5, 2);
  expect(heat[5]).toBeCloseTo(0.8);
  expect(heat[6]).toBeGreaterThan(0);
  expect(heat[6]).toBeLessThan(heat[5]);
  expect(heat[4 * columns + 5]).toBe(0);
});

it('wrong points are cold', () => {
  const points = [
    { x: Number.NaN, y: 0, z: 1 },
    { x: 0, y: 0, z: -1 },
    { x: 9, y: 9, z: 1 },
  ];
  expect(heatField(points, 5, 5, 2).heat.every((heat) => heat === 0)).toBe(true);
});

it.each([true, false])('colours go one way in lightness (dark: %s)', (dark) => {
  const colors = heatColors(dark);
  const light = Array.from(
    { length: 256 },
    (_, i) => 0.3 * colors[4 * i] + 0.59 * colors[4 * i + 1] + 0.11 * colors[4 * i + 2],
  );
  for (let i = 1; i < 256; i++)
    expect(dark ? light[i] - light[i - 1] : light[i - 1] - light[i]).toBeGreaterThan(-1);
  expect(colors[3]).toBe(0);
});

it('paints between two fields', () => {
  const [cold, hot] = [0, 1].map((z) => heatField([{ x: 0, y: 0, z }], 1, 1, 1));
  const pixels = new Uint8ClampedArray(4);
  const colors = heatColors(false);
  paintHeat(pixels, hot, cold, 0, colors);
  expect(pixels[3]).toBe(0);
  paintHeat(pixels, hot, cold, 1, colors);
  expect([...pixels]).toEqual([...colors.slice(-4)]);
});
