// author: the Weir project
// version: 1.0
// license: Apache-2.0

// Flow definitions made for scrapers; more are refused.
const MAX_DEFINITIONS = 100;
// One that nobody asks for any more is removed.
const UNUSED_MS = 10 * 60 * 1000;
const LOOK_SECONDS = 60;
// Keys are told apart by this; no key has it.
const SEPARATOR = '_SEP_';

const prefix = getSystemProperty('prometheus.metric.prefix') || 'sflow_';
const isRaw = ['yes', 'true', 'on', '1'].includes(
  String(getSystemProperty('prometheus.compat')).toLowerCase(),
);

// Name of a flow definition by what it was asked for with, and when it was asked for last.
const definitions = new Map();

setIntervalHandler(() => {
  const now = Date.now();
  for (const [name, used] of definitions) {
    if (now - used < UNUSED_MS) continue;
    clearFlow(name);
    definitions.delete(name);
  }
}, LOOK_SECONDS);

setHttpHandler((request) => {
  const path = request.path || [];
  const query = request.query || {};
  if (request.format !== 'txt') throw 'not_found';
  if (path[0] === 'dump' && path.length === 3) return dumpText(path[1], path[2], query);
  if (path[0] === 'flows' && path.length === 2) return flowsText(path[1], query);
  if (path[0] === 'statistics' && path.length === 4) return statisticsText(path[1], path[2], path[3], query);
  throw 'not_found';
});

/** `sflow_METRIC{agent,datasource,host,ifname} value` for each number, all metrics for ALL. */
function dumpText(agents, metrics, filter) {
  const places = new Map();
  return dump(agents, metrics, filter)
    .filter(({ metricValue }) => Number.isFinite(metricValue))
    .map(({ agent, dataSource, metricName, metricValue }) => {
      const place = `${agent} ${dataSource}`;
      if (!places.has(place)) places.set(place, labelsOf(agent, dataSource));
      return line(prefix + metricName, places.get(place), metricValue);
    })
    .join('');
}

function labelsOf(agent, dataSource) {
  const { node, port } = topologyInterfaceToPort(agent, dataSource) || {};
  return labels([
    ['agent', agent],
    ['datasource', dataSource],
    ['host', node],
    ['ifname', port],
  ]);
}

/** `METRIC{label="key",…} value` for each of the largest flows. The definition is made when it is first asked for. */
function flowsText(agents, query) {
  const metric = one(query, 'metric');
  const keys = one(query, 'key');
  const value = one(query, 'value');
  if (!metric || !value) throw 'bad_request';
  const names = (one(query, 'label') || keys || '').split(',');
  const specification = {
    value,
    fs: SEPARATOR,
    n: number(query, 'n', 10),
    t: number(query, 't', 15),
    dropped: one(query, 'dropped') === 'true',
  };
  if (keys) specification.keys = keys;
  const filter = one(query, 'filter');
  if (filter) specification.filter = filter;
  const name = `prometheus_${md5(JSON.stringify(specification))}`;
  define(name, specification);
  const scale = number(query, 'scale', 1);
  const flows = activeFlows(
    agents,
    name,
    number(query, 'maxFlows', 20),
    number(query, 'minValue', 0.1),
    one(query, 'aggMode') || 'max',
  );
  return flows
    .map((flow) => {
      const parts = keys ? flow.key.split(SEPARATOR) : [];
      const pairs = parts.map((part, i) => [names[i] || `key${i + 1}`, part]);
      return line(metric, labels(pairs), flow.value * scale);
    })
    .join('');
}

function define(name, specification) {
  if (!definitions.has(name)) {
    if (definitions.size >= MAX_DEFINITIONS) {
      logWarning(`prometheus: ${MAX_DEFINITIONS} flow definitions are in use already`);
      throw 'internal_server_error';
    }
    if (setFlow(name, specification) === false) throw 'bad_request';
  }
  definitions.set(name, Date.now());
}

/** `sflow_METRIC{group} value` for each statistic, such as `sum:ifinoctets`. */
function statisticsText(group, agents, metrics, filter) {
  return metric(agents, metrics, filter)
    .filter(({ metricValue }) => Number.isFinite(metricValue))
    .map(({ metricName, metricValue }) => line(prefix + metricName, labels([['group', group]]), metricValue))
    .join('');
}

function line(name, text, value) {
  const word = name.replace(/[^a-zA-Z0-9_:]/g, '_');
  return `${word}${text === '' ? '' : `{${text}}`} ${value}\n`;
}

function labels(pairs) {
  return pairs
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([name, value]) => `${name.replace(/[^a-zA-Z0-9_]/g, '_')}="${quotable(String(value))}"`)
    .join(',');
}

function quotable(value) {
  const text = isRaw ? value : value.replace(/[\\"]/g, '\\$&');
  return text.replace(/\n/g, isRaw ? ' ' : '\\n').replace(/\r/g, ' ');
}

function one(query, name) {
  return query[name]?.[0];
}

function number(query, name, otherwise) {
  const text = one(query, name);
  if (text === undefined || text === '') return otherwise;
  if (!Number.isFinite(Number(text))) throw 'bad_request';
  return Number(text);
}
