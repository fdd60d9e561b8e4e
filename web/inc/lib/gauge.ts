const CENTER_X = 100;
const CENTER_Y = 92;
const RADIUS = 74;
/** The arc is open below: from 7 o'clock to 5 o'clock. */
const FIRST = (150 * Math.PI) / 180;
const SWEEP = (240 * Math.PI) / 180;

/**
 * Where a value is on a gauge, 0 to 1. On the logarithmic scale each decade has the same length, and what is 1 or less is
 * at the beginning.
 */
export function gaugeFraction(value: number, maxValue: number, logScale: boolean): number {
  if (!(value > 0) || !(maxValue > 0)) return 0;
  const part = logScale
    ? Math.log10(Math.max(1, value)) / Math.log10(Math.max(10, maxValue))
    : value / maxValue;
  return Math.min(1, part);
}

/** The part of the arc between two fractions; with `across`, a stroke of that half length across the arc. */
export function arcPath(from: number, to: number, across?: number): string {
  const point = (fraction: number, radius: number): string => {
    const angle = FIRST + SWEEP * fraction;
    return `${round(CENTER_X + radius * Math.cos(angle))} ${round(CENTER_Y + radius * Math.sin(angle))}`;
  };
  if (across !== undefined) return `M${point(from, RADIUS - across)}L${point(from, RADIUS + across)}`;
  if (!(to > from)) return '';
  const large = (to - from) * SWEEP > Math.PI ? 1 : 0;
  return `M${point(from, RADIUS)}A${RADIUS} ${RADIUS} 0 ${large} 1 ${point(to, RADIUS)}`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
