import { type Surroundings, withAlpha } from './palette.ts';
import { timeText } from './ticks.ts';

/** The values under the pointer: time, and a row for each series that has one, largest first. */
export interface ReadOut {
  readonly time: number;
  readonly rows: readonly {
    readonly color: string;
    readonly label: string;
    readonly value: string;
    readonly strong: boolean;
  }[];
  readonly look: Surroundings;
  readonly font: string;
  /** Where the time is. */
  readonly at: number;
  readonly box: { readonly left: number; readonly right: number };
  readonly size: { readonly width: number; readonly height: number };
}

const ROW_PX = 16;
const PAD_PX = 8;
const SWATCH_PX = 9;
const LABEL_MAX_PX = 220;

/** Draws a small table beside the time, on the side that has room. What does not fit below each other is counted. */
export function drawReadOut(context: CanvasRenderingContext2D, readOut: ReadOut): void {
  const { rows, look, at, size, font } = readOut;
  const fit = Math.max(1, Math.floor((size.height - 2 * PAD_PX) / ROW_PX) - 1);
  const shown = rows.length > fit ? rows.slice(0, fit - 1) : rows;
  const rest = rows.length - shown.length;
  const time = timeText(readOut.time);
  const bold = `600 ${font}`;
  context.font = bold;
  const measure = (text: string): number => context.measureText(text).width;
  const labels = shown.map(({ label }) => cut(label, LABEL_MAX_PX, measure));
  const labelWidth = Math.max(0, ...labels.map(measure));
  const valueWidth = Math.max(0, ...shown.map(({ value }) => measure(value)));
  const inner = Math.max(measure(time), SWATCH_PX + 6 + labelWidth + (labelWidth > 0 ? 12 : 0) + valueWidth);
  const width = inner + 2 * PAD_PX;
  const height = (1 + shown.length + (rest > 0 ? 1 : 0)) * ROW_PX + 2 * PAD_PX - 4;
  let left = at + 12;
  if (left + width > size.width - 2) left = at - 12 - width;
  left = Math.max(2, left);
  const top = Math.max(2, Math.min(8, size.height - height - 2));

  context.save();
  context.shadowColor = 'rgba(0, 0, 0, 0.22)';
  context.shadowBlur = 8;
  context.shadowOffsetY = 2;
  context.fillStyle = withAlpha(look.background, 0.96);
  context.beginPath();
  context.roundRect(left, top, width, height, 4);
  context.fill();
  context.shadowColor = 'transparent';
  context.strokeStyle = withAlpha(look.text, 0.25);
  context.lineWidth = 1;
  context.stroke();

  context.textBaseline = 'middle';
  context.textAlign = 'left';
  context.fillStyle = look.text;
  let y = top + PAD_PX + ROW_PX / 2 - 2;
  context.fillText(time, left + PAD_PX, y);
  for (const [i, { color, value, strong }] of shown.entries()) {
    y += ROW_PX;
    context.fillStyle = color;
    context.beginPath();
    context.roundRect(left + PAD_PX, y - SWATCH_PX / 2, SWATCH_PX, SWATCH_PX, 2);
    context.fill();
    context.font = strong ? bold : font;
    context.fillStyle = look.text;
    context.textAlign = 'left';
    context.fillText(labels[i], left + PAD_PX + SWATCH_PX + 6, y);
    context.textAlign = 'right';
    context.fillText(value, left + width - PAD_PX, y);
  }
  if (rest > 0) {
    context.font = font;
    context.textAlign = 'left';
    context.fillStyle = withAlpha(look.text, 0.7);
    context.fillText(`and ${rest} more`, left + PAD_PX, y + ROW_PX);
  }
  context.restore();
}

/** The text, cut so that it is not wider. */
function cut(text: string, most: number, measure: (text: string) => number): string {
  if (measure(text) <= most) return text;
  let length = text.length;
  while (length > 1 && measure(`${text.slice(0, length)}…`) > most) length--;
  return `${text.slice(0, length)}…`;
}
