import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  milliseconds,
  number,
  percent,
  roundsText,
  table,
  writeBetweenMarkers,
} from '../../bench/lib/markdown.mjs';

describe('figures', () => {
  it('have commas between thousands, and so many digits', () => {
    expect(number(1234567.891, 2)).toBe('1,234,567.89');
    expect(number(0.04, 1)).toBe('0.0');
    expect(milliseconds(12.34)).toBe('12.3 ms');
    expect([1, 3].map(roundsText)).toEqual(['1 round', '3 rounds']);
  });

  it('that were not measured are a dash', () => {
    expect(number(Number.NaN, 1)).toBe('–');
    expect(percent(Number.NaN)).toBe('–');
  });

  it.each([
    [0, '0 %'],
    [0.00001, '< 0.01 %'],
    [0.0123, '1.23 %'],
    [0.5, '50 %'],
  ])('as a percentage: %d', (share, text) => {
    expect(percent(share)).toBe(text);
  });

  it('stand to the right in a table', () => {
    expect(table(['', 'p50'], [['at rest', '1 ms']])).toBe('|  | p50 |\n| --- | --: |\n| at rest | 1 ms |');
  });
});

describe('results in a document', () => {
  const begin = '<!-- bench:begin, written by npm run bench -- --write -->';
  const end = '<!-- bench:end -->';

  function write(document: string, text: string): string {
    const folder = mkdtempSync(join(tmpdir(), 'weir-markdown-'));
    const file = join(folder, 'figures.md');
    try {
      writeFileSync(file, document);
      writeBetweenMarkers(file, text);
      return readFileSync(file, 'utf8');
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  it('take the place of earlier ones, and nothing else changes', () => {
    expect(write(`before\n${begin}\nold\n${end}\nafter\n`, 'new')).toBe(
      `before\n${begin}\n\nnew\n\n${end}\nafter\n`,
    );
  });

  it('are refused without the markers', () => {
    expect(() => write('nothing here', 'new')).toThrow('has no lines');
    expect(() => write(`${end}\n${begin}`, 'new')).toThrow('has no lines');
  });
});
