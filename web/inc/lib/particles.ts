export type Side = 'N' | 'S' | 'E' | 'W';

/** A flow between two places on the sides of a picture. */
export interface ParticleFlow {
  readonly startSide: Side;
  /** Place on the side: 0 to 1, from the left or from the top. */
  readonly startVal: number;
  readonly endSide: Side;
  readonly endVal: number;
  /** Chooses the colour. */
  readonly type?: number | string;
  /** Logarithm of the rate to base 10. */
  readonly frequency: number;
  readonly info?: readonly { readonly name?: string; readonly value?: unknown; readonly id?: unknown }[];
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** The way of a flow: a cubic curve that leaves and meets its sides at right angles. */
export interface Way {
  readonly from: Point;
  readonly leave: Point;
  readonly meet: Point;
  readonly to: Point;
  /** In pixels, about. */
  readonly length: number;
}

export interface Frame {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export function wayOf(flow: ParticleFlow, frame: Frame): Way {
  const from = place(flow.startSide, flow.startVal, frame);
  const to = place(flow.endSide, flow.endVal, frame);
  const reach =
    0.25 * Math.hypot(to.x - from.x, to.y - from.y) +
    0.25 * Math.min(frame.right - frame.left, frame.bottom - frame.top);
  const leave = inward(from, flow.startSide, reach);
  const meet = inward(to, flow.endSide, reach);
  let length = 0;
  let last = from;
  for (let i = 1; i <= 12; i++) {
    const next = along({ from, leave, meet, to, length }, i / 12);
    length += Math.hypot(next.x - last.x, next.y - last.y);
    last = next;
  }
  return { from, leave, meet, to, length: Math.max(1, length) };
}

/** The point at `t`, 0 to 1. */
export function along({ from, leave, meet, to }: Way, t: number): Point {
  const u = 1 - t;
  const [a, b, c, d] = [u * u * u, 3 * u * u * t, 3 * u * t * t, t * t * t];
  return {
    x: a * from.x + b * leave.x + c * meet.x + d * to.x,
    y: a * from.y + b * leave.y + c * meet.y + d * to.y,
  };
}

function place(side: Side, value: number, { left, top, right, bottom }: Frame): Point {
  const part = Math.min(1, Math.max(0, Number.isFinite(value) ? value : 0));
  const x = left + part * (right - left);
  const y = top + part * (bottom - top);
  switch (side) {
    case 'N':
      return { x, y: top };
    case 'S':
      return { x, y: bottom };
    case 'W':
      return { x: left, y };
    default:
      return { x: right, y };
  }
}

function inward({ x, y }: Point, side: Side, reach: number): Point {
  switch (side) {
    case 'N':
      return { x, y: y + reach };
    case 'S':
      return { x, y: y - reach };
    case 'W':
      return { x: x + reach, y };
    default:
      return { x: x - reach, y };
  }
}

/**
 * Probability that a flow sends a particle in a sixtieth of a second: `most` for the largest rate, less for each power of
 * ten below it, and never so little that a flow is not seen.
 */
export function emission(frequency: number, largest: number, most: number): number {
  const below = Math.max(0, largest - (Number.isFinite(frequency) ? frequency : 0));
  return most * Math.max(0.04, 2 ** (-1.5 * below));
}

/** Numbers from 0 to below 1 that look random, the same for the same seed (mulberry32). */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
