/** `$(element).gauge(options)`: a value on an arc, with a threshold. */
import { valueStr } from './lib/format.ts';
import { arcPath, gaugeFraction } from './lib/gauge.ts';
import { defineWidget, type Widget } from './lib/jquery.ts';

interface GaugeOptions {
  label: string;
  suffix: string;
  value: number;
  threshold: number;
  maxValue: number;
  logScale: boolean;
  counter: boolean;
  includeMillis: boolean;
  base2: boolean;
  prevValue: number;
  prevTime: number;
}

interface Parts {
  readonly svg: SVGElement;
  readonly data: SVGElement;
  readonly mark: SVGElement;
  readonly value: SVGElement;
  readonly number: SVGElement;
  readonly suffix: SVGElement;
  readonly title: SVGElement;
}

interface Self extends Widget<GaugeOptions> {
  parts: Parts;
  _draw(): void;
  _rate(value: number): number | undefined;
  valueStr(value: number): string;
}

const OPTIONS: GaugeOptions = {
  label: 'Value',
  suffix: '',
  value: 0,
  threshold: 0,
  maxValue: 100,
  logScale: false,
  counter: false,
  includeMillis: false,
  base2: false,
  prevValue: 0,
  prevTime: 0,
};

const SVG = 'http://www.w3.org/2000/svg';
/** Width of a character of the title at size 1, about. */
const CHARACTER = 0.56;
const TITLE_WIDTH = 180;
/** The same for the value, which is bold; its suffix is half as large. */
const VALUE_CHARACTER = 0.68;
const VALUE_WIDTH = 116;

defineWidget('gauge', OPTIONS, {
  _create(this: Self) {
    this.element.addClass('gauge');
    this.parts = build(this.element[0]);
    this._draw();
  },

  /** Any of `value`, `maxValue` and `threshold`. Of a counter the value is what it has counted; shown is its rate. */
  update(this: Self, change: Partial<GaugeOptions> = {}) {
    const { value, maxValue, threshold } = change;
    if (isNumber(maxValue)) this.options.maxValue = maxValue;
    if (isNumber(threshold)) this.options.threshold = threshold;
    if (isNumber(value)) {
      const shown = this.options.counter ? this._rate(value) : value;
      if (shown !== undefined) this.options.value = shown;
    }
    this._draw();
  },

  /** The value as it is shown. */
  valueStr(this: Self, value: number = this.options.value) {
    return valueStr(value, this.options.includeMillis, this.options.base2);
  },

  /** Rate per second since the last value; undefined for the first one, and when the counter has begun anew. */
  _rate(this: Self, value: number): number | undefined {
    const { prevValue, prevTime } = this.options;
    const now = Date.now();
    if (now === prevTime) return undefined;
    this.options.prevValue = value;
    this.options.prevTime = now;
    return prevTime === 0 || value < prevValue ? undefined : ((value - prevValue) * 1000) / (now - prevTime);
  },

  _draw(this: Self) {
    const { label, suffix, value, threshold, maxValue, logScale } = this.options;
    const { data, mark, value: valuePart, number, suffix: suffixPart, title, svg } = this.parts;
    const warn = threshold !== 0 && value >= threshold;
    this.element.toggleClass('warn', warn);
    data.setAttribute('d', arcPath(0, gaugeFraction(value, maxValue, logScale)));
    const at = gaugeFraction(threshold, maxValue, logScale);
    mark.setAttribute('d', threshold === 0 ? '' : arcPath(at, at, 11));
    // Thousandths come with markup.
    const text = this.valueStr(value).replace(/<\/?i>/g, '');
    number.textContent = text;
    suffixPart.textContent = suffix;
    valuePart.style.fontSize = `${fittingSize(text, suffix)}px`;
    suffixPart.setAttribute('dx', suffix === '' ? '0' : '2');
    title.textContent = label;
    title.setAttribute(
      'font-size',
      String(Math.min(17, TITLE_WIDTH / (CHARACTER * Math.max(1, label.length)))),
    );
    svg.setAttribute('aria-label', `${label}: ${text}${suffix}${warn ? ', over the threshold' : ''}`);
  },

  _setOption(this: Self & { _super: (name: string, value: unknown) => void }, name: string, value: unknown) {
    this._super(name, value);
    this._draw();
  },

  _destroy(this: Self) {
    this.element.removeClass('gauge').removeClass('warn');
    this.parts.svg.remove();
  },
});

/** The largest size at which a value stands between the ends of the arc. */
function fittingSize(text: string, suffix: string): number {
  return Math.round(Math.min(38, VALUE_WIDTH / (VALUE_CHARACTER * (text.length + suffix.length / 2))));
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function build(host: HTMLElement): Parts {
  const svg = make('svg', { viewBox: '0 0 200 160', role: 'img', preserveAspectRatio: 'xMidYMid meet' });
  const background = make('path', { class: 'back-arc', d: arcPath(0, 1) });
  const data = make('path', { class: 'data-arc' });
  const mark = make('path', { class: 'threshold' });
  const value = make('text', { class: 'value', x: '100', y: '104' });
  const number = make('tspan', { class: 'number' });
  const suffix = make('tspan', { class: 'suffix' });
  const title = make('text', { class: 'title', x: '100', y: '150' });
  value.append(number, suffix);
  svg.append(background, data, mark, value, title);
  host.append(svg);
  return { svg, data, mark, value, number, suffix, title };
}

function make(name: string, attributes: Readonly<Record<string, string>>): SVGElement {
  const element = document.createElementNS(SVG, name) as SVGElement;
  for (const [key, text] of Object.entries(attributes)) element.setAttribute(key, text);
  return element;
}
