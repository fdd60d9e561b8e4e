/** Replacing a large group while datagrams come in: how long it takes, and whether samples are lost over it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { TEN_FLOWS } from '../flows.mjs';
import { createClient } from '../lib/http-client.mjs';
import { measureUnderLoad } from '../lib/load.mjs';
import { milliseconds, number, table } from '../lib/markdown.mjs';
import { median, quantile } from '../lib/statistics.mjs';
import { withWeir } from '../peers/weir.mjs';

const PREFIXES = 100_000;
/** Of them, /24 of IPv4: all of 10.0.0.0/8, where the load's sources are. The others are /48 of IPv6. */
const IPV4_PREFIXES = 65_536;
const LABELS = 50;
const PAUSE_MS = 250;

const FLOW = { keys: 'group:ipsource:prefixes', value: 'bytes' };

export async function measureGroups({ rounds, rate, warmup, seconds, report, prefixes = PREFIXES }) {
  const results = [];
  // Two that differ in every label, in turn.
  const contents = [0, 1].map((shift) => JSON.stringify(groupOf(prefixes, shift)));
  for (let round = 1; round <= rounds; round++) {
    const result = {
      round,
      rate,
      prefixes,
      bytes: contents[0].length,
      ...(await measureOnce({ rate, warmup, seconds, contents })),
    };
    results.push(result);
    report(
      `round ${round} of ${rounds}, groups of ${number(prefixes, 0)} prefixes at ${number(rate, 0)}/s: ` +
        `p50 ${milliseconds(quantile(result.times, 0.5))}, largest ${milliseconds(quantile(result.times, 1))} of ${result.times.length}, ` +
        `${result.lost} of ${result.sent} datagrams and ${result.samplesLost} samples lost`,
    );
  }
  return results;
}

function measureOnce({ rate, warmup, seconds, contents }) {
  return withWeir({ flows: { ...TEN_FLOWS, groups: FLOW } }, async (weir, folder) => {
    const client = createClient(weir.url);
    try {
      const { meanwhile, inAll, ...measured } = await measureUnderLoad({
        pid: weir.pid,
        port: weir.port,
        rate,
        warmup,
        seconds,
        folder,
        meanwhile: () => replaceFor(client, contents, seconds),
      });
      const flows = await weir.ask('activeflows/ALL/groups/json');
      if (!flows.some(({ key }) => key.startsWith('label'))) throw new Error('the group has no flows');
      const analyzer = await weir.ask('analyzer/json');
      return {
        ...measured,
        times: meanwhile,
        // From the beginning of the load on, by Weir's own counts.
        missing: inAll.datagrams - analyzer.sFlowDatagramsReceived,
        samplesLost: samplesLost(await weir.ask('agents/json')),
      };
    } finally {
      client.close();
    }
  });
}

/** Put one content after the other. Resolves to the times until they were answered, ms. */
async function replaceFor(client, contents, seconds) {
  const times = [];
  const end = performance.now() + seconds * 1000;
  for (let i = 0; performance.now() < end; i++) {
    const { ms } = await client.ask('group/prefixes/json', {
      method: 'PUT',
      body: contents[i % contents.length],
    });
    times.push(ms);
    await sleep(PAUSE_MS);
  }
  return times;
}

/** Gaps in the sequences of samples, of all agents. */
function samplesLost(agents) {
  return Object.values(agents).reduce(
    (sum, agent) => sum + agent.sFlowFlowLostSamples + agent.sFlowCounterLostSamples,
    0,
  );
}

/** So many prefixes under labels that take turns; `shift` moves every prefix to another label. */
function groupOf(prefixes, shift) {
  const group = {};
  for (let i = 0; i < prefixes; i++) {
    const label = `label${(i + shift) % LABELS}`;
    group[label] ??= [];
    group[label].push(prefix(i));
  }
  return group;
}

function prefix(i) {
  if (i < IPV4_PREFIXES) return `10.${i >>> 8}.${i & 255}.0/24`;
  return `2001:db8:${(i - IPV4_PREFIXES).toString(16)}::/48`;
}

export function renderGroups(results) {
  const [{ rate, prefixes, bytes }] = results;
  const times = results.map((result) => result.times);
  const total = (name) =>
    number(
      results.reduce((sum, result) => sum + result[name], 0),
      0,
    );
  const row = [
    number(times.flat().length, 0),
    milliseconds(median(times.map((round) => quantile(round, 0.5)))),
    milliseconds(quantile(times.flat(), 1)),
    `${total('lost')} of ${total('sent')}`,
    total('samplesLost'),
  ];
  return [
    '### Replacing a large group',
    '',
    `PUT of a group of ${number(prefixes, 0)} prefixes (${number(bytes / 1e6, 1)} MB), which a flow definition beside ten others uses, until it is answered with 204, while ${number(rate, 0)} datagrams a second come in. Lost are datagrams that the kernel dropped, and samples by the gaps in their sequence numbers.`,
    '',
    table(['times', 'p50', 'largest', 'datagrams lost', 'samples lost'], [row]),
  ].join('\n');
}
