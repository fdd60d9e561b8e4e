// description: Pushes metrics to Librato or InfluxDB, in batches, again when it fails
//
//   push.url        where to: https://metrics-api.librato.com/v1/metrics, http://127.0.0.1:8086/api/v2/write?org=o&bucket=b
//   push.format     librato or influx
//   push.user       Basic authentication: user
//   push.password   and password (or token) of it
//   push.token      InfluxDB: an API token
//   push.metrics    metrics over all agents: sum:ifinoctets,sum:ifoutoctets
//   push.flows      names of flow definitions, whose five largest flows are pushed
//   push.seconds    how often to measure: 15

const url = getSystemProperty('push.url');
const format = getSystemProperty('push.format') || 'influx';
const user = getSystemProperty('push.user') || undefined;
const password = getSystemProperty('push.password') || undefined;
const token = getSystemProperty('push.token');
const wanted = getSystemProperty('push.metrics') || 'sum:ifinoctets,sum:ifoutoctets';
const flows = (getSystemProperty('push.flows') || '').split(',').filter((name) => name !== '');
const seconds = Number(getSystemProperty('push.seconds') || 15);

const BATCH = 300; // points in one request
const KEEP = 10000; // points kept while the server is away; older ones are given up
const FIRST_DELAY = 1000; // ms to the second try; twice as long for each further one
const LONGEST_DELAY = 60000;

let waiting = [];
let underWay = false;
let failures = 0;

/** What is to be pushed now: name, value, tags, epoch seconds. */
function measure(now) {
  const time = Math.floor(now / 1000);
  const points = [];
  for (const { metricName, metricValue } of metric('ALL', wanted)) {
    if (typeof metricValue === 'number')
      points.push({ name: metricName.replace(':', '_'), value: metricValue, tags: {}, time });
  }
  for (const name of flows) {
    for (const { key, value } of activeFlows('ALL', name, 5))
      points.push({ name, value, tags: { flow: key }, time });
  }
  return points;
}

/** InfluxDB line protocol. */
function influx(points) {
  const escaped = (text) => text.replace(/[,= \\]/g, '\\$&');
  return points
    .map(({ name, value, tags, time }) => {
      const pairs = Object.entries(tags).map(([tag, text]) => `,${escaped(tag)}=${escaped(text)}`);
      return `${escaped(name)}${pairs.join('')} value=${value} ${time}000000000`;
    })
    .join('\n');
}

/** Librato's gauges; a flow is a source. */
function librato(points) {
  const gauges = points.map(({ name, value, tags, time }) => ({
    name,
    value,
    source: (tags.flow || 'weir').replace(/[^A-Za-z0-9.:_-]/g, '_'),
    measure_time: time,
  }));
  return JSON.stringify({ gauges });
}

function send() {
  if (underWay || waiting.length === 0) return;
  const batch = waiting.slice(0, BATCH);
  const isLibrato = format === 'librato';
  underWay = true;
  httpAsync({
    url: isLibrato || url.includes('precision=') ? url : `${url}${url.includes('?') ? '&' : '?'}precision=ns`,
    user,
    password,
    headers: {
      'Content-Type': isLibrato ? 'application/json' : 'text/plain; charset=utf-8',
      ...(token ? { Authorization: `Token ${token}` } : {}),
    },
    body: isLibrato ? librato(batch) : influx(batch),
    success: () => {
      underWay = false;
      failures = 0;
      waiting = waiting.slice(batch.length);
      send();
    },
    error: (message) => {
      underWay = false;
      // What the server does not like it will not like later.
      if (/response code: 4(?!29)/.test(message)) waiting = waiting.slice(batch.length);
      // Somewhere between half and all of the delay, so that many that failed together do not come back together.
      const delay = Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** failures++) * (0.5 + Math.random() / 2);
      logWarning(`push-metrics: ${message}; again in ${Math.round(delay)} ms`);
      setTimeout(send, delay);
    },
  });
}

setIntervalHandler((now) => {
  waiting.push(...measure(now));
  if (waiting.length > KEEP) {
    logWarning(`push-metrics: ${waiting.length - KEEP} points are given up`);
    waiting = waiting.slice(-KEEP);
  }
  // While a try is being waited for, that one goes on.
  if (failures === 0) send();
}, seconds);
