import { readFileSync, writeFileSync } from 'node:fs';

const BEGIN = '<!-- bench:begin, written by npm run bench -- --write -->';
const END = '<!-- bench:end -->';

/** A number with so many digits behind the point and commas between thousands. */
export function number(value, digits) {
  if (!Number.isFinite(value)) return '–';
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

export function milliseconds(value) {
  return `${number(value, 1)} ms`;
}

/** How many rounds, in words that fit. */
export function roundsText(count) {
  return count === 1 ? '1 round' : `${count} rounds`;
}

/** A share as a percentage. Nothing lost is `0 %`; what rounds to nothing but is not is `< 0.01 %`. */
export function percent(share) {
  if (!Number.isFinite(share)) return '–';
  if (share <= 0) return '0 %';
  return share < 0.0001 ? '< 0.01 %' : `${number(share * 100, share < 0.1 ? 2 : 0)} %`;
}

export function table(header, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  const rule = header.map((_, i) => (i === 0 ? '---' : '--:'));
  return [line(header), line(rule), ...rows.map(line)].join('\n');
}

/** Put text between the markers of a file, in place of what is there. */
export function writeBetweenMarkers(file, text) {
  const old = readFileSync(file, 'utf8');
  const [begin, end] = [old.indexOf(BEGIN), old.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`${file} has no lines ${BEGIN} and ${END}`);
  writeFileSync(file, `${old.slice(0, begin + BEGIN.length)}\n\n${text.trim()}\n\n${old.slice(end)}`);
}
