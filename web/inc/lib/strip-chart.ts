import { shortValue, valueStr } from './format.ts';
import { blend, surroundingsOf, withAlpha } from './palette.ts';
import { drawReadOut } from './read-out.ts';
import { layOut, nearest, type SeriesSet, type StripData } from './strip-series.ts';
import { createSurface } from './surface.ts';
import { timeTicks, type ValueScale, valueScale } from './ticks.ts';

export interface StripOptions {
  bottomInset: number;
  leftInset: number;
  topInset: number;
  rightInset: number;
  clickable: boolean;
  includeMillis: boolean;
  base2: boolean;
  step: boolean;
  stack: boolean;
  mirror: boolean;
  colors: readonly string[];
}

/** What is under the pointer. */
export interface StripPoint {
  readonly index: number;
  readonly time: number;
  /** The series at the pointer, -1 for none, and its value. */
  readonly series: number;
  readonly value: number;
}

/** A chart of values over time in an element. Nothing of it throws for what data it gets. */
export interface StripChart {
  readonly canvas: HTMLCanvasElement;
  /** Draws these data, or the last ones again. */
  draw(data?: StripData): void;
  /** Draws one series strongly and the others faintly, until -1 or nothing is given. */
  highlight(series?: number): void;
  /** undefined outside of the plot. */
  pointAt(x: number, y: number): StripPoint | undefined;
  destroy(): void;
}

interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Everything that follows from data, options and size; kept until one of them changes. */
interface Picture {
  readonly data: StripData;
  readonly set: SeriesSet;
  readonly scale: ValueScale;
  readonly box: Box;
  readonly start: number;
  readonly end: number;
  readonly x: (time: number) => number;
  readonly y: (value: number) => number;
}

const FONT_PX = 11;
const TICK_PX = 34;
const TIME_TICK_PX = 84;
const NOTHING: StripData = { times: [], values: [] };

export function createStripChart(host: HTMLElement, options: StripOptions): StripChart {
  let data = NOTHING;
  let highlighted = -1;
  let pointer: { x: number; y: number } | undefined;
  let picture: Picture | undefined;
  const surface = createSurface(host, () => paint());
  const { canvas, context } = surface;

  const moved = (event: PointerEvent): void => {
    pointer = { x: event.offsetX, y: event.offsetY };
    paint();
  };
  const left = (): void => {
    pointer = undefined;
    paint();
  };
  canvas.addEventListener('pointermove', moved);
  canvas.addEventListener('pointerleave', left);

  function paint(): void {
    const size = surface.begin();
    if (size === undefined) return;
    const look = surroundingsOf(host);
    const font = `${FONT_PX}px ${look.font}`;
    context.font = font;
    picture = compose(context, data, options, size);
    const { box, scale } = picture;
    const hair = 1 / surface.ratio();
    const snap = (at: number): number => (Math.round(at * surface.ratio()) + 0.5) / surface.ratio();

    // Lines of the grid, and what they stand for.
    context.lineWidth = hair;
    context.textBaseline = 'middle';
    context.textAlign = 'right';
    for (const tick of scale.ticks) {
      const y = picture.y(tick);
      context.strokeStyle = withAlpha(look.text, tick === 0 ? 0.55 : 0.13);
      line(box.left, snap(y), box.right, snap(y));
      context.fillStyle = withAlpha(look.text, 0.78);
      axisLabel(valueStr(tick, options.includeMillis, options.base2), box.left - 6, y);
    }
    context.textBaseline = 'top';
    context.textAlign = 'center';
    for (const { at, label } of timeTicks(
      picture.start,
      picture.end,
      (box.right - box.left) / TIME_TICK_PX,
    )) {
      const x = picture.x(at);
      context.strokeStyle = withAlpha(look.text, 0.08);
      line(snap(x), box.top, snap(x), box.bottom);
      context.strokeStyle = withAlpha(look.text, 0.55);
      line(snap(x), box.bottom, snap(x), box.bottom + 3);
      context.fillStyle = withAlpha(look.text, 0.78);
      const half = context.measureText(label).width / 2;
      context.fillText(label, Math.min(x, size.width - half - 1), box.bottom + 6);
    }
    if (data.units) {
      context.save();
      context.translate(FONT_PX / 2 + 2, (box.top + box.bottom) / 2);
      context.rotate(-Math.PI / 2);
      context.textBaseline = 'middle';
      context.fillStyle = withAlpha(look.text, 0.78);
      context.fillText(data.units, 0, 0, box.bottom - box.top);
      context.restore();
    }

    context.save();
    context.beginPath();
    context.rect(box.left, box.top - 2, box.right - box.left, box.bottom - box.top + 4);
    context.clip();
    // Round joins cost a third more, and look the same at this width.
    context.lineJoin = 'bevel';
    if (options.stack) paintStack(picture, look.background);
    else paintLines(picture);
    context.globalAlpha = 1;
    for (const { value, color = look.text } of data.hrules ?? []) {
      if (!Number.isFinite(value)) continue;
      const y = picture.y(options.mirror ? Math.abs(value) : value);
      context.lineWidth = 1.5;
      context.setLineDash([6, 4]);
      context.strokeStyle = color;
      line(box.left, y, box.right, y);
      context.setLineDash([]);
    }
    context.restore();
    context.strokeStyle = withAlpha(look.text, 0.55);
    context.lineWidth = hair;
    line(box.left, snap(picture.y(0)), box.right, snap(picture.y(0)));
    if (pointer !== undefined) paintReadOut(picture, look, font, size);
  }

  function paintStack({ set }: Picture, background: string): void {
    // From the uppermost down, each to zero: no seams between neighbours.
    for (let i = set.series.length - 1; i >= 0; i--) {
      const color = resolve(colorOf(i));
      const faint = highlighted >= 0 && highlighted !== i;
      context.fillStyle = blend(color, background, faint ? 0.18 : 0.78);
      context.strokeStyle = blend(color, background, faint ? 0.3 : 1);
      context.lineWidth = 1;
      trace(i, true);
      context.fill();
      trace(i, false);
      context.stroke();
    }
  }

  function paintLines({ set }: Picture): void {
    const alone = set.series.length === 1 || (options.mirror && set.series.length === 2);
    // The first on top: it is what a page cares about most.
    for (let i = set.series.length - 1; i >= 0; i--) {
      const color = resolve(colorOf(i));
      context.globalAlpha = highlighted >= 0 && highlighted !== i ? 0.2 : 1;
      if (alone) {
        context.fillStyle = withAlpha(color, 0.16);
        trace(i, true);
        context.fill();
      }
      context.strokeStyle = color;
      context.lineWidth = highlighted === i ? 2.75 : 1.75;
      trace(i, false);
      context.stroke();
    }
  }

  /**
   * One path for a whole series: its upper edge, or (`closed`) the area from there to zero. A flat lower side is drawn
   * several times faster than one that follows the series below.
   */
  function trace(index: number, closed: boolean): void {
    const { data, set, x, y } = picture!;
    const { times } = data;
    const { top } = set.series[index];
    const zero = y(0);
    context.beginPath();
    for (let i = 0; i < times.length; i++) {
      if (Number.isNaN(top[i])) continue;
      const first = x(times[i]);
      let [lastX, lastY] = [first, y(top[i])];
      if (closed) context.moveTo(first, zero);
      context[closed ? 'lineTo' : 'moveTo'](lastX, lastY);
      const from = i;
      for (; i + 1 < times.length && !Number.isNaN(top[i + 1]); i++) {
        const [px, py] = [x(times[i + 1]), y(top[i + 1])];
        // A value holds until the next one.
        if (options.step) context.lineTo(px, lastY);
        context.lineTo(px, py);
        [lastX, lastY] = [px, py];
      }
      if (closed) context.lineTo(lastX, zero);
      // A point between two gaps would not be seen.
      else if (from === i) context.lineTo(lastX + 1.5, lastY);
    }
  }

  function paintReadOut(
    { data, set, box, x, y, start, end }: Picture,
    look: ReturnType<typeof surroundingsOf>,
    font: string,
    size: { width: number; height: number },
  ): void {
    const { x: px, y: py } = pointer!;
    if (px < box.left || px > box.right || py < 0 || py > size.height) return;
    const index = nearest(data.times, start + ((px - box.left) / (box.right - box.left)) * (end - start));
    if (index < 0) return;
    const at = x(data.times[index]);
    context.strokeStyle = withAlpha(look.text, 0.5);
    context.lineWidth = 1;
    line(at, box.top, at, box.bottom);
    const under = seriesAt(index, py);
    const rows = set.series
      .map(({ value, top }, i) => ({ i, value: value[index], top: top[index], color: resolve(colorOf(i)) }))
      .filter(({ value }) => !Number.isNaN(value) && !(options.stack && value === 0 && set.series.length > 1))
      .sort((a, b) => b.top - a.top);
    if (!options.stack)
      for (const { top, color } of rows) {
        context.beginPath();
        context.arc(at, y(top), 3, 0, 2 * Math.PI);
        context.fillStyle = color;
        context.fill();
        context.strokeStyle = look.background;
        context.stroke();
      }
    drawReadOut(context, {
      time: data.times[index],
      rows: rows.map(({ i, value, color }) => ({
        color,
        label: data.labels?.[i] ?? '',
        value: shortValue(value, options.includeMillis, options.base2),
        strong: i === under,
      })),
      look,
      font,
      at,
      box,
      size,
    });
  }

  function seriesAt(index: number, py: number): number {
    const { set, y } = picture!;
    if (options.stack)
      return set.series.findIndex(({ base, top }) => {
        const [a, b] = [y(base[index]), y(top[index])];
        return py >= Math.min(a, b) && py <= Math.max(a, b) && a !== b;
      });
    let found = -1;
    let distance = 12;
    for (const [i, { top }] of set.series.entries()) {
      const away = Math.abs(y(top[index]) - py);
      if (away < distance) [found, distance] = [i, away];
    }
    return found;
  }

  function colorOf(index: number): string {
    return data.colors?.[index] ?? options.colors[index % options.colors.length] ?? '#3366cc';
  }

  const resolved = new Map<string, string>();
  /** A colour in the form that can be reckoned with. */
  function resolve(color: string): string {
    let found = resolved.get(color);
    if (found === undefined) {
      const before = context.fillStyle;
      context.fillStyle = '#3366cc';
      context.fillStyle = color;
      found = context.fillStyle as string;
      context.fillStyle = before;
      resolved.set(color, found);
    }
    return found;
  }

  function line(x1: number, y1: number, x2: number, y2: number): void {
    context.beginPath();
    context.moveTo(x1, y1);
    context.lineTo(x2, y2);
    context.stroke();
  }

  /** A value before its axis; thousandths come with markup for an italic m. */
  function axisLabel(markup: string, x: number, y: number): void {
    context.fillText(markup.replace(/<\/?i>/g, ''), x, y);
  }

  paint();
  return {
    canvas,
    draw(given) {
      if (given !== undefined && given !== null) data = sound(given);
      paint();
    },
    highlight(series = -1) {
      if (series === highlighted) return;
      highlighted = series;
      paint();
    },
    pointAt(x, y) {
      if (picture === undefined) return undefined;
      const { box, start, end, set } = picture;
      if (x < box.left || x > box.right || y < box.top || y > box.bottom) return undefined;
      const index = nearest(data.times, start + ((x - box.left) / (box.right - box.left)) * (end - start));
      if (index < 0) return undefined;
      const series = seriesAt(index, y);
      return {
        index,
        time: data.times[index],
        series,
        value: set.series[series]?.value[index] ?? Number.NaN,
      };
    },
    destroy() {
      canvas.removeEventListener('pointermove', moved);
      canvas.removeEventListener('pointerleave', left);
      surface.destroy();
    },
  };
}

/** The data with lists where lists must be. */
function sound(data: StripData): StripData {
  return {
    ...data,
    times: Array.isArray(data.times) ? data.times : [],
    values: Array.isArray(data.values) ? data.values : [],
  };
}

function compose(
  context: CanvasRenderingContext2D,
  data: StripData,
  options: StripOptions,
  { width, height }: { readonly width: number; readonly height: number },
): Picture {
  const set = layOut(data, options);
  const margin = 1 + (data.ymargin ?? 0);
  let [low, high] = [set.low, set.high];
  for (const { value, scale } of data.hrules ?? [])
    if (scale && Number.isFinite(value)) [low, high] = [Math.min(low, value), Math.max(high, value)];
  const top = options.topInset + FONT_PX / 2;
  const bottom = Math.max(top + 1, height - options.bottomInset);
  const most = Math.max(1, Math.floor((bottom - top) / TICK_PX));
  const scale = valueScale(low * margin, high * margin, most, options.base2);
  const labels = scale.ticks.map((tick) =>
    valueStr(tick, options.includeMillis, options.base2).replace(/<.*?>/g, ''),
  );
  const widest = Math.max(0, ...labels.map((label) => context.measureText(label).width));
  const left = Math.max(options.leftInset, Math.ceil(widest + 10 + (data.units ? FONT_PX + 6 : 0)));
  const box = { left, top, right: Math.max(left + 1, width - options.rightInset), bottom };
  const { times } = data;
  const end = epoch(data.end) ?? times[times.length - 1] ?? 0;
  const start = epoch(data.start) ?? times[0] ?? 0;
  const range = end > start ? end - start : 1;
  return {
    data,
    set,
    scale,
    box,
    start,
    end,
    x: (time) => box.left + ((time - start) / range) * (box.right - box.left),
    y: (value) => bottom - ((value - scale.low) / (scale.high - scale.low)) * (bottom - top),
  };
}

function epoch(time: Date | number | undefined): number | undefined {
  const ms = time instanceof Date ? time.getTime() : time;
  return typeof ms === 'number' && Number.isFinite(ms) ? ms : undefined;
}
