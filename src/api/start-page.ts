import type {
  ActiveFlow,
  AgentRecord,
  Engine,
  ReceiveCounters,
  ReceivePath,
  ThresholdEvent,
} from '../engine/index.ts';
import type { Scripts } from '../script/index.ts';
import { html, type Markup } from './html.ts';

/** What the start page shows. */
export interface StartPageView {
  readonly version: string;
  readonly health: { readonly ok: boolean; readonly reason?: string };
  readonly path: ReceivePath;
  readonly receive: ReceiveCounters;
  readonly agents: Readonly<Record<string, AgentRecord>>;
  /** Newest first. */
  readonly events: readonly ThresholdEvent[];
  /** Largest flows now of some definitions. */
  readonly talkers: readonly {
    readonly name: string;
    readonly unit: string;
    readonly keys: string;
    readonly flows: readonly ActiveFlow[];
  }[];
  readonly apps: readonly {
    readonly name: string;
    readonly hasPages: boolean;
    /** What has ended a script of it. */
    readonly error: string | undefined;
  }[];
}

const REFRESH_SECONDS = 5;
const MAX_AGENTS = 20;
const MAX_DEFINITIONS = 4;
const MAX_TALKERS = 5;
const MAX_EVENTS = 5;
/** Agents send counters every 20 to 30 seconds: one that is silent for longer has a problem. */
const SILENT_AFTER_MS = 60_000;

/** Asks the engine and the scripts for what the page shows. */
export async function startPageView(
  engine: Engine,
  scripts: Pick<Scripts, 'apps' | 'scripts'>,
  version: string,
): Promise<StartPageView> {
  const running = scripts.scripts();
  const definitions = Object.entries(engine.flows()).slice(0, MAX_DEFINITIONS);
  const [receive, agents, events, ...flows] = await Promise.all([
    engine.ask('receive', undefined),
    engine.ask('agents', { agents: [] }),
    engine.events({ thresholds: [], eventID: undefined, maxEvents: MAX_EVENTS, timeoutMs: undefined }),
    ...definitions.map(([name]) =>
      engine.ask('activeFlows', {
        agents: 'ALL',
        name,
        maxFlows: MAX_TALKERS,
        minValue: 0,
        aggMode: 'max',
        filter: undefined,
      }),
    ),
  ]);
  return {
    version,
    health: engine.health(),
    path: engine.receivePath(),
    receive,
    agents,
    events,
    talkers: definitions.map(([name, definition], i) => ({
      name,
      unit: valueUnit(definition['value']),
      keys: String(definition['keys'] ?? ''),
      flows: flows[i] ?? [],
    })),
    apps: Object.entries(scripts.apps()).map(([name, app]) => ({
      name,
      hasPages: app.entry !== undefined,
      error: app.scripts.map((key) => running[key]?.error).find((error) => error !== undefined),
    })),
  };
}

/** Plain values are rates, `count:ipsource` and the like are not. */
function valueUnit(value: unknown): string {
  if (typeof value !== 'string') return '';
  return /^(avg|min|max|count):/.test(value) ? value : `${value.replace(/^rate:/, '')}/s`;
}

/** Markup of the parts of the page that change, by the id of the element they fill. */
export function renderSections(view: StartPageView): Record<string, string> {
  return Object.fromEntries(Object.entries(sections(view)).map(([id, { markup }]) => [id, markup]));
}

function sections(view: StartPageView) {
  return {
    summary: summary(view),
    apps: appList(view),
    agents: agentTable(view),
    losses: lossTable(view.receive),
    talkers: talkerTables(view),
    events: eventTable(view),
  };
}

/**
 * The page as HTML text. Its script renews the parts from the live stream; without script the browser loads the page
 * anew every few seconds. Addresses are relative, so that the page works behind a proxy that adds a path.
 */
export function renderStartPage(view: StartPageView): string {
  const { summary, apps, agents, losses, talkers, events } = sections(view);
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<noscript><meta http-equiv="refresh" content="${REFRESH_SECONDS}"></noscript>
<title>Weir</title>
<link rel="icon" href="icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="start.css">
<script src="start.js" defer></script>
</head>
<body>
<header>
<h1>Weir</h1>
<p id="connection" class="quiet">renewed every ${REFRESH_SECONDS} seconds</p>
</header>
<main>
<section id="summary">${summary}</section>
<h2>Applications</h2>
<section id="apps">${apps}</section>
<h2>Agents</h2>
<section id="agents">${agents}</section>
<h2>Losses and errors</h2>
<section id="losses">${losses}</section>
<h2>Top talkers</h2>
<section id="talkers">${talkers}</section>
<h2>Events</h2>
<section id="events">${events}</section>
<h2>Ask for more</h2>
<p><a href="../api/">Explore the API</a>: every call, to be tried here.</p>
<p><a href="../analyzer/json">analyzer</a> · <a href="../agents/json">agents</a> ·
<a href="../metrics/json">metrics</a> · <a href="../flowkeys/json">flow keys</a> ·
<a href="../flow/json">flow definitions</a> · <a href="../threshold/json">thresholds</a> ·
<a href="../events/json">events</a> · <a href="../topology/json">topology</a> ·
<a href="../apps/json">applications</a> · <a href="../prometheus/analyzer/txt">Prometheus</a></p>
</main>
<footer class="quiet">Weir ${view.version}</footer>
</body>
</html>
`.markup;
}

function summary({ health, path, receive, agents }: StartPageView): Markup {
  if (!health.ok) return html`<p class="bad">The engine has a problem: ${health.reason ?? 'unknown'}</p>`;
  const where = html`UDP port ${path.port} of ${path.address} (${path.kind})`;
  if (receive.datagrams === 0) {
    return html`<p class="bad">No telemetry has arrived.</p>
<p>Send sFlow to ${where}. Without a switch at hand, <code>npm run demo</code> shows live data.</p>`;
  }
  const silence = Math.min(...Object.values(agents).map(({ lastSeen }) => lastSeen));
  const arriving = silence < SILENT_AFTER_MS;
  return html`<p class="${arriving ? 'good' : 'bad'}">${
    arriving ? 'Telemetry is arriving.' : 'Telemetry has stopped arriving.'
  }</p>
<p>${receive.agents} agents with ${receive.dataSources} data sources; ${whole(receive.datagrams)} datagrams with
${whole(receive.flowSamples)} flow and ${whole(receive.counterSamples)} counter samples on ${where}.</p>`;
}

function appList({ apps }: StartPageView): Markup {
  if (apps.length === 0) return html`<p class="quiet">None.</p>`;
  return html`<ul>${apps.map(
    ({ name, hasPages, error }) =>
      html`<li>${hasPages ? html`<a href="../app/${encodeURIComponent(name)}/html/">${name}</a>` : name}${
        error === undefined ? '' : html` <span class="bad">${error}</span>`
      }</li>`,
  )}</ul>`;
}

function agentTable({ agents }: StartPageView): Markup {
  const rows = Object.entries(agents).sort(([, a], [, b]) => a.lastSeen - b.lastSeen);
  if (rows.length === 0) return html`<p class="quiet">None.</p>`;
  const more = rows.length - MAX_AGENTS;
  return html`<table><tr><th>agent<th>sent from<th class="number">last seen<th class="number">datagrams<th class="number">lost</tr>
${rows.slice(0, MAX_AGENTS).map(
  ([address, agent]) => html`<tr><td>${address}<td>${agent.sFlowDatagramSource.join(' ')}
<td class="number ${agent.lastSeen < SILENT_AFTER_MS ? '' : 'bad'}">${seconds(agent.lastSeen)} ago
<td class="number">${counterText(agent, 'sFlowDatagramsReceived')}
<td class="number">${counterText(agent, 'sFlowDatagramsLost')}</tr>`,
)}</table>${more > 0 ? html`<p class="quiet">and ${more} more</p>` : ''}`;
}

function lossTable(receive: ReceiveCounters): Markup {
  const flowsDropped = Object.values(receive.flowsDropped).reduce((sum, count) => sum + count, 0);
  const rows: readonly [string, number, string][] = [
    ['dropped by the kernel', receive.kernelDrops, 'the socket buffer was full'],
    ['datagrams lost on the way', receive.datagramsLost, 'gaps in sequence numbers'],
    ['samples lost on the way', receive.samplesLost, 'gaps in sequence numbers'],
    ['datagrams with a fault', receive.parseErrors, 'cut short or not sFlow'],
    ['unsupported version', receive.unsupportedVersion, ''],
    ['datagrams too large', receive.tooLarge, ''],
    ['flows dropped', flowsDropped, 'a flow table was full'],
    [
      'refused',
      receive.agentsRefused + receive.dataSourcesRefused,
      'agents or data sources beyond the limit',
    ],
  ];
  const seen = rows.filter(([, count]) => count > 0);
  if (seen.length === 0) return html`<p class="good">None.</p>`;
  return html`<table>${seen.map(
    ([what, count, why]) =>
      html`<tr><td>${what}<td class="number bad">${whole(count)}<td class="quiet">${why}</tr>`,
  )}</table><p class="quiet"><code>weir doctor</code> says what to do.</p>`;
}

function talkerTables({ talkers }: StartPageView): Markup {
  if (talkers.length === 0) {
    return html`<p>No flow is defined. To see who talks to whom:</p>
<pre>curl -X PUT http://localhost:8008/flow/pairs/json -d '{"keys":"ipsource,ipdestination","value":"bytes"}'</pre>`;
  }
  return html`${talkers.map(
    ({ name, unit, keys, flows }) => html`<h3>${name}</h3>
<table><tr><th>${keys}<th>agent<th class="number">${unit}</tr>
${flows.map(
  ({ key, agent, value }) => html`<tr><td>${key}<td>${agent ?? ''}<td class="number">${short(value)}</tr>`,
)}</table>`,
  )}`;
}

function eventTable({ events }: StartPageView): Markup {
  if (events.length === 0) return html`<p class="quiet">None.</p>`;
  return html`<table><tr><th>time<th>threshold<th>agent<th>data source<th>flow<th class="number">value<th class="number">threshold</tr>
${events.map(
  ({ timestamp, thresholdID, agent, dataSource, flowKey = '', value, threshold }) =>
    html`<tr><td>${new Date(timestamp).toISOString().slice(0, 19).replace('T', ' ')} UTC<td>${thresholdID}<td>${agent}<td>${dataSource}<td>${flowKey}
<td class="number">${short(value)}<td class="number">${short(threshold)}</tr>`,
)}</table>`;
}

function counterText(agent: AgentRecord, name: string): string {
  const value = agent[name];
  return typeof value === 'number' ? whole(value) : '';
}

/** Digits in groups of three. */
function whole(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ' ');
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1000)} s`;
}

/** Three significant digits with a metric prefix: `12.3M`. */
function short(value: number): string {
  const prefixes = ['', 'k', 'M', 'G', 'T', 'P'];
  let power = 0;
  while (Math.abs(value) >= 999.5 && power < prefixes.length - 1) {
    value /= 1000;
    power++;
  }
  return Number(value.toPrecision(3)) + prefixes[power];
}
