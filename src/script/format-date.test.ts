import { describe, expect, it } from 'vitest';
import { formatDateByPattern } from './format-date.ts';

/** 2026-11-03, a Tuesday, 14:05:09.042, in whatever zone this runs; `offset` minutes behind UTC. */
function date(offset: number): Date {
  return Object.assign(new Date(2026, 10, 3, 14, 5, 9, 42), { getTimezoneOffset: () => offset });
}

describe('script-api 10, formatDate: patterns of java.text.SimpleDateFormat', () => {
  it.each([
    ["yyyy-MM-dd'T'HH:mm:ssXXX", '2026-11-03T14:05:09Z'],
    ['yy y yyyyy', '26 2026 02026'],
    ['M MM MMM MMMM', '11 11 Nov November'],
    ['d dd D DDD', '3 03 307 307'],
    ['E EEEE u', 'Tue Tuesday 2'],
    ['H k K h a', '14 14 2 2 PM'],
    ['m mm s ss S SSS', '5 05 9 09 42 042'],
    ['w W F YYYY', '45 1 1 2026'],
    ['G', 'AD'],
    ['Z X XX XXX', '+0000 Z Z Z'],
    ["'at' ''HH''", "at '14'"],
    ["'o''clock'", "o'clock"],
    ['', ''],
    ['1/2.', '1/2.'],
  ])('%s', (pattern, text) => {
    expect(formatDateByPattern(date(0), pattern)).toBe(text);
  });

  it('tells how far the zone is from UTC', () => {
    expect(formatDateByPattern(date(210), "HH:mm'Z'Z X XX XXX")).toBe('14:05Z-0330 -03 -0330 -03:30');
    expect(formatDateByPattern(date(-60), 'Z X XX XXX')).toBe('+0100 +01 +0100 +01:00');
  });

  it('counts hours from 1 and from 0 at midnight', () => {
    expect(formatDateByPattern(new Date(2026, 0, 1, 0, 30), 'H k K h a')).toBe('0 24 0 12 AM');
  });

  it.each([
    [new Date(2026, 0, 1), '1 2026'],
    [new Date(2025, 11, 28), '1 2026'],
    [new Date(2025, 11, 27), '52 2025'],
    [new Date(2028, 0, 1), '1 2028'],
    [new Date(2028, 0, 2), '2 2028'],
  ])('weeks begin on Sunday: %s', (day, text) => {
    expect(formatDateByPattern(day, 'w Y')).toBe(text);
  });

  it.each([
    ['b', "Illegal pattern character 'b'"],
    ["HH'", 'Unterminated quote'],
    ['XXXX', 'invalid ISO 8601 format: length=4'],
    ['y'.repeat(101), "'y' is repeated more than 100 times"],
  ])('refuses %s', (pattern, message) => {
    expect(() => formatDateByPattern(date(0), pattern)).toThrow(message);
  });
});
