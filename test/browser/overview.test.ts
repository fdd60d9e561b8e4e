import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ServingWeir, WeirProcess } from '../e2e/weir-process.ts';
import { SyntheticAgent, tcpHeader } from '../support/synthetic-agent.ts';
import { UdpSender } from '../support/udp-sender.ts';
import { launchBrowser, openWatched } from './watched-page.ts';

/* The bundled application "network overview": its script, its page, and telemetry that arrives while one looks. */

const APPS = fileURLToPath(new URL('../../apps', import.meta.url));

let serving: ServingWeir;
let browser: Browser;
let sending: NodeJS.Timeout;
let sender: UdpSender;
beforeAll(async () => {
  [serving, browser] = await Promise.all([WeirProcess.serve(`-Dapp.dir=${APPS}`), launchBrowser()]);
  const agent = new SyntheticAgent('192.0.2.7');
  sender = await UdpSender.open(serving.sflowPort);
  const packets = [
    tcpHeader({ source: '10.9.8.7', destination: '10.0.0.2' }),
    tcpHeader({ source: '10.9.8.6', destination: '10.0.0.3' }),
  ];
  sending = setInterval(() => void sender.send([agent.datagram([agent.flow(packets)])]), 100);
});
afterAll(async () => {
  clearInterval(sending);
  sender?.close();
  await browser?.close();
  await serving?.weir.end();
});

it('shows who talks to whom, in a chart that goes on', async () => {
  const { page, faults } = await openWatched(browser, `${serving.url}app/overview/html/`);
  await page.locator('#state', { hasText: 'live' }).waitFor();
  await page.locator('#pairs tbody tr', { hasText: '10.9.8.7' }).waitFor();
  expect(await page.locator('#pairs th').allTextContents()).toEqual(['', 'Source', 'Destination']);
  const row = page.locator('#pairs tbody tr', { hasText: '10.9.8.7' });
  expect(await row.locator('td').allTextContents()).toEqual(['', '10.9.8.7', '10.0.0.2']);
  await page.locator('#services tbody tr', { hasText: 'eth.ip.tcp' }).waitFor();
  expect(await page.locator('#bps .number').textContent()).toMatch(/^[\d.]+[KMG]?$/);
  const picture = (): Promise<unknown> =>
    page.evaluate(`document.querySelector('#pairs canvas').toDataURL()`);
  const before = await picture();
  await expect.poll(picture, { timeout: 10_000 }).not.toBe(before);
  expect(faults).toEqual([]);
  await page.context().close();
});

it('lists the agents, and keeps the tab in the address', async () => {
  const { page, faults } = await openWatched(browser, `${serving.url}app/overview/html/index.html`);
  await page.getByRole('tab', { name: 'Agents' }).click();
  await page.locator('#agents td', { hasText: '192.0.2.7' }).waitFor();
  expect(page.url()).toMatch(/#agents$/);
  await page.reload();
  await page.locator('#agents td', { hasText: '192.0.2.7' }).waitFor();
  await page.getByRole('tab', { name: 'Interfaces' }).click();
  await page.waitForFunction(`document.querySelector('#octets canvas')?.width > 300`);
  expect(faults).toEqual([]);
  await page.context().close();
});

it('says so when the server is gone', async () => {
  const { page } = await openWatched(browser, `${serving.url}app/overview/html/index.html`);
  await page.locator('#state', { hasText: 'live' }).waitFor();
  await page.context().setOffline(true);
  await page.locator('#state.lost').waitFor();
  await page.context().setOffline(false);
  await page.locator('#state.live').waitFor();
  await page.context().close();
});

it('is linked from the start page', async () => {
  const { page, faults } = await openWatched(browser, serving.url);
  await page.getByRole('link', { name: 'overview' }).click();
  await page.locator('#state', { hasText: 'live' }).waitFor();
  expect(page.url()).toBe(`${serving.url}app/overview/html/index.html`);
  expect(faults.filter((fault) => !fault.includes('/live'))).toEqual([]);
  await page.context().close();
});
