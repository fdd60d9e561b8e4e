#!/usr/bin/env node
/**
 * What a strip chart of `/inc/` costs in a browser, Debian's Chromium without a graphics card: `node bench/charts.mjs
 * [--points 300] [--series 20] [--scale 2] [--seconds 3]`. Draws new data again and again, and tells
 * - the time of a `draw`, median and 99 of 100, without and with the wait until its pixels are there (they are read back)
 * - how many pictures a second are shown when each frame is drawn anew.
 */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { milliseconds, number, table } from './lib/markdown.mjs';
import { ROOT } from './lib/paths.mjs';
import { median, quantile } from './lib/statistics.mjs';

const CHROMIUM = '/usr/bin/chromium';
const INC = join(ROOT, 'dist', 'inc');
const SCRIPTS = ['jquery.min.js', 'jquery.widget.js', 'jquery.stripchart.js'];
const DRAWS = 200;

const { values } = parseArgs({
  options: {
    points: { type: 'string', default: '300' },
    series: { type: 'string', default: '20' },
    scale: { type: 'string', default: '2' },
    seconds: { type: 'string', default: '3' },
  },
});
const settings = Object.fromEntries(Object.entries(values).map(([name, text]) => [name, Number(text)]));

/** Runs in the page. */
async function measureInPage({ points, series, seconds, stack, draws }) {
  const { $ } = window;
  const element = $('<div style="width: 1200px; height: 300px">').appendTo('body').stripchart({ stack });
  const canvas = element.find('canvas')[0];
  const end = Date.now();
  /** As rates of flows are: they go up and down by some percent from second to second. */
  const wander = (length) => {
    let level = 1e9 * Math.random();
    return Array.from({ length }, () => {
      level = Math.abs(level * (1 + 0.2 * (Math.random() - 0.5)) + 1e7 * (Math.random() - 0.5));
      return level;
    });
  };
  const data = {
    times: Array.from({ length: points }, (_, i) => end - (points - i) * 1000),
    values: Array.from({ length: series }, () => wander(points)),
    labels: Array.from({ length: series }, (_, i) => `series ${i}`),
    units: 'Bits per second',
  };
  const next = (chart) => {
    for (const list of data.values) list.push(list.shift());
    chart.stripchart('draw', data);
  };
  const timed = (work) => {
    const before = performance.now();
    work();
    return performance.now() - before;
  };
  const drawMs = [];
  const pixelMs = [];
  for (let i = 0; i < draws; i++) {
    drawMs.push(timed(() => next(element)));
    pixelMs.push(drawMs.at(-1) + timed(() => canvas.getContext('2d').getImageData(0, 0, 1, 1)));
  }
  element.stripchart('destroy').remove();
  // A canvas that has been read is kept in memory from then on: frames are counted with a new one.
  const fresh = $('<div style="width: 1200px; height: 300px">').appendTo('body').stripchart({ stack });
  let frames = 0;
  const until = performance.now() + 1000 * seconds;
  await new Promise((resolve) => {
    const frame = (now) => {
      if (now >= until) return resolve();
      frames++;
      next(fresh);
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  });
  fresh.stripchart('destroy').remove();
  return { drawMs, pixelMs, framesPerSecond: frames / seconds };
}

if (!existsSync(CHROMIUM) || !existsSync(INC)) {
  process.stderr.write('this needs Chromium, and what npm run build makes\n');
  process.exit(1);
}
const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu'] });
try {
  const page = await browser.newPage({
    deviceScaleFactor: settings.scale,
    viewport: { width: 1280, height: 720 },
  });
  for (const name of SCRIPTS) await page.addScriptTag({ content: await readFile(join(INC, name), 'utf8') });
  await page.addStyleTag({ content: await readFile(join(INC, 'stripchart.css'), 'utf8') });
  const rows = [];
  for (const stack of [false, true]) {
    const one = await page.evaluate(measureInPage, { ...settings, stack, draws: DRAWS });
    rows.push([
      stack ? 'stacked' : 'lines',
      milliseconds(median(one.drawMs)),
      milliseconds(quantile(one.drawMs, 0.99)),
      milliseconds(median(one.pixelMs)),
      number(one.framesPerSecond, 0),
    ]);
  }
  const { series, points, scale } = settings;
  process.stdout.write(
    `${series} series of ${points} points, 1200 × 300 at density ${scale}\n\n` +
      `${table(['', 'draw', 'draw, 99 %', 'with pixels', 'frames/s'], rows)}\n`,
  );
} finally {
  await browser.close();
}
