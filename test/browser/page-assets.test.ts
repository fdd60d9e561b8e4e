import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ServingWeir, WeirProcess } from '../e2e/weir-process.ts';
import { launchBrowser, openWatched, type WatchedPage } from './watched-page.ts';

/*
 * What pages of applications load from /inc/ (apps section 3), in Chromium: pages as such applications have them, with the
 * files as they are built and served.
 */

const APPS = fileURLToPath(new URL('../fixtures/apps', import.meta.url));

let serving: ServingWeir;
let browser: Browser;
beforeAll(async () => {
  [serving, browser] = await Promise.all([WeirProcess.serve(`-Dapp.dir=${APPS}`), launchBrowser()]);
});
afterAll(async () => {
  await browser?.close();
  await serving?.weir.end();
});

/** Opens a page of the gallery, an application. */
function open(name: string): Promise<WatchedPage> {
  return openWatched(browser, `${serving.url}app/gallery/html/${name}`);
}

/** Opens a page with these scripts of /inc/, in this order, and this body. */
function openPage(scripts: readonly string[], body: string, scale = 1): Promise<WatchedPage> {
  const markup = `<!doctype html><html lang="en"><head><title>Test</title>
<link rel="icon" href="../../../inc/img/favicon.png">
<link rel="stylesheet" href="../../../inc/stripchart.css"></head>
${scripts.map((name) => `<script src="../../../inc/${name}"></script>`).join('\n')}
<style>.trend { width: 100%; height: 160px; }</style><body>${body}</body></html>`;
  return openWatched(browser, `${serving.url}app/own/html/index.html`, {
    scale,
    prepare: (page) =>
      page.route('**/app/own/html/index.html', (route) =>
        route.fulfill({ body: markup, contentType: 'text/html;charset=utf-8' }),
      ),
  });
}

/** Text that changes with any pixel of a canvas, and how many have been painted. */
function pixels(page: Page, selector: string): Promise<{ painted: number; picture: string }> {
  // As text: the types of a browser are not those of these tests.
  return page.evaluate(`(() => {
    const canvas = document.querySelector('${selector} canvas');
    const { width, height } = canvas;
    const copy = document.createElement('canvas');
    Object.assign(copy, { width, height });
    const context = copy.getContext('2d', { willReadFrequently: true });
    context.drawImage(canvas, 0, 0);
    const { data } = context.getImageData(0, 0, width, height);
    let [painted, sum] = [0, 0];
    for (let i = 0; i < data.length; i++) {
      if (i % 4 === 3 && data[i] > 0) painted++;
      sum = (Math.imul(sum, 31) + data[i]) | 0;
    }
    return { painted, picture: width + ' ' + height + ' ' + sum };
  })()`);
}

async function done({ page, faults }: WatchedPage): Promise<void> {
  expect(faults).toEqual([]);
  await page.context().close();
}

describe('the files of packages', () => {
  it.each([
    ['jquery.min.js', /jQuery v3\.7\.1/],
    ['bootstrap.min.js', /Bootstrap v4\.6\.2/],
    ['bootstrap.min.css', /Bootstrap v4\.6\.2/],
    ['bootstrap.min.js.map', /"sources"/],
    ['bootstrap.min.css.map', /"sources"/],
    ['popper.min.js', /Federico Zivolo/],
    ['jquery.widget.js', /\$\.widget = function/],
    ['jquery-ui/jquery-ui.min.js', /jQuery UI - v1\.13/],
    ['jquery-ui/jquery-ui.min.css', /jQuery UI - v1\.13/],
    ['img/inmon.svg', /^<svg/],
  ])('%s is there', async (name, content) => {
    const response = await fetch(`${serving.url}inc/${name}`);
    expect(response.status).toBe(200);
    expect(await response.text()).toMatch(content);
  });

  it('the picture of the page is a picture', async () => {
    const response = await fetch(`${serving.url}inc/img/favicon.png`);
    expect(response.headers.get('content-type')).toBe('image/png');
    expect(new Uint8Array(await response.arrayBuffer()).subarray(1, 4)).toEqual(
      new Uint8Array([0x50, 0x4e, 0x47]),
    );
  });

  it('tabs of Bootstrap and of jQuery UI work beside each other', async () => {
    const watched = await openPage(
      ['jquery.min.js', 'popper.min.js', 'bootstrap.min.js', 'jquery-ui/jquery-ui.min.js'],
      `<div id="tabs"><ul><li><a href="#a">A</a></li><li><a href="#b">B</a></li></ul><div id="a">first</div>
<div id="b">second</div></div><div class="dropdown"><button id="menu" data-toggle="dropdown">Menu</button>
<div class="dropdown-menu" style="display:none"><a class="dropdown-item" href="#">Item</a></div></div>
<script>$(function () { $('#tabs').tabs(); });</script>`,
    );
    const { page } = watched;
    expect(await page.locator('#b').isVisible()).toBe(false);
    await page.locator('#tabs a', { hasText: 'B' }).click();
    expect(await page.locator('#b').isVisible()).toBe(true);
    await page.locator('#menu').click();
    expect(await page.locator('.dropdown-menu').getAttribute('class')).toContain('show');
    await done(watched);
  });
});

describe('stripchart (apps 3.1)', () => {
  const SCRIPTS = ['jquery.min.js', 'jquery.widget.js', 'jquery.stripchart.js'];
  const DATA = `{ times: [1e12, 1e12 + 1000, 1e12 + 2000], values: [[1, 5, 3], [2, null, 4]] }`;

  it('has the options, defaults and texts that pages use', async () => {
    const watched = await openPage(SCRIPTS, '<div id="chart" class="trend"></div>');
    const found = await watched.page.evaluate(`(() => {
      const { prototype } = $.inmon.stripchart;
      const { colors, ...options } = prototype.options;
      const text = (...args) => prototype.valueStr(...args);
      return { options, colors, texts: [text(0), text(999), text(1234), text(1.5e6), text(-5), text(0.001, true), text(2048, false, true)] };
    })()`);
    expect(found).toMatchObject({
      options: {
        bottomInset: 20,
        leftInset: 50,
        topInset: 5,
        rightInset: 24,
        clickable: false,
        includeMillis: false,
        base2: false,
        step: false,
        stack: false,
        mirror: false,
      },
      texts: ['0', '999', '1.234K', '1.5M', '5', '1<i>m</i>', '2K'],
    });
    const { colors } = found as { colors: string[] };
    expect(colors.slice(0, 4)).toEqual(['#3366cc', '#dc3912', '#ff9900', '#109618']);
    expect(new Set(colors).size).toBe(31);
    await done(watched);
  });

  it('draws, takes nothing for data, is destroyed and made again', async () => {
    const watched = await openPage(SCRIPTS, '<div id="chart" class="trend"></div>');
    const { page } = watched;
    await page.evaluate(`$('#chart').stripchart({ clickable: true })`);
    expect(await page.locator('#chart').getAttribute('class')).toContain('stripchart');
    expect(await page.locator('#chart > canvas.clickable').count()).toBe(1);
    const empty = await pixels(page, '#chart');
    await page.evaluate(`$('#chart').stripchart('draw', ${DATA})`);
    const drawn = await pixels(page, '#chart');
    expect(drawn.picture).not.toBe(empty.picture);
    await page.evaluate(`$('#chart').stripchart('draw', undefined); $('#chart').stripchart('draw', {});`);
    await page.evaluate(
      `$('#chart').stripchart('disable').stripchart('enable').stripchart('option', 'stack', true)`,
    );
    await page.evaluate(`$('#chart').stripchart('draw', ${DATA})`);
    expect((await pixels(page, '#chart')).picture).not.toBe(drawn.picture);
    await page.evaluate(`$('#chart').stripchart('destroy').empty()`);
    expect(await page.locator('#chart').getAttribute('class')).toBe('trend');
    await page.evaluate(`$('#chart').stripchart().stripchart('draw', ${DATA})`);
    expect((await pixels(page, '#chart')).picture).toBe(drawn.picture);
    await done(watched);
  });

  it('tells where it is clicked', async () => {
    const watched = await openPage(SCRIPTS, '<div id="chart" class="trend"></div>');
    const { page } = watched;
    await page.evaluate(
      `$('#chart').stripchart({ clickable: true }).on('stripchartclick', (event, at) => { window.at = at; }).stripchart('draw', { times: [1000, 2000, 3000], values: [[5, 5, 5]] })`,
    );
    const box = (await page.locator('#chart').boundingBox())!;
    await page.mouse.click(box.x + box.width / 2, box.y + 80);
    expect(await page.evaluate('window.at')).toMatchObject({ index: 1, time: 2000 });
    await done(watched);
  });

  it.each([1, 2, 3])('is as sharp as a screen of density %d', async (scale) => {
    const watched = await openPage(SCRIPTS, '<div id="chart" class="trend"></div>', scale);
    const { page } = watched;
    await page.evaluate(`$('#chart').stripchart().stripchart('draw', ${DATA})`);
    const size = `(() => { const c = document.querySelector('canvas'); return [c.width / c.clientWidth, c.height / c.clientHeight]; })()`;
    expect(await page.evaluate(size)).toEqual([scale, scale]);
    expect((await pixels(page, '#chart')).painted).toBeGreaterThan(500 * scale);
    await done(watched);
  });

  it.each([
    ['before it', ['jquery.min.js', 'jquery-ui/jquery-ui.min.js', 'jquery.stripchart.js', 'stripchart.js']],
    ['after it', ['jquery.min.js', 'jquery.stripchart.js', 'stripchart.js', 'jquery-ui/jquery-ui.min.js']],
    [
      'after it and the factory',
      [
        'jquery.min.js',
        'jquery.widget.js',
        'jquery.stripchart.js',
        'stripchart.js',
        'jquery-ui/jquery-ui.min.js',
      ],
    ],
  ])('works with jQuery UI loaded %s', async (_when, scripts) => {
    const watched = await openPage(
      scripts,
      `<div id="tabs"><ul><li><a href="#a">A</a></li><li><a href="#b">B</a></li></ul><div id="a">first</div>
<div id="b"><div id="chart" class="trend"></div></div></div><script>$(function () {
$('#tabs').tabs(); $('#chart').chart({ type: 'trend', metrics: ['x'] }, { trend: { times: [1000, 2000], trends: { x: [1, 2] } } }); });</script>`,
    );
    const { page } = watched;
    await page.locator('#tabs a', { hasText: 'B' }).click();
    await page.waitForFunction(`document.querySelector('#chart canvas').width > 300`);
    expect((await pixels(page, '#chart')).painted).toBeGreaterThan(500);
    await page.evaluate(`$('#chart').stripchart('destroy'); $('#tabs').tabs('destroy')`);
    await done(watched);
  });
});

describe('the chart helper (apps 3.2)', () => {
  it('draws all charts of a page, with legends', async () => {
    const watched = await open('charts.html');
    const { page } = watched;
    for (const id of ['#lines', '#top', '#mirror'])
      expect((await pixels(page, id)).painted, id).toBeGreaterThan(5000);
    expect(await page.locator('#lines tbody tr').allTextContents()).toEqual(['Ingress', 'Egress', 'Limit']);
    expect(await page.locator('#top th').allTextContents()).toEqual(['', 'Source', 'Destination']);
    await done(watched);
  });

  it('gives pages the key of a click on the legend', async () => {
    const watched = await open('charts.html');
    const { page } = watched;
    const row = page.locator('#top tbody tr').first();
    expect(await row.locator('td').count()).toBe(3);
    await row.locator('td').nth(2).click();
    expect(await page.evaluate('window.clicked')).toEqual({ index: 1, text: '192.0.2.3', swatch: false });
    await row.locator('td > div').click();
    expect(await page.evaluate('window.clicked')).toEqual({ index: -1, text: '', swatch: true });
    await done(watched);
  });

  it('draws what was hidden when it is shown', async () => {
    const watched = await open('charts.html');
    const { page } = watched;
    await page.evaluate(`$.event.trigger({ type: 'updateChart' })`);
    await page.getByText('Hidden first').click();
    await page.waitForFunction(`document.querySelector('#late canvas').width > 300`);
    expect((await pixels(page, '#late')).painted).toBeGreaterThan(5000);
    expect(await page.locator('#late td a').first().getAttribute('href')).toBe('#');
    const plot = await page.locator('#late canvas').boundingBox();
    expect(plot?.height).toBe(220);
    await done(watched);
  });

  it('follows its data and its size', async () => {
    const watched = await open('charts.html');
    const { page } = watched;
    const before = await pixels(page, '#lines');
    await page.evaluate(`db.trend.trends.in.fill(7e8); $.event.trigger({ type: 'updateChart' })`);
    const after = await pixels(page, '#lines');
    expect(after.picture).not.toBe(before.picture);
    await page.setViewportSize({ width: 500, height: 700 });
    await page.waitForFunction(`document.querySelector('#lines canvas').width < 500`);
    expect((await pixels(page, '#lines')).painted).toBeGreaterThan(3000);
    for (const id of ['#lines', '#top'])
      expect((await page.locator(`${id} canvas`).boundingBox())?.height, id).toBe(220);
    await done(watched);
  });

  const SCRIPTS = ['jquery.min.js', 'jquery.widget.js', 'jquery.stripchart.js', 'stripchart.js'];

  it('waits for data; keys come and leave; what is left over is "other"', async () => {
    const watched = await openPage(SCRIPTS, '<div id="chart" class="trend"></div>');
    const { page } = watched;
    await page.evaluate(`
      window.db = {};
      $('#chart').chart({ type: 'topn', metric: 'top', stack: true, legendHeadings: ['Key', 'Port'], keyName: (part, column) => column === 1 ? 'port ' + part : part }, db);
      $.event.trigger({ type: 'updateChart' });
      db.trend = { times: [1000, 2000, 3000], trends: { top: [0, { 'a,1': 5, 'b,2': 3 }, { 'a,1': 4 }] }, start: new Date(0), end: new Date(3000) };
      $.event.trigger({ type: 'updateChart' });`);
    const rows = page.locator('#chart tbody tr');
    const cells = async (): Promise<string[][]> =>
      Promise.all((await rows.all()).map((row) => row.locator('td').allTextContents()));
    expect(await cells()).toEqual([
      ['', 'a', 'port 1'],
      ['', 'b', 'port 2'],
    ]);
    const colorOf = (index: number): Promise<string> =>
      rows
        .nth(index)
        .locator('div')
        .evaluate((element) => element.getAttribute('style') ?? '');
    const colorOfB = await colorOf(1);
    await page.evaluate(`db.trend.trends.top = [{ 'b,2': 9 }, { 'c,3': 1, '<b>x</b>,4': 2 }, null];
      $.event.trigger({ type: 'updateChart' });`);
    expect(await cells()).toEqual([
      ['', 'b', 'port 2'],
      ['', '<b>x</b>', 'port 4'],
      ['', 'c', 'port 3'],
    ]);
    expect(await colorOf(0)).toBe(colorOfB);
    await page.evaluate(`db.trend.trends.top = [Object.fromEntries(Array.from({ length: 40 }, (_, i) => ['k' + i + ',0', 40 - i]))];
      db.trend.times = [1000]; window.clicks = 0; $('#chart').on('click', 'td', () => { clicks++; });
      $.event.trigger({ type: 'updateChart' });`);
    expect(await rows.count()).toBe(21);
    expect((await cells()).at(-1)).toEqual(['', 'other']);
    await rows.last().locator('td').nth(1).click();
    expect(await page.evaluate('clicks')).toBe(0);
    await rows.first().locator('td').nth(1).click();
    expect(await page.evaluate('clicks')).toBe(1);
    await done(watched);
  });

  it('leaves out the remainder where a page does not want it', async () => {
    const watched = await openPage(SCRIPTS, '<div id="chart" class="trend"></div>');
    await watched.page.evaluate(`
      const moment = Object.fromEntries(Array.from({ length: 40 }, (_, i) => ['k' + i, 40 - i]));
      $('#chart').chart({ type: 'topn', metric: 'top', includeOther: false, legendHeadings: ['Key'] }, { trend: { times: [1000], trends: { top: [moment] } } });`);
    expect(await watched.page.locator('#chart tbody tr').count()).toBe(20);
    await done(watched);
  });

  it('is destroyed by the widget, and made again with other keys, as pages do', async () => {
    const watched = await openPage(SCRIPTS, '<div id="chart" class="trend"></div><p id="below">Below</p>');
    const { page } = watched;
    const make = `$('#chart').chart({ type: 'topn', metric: 'top', legendHeadings: ['Key'] }, { trend: { times: [1000, 2000], trends: { top: [{ a: 1 }, { a: 2 }] } } });`;
    await page.evaluate(make);
    const before = await page.locator('#below').boundingBox();
    await page.evaluate(`$(document).off('updateChart'); $('#chart').stripchart('destroy'); $('#chart').empty();
      $.event.trigger({ type: 'updateChart' });`);
    expect(await page.locator('#chart canvas, #chart table').count()).toBe(0);
    expect((await page.locator('#chart').boundingBox())?.height).toBe(160);
    for (let i = 0; i < 5; i++) await page.evaluate(make);
    expect(await page.locator('#chart canvas').count()).toBe(1);
    expect(await page.locator('#chart table').count()).toBe(1);
    expect(await page.locator('#below').boundingBox()).toEqual(before);
    // Without destroying it first, too.
    await page.evaluate(`$('#chart').empty(); $.event.trigger({ type: 'updateChart' })`);
    expect((await pixels(page, '#chart')).painted).toBeGreaterThan(500);
    expect(await page.locator('#chart tbody tr').count()).toBe(1);
    await done(watched);
  });

  it('shows values under the pointer, and the series of a row', async () => {
    const watched = await open('charts.html');
    const { page } = watched;
    const plain = await pixels(page, '#lines');
    await page.locator('#lines canvas').hover();
    expect((await pixels(page, '#lines')).picture).not.toBe(plain.picture);
    await page.locator('#lines tbody tr').nth(1).hover();
    const strong = await pixels(page, '#lines');
    expect(strong.picture).not.toBe(plain.picture);
    await page.mouse.move(2, 2);
    expect((await pixels(page, '#lines')).picture).toBe(plain.picture);
    await done(watched);
  });
});

describe('gauge (apps 3.3)', () => {
  it('shows value, suffix and label, and warns from its threshold on', async () => {
    const watched = await open('gauges.html');
    const { page } = watched;
    const a = page.locator('#a');
    expect(await a.getAttribute('class')).toBe('gauge');
    expect(await a.locator('svg').count()).toBe(1);
    expect(await a.locator('.value tspan').allTextContents()).toEqual(['42.5', '%']);
    expect(await page.evaluate(`$('#a').find('.title').html()`)).toBe('Utilization');
    expect(await page.locator('#b').getAttribute('class')).toBe('gauge warn');
    const arc = await a.locator('.data-arc').getAttribute('d');
    await page.evaluate(`$('#a').gauge('update', { value: 90 })`);
    expect(await a.locator('.data-arc').getAttribute('d')).not.toBe(arc);
    expect(await a.getAttribute('class')).toBe('gauge warn');
    await page.evaluate(`$('#a').gauge('update', { threshold: 95, maxValue: 200 })`);
    expect(await a.getAttribute('class')).toBe('gauge');
    expect(await page.evaluate(`$('#c').gauge('valueStr', 12345)`)).toBe('12.345K');
    expect(await page.locator('#e .title').textContent()).toBe('Value');
    await done(watched);
  });

  it('keeps clicks and data of its element; a counter becomes a rate', async () => {
    const watched = await open('gauges.html');
    const { page } = watched;
    await page.evaluate(`$('#a').data('link', 7).click(function () { window.link = $(this).data('link'); })`);
    await page.locator('#a').click();
    expect(await page.evaluate('window.link')).toBe(7);
    await page.evaluate(
      `$('#d').gauge('option', { prevValue: 0, prevTime: Date.now() - 10000 }); $('#d').gauge('update', { value: 5000 })`,
    );
    const rate = Number(await page.locator('#d .number').textContent());
    expect(rate).toBeGreaterThan(300);
    expect(rate).toBeLessThan(501);
    await page.evaluate(`$('#d').gauge('update', { value: 3 })`);
    expect(Number(await page.locator('#d .number').textContent())).toBe(rate);
    await page.evaluate(`$('#a').gauge('destroy')`);
    expect(await page.locator('#a').innerHTML()).toBe('');
    await page.evaluate(`$('#a').gauge({ label: 'again' })`);
    expect(await page.locator('#a .title').textContent()).toBe('again');
    await done(watched);
  });
});

describe('flow (apps 3.4)', () => {
  it('moves, tells which flow is clicked, and is emptied', async () => {
    const watched = await open('flows.html');
    const { page } = watched;
    expect((await page.locator('#flow').boundingBox())?.height).toBe(520);
    const first = await pixels(page, '#flow');
    await expect.poll(async () => (await pixels(page, '#flow')).picture).not.toBe(first.picture);
    await page.evaluate(
      `$('#flow').flow('data', [{ startSide: 'W', startVal: 0.5, endSide: 'E', endVal: 0.5, type: 1, frequency: 3, info: [{ name: 'n', value: 'v', id: 'i' }] }])`,
    );
    await page.waitForTimeout(50);
    await page.locator('#flow canvas').click({ position: { x: 400, y: 260 } });
    expect(await page.evaluate('window.clicked.info')).toEqual([{ name: 'n', value: 'v', id: 'i' }]);
    await page.evaluate(`$('#flow').flow('data', [])`);
    await page.waitForTimeout(100);
    const empty = await pixels(page, '#flow');
    await page.waitForTimeout(100);
    expect(await pixels(page, '#flow')).toEqual(empty);
    await page.evaluate(
      `$('#flow').flow('data', undefined); $('#flow').flow('data', [{}, null, { startSide: 'N', endSide: 'S' }])`,
    );
    await page.waitForTimeout(100);
    await page.evaluate(`$('#flow').flow('destroy').flow({ height: 200 }).flow('data', flows)`);
    expect(await page.locator('#flow canvas').count()).toBe(1);
    await done(watched);
  });
});

describe('heatmap (apps 3.5)', () => {
  it('draws, and draws again when it has another size', async () => {
    const watched = await open('heat.html');
    const { page } = watched;
    await expect.poll(async () => (await pixels(page, '#heat')).painted).toBeGreaterThan(10_000);
    await page.setViewportSize({ width: 600, height: 500 });
    await page.waitForFunction(`document.querySelector('#heat canvas').width < 600`);
    await expect.poll(async () => (await pixels(page, '#heat')).painted).toBeGreaterThan(5000);
    const { painted } = await pixels(page, '#heat');
    await page.evaluate(`$('#heat').heatmap('draw', [])`);
    await expect.poll(async () => (await pixels(page, '#heat')).painted).toBeLessThan(painted / 3);
    await page.evaluate(
      `$('#heat').heatmap('draw'); $('#heat').heatmap('draw', [{}]); $('#heat').heatmap('destroy').heatmap().heatmap('draw', points)`,
    );
    await expect.poll(async () => (await pixels(page, '#heat')).painted).toBeGreaterThan(5000);
    await done(watched);
  });
});

describe('sunburst (apps 3.6)', () => {
  it('draws a tree, and tells which part is clicked', async () => {
    const watched = await open('sunburst.html');
    const { page } = watched;
    expect((await pixels(page, '#sun')).painted).toBeGreaterThan(50_000);
    const box = (await page.locator('#sun canvas').boundingBox())!;
    await page.mouse.click(box.x + box.width / 2 + 90, box.y + box.height / 2);
    expect(await page.evaluate('window.clicked.name')).toBe('IPv4');
    await page.evaluate(
      `$('#sun').sunburst('draw', {}); $('#sun').sunburst('draw'); $('#sun').sunburst('option', 'centerRadius', 30)`,
    );
    await page.evaluate(`$('#sun').sunburst('destroy').sunburst()`);
    await done(watched);
  });
});
