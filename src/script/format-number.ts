/**
 * Numbers by patterns, as scripts know them from `java.text.DecimalFormat` (its documentation is the specification; only
 * the English symbols): `#,##0.00`, `0.###E0`, `0%`, `#.#' ms'`, a second pattern for negative numbers behind `;`.
 * Rounds half to even.
 */

interface Affixes {
  readonly prefix: string;
  readonly suffix: string;
}

export interface NumberPattern {
  readonly positive: Affixes;
  readonly negative: Affixes;
  /** 100 for per cent, 1000 for per mille. */
  readonly multiplier: number;
  readonly minInteger: number;
  readonly maxInteger: number;
  readonly minFraction: number;
  readonly maxFraction: number;
  /** Digits between commas; 0: no commas. */
  readonly grouping: number;
  readonly pointAlways: boolean;
  /** Digits of the exponent at least; 0: there is none. */
  readonly exponentDigits: number;
}

const MAX_PATTERN = 1000;

const DIGITS_OF_PATTERN = '#0,.';

/** Throws an Error that says what is wrong with the pattern. */
export function parseNumberPattern(pattern: string): NumberPattern {
  if (pattern === '') return EMPTY;
  if (pattern.length > MAX_PATTERN)
    throw new Error(`Malformed pattern: longer than ${MAX_PATTERN} characters`);
  const [first, second] = splitPatterns(pattern);
  const { affixes, body, multiplier } = readAffixes(first, pattern);
  const negative =
    second === undefined
      ? { prefix: `-${affixes.prefix}`, suffix: affixes.suffix }
      : readAffixes(second, pattern).affixes;
  return { ...readBody(body, pattern), positive: affixes, negative, multiplier };
}

const EMPTY: NumberPattern = {
  positive: { prefix: '', suffix: '' },
  negative: { prefix: '-', suffix: '' },
  multiplier: 1,
  minInteger: 0,
  maxInteger: Number.POSITIVE_INFINITY,
  minFraction: 0,
  maxFraction: Number.POSITIVE_INFINITY,
  grouping: 0,
  pointAlways: false,
  exponentDigits: 0,
};

/** At the first `;` that is not quoted. */
function splitPatterns(pattern: string): [string, string | undefined] {
  let quoted = false;
  for (let i = 0; i < pattern.length; i++) {
    if (pattern[i] === "'") quoted = !quoted;
    else if (pattern[i] === ';' && !quoted) {
      const second = pattern.slice(i + 1);
      return [pattern.slice(0, i), second === '' ? undefined : second];
    }
  }
  if (quoted) throw new Error(`Malformed pattern "${pattern}"`);
  return [pattern, undefined];
}

/** Text before and behind the digits, with quotes resolved, and the digits themselves. */
function readAffixes(text: string, pattern: string): { affixes: Affixes; body: string; multiplier: number } {
  let multiplier = 1;
  let at = 0;
  const affix = (isPrefix: boolean): string => {
    let read = '';
    let quoted = false;
    for (; at < text.length; at++) {
      const c = text[at];
      if (c === "'") {
        if (text[at + 1] === "'") {
          read += "'";
          at++;
        } else quoted = !quoted;
      } else if (quoted) read += c;
      else if (DIGITS_OF_PATTERN.includes(c)) {
        if (isPrefix) return read;
        throw new Error(`Unquoted special character '${c}' in pattern "${pattern}"`);
      } else if (c === '%' || c === '\u2030') {
        if (multiplier !== 1)
          throw new Error(`Too many percent/per mille characters in pattern "${pattern}"`);
        multiplier = c === '%' ? 100 : 1000;
        read += c;
      } else read += c === '\u00a4' ? '$' : c;
    }
    return read;
  };
  const prefix = affix(true);
  const [body] = /^[#0,.]*(?:E0*)?/.exec(text.slice(at)) ?? [''];
  at += body.length;
  return { affixes: { prefix, suffix: affix(false) }, body, multiplier };
}

type Body = Omit<NumberPattern, 'positive' | 'negative' | 'multiplier'>;

function readBody(body: string, pattern: string): Body {
  const [digits, exponent] = body.split('E');
  let left = 0;
  let zeros = 0;
  let right = 0;
  let point = -1;
  let grouping = -1;
  for (const c of digits) {
    if (c === ',') grouping = 0;
    else if (c === '.') {
      if (point >= 0) throw new Error(`Multiple decimal separators in pattern "${pattern}"`);
      point = left + zeros + right;
    } else {
      if (c === '0') {
        if (right > 0) throw new Error(`Unquoted special character '0' in pattern "${pattern}"`);
        zeros++;
      } else if (zeros > 0) right++;
      else left++;
      if (grouping >= 0 && point < 0) grouping++;
    }
  }
  if (exponent !== undefined && (left + zeros < 1 || exponent === ''))
    throw new Error(`Malformed exponential pattern "${pattern}"`);
  if (zeros === 0 && left > 0 && point >= 0) {
    // Only #: one digit at least stands before the point, or behind it when nothing is before it.
    const whole = point === 0 ? 1 : point;
    right = left - whole;
    left = whole - 1;
    zeros = 1;
  }
  const total = left + zeros + right;
  const misplaced = point < 0 ? right > 0 : point < left || point > left + zeros;
  if (misplaced || grouping === 0) throw new Error(`Malformed pattern "${pattern}"`);
  const minInteger = (point < 0 ? total : point) - left;
  return {
    minInteger,
    maxInteger: exponent === undefined ? Number.POSITIVE_INFINITY : left + minInteger,
    minFraction: point < 0 ? 0 : left + zeros - point,
    maxFraction: point < 0 ? 0 : total - point,
    grouping: Math.max(0, grouping),
    pointAlways: point >= 0 && (point === 0 || point === total),
    exponentDigits: exponent?.length ?? 0,
  };
}

/** A number by a pattern. */
export function formatByPattern(number: number, pattern: NumberPattern): string {
  if (Number.isNaN(number)) return 'NaN';
  const value = number * pattern.multiplier;
  const isNegative = value < 0 || Object.is(value, -0);
  const { prefix, suffix } = isNegative ? pattern.negative : pattern.positive;
  const size = Math.abs(value);
  if (size === Number.POSITIVE_INFINITY) return `${prefix}∞${suffix}`;
  const text = pattern.exponentDigits > 0 ? exponential(size, pattern) : plain(size, pattern);
  return `${prefix}${text}${suffix}`;
}

/** Decimal digits d1 d2 … without zeros at either end, standing for 0.d1d2… × 10^point. Zero has none. */
interface Decimal {
  readonly digits: string;
  readonly point: number;
}

/** The shortest digits that mean this number and no other. */
function decimalOf(size: number): Decimal {
  if (size === 0) return { digits: '', point: 0 };
  const [mantissa, exponent] = size.toExponential().split('e');
  return { digits: mantissa.replace('.', '').replace(/0+$/, ''), point: Number(exponent) + 1 };
}

/** Rounded half to even to so many digits behind the point. What counts is the number itself, not its shortest digits. */
function rounded(size: number, fraction: number): Decimal {
  const decimal = decimalOf(size);
  if (decimal.digits.length - decimal.point <= fraction) return decimal;
  const { value, scale } = exactOf(size);
  const unit = 10n ** BigInt(Math.max(0, scale - fraction));
  const half = value % unit;
  let kept = value / unit;
  if (half * 2n > unit || (half * 2n === unit && kept % 2n === 1n)) kept++;
  const text = kept.toString();
  const digits = text.replace(/0+$/, '');
  return digits === '' ? { digits, point: 0 } : { digits, point: text.length - fraction };
}

/** A double as an integer over a power of ten: value / 10^scale, exactly. */
function exactOf(size: number): { value: bigint; scale: number } {
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, size);
  const word = bits.getBigUint64(0);
  const biased = Number((word >> 52n) & 0x7ffn);
  const fraction = word & 0xfffffffffffffn;
  const mantissa = biased === 0 ? fraction : fraction | 0x10000000000000n;
  const exponent = (biased === 0 ? 1 : biased) - 1075;
  return exponent >= 0
    ? { value: mantissa << BigInt(exponent), scale: 0 }
    : { value: mantissa * 5n ** BigInt(-exponent), scale: -exponent };
}

function plain(size: number, pattern: NumberPattern): string {
  const { minInteger, minFraction, maxFraction, grouping, pointAlways } = pattern;
  const { digits, point } =
    maxFraction === Number.POSITIVE_INFINITY ? decimalOf(size) : rounded(size, maxFraction);
  const whole = point > 0 ? digits.slice(0, point).padEnd(point, '0') : '';
  const behind = point > 0 ? digits.slice(point) : digits === '' ? '' : '0'.repeat(-point) + digits;
  const fraction = behind.padEnd(minFraction, '0');
  let integer = whole.padStart(minInteger, '0');
  if (integer === '' && fraction === '') integer = '0';
  if (grouping > 0) integer = integer.replace(new RegExp(`\\B(?=(\\d{${grouping}})+$)`, 'g'), ',');
  return integer + (pointAlways || fraction !== '' ? `.${fraction}` : '');
}

function exponential(size: number, pattern: NumberPattern): string {
  const { minInteger, maxInteger, minFraction, maxFraction, pointAlways, exponentDigits } = pattern;
  const { digits, point } = significant(size, maxInteger + maxFraction);
  const isZero = digits === '';
  // More digits before the point than must be: the exponent is a multiple of their number.
  const repeats = maxInteger > 1 && maxInteger > minInteger;
  const least = repeats ? 1 : minInteger;
  const exponent = isZero ? 0 : repeats ? multipleBelow(point, maxInteger) : point - least;
  const integers = isZero ? least : point - exponent;
  const count = Math.max(digits.length, minInteger + minFraction, integers);
  const all = digits.padEnd(count, '0');
  const isPointShown = pointAlways || count > integers;
  const mark = exponent < 0 ? '-' : '';
  return `${all.slice(0, integers)}${isPointShown ? '.' : ''}${all.slice(integers)}E${mark}${String(Math.abs(exponent)).padStart(exponentDigits, '0')}`;
}

function multipleBelow(point: number, step: number): number {
  return Math.floor((point - 1) / step) * step;
}

/** Rounded to so many significant digits; 0: all of them. */
function significant(size: number, count: number): Decimal {
  const decimal = decimalOf(size);
  return count === 0 || decimal.digits.length <= count ? decimal : rounded(size, count - decimal.point);
}
