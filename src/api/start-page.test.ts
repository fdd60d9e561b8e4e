import { describe, expect, it } from 'vitest';
import type { ScriptStatus, Scripts } from '../script/index.ts';
import { createFakeEngine, RECEIVED } from './fake-engine.ts';
import { html } from './html.ts';
import { renderSections, renderStartPage, startPageView } from './start-page.ts';

const NO_SCRIPTS = { apps: () => ({}), scripts: () => ({}) };

/** The page before a fake engine, prepared by `prepare`. */
async function pageOf(
  prepare: (engine: ReturnType<typeof createFakeEngine>) => void,
  scripts: Pick<Scripts, 'apps' | 'scripts'> = NO_SCRIPTS,
): Promise<string> {
  const engine = createFakeEngine();
  prepare(engine);
  return renderStartPage(await startPageView(engine, scripts, '1.2.3'));
}

const NO_LOSS = {
  ...RECEIVED,
  kernelDrops: 0,
  datagramsLost: 0,
  samplesLost: 0,
  parseErrors: 0,
  unsupportedVersion: 0,
  tooLarge: 0,
  flowsDropped: {},
  agentsRefused: 0,
  dataSourcesRefused: 0,
};

describe('the start page', () => {
  it('says that telemetry is arriving, from whom, and what was lost', async () => {
    const page = await pageOf(() => {});
    expect(page).toContain('Telemetry is arriving.');
    expect(page).toContain('<td>192.0.2.1<td>127.0.0.1');
    expect(page).toMatch(/dropped by the kernel<td class="number bad">11/);
    expect(page).toContain('href="../api/"');
  });

  it('says that there are no losses', async () => {
    const page = await pageOf((engine) => engine.answer('receive', () => NO_LOSS));
    expect(page).toContain('<section id="losses"><p class="good">None.');
  });

  it('says where to send telemetry when none has come', async () => {
    const page = await pageOf((engine) => {
      engine.answer('receive', () => ({ ...NO_LOSS, datagrams: 0, agents: 0 }));
      engine.answer('agents', () => ({}));
    });
    expect(page).toContain('No telemetry has arrived.');
    expect(page).toContain('UDP port 6343');
  });

  it('says that telemetry has stopped', async () => {
    const agent = { sFlowDatagramSource: ['127.0.0.1'], firstSeen: 500_000, lastSeen: 90_000, uptime: 1 };
    const page = await pageOf((engine) => engine.answer('agents', () => ({ '192.0.2.1': agent })));
    expect(page).toContain('Telemetry has stopped arriving.');
    expect(page).toContain('90 s ago');
  });

  it('says what is wrong with the engine', async () => {
    const page = await pageOf((engine) => {
      engine.healthy = false;
    });
    expect(page).toContain('The engine has a problem: a shard has ended');
  });

  it('shows the top talkers of definitions, or how to define one', async () => {
    expect(await pageOf(() => {})).toContain('No flow is defined.');
    const page = await pageOf((engine) => void engine.setFlow('pairs', { keys: 'ipsource', value: 'bytes' }));
    expect(page).toContain('<th class="number">bytes/s');
    expect(page).toContain('<td>10.0.0.1,10.0.0.2<td>192.0.2.1<td class="number">93.8k');
  });

  it('links the applications that have pages, and says what is wrong with the others', async () => {
    const failed: ScriptStatus = {
      flowsReceived: 0,
      flowsLost: 0,
      eventsReceived: 0,
      eventsLost: 0,
      requestsReceived: 0,
      requestsLost: 0,
      cpuMs: 1,
      alive: false,
      error: 'ReferenceError: <x> is not defined',
    };
    const page = await pageOf(() => {}, {
      apps: () => ({ 'a b': { scripts: [], entry: '/html/' }, quiet: { scripts: ['quiet~x.js'] } }),
      scripts: () => ({ 'quiet~x.js': failed }),
    });
    expect(page).toContain('<li><a href="../app/a%20b/html/">a b</a></li>');
    expect(page).toContain(
      '<li>quiet <span class="bad">ReferenceError: &lt;x&gt; is not defined</span></li>',
    );
  });

  it('lists no more agents than fit', async () => {
    const agent = { sFlowDatagramSource: [], firstSeen: 9, lastSeen: 1, uptime: 1 };
    const agents = Object.fromEntries(
      Array.from({ length: 500 }, (_, i) => [`10.0.${i >> 8}.${i & 255}`, agent]),
    );
    const page = await pageOf((engine) => engine.answer('agents', () => agents));
    expect(page).toContain('and 480 more');
    expect(page.length).toBeLessThan(10_000);
  });

  it('takes nothing from packets as markup', async () => {
    const page = await pageOf((engine) => {
      void engine.setFlow('pairs', { keys: '<img>', value: 'bytes' });
      engine.answer('activeFlows', () => [{ key: `<script>alert("x")</script>&'`, value: 1, flowN: 1 }]);
    });
    expect(page).not.toMatch(/<script>|<img/);
    expect(page).toContain('&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&amp;&#39;');
  });

  it('loads its own files and no others, and runs nothing that stands in it', async () => {
    const page = await pageOf(() => {});
    const loaded = [...page.matchAll(/<(?:script|link|img)[^>]*?(?:src|href)="([^"]*)"/g)].map(
      ([, url]) => url,
    );
    expect(loaded.sort()).toEqual(['icon.svg', 'start.css', 'start.js']);
    expect(page).not.toMatch(/<script[^>]*>[^<]|\son\w+=|<style|style=|https?:\/\/(?!localhost:8008)/);
  });

  it('is loaded anew every few seconds where no script runs', async () => {
    expect(await pageOf(() => {})).toContain('<noscript><meta http-equiv="refresh" content="5"></noscript>');
  });

  it('shows the newest events', async () => {
    const page = await pageOf((engine) =>
      engine.fire({
        eventID: 0,
        timestamp: 1_795_395_457_198,
        thresholdID: 'busy',
        metric: 'pairs',
        threshold: 50_000,
        value: 95_148.98,
        agent: '192.0.2.41',
        dataSource: '1',
        flowKey: '<b>10.9.0.3',
      }),
    );
    expect(page).toContain('<tr><td>2026-11-23 00:57:37 UTC<td>busy<td>192.0.2.41<td>1<td>&lt;b&gt;10.9.0.3');
    expect(page).toContain('<td class="number">95.1k<td class="number">50k</tr>');
  });

  it('gives its changing parts by the ids of their elements', async () => {
    const engine = createFakeEngine();
    const view = await startPageView(engine, NO_SCRIPTS, '1.2.3');
    const page = renderStartPage(view);
    const parts = Object.entries(renderSections(view));
    expect(parts.map(([id]) => id)).toEqual(['summary', 'apps', 'agents', 'losses', 'talkers', 'events']);
    for (const [id, markup] of parts) expect(page).toContain(`<section id="${id}">${markup}</section>`);
  });
});

it('html escapes text, and keeps markup and lists of it', () => {
  const item = (text: string) => html`<li>${text}`;
  expect(html`<ul title="${'"'}">${['<', '&'].map(item)}</ul>${3}`.markup).toBe(
    '<ul title="&quot;"><li>&lt;<li>&amp;</ul>3',
  );
});
