/**
 * Colours of series. The first four are fixed by what pages expect. The others follow around the circle of hues in
 * large steps, and change between dark and light, so that neighbours differ for eyes that do not tell hues, too.
 */
export const COLORS: readonly string[] = [
  '#3366cc',
  '#dc3912',
  '#ff9900',
  '#109618',
  '#7b2fa0',
  '#17becf',
  '#8c4a2f',
  '#f28cb8',
  '#556b0f',
  '#9db8f2',
  '#a3145e',
  '#d6c51c',
  '#0f6b73',
  '#f4a582',
  '#4b3ba8',
  '#7fd17f',
  '#6b6b6b',
  '#c79bea',
  '#b35a00',
  '#5ab4f0',
  '#7a1420',
  '#b8d94a',
  '#1f3f7a',
  '#ff7a6b',
  '#2e8b6f',
  '#d9a3c7',
  '#8a7a1f',
  '#73d9c9',
  '#5a2d5e',
  '#e8c27a',
  '#3d7d2c',
];

/** What is left over beside the series that are shown. */
export const OTHER_COLOR = '#a8adb4';

/** Red, green, blue 0 to 255 and opacity 0 to 1 of a colour as a browser computes it: `#rrggbb`, `rgb(…)`, `rgba(…)`. */
export function parseRgb(color: string): [number, number, number, number] {
  if (color.startsWith('#')) {
    const [r = 0, g = 0, b = 0] = (color.match(/\w\w/g) ?? []).map((pair) => Number.parseInt(pair, 16));
    return [r, g, b, 1];
  }
  const [r = 0, g = 0, b = 0, a = 1] = (color.match(/[\d.]+/g) ?? []).map(Number);
  return [r, g, b, a];
}

/** One colour laid over another with this opacity; the result is opaque. Both as `parseRgb` reads them. */
export function blend(over: string, under: string, alpha: number): string {
  const [a, b] = [parseRgb(over), parseRgb(under)];
  const part = (i: number): number => Math.round(a[i] * alpha + b[i] * (1 - alpha));
  return `rgb(${part(0)}, ${part(1)}, ${part(2)})`;
}

/** Text and background of an element as its page has them, for drawings that must fit both light and dark pages. */
export interface Surroundings {
  readonly text: string;
  readonly background: string;
  readonly dark: boolean;
  readonly font: string;
}

export function surroundingsOf(element: Element): Surroundings {
  const { color, fontFamily } = getComputedStyle(element);
  let background = 'rgb(255, 255, 255)';
  for (let each: Element | null = element; each !== null; each = each.parentElement) {
    const own = getComputedStyle(each).backgroundColor;
    if (parseRgb(own)[3] < 0.5) continue;
    background = own;
    break;
  }
  const [r, g, b] = parseRgb(background);
  return { text: color, background, dark: 0.3 * r + 0.59 * g + 0.11 * b < 110, font: fontFamily };
}

/** The colour with this opacity instead of its own. */
export function withAlpha(color: string, alpha: number): string {
  const [r, g, b] = parseRgb(color);
  return `rgba(${r}, ${g}, ${b}, ${alpha})`;
}
