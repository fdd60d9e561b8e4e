import { pino } from 'pino';
import { expect, it } from 'vitest';
import { createConfig } from '../config/index.ts';
import { classicStream } from './classic-log.ts';
import { logFormat } from './log.ts';

it.each([
  ['auto', true, 'pretty'],
  ['auto', false, 'json'],
  ['json', true, 'json'],
  ['pretty', false, 'pretty'],
  ['classic', true, 'classic'],
])('log.format=%s, terminal: %s → %s', (format, isTerminal, expected) => {
  expect(logFormat(createConfig({ 'log.format': format }), isTerminal)).toBe(expected);
});

it('classic lines have the time in seconds, the level and the text', () => {
  const lines: string[] = [];
  const log = pino(
    { level: 'debug', timestamp: () => `,"time":${Date.UTC(2026, 10, 23, 0, 49, 17, 900)}` },
    classicStream((text) => lines.push(text)),
  );
  log.info('a.js started');
  log.warn('a.js a.js#1 str');
  log.debug('two\nlines');
  log.error({ err: new Error('reason') }, 'it failed');
  log.fatal({ err: new Error('alone') });
  expect(lines).toEqual([
    '2026-11-23T00:49:17Z INFO: a.js started\n',
    '2026-11-23T00:49:17Z WARNING: a.js a.js#1 str\n',
    '2026-11-23T00:49:17Z FINE: two\nlines\n',
    '2026-11-23T00:49:17Z SEVERE: it failed: reason\n',
    '2026-11-23T00:49:17Z SEVERE: alone\n',
  ]);
});
