import { type Browser, chromium, type Page } from 'playwright-core';

const CHROMIUM = '/usr/bin/chromium';

/** Tests run as any user, on any machine, and ask no server but the one under test. */
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: ARGUMENTS });
}

/** A page, with everything that went wrong in it. */
export interface WatchedPage {
  readonly page: Page;
  /** Errors on the console, uncaught exceptions, failed requests, and requests to another server. */
  readonly faults: string[];
}

export interface OpenOptions {
  readonly javaScript?: boolean;
  /** Device pixels for each CSS pixel. */
  readonly scale?: number;
  /** Done with the page before it is loaded. */
  readonly prepare?: (page: Page) => Promise<unknown>;
}

export async function openWatched(
  browser: Browser,
  url: string,
  { javaScript = true, scale = 1, prepare = async () => {} }: OpenOptions = {},
): Promise<WatchedPage> {
  const context = await browser.newContext({ javaScriptEnabled: javaScript, deviceScaleFactor: scale });
  const page = await context.newPage();
  const faults: string[] = [];
  const own = new URL(url).origin;
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') faults.push(message.text());
  });
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('requestfailed', (request) =>
    faults.push(`${request.url()} failed: ${request.failure()?.errorText}`),
  );
  page.on('request', (request) => {
    const { origin, protocol } = new URL(request.url());
    if (protocol !== 'data:' && origin !== own) faults.push(`asked another server: ${request.url()}`);
  });
  page.on('response', (response) => {
    if (response.status() >= 400) faults.push(`${response.url()}: ${response.status()}`);
  });
  await prepare(page);
  await page.goto(url);
  return { page, faults };
}
