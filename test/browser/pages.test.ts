import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ServingWeir, WeirProcess } from '../e2e/weir-process.ts';
import { RestClient } from '../support/rest-client.ts';
import { SyntheticAgent, tcpHeader } from '../support/synthetic-agent.ts';
import { UdpSender } from '../support/udp-sender.ts';
import { launchBrowser, openWatched } from './watched-page.ts';

/* The pages as a person meets them, in Chromium, before the program as it is built. */

let serving: ServingWeir;
let browser: Browser;
beforeAll(async () => {
  [serving, browser] = await Promise.all([WeirProcess.serve(), launchBrowser()]);
});
afterAll(async () => {
  await browser?.close();
  await serving?.weir.end();
});

describe('the explorer at /api/', () => {
  /** Unfolds an operation, runs it with the values of its example, and gives the status shown. */
  async function execute(page: Page, id: string): Promise<string> {
    const operation = page.locator(`#operations-${id}`);
    await operation.locator('.opblock-summary-control').click();
    await operation.getByRole('button', { name: 'Execute' }).click();
    const status = operation.locator('.live-responses-table tbody .response-col_status').first();
    await status.waitFor();
    return (await status.textContent())?.slice(0, 3) ?? '';
  }

  it('loads from this server alone, and lists the operations', async () => {
    const { page, faults } = await openWatched(browser, `${serving.url}api/`);
    await page.locator('.opblock').first().waitFor();
    expect(await page.locator('.opblock').count()).toBeGreaterThan(40);
    expect(await page.locator('.title').first().textContent()).toContain('Weir REST API');
    expect(faults).toEqual([]);
    await page.context().close();
  });

  it('tries calls out: a question, a change, and what was changed', async () => {
    const { page, faults } = await openWatched(browser, `${serving.url}api/`);
    expect(await execute(page, 'Analyzer-getVersion')).toBe('200');
    expect(await execute(page, 'Flows-putFlowName')).toBe('204');
    expect(await execute(page, 'Flows-getFlowName')).toBe('200');
    const shown = page.locator('#operations-Flows-getFlowName .live-responses-table .highlight-code');
    expect(await shown.first().textContent()).toContain('"keys": "ipsource,ipdestination"');
    expect(faults).toEqual([]);
    await page.context().close();
  });
});

describe('the start page', () => {
  it('says what arrives while it arrives, without being loaded anew', async () => {
    const client = new RestClient(serving.url);
    await client.defineFlow('talkers', { keys: 'ipsource', value: 'bytes', t: 5 });
    const { page, faults } = await openWatched(browser, serving.url);
    await page.locator('#connection', { hasText: 'live' }).waitFor();
    expect(await page.locator('#summary').textContent()).toContain('No telemetry has arrived.');

    const agent = new SyntheticAgent('192.0.2.7');
    const sender = await UdpSender.open(serving.sflowPort);
    const packet = tcpHeader({ source: '10.9.8.7', destination: '10.0.0.2' });
    await sender.send([1, 2, 3].map(() => agent.datagram([agent.flow([packet])])));
    await page.locator('#summary', { hasText: 'Telemetry is arriving.' }).waitFor();
    await page.locator('#agents', { hasText: '192.0.2.7' }).waitFor();
    await page.locator('#talkers', { hasText: '10.9.8.7' }).waitFor();
    expect(faults).toEqual([]);
    sender.close();
    await page.context().close();
  });

  it('leads to the explorer', async () => {
    const { page, faults } = await openWatched(browser, serving.url);
    await page.getByRole('link', { name: 'Explore the API' }).click();
    await page.locator('.opblock').first().waitFor();
    expect(page.url()).toBe(`${serving.url}api/index.html`);
    expect(faults.filter((fault) => !fault.includes('/live'))).toEqual([]);
    await page.context().close();
  });

  it('says the same where no script runs', async () => {
    const { page, faults } = await openWatched(browser, serving.url, { javaScript: false });
    expect(await page.locator('#summary').textContent()).toContain('Telemetry is arriving.');
    expect(await page.locator('#connection').textContent()).toBe('renewed every 5 seconds');
    expect(await page.locator('meta[http-equiv=refresh]').count()).toBe(1);
    expect(faults).toEqual([]);
    await page.context().close();
  });
});
