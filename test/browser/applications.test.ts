import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFabricSource, type FabricSource } from '../../src/load/index.ts';
import { WeirUnderTest } from '../contract/weir-under-test.ts';
import { fabricTopology } from '../support/fabric-topology.ts';
import { launchBrowser, openWatched, type WatchedPage } from './watched-page.ts';

/*
 * Pages of applications that use the engine, its addresses and its shared files in the ways that published ones do (apps.md,
 * sections 1 to 3), in Chromium, over the traffic of the made-up fabric.
 */

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const USAGE = at('../fixtures/usage');
const JQUERY_UI = at('../../node_modules/jquery-ui/dist');
const WITHIN = { timeout: 20_000, interval: 200 };

let folder: string;
let weir: WeirUnderTest;
let traffic: FabricSource;
let browser: Browser;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'weir-applications-'));
  cpSync(USAGE, folder, { recursive: true });
  // Some applications bring their own jQuery UI.
  for (const app of ['blackhole', 'routes']) {
    const own = join(folder, app, 'html/inc/jquery-ui');
    cpSync(join(JQUERY_UI, 'jquery-ui.min.js'), join(own, 'jquery-ui.min.js'));
    cpSync(join(JQUERY_UI, 'themes/base/jquery-ui.min.css'), join(own, 'jquery-ui.min.css'));
    cpSync(join(JQUERY_UI, 'themes/base/images'), join(own, 'images'), { recursive: true });
  }
  [weir, browser] = await Promise.all([
    WeirUnderTest.serve(
      `-Dapp.dir=${folder}`,
      `-Dscript.store=${join(folder, '.store')}`,
      '-Dbgp.start=yes',
      '-Dbgp.port=0',
    ),
    launchBrowser(),
  ]);
  traffic = createFabricSource({ address: '127.0.0.1', port: weir.sflowPort });
  await traffic.start();
  await weir.set('/topology/json', fabricTopology());
});
afterAll(async () => {
  await traffic?.stop();
  await browser?.close();
  await weir?.end();
  rmSync(folder, { recursive: true, force: true });
});

/** Opens the first page of an application, by its folder. */
function open(app: string, query = ''): Promise<WatchedPage> {
  return openWatched(browser, `http://127.0.0.1:${weir.httpPort}/app/${app}/html/${query}`);
}

async function done({ page, faults }: WatchedPage): Promise<void> {
  expect(faults).toEqual([]);
  await page.context().close();
}

/** Text that changes with any pixel. */
function picture(page: Page, selector: string): Promise<string> {
  return page.evaluate(`document.querySelector('${selector} canvas').toDataURL()`);
}

/** Resolves when the picture is another. */
async function changes(page: Page, selector: string): Promise<void> {
  const before = await picture(page, selector);
  await expect.poll(() => picture(page, selector), WITHIN).not.toBe(before);
}

function width(page: Page, selector: string): Promise<number> {
  return page.evaluate(`document.querySelector('${selector} canvas').clientWidth`);
}

/** Addresses that the page asks for from now on. */
function asked(page: Page): string[] {
  const urls: string[] = [];
  page.on('request', (request) => urls.push(request.url()));
  return urls;
}

describe('flows on demand', () => {
  it('draws, continues where it was, and is asked anew by clicks on its legend', async () => {
    const watched = await open('search');
    const { page } = watched;
    const rows = page.locator('#flows tbody tr');
    await expect.poll(() => rows.count(), WITHIN).toBeGreaterThan(3);
    expect(await page.locator('#flows th').allTextContents()).toEqual(['', 'ipsource', 'ipdestination']);
    await changes(page, '#flows');
    const urls = asked(page);
    await expect
      .poll(() => urls.filter((url) => /flows\/json\?.*&after=\d{13}$/.test(url)).length, WITHIN)
      .toBeGreaterThan(2);
    // Legends move while values do: what was clicked is what the page was told.
    const cell = rows.first().locator('td').nth(1);
    expect(await cell.textContent()).toMatch(/^10\.1\.\d\.\d+$/);
    await cell.click();
    const [, source] = /^ipsource=(10\.1\.\d\.\d+)$/.exec(await page.locator('#filter').inputValue())!;
    const sources = (): Promise<string[]> => page.locator('#flows tbody td:nth-child(2)').allTextContents();
    await expect.poll(async () => new Set(await sources()), WITHIN).toEqual(new Set([source]));
    expect(await page.locator('#flows canvas').count()).toBe(1);
    await rows.first().locator('td > div').click();
    expect(await page.locator('#filter').inputValue()).toMatch(
      new RegExp(`^ipsource=${source}&ipsource=${source}&ipdestination=10\\.1\\.\\d\\.\\d+$`),
    );
    await expect.poll(() => rows.count(), WITHIN).toBe(1);
    await done(watched);
  });

  it('other keys give another legend; what is kept is there after a reload', async () => {
    const watched = await open('search', `index.html?filter=${encodeURIComponent('ipprotocol=6')}`);
    const { page } = watched;
    expect(await page.locator('#filter').inputValue()).toBe('ipprotocol=6');
    await page.locator('#keys').fill('macsource,ipso');
    await expect.poll(() => page.locator('#names option').count(), WITHIN).toBeGreaterThan(0);
    await page.locator('#keys').fill('macsource,nothing');
    await expect.poll(() => page.locator('#names option').count(), WITHIN).toBe(0);
    await page.locator('#keys').fill('macsource,ipsource,null:tcpsourceport');
    await page.getByRole('button', { name: 'Show' }).click();
    expect(await page.locator('#flows th').allTextContents()).toEqual([
      '',
      'macsource',
      'ipsource',
      'null:tcpsourceport',
    ]);
    await expect.poll(() => page.locator('#flows tbody tr').count(), WITHIN).toBeGreaterThan(0);
    expect(await page.locator('#flows tbody td').nth(1).textContent()).toMatch(/^[0-9A-F]{12}$/);
    await page.locator('#save').click();
    await page.locator('#shortcuts tr').first().waitFor();
    await page.reload();
    await page.locator('#shortcuts tr').first().click();
    expect(await page.locator('#keys').inputValue()).toBe('macsource,ipsource,null:tcpsourceport');
    await done(watched);
  });
});

describe('a fabric', () => {
  it('charts of every kind share data, in tabs, and follow the size of the window', async () => {
    const watched = await open('fabric');
    const { page } = watched;
    expect(await page.locator('#octets tbody tr').allTextContents()).toHaveLength(1);
    await changes(page, '#octets');
    await changes(page, '#packets');
    const urls = asked(page);
    await expect.poll(() => urls.some((url) => /trend\/json\?after=\d{13}$/.test(url)), WITHIN).toBe(true);
    // No more than the script keeps.
    await expect.poll(() => page.evaluate('db.trend.times.length'), WITHIN).toBe(30);
    await page.locator('#more').click();
    await page.getByText('Services').click();
    await expect.poll(() => width(page, '#dscp'), WITHIN).toBeGreaterThan(600);
    await expect.poll(() => page.locator('#dscp tbody td a').count(), WITHIN).toBeGreaterThan(0);
    const link = page.locator('#dscp tbody td a').first();
    const name = await link.textContent();
    await link.click();
    expect(await page.locator('#about').getAttribute('data-class')).toBe(name);
    await page.setViewportSize({ width: 500, height: 700 });
    await expect.poll(() => width(page, '#dscp'), WITHIN).toBeLessThan(500);
    // Behind the other tab, at the next event.
    await page.getByText('Traffic').click();
    await expect.poll(() => width(page, '#octets'), WITHIN).toBeLessThan(500);
    expect(await width(page, '#octets')).toBeGreaterThan(300);
    await done(watched);
  });
});

describe('applications with their own jQuery UI', () => {
  it('tabs, accordion, button, dialog and autocomplete; a form that is sent; a chart', async () => {
    const watched = await open('blackhole');
    const { page } = watched;
    await expect.poll(() => page.locator('#targets tbody tr').count(), WITHIN).toBeGreaterThan(0);
    await changes(page, '#targets');
    expect(await page.locator('#targets th').allTextContents()).toEqual(['', 'Target', 'Group']);
    await page.getByRole('tab', { name: 'Settings' }).click();
    await page.locator('#threshold').fill('1000');
    await page.locator('#set').click();
    await page.locator('#set.done').waitFor();
    await page.getByText('Groups').click();
    await page.locator('#group').press('ArrowDown');
    await page.locator('.ui-menu-item', { hasText: 'local' }).click();
    expect(await page.locator('#group').inputValue()).toBe('local');
    await page.getByRole('tab', { name: 'Controls' }).click();
    const controls = page.locator('#controls tbody tr');
    await expect.poll(() => controls.count(), WITHIN).toBeGreaterThan(0);
    expect(await controls.first().locator('td').nth(1).textContent()).toMatch(/^[\d.]+[KMG]?$/);
    await page.locator('#release').click();
    const released = page.waitForResponse(/controls\/json\?action=release$/);
    await page.locator('.ui-dialog button', { hasText: 'Release' }).click();
    expect((await released).status()).toBe(204);
    await page.getByRole('tab', { name: 'Charts' }).click();
    await changes(page, '#targets');
    await done(watched);
  });

  it('a chart in a tab that no data ever come to', async () => {
    const watched = await open('routes');
    const { page } = watched;
    await expect.poll(() => page.locator('#state').textContent(), WITHIN).toBe('not connected');
    await page.getByRole('tab', { name: 'Then' }).click();
    await expect.poll(() => width(page, '#prefixes'), WITHIN).toBeGreaterThan(600);
    expect(await page.locator('#prefixes tbody tr').allTextContents()).toEqual(['Prefixes', 'Hits']);
    await done(watched);
  });
});

describe('gauges of a topology', () => {
  it('show what is up, warn, and open a dialog with their title', async () => {
    const watched = await open('places');
    const { page } = watched;
    const text = (id: string): Promise<string | null> => page.locator(`#${id} .value`).textContent();
    await expect.poll(() => text('links'), WITHIN).toBe('8');
    expect(await page.locator('#silent').getAttribute('class')).toBe('gauge');
    expect(await page.locator('#up').getAttribute('class')).toBe('gauge warn');
    await page.locator('#links').click();
    expect(await page.locator('.modal-title').innerHTML()).toBe('Links up');
    expect(await page.locator('.modal-body').textContent()).toContain('leaf1-spine1');
    await page.locator('.modal .close').click();
    await page.locator('.modal').waitFor({ state: 'hidden' });
    await expect.poll(() => text('hosts'), WITHIN).not.toBe('0');
    await page.locator('#address').fill('10.1.1.11');
    await page.getByRole('button', { name: 'Find' }).click();
    await expect.poll(() => page.locator('#place').textContent(), WITHIN).toBe('leaf1 swp1');
    await page.getByText('API', { exact: true }).click();
    expect(page.url()).toMatch(/\/api\/index\.html$/);
    await done(watched);
  });
});

describe('pictures of flows', () => {
  it('particles move, and tell whose they are', async () => {
    const watched = await open('motes');
    const { page } = watched;
    await page.locator('#motes canvas').waitFor();
    await changes(page, '#motes');
    await expect
      .poll(async () => {
        const box = (await page.locator('#motes canvas').boundingBox())!;
        await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
        return page.locator('#clicked').textContent();
      }, WITHIN)
      .toMatch(/^from [0-9a-f.:]+, to [0-9a-f.:]+$/);
    await done(watched);
  });

  it('heat is drawn, and drawn again for another size', async () => {
    const watched = await open('heat');
    const { page } = watched;
    await page.locator('#heat canvas').waitFor();
    await changes(page, '#heat');
    await page.setViewportSize({ width: 500, height: 600 });
    await expect.poll(() => width(page, '#heat'), WITHIN).toBeLessThanOrEqual(500);
    await done(watched);
  });
});

describe('pages without a script', () => {
  it('metrics of an agent, as a chart and as a table', async () => {
    const watched = await open('counters');
    const { page } = watched;
    await expect.poll(() => page.locator('#values tr').count(), WITHIN).toBeGreaterThan(50);
    await changes(page, '#chart');
    await page.locator('#metric').selectOption('ifoutoctets');
    await page.locator('#agent').selectOption('192.0.2.21');
    await changes(page, '#chart');
    expect(await page.locator('#chart canvas').count()).toBe(1);
    expect(await page.locator('#chart canvas').getAttribute('class')).toContain('clickable');
    await page.setViewportSize({ width: 500, height: 600 });
    await expect.poll(() => width(page, '#chart'), WITHIN).toBeLessThan(500);
    await done(watched);
  });

  it('may be resized before there are any data', async () => {
    const watched = await openWatched(browser, `http://127.0.0.1:${weir.httpPort}/app/counters/html/`, {
      prepare: (page) => page.route('**/agents/json', () => {}),
    });
    await watched.page.setViewportSize({ width: 500, height: 600 });
    await expect.poll(() => width(watched.page, '#chart'), WITHIN).toBeLessThan(500);
    expect(watched.faults).toEqual([]);
    await watched.page.context().close();
  });
});

describe('one application leads to another', () => {
  it('where that is well, with what is defined for a question', async () => {
    const watched = await open('protect');
    const { page } = watched;
    await expect.poll(() => page.locator('#attacks a').count(), WITHIN).toBe(14);
    await page.locator('#protect_dns a').click();
    await page.locator('#flows canvas').waitFor();
    expect(page.url()).toContain('/app/search/html/index.html?');
    expect(await page.locator('#filter').inputValue()).toContain('udpsourceport=53');
    await done(watched);
  });
});

it('after all this every script is alive', async () => {
  const scripts = await weir.get<Record<string, { alive: boolean; error?: string }>>('/scripts/json');
  expect(Object.entries(scripts).filter(([, { alive }]) => !alive)).toEqual([]);
});
