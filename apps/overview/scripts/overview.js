// author: the Weir project
// version: 1.0
// license: Apache-2.0

include(`${scriptdir()}/inc/trend.js`);

const TOP = 10;
const POINTS = 300;
const STEP_SECONDS = 1;
const SEPARATOR = '_SEP_';

/** Where an agent that was not heard for so long is shown as silent. */
const SILENT_MS = 60000;

const FLOWS = {
  overview_pairs: { keys: 'or:ipsource:ip6source,or:ipdestination:ip6destination', value: 'bytes' },
  overview_services: { keys: 'stack', value: 'bytes' },
  overview_packets: { keys: 'stack', value: 'frames' },
};

Object.keys(FLOWS).forEach((name) => {
  setFlow(name, Object.assign({ t: 2, n: 2 * TOP, fs: SEPARATOR }, FLOWS[name]));
});

const trend = new Trend(POINTS, STEP_SECONDS * 1000);
const INTERFACES = [
  'sum:ifinoctets',
  'sum:ifoutoctets',
  'max:ifinutilization',
  'max:ifoututilization',
  'sum:ifindiscards',
  'sum:ifoutdiscards',
  'sum:ifinerrors',
  'sum:ifouterrors',
];
let now = {};

/** Largest flows by key; in bits where the flow counts bytes. */
function top(name, factor) {
  const found = {};
  (activeFlows('ALL', name, TOP, 1, 'sum') || []).forEach((flow) => {
    found[flow.key] = flow.value * factor;
  });
  return found;
}

/** Values of metrics in their order, 0 where there is none. */
function counters(names) {
  return (metric('ALL', names.join(',')) || []).map((each) => each.metricValue || 0);
}

function sample(time) {
  const [inOctets, outOctets, inUse, outUse, inDiscards, outDiscards, inErrors, outErrors] =
    counters(INTERFACES);
  const pairs = top('overview_pairs', 8);
  const services = top('overview_services', 8);
  const sum = (values) => Object.keys(values).reduce((all, key) => all + values[key], 0);
  now = {
    bps: sum(services),
    pps: sum(top('overview_packets', 1)),
    use: Math.max(inUse, outUse),
    discards: inDiscards + outDiscards,
    errors: inErrors + outErrors,
  };
  trend.add(time, {
    pairs,
    services,
    bps: now.bps,
    in: inOctets * 8,
    out: outOctets * 8,
    discards: now.discards,
    errors: now.errors,
  });
}

/** One row for each agent that sends, the noisiest losses first. */
function agentRows() {
  const known = agents();
  return Object.keys(known)
    .map((address) => {
      const agent = known[address];
      return {
        address,
        name: (metric(address, 'any:host_name') || [{}])[0].metricValue || '',
        lastSeen: agent.lastSeen,
        silent: agent.lastSeen > SILENT_MS,
        datagrams: agent.sFlowDatagramsReceived,
        lost: agent.sFlowDatagramsLost,
        flowSamples: agent.sFlowFlowSamples,
        counterSamples: agent.sFlowCounterSamples,
      };
    })
    .sort((a, b) => b.lost - a.lost || (a.address < b.address ? -1 : 1));
}

setIntervalHandler(sample, STEP_SECONDS);

setHttpHandler((request) => {
  const { path, query } = request;
  if (path?.length !== 1) throw 'not_found';
  switch (path[0]) {
    case 'trend':
      return { separator: SEPARATOR, now, trend: trend.after(query.after ? Number(query.after[0]) : 0) };
    case 'agents':
      return agentRows();
    default:
      throw 'not_found';
  }
});
