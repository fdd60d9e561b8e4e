import { expect, it } from 'vitest';
import { createConfig } from '../config/index.ts';
import { logFormat } from './log.ts';

it.each([
  ['auto', true, 'pretty'],
  ['auto', false, 'json'],
  ['json', true, 'json'],
  ['pretty', false, 'pretty'],
])('log.format=%s, terminal: %s → %s', (format, isTerminal, expected) => {
  expect(logFormat(createConfig({ 'log.format': format }), isTerminal)).toBe(expected);
});
