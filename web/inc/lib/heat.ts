export interface HeatPoint {
  readonly x: number;
  readonly y: number;
  readonly z: number;
}

/** A grid of heat: each point warms the cells around it, by a bell curve as wide as its radius. */
export interface HeatField {
  readonly columns: number;
  readonly rows: number;
  readonly heat: Float32Array;
}

/** @param radius where the warmth of a point ends, in cells */
export function heatField(
  points: readonly HeatPoint[],
  columns: number,
  rows: number,
  radius: number,
): HeatField {
  const heat = new Float32Array(columns * rows);
  const reach = Math.max(1, radius);
  for (const { x, y, z } of points) {
    if (!(z > 0) || !Number.isFinite(x) || !Number.isFinite(y)) continue;
    const [cx, cy, warmth] = [x * (columns - 1), (1 - y) * (rows - 1), Math.min(1, z)];
    const [top, bottom] = [Math.max(0, Math.ceil(cy - reach)), Math.min(rows - 1, Math.floor(cy + reach))];
    const [left, right] = [Math.max(0, Math.ceil(cx - reach)), Math.min(columns - 1, Math.floor(cx + reach))];
    for (let row = top; row <= bottom; row++)
      for (let column = left; column <= right; column++) {
        const away = ((column - cx) ** 2 + (row - cy) ** 2) / (reach * reach);
        if (away < 1) heat[row * columns + column] += warmth * (1 - away) ** 2;
      }
  }
  return { columns, rows, heat };
}

/**
 * Colours from cold to hot that get evenly darker (on white) or lighter (on black), so that they are read in the same
 * order by eyes that do not tell hues.
 */
const ON_WHITE = ['#fdf2c4', '#fcc98a', '#f58f68', '#dd5a6d', '#a93a7e', '#6b2a7c', '#2f1a5e'];
const ON_BLACK = ['#3b1f6e', '#7b2c82', '#b73779', '#e75263', '#fb8761', '#fec287', '#fcfdbf'];
const STEPS = 256;
/** Heat from which on a colour is not transparent any more. */
const OPAQUE_FROM = 0.22;

/** Red, green, blue and opacity for 256 steps of heat from 0 to 1. */
export function heatColors(dark: boolean): Uint8ClampedArray {
  const stops = (dark ? ON_BLACK : ON_WHITE).map((color) =>
    [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16)),
  );
  const colors = new Uint8ClampedArray(4 * STEPS);
  for (let step = 0; step < STEPS; step++) {
    const at = (step / (STEPS - 1)) * (stops.length - 1);
    const low = Math.min(stops.length - 2, Math.floor(at));
    for (let part = 0; part < 3; part++)
      colors[4 * step + part] = stops[low][part] + (at - low) * (stops[low + 1][part] - stops[low][part]);
    colors[4 * step + 3] = 255 * Math.min(1, step / (STEPS - 1) / OPAQUE_FROM);
  }
  return colors;
}

/** Fills pixels from a field, `share` of the way from `before` to it; fields of other sizes count as cold. */
export function paintHeat(
  pixels: Uint8ClampedArray,
  field: HeatField,
  before: HeatField | undefined,
  share: number,
  colors: Uint8ClampedArray,
): void {
  const from = before?.heat.length === field.heat.length ? before.heat : undefined;
  for (let i = 0; i < field.heat.length; i++) {
    const old = from === undefined ? 0 : from[i];
    const heat = old + share * (field.heat[i] - old);
    const step = heat >= 1 ? STEPS - 1 : (heat * (STEPS - 1)) | 0;
    for (let part = 0; part < 4; part++) pixels[4 * i + part] = colors[4 * step + part];
  }
}
