/**
 * Dates by patterns, as scripts know them from `java.text.SimpleDateFormat` (its documentation is the specification; only
 * English names): `yyyy-MM-dd'T'HH:mm:ss.SSSXXX`. The time zone is that of the process, as everywhere in Node.
 */

/** How often its letter is repeated. */
type Width = number;
type Writer = (date: Date, width: Width) => string;

const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];
const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

const DAY_MS = 86_400_000;

const WRITERS: Readonly<Record<string, Writer>> = {
  G: (date) => (date.getFullYear() > 0 ? 'AD' : 'BC'),
  y: (date, width) => year(eraYear(date.getFullYear()), width),
  Y: (date, width) => year(weekOf(date).year, width),
  M: (date, width) => named(MONTHS, date.getMonth(), width) ?? padded(date.getMonth() + 1, width),
  L: (date, width) => named(MONTHS, date.getMonth(), width) ?? padded(date.getMonth() + 1, width),
  w: (date, width) => padded(weekOf(date).week, width),
  W: (date, width) => padded(Math.ceil((date.getDate() + firstWeekday(date)) / 7), width),
  D: (date, width) => padded(dayOfYear(date), width),
  d: (date, width) => padded(date.getDate(), width),
  F: (date, width) => padded(Math.ceil(date.getDate() / 7), width),
  E: (date, width) => (width >= 4 ? DAYS[date.getDay()] : DAYS[date.getDay()].slice(0, 3)),
  u: (date, width) => padded(date.getDay() === 0 ? 7 : date.getDay(), width),
  a: (date) => (date.getHours() < 12 ? 'AM' : 'PM'),
  H: (date, width) => padded(date.getHours(), width),
  k: (date, width) => padded(date.getHours() === 0 ? 24 : date.getHours(), width),
  K: (date, width) => padded(date.getHours() % 12, width),
  h: (date, width) => padded(date.getHours() % 12 === 0 ? 12 : date.getHours() % 12, width),
  m: (date, width) => padded(date.getMinutes(), width),
  s: (date, width) => padded(date.getSeconds(), width),
  S: (date, width) => padded(date.getMilliseconds(), width),
  z: (date, width) => zoneName(date, width >= 4 ? 'long' : 'short'),
  Z: (date) => offset(date, '', 3),
  X: (date, width) => (date.getTimezoneOffset() === 0 ? 'Z' : offset(date, width === 3 ? ':' : '', width)),
};

/** Writes a date. Throws an Error that says what is wrong with the pattern. */
export function formatDateByPattern(date: Date, pattern: string): string {
  let text = '';
  for (let at = 0; at < pattern.length; ) {
    const c = pattern[at];
    if (c === "'") {
      const [literal, length] = quoted(pattern, at);
      text += literal;
      at += length;
    } else if (/[A-Za-z]/.test(c)) {
      let width = 1;
      while (pattern[at + width] === c) width++;
      text += writerOf(c, width)(date, width);
      at += width;
    } else {
      text += c;
      at++;
    }
  }
  return text;
}

function writerOf(letter: string, width: Width): Writer {
  const writer = Object.hasOwn(WRITERS, letter) ? WRITERS[letter] : undefined;
  if (writer === undefined) throw new Error(`Illegal pattern character '${letter}'`);
  if (letter === 'X' && width > 3) throw new Error(`invalid ISO 8601 format: length=${width}`);
  if (width > MAX_WIDTH) throw new Error(`'${letter}' is repeated more than ${MAX_WIDTH} times`);
  return writer;
}

const MAX_WIDTH = 100;

/** The text in quotes from `at` on, and how long it is with them; `''` is a quote, inside quotes too. */
function quoted(pattern: string, at: number): [string, number] {
  if (pattern[at + 1] === "'") return ["'", 2];
  const [all, inside] = /^'((?:[^']|'')*)'/.exec(pattern.slice(at)) ?? [];
  if (all === undefined || inside === undefined) throw new Error('Unterminated quote');
  return [inside.replaceAll("''", "'"), all.length];
}

function padded(value: number, width: Width): string {
  return String(value).padStart(width, '0');
}

/** A name from the third letter on: short for three, whole for more. */
function named(names: readonly string[], index: number, width: Width): string | undefined {
  if (width < 3) return undefined;
  return width === 3 ? names[index].slice(0, 3) : names[index];
}

function eraYear(value: number): number {
  return value > 0 ? value : 1 - value;
}

/** Two letters: the last two digits. */
function year(value: number, width: Width): string {
  return width === 2 ? padded(value % 100, 2) : padded(value, width);
}

function dayOfYear(date: Date): number {
  const midnight = Date.UTC(date.getFullYear(), date.getMonth(), date.getDate());
  return Math.round((midnight - Date.UTC(date.getFullYear(), 0, 1)) / DAY_MS) + 1;
}

/** Weekday (0: Sunday) of the first of the month. */
function firstWeekday(date: Date): number {
  return new Date(date.getFullYear(), date.getMonth(), 1).getDay();
}

/** Week and its year as in the United States: from Sunday on; week 1 is that of the first of January. */
function weekOf(date: Date): { week: number; year: number } {
  const own = date.getFullYear();
  const untilNextYear = new Date(own + 1, 0, 1).getDay() - date.getDay();
  const daysLeft = Math.round(
    (Date.UTC(own + 1, 0, 1) - Date.UTC(own, date.getMonth(), date.getDate())) / DAY_MS,
  );
  if (daysLeft <= 6 && untilNextYear === daysLeft) return { week: 1, year: own + 1 };
  return { week: Math.ceil((dayOfYear(date) + new Date(own, 0, 1).getDay()) / 7), year: own };
}

/** Offset from UTC: `+HH`, with minutes from width 2 on. */
function offset(date: Date, separator: string, width: Width): string {
  const minutes = -date.getTimezoneOffset();
  const size = Math.abs(minutes);
  const hours = `${minutes < 0 ? '-' : '+'}${padded(Math.floor(size / 60), 2)}`;
  return width === 1 ? hours : `${hours}${separator}${padded(size % 60, 2)}`;
}

function zoneName(date: Date, form: 'long' | 'short'): string {
  const parts = new Intl.DateTimeFormat('en-US', { timeZoneName: form }).formatToParts(date);
  return parts.find(({ type }) => type === 'timeZoneName')?.value ?? '';
}
