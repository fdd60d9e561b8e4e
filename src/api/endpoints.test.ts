import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { prometheusPage, RECEIVED } from './fake-engine.ts';
import { startTestApi, type TestApi } from './test-api.ts';

/* What each path asks the engine and what it makes of the answer. The engine here is a fake. */

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
  await api.ask('PUT', '/flow/pairs/json', { body: '{"keys":"ipsource","value":"bytes"}' });
});
afterAll(() => api.stop());
beforeEach(() => {
  api.engine.asked.length = 0;
});

async function get(target: string): Promise<unknown> {
  const { status, text } = await api.ask('GET', target);
  expect(status).toBe(200);
  return JSON.parse(text);
}

const statusOf = async (target: string): Promise<number> => (await api.ask('GET', target)).status;

it('2 /version is the version and nothing else', async () => {
  expect((await api.ask('GET', '/version')).text).toBe('1.2.3');
});

it('2 /license/json', async () => {
  expect(await get('/license/json')).toEqual({
    license: { type: 'Apache-2.0' },
    analyzer: { bps: 0, host: expect.any(String) },
  });
});

const ANALYZER_MEMBERS =
  'sFlowAgents sFlowDatagramsReceived sFlowBytesReceived sFlowDatagramsDiscarded sFlowDatagramsTooLarge ' +
  'sFlowParseErrors sFlowUnsupportedVersion flowsGenerated eventsGenerated httpConnectionsCurrent ' +
  'httpConnectionsTotal httpMessagesSent httpMessagesReceived httpBytesSent httpBytesReceived uptime cpuTime ' +
  'cpuLoadProcess cpuLoadSystem loadAverage availableProcessors memTotal memFree heapInit heapUsed heapCommitted ' +
  'heapMax nonHeapInit nonHeapUsed nonHeapCommitted nonHeapMax gcCount gcTime threadCount threadDaemonCount ' +
  'threadTotalStartedCount version jvmName jvmVendor jvmVersion javaVersion osName osArch osVersion';

describe('14.1 /analyzer/json', () => {
  it.each(ANALYZER_MEMBERS.split(' '))('has %s', async (member) => {
    const analyzer = (await get('/analyzer/json')) as Record<string, unknown>;
    const text = /^(version|jvm|java|os[A-Z])/.test(member);
    expect(analyzer[member]).toEqual(text ? expect.stringMatching(/./) : expect.any(Number));
  });

  it('reports what came in and what was lost', async () => {
    expect(await get('/analyzer/json')).toMatchObject({
      sFlowAgents: 1,
      sFlowDatagramsReceived: 1000,
      sFlowBytesReceived: 1_170_000,
      sFlowDatagramsDiscarded: 3,
      sFlowDatagramsTooLarge: 4,
      sFlowParseErrors: 5,
      sFlowUnsupportedVersion: 6,
      flowsGenerated: 7,
      eventsGenerated: 0,
      version: '1.2.3',
      sFlowDataSources: 2,
      sFlowFlowSamples: 6000,
      sFlowCounterSamples: 50,
      sFlowDiscardSamples: 8,
      sFlowDatagramsLost: 9,
      sFlowSamplesLost: 10,
      sFlowKernelDrops: 11,
      sFlowErrors: { sampleLength: 5 },
      sFlowUnknownStructures: { '4413:9': 2 },
      sFlowAgentsRefused: 13,
      sFlowDataSourcesRefused: 14,
      flowsDropped: { pairs: 12 },
      flowTables: [{ name: 'pairs', entries: 100, bytes: 4096, limitBytes: 65536, dropped: 12 }],
      receivePath: { kind: 'fake', port: 6343, bufferAsked: 2048, bufferGranted: 1024 },
    });
  });

  it('counts HTTP itself', async () => {
    type Counts = Record<string, number>;
    const before = (await get('/analyzer/json')) as Counts;
    await get('/agents/json');
    const after = (await get('/analyzer/json')) as Counts;
    expect(after['httpMessagesReceived'] - before['httpMessagesReceived']).toBe(2);
    expect(after['httpMessagesSent'] - before['httpMessagesSent']).toBe(2);
    expect(after['httpConnectionsTotal'] - before['httpConnectionsTotal']).toBe(2);
    expect(after['httpConnectionsCurrent']).toBeGreaterThanOrEqual(1);
    expect(after['httpBytesSent'] - before['httpBytesSent']).toBeGreaterThan(2000);
    expect(after['httpBytesReceived'] - before['httpBytesReceived']).toBeGreaterThan(80);
  });
});

describe('10 /prometheus/analyzer/txt', () => {
  const NAMES =
    'analyzer_uptime_ms agent_count received_datagrams received_bytes parse_errors unsupported_version_datagrams ' +
    'discarded_datagrams http_connections_current http_connections_total http_sent_messages http_received_messages ' +
    'http_sent_bytes http_received_bytes heap_max_bytes heap_used_bytes gc_time_ms gc_count mem_total_bytes ' +
    'mem_free_bytes cpu_time_ms cpu_load_system cpu_load_process cpu_available_cores';
  const CONTRACT_LINES = NAMES.replace('analyzer_uptime', 'uptime')
    .split(' ')
    .map((name) => `sflow_analyzer_${name}`);

  it('has the lines of the contract first, in their order, then our own', async () => {
    const { text, headers } = await api.ask('GET', '/prometheus/analyzer/txt');
    expect(headers['content-type']).toBe('text/plain;charset=utf-8');
    const names = text
      .trimEnd()
      .split('\n')
      .map((line) => line.split(/[ {]/)[0]);
    expect(names.slice(0, CONTRACT_LINES.length)).toEqual(CONTRACT_LINES);
    expect(names.slice(CONTRACT_LINES.length)).toContain('sflow_analyzer_kernel_drops');
  });

  it('is name, labels and number on each line, without comments or empty lines', async () => {
    const { text } = await api.ask('GET', '/prometheus/analyzer/txt');
    expect(text.endsWith('\n')).toBe(true);
    for (const line of text.slice(0, -1).split('\n')) {
      expect(line).toMatch(/^sflow_analyzer_[a-z_]+(\{[a-z]+="[^"]*"\})? -?\d+(\.\d+(E-?\d+)?)?$/);
    }
  });

  it('carries the losses', async () => {
    const { text } = await api.ask('GET', '/prometheus/analyzer/txt');
    for (const line of [
      'received_datagrams 1000',
      'kernel_drops 11',
      'lost_datagrams 9',
      'errors{kind="sampleLength"} 5',
      'unknown_structures{structure="4413:9"} 2',
      'dropped_flows{flow="pairs"} 12',
      'table_entries{table="pairs"} 100',
    ]) {
      expect(text).toContain(`\nsflow_analyzer_${line}\n`);
    }
  });

  it('escapes labels of our own', async () => {
    api.engine.answer('receive', () => ({ ...RECEIVED, errors: { 'a"b\\c\nd': 1 } }));
    const { text } = await api.ask('GET', '/prometheus/analyzer/txt');
    expect(text).toContain('sflow_analyzer_errors{kind="a\\"b\\\\c\\nd"} 1\n');
    api.engine.answer('receive', () => RECEIVED);
  });

  it('10 prometheus.metric.prefix replaces the prefix on both endpoints', async () => {
    const other = await startTestApi({ 'prometheus.metric.prefix': 'net_' });
    try {
      expect((await other.ask('GET', '/prometheus/analyzer/txt')).text).toMatch(/^net_analyzer_uptime_ms /);
      expect((await other.ask('GET', '/prometheus/metrics/ALL/load_one/txt')).text).toMatch(
        /^net_load_one\{/,
      );
    } finally {
      await other.stop();
    }
  });
});

describe('10 /prometheus/metrics', () => {
  it('is the text of the engine', async () => {
    const { text, headers } = await api.ask(
      'GET',
      '/prometheus/metrics/ALL/ifinoctets,ifoutoctets/txt?ifname=swp*',
    );
    expect(headers['content-type']).toBe('text/plain;charset=utf-8');
    expect(text).toBe(
      'sflow_ifinoctets{agent="192.0.2.1",datasource="1"} 1.0\nsflow_ifoutoctets{agent="192.0.2.1",datasource="1"} 1.0\n',
    );
    expect(api.engine.asked).toEqual([
      {
        kind: 'prometheus',
        question: {
          agents: 'ALL',
          metrics: ['ifinoctets', 'ifoutoctets'],
          filters: { ifname: ['swp*'] },
          prefix: 'sflow_',
          form: 'plain',
          maxSeries: 5_000_000,
          reader: expect.any(String),
          first: true,
        },
      },
    ]);
  });

  it('is a body of no length when nothing is found', async () => {
    api.engine.answer('prometheus', () => prometheusPage('', { series: 0, leftOut: 0 }));
    const { status, bytes } = await api.ask('GET', '/prometheus/metrics/ALL/none/txt');
    expect([status, bytes.length]).toEqual([200, 0]);
  });
});

describe('2 agents in paths', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['192.0.2.1,192.0.2.2', '192.0.2.1,192.0.2.2'],
    ['192.0.2.1;192.0.2.2', '192.0.2.1'],
    ['192.0.2.1%3B192.0.2.2', '192.0.2.1,192.0.2.2'],
    ['192.0.2.1%2C192.0.2.2', '192.0.2.1,192.0.2.2'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['2001%3Adb8%3A%3A0001', '2001:db8::1'],
    ['::ffff:192.0.2.1', '::ffff:c000:201'],
    ['2001:db8::1,ALL', '2001:db8::1,ALL'],
    ['all', 'all'],
    ['leaf1:x', 'leaf1:x'],
    ['EDGE;jsessionid=1', 'EDGE'],
  ])('%s asks for %s', async (segment, agents) => {
    await get(`/activeflows/${segment}/pairs/json`);
    await get(`/metric/${segment}/ifinoctets/json`);
    expect(api.engine.asked.map(({ question }) => (question as { agents: string }).agents)).toEqual([
      agents,
      agents,
    ]);
  });
});

describe('2 /agents/json', () => {
  it('takes repeated addresses, IPv6 in any spelling', async () => {
    expect(await get('/agents/json?agent=192.0.2.1&agent=2001:DB8::0:1')).toHaveProperty(
      ['192.0.2.1', 'lastSeen'],
      100,
    );
    expect(api.engine.asked).toEqual([
      { kind: 'agents', question: { agents: ['192.0.2.1', '2001:db8::1'] } },
    ]);
  });

  it('is empty when none fits', async () => {
    expect(await get('/agents/json?agent=192.0.2.9')).toEqual({});
  });
});

describe('2 /metrics/json and /flowkeys/json', () => {
  it('are the answers of the engine', async () => {
    expect(await get('/metrics/json')).toEqual({ ifinoctets: 120 });
    expect(await get('/flowkeys/json')).toEqual({ ipsource: 12 });
  });
});

describe('8 metric queries', () => {
  it('2 /metric/{agent}/json is for one agent, and empty for an unknown one', async () => {
    expect(await get('/metric/192.0.2.1/json')).toEqual({ '1.ifinoctets': 1000.5, '1.ifname': 'swp1' });
    expect(await get('/metric/ALL/json')).toEqual({});
  });

  it('8.2 keeps metrics as written and in order', async () => {
    expect(await get('/metric/ALL/max:ifinoctets,2.1.load_one,bogus:x/json')).toEqual([
      { metricName: 'max:ifinoctets' },
      { metricName: '2.1.load_one' },
      { metricName: 'bogus:x' },
    ]);
  });

  it('8.1 takes any parameter as a filter: repeated or, different and', async () => {
    await get(
      '/table/ALL/ifname/json?ifspeed=1000000000&ifspeed=1?&host_name=*web*%20a%2Bb+c&filter=x&empty=&bare',
    );
    expect(api.engine.asked[0].question).toEqual({
      agents: 'ALL',
      metrics: ['ifname'],
      filters: {
        ifspeed: ['1000000000', '1?'],
        host_name: ['*web* a+b c'],
        filter: ['x'],
        empty: [''],
        bare: [''],
      },
    });
  });

  it('8.1 a filter may have any name', async () => {
    await get('/metric/ALL/ifname/json?__proto__=x&constructor=y');
    const { filters } = api.engine.asked[0].question as { filters: object };
    expect(Object.entries(filters)).toEqual([
      ['__proto__', ['x']],
      ['constructor', ['y']],
    ]);
  });

  it('8.4 and 8.5 a query the engine refuses is 400', async () => {
    expect(await statusOf('/table/ALL/max:ifinoctets/json')).toBe(400);
  });

  it.each(['/metric/ALL//json', '/table/ALL//json', '/dump/ALL//json', '/prometheus/metrics/ALL//txt'])(
    '2 an empty metric segment is 404: %s',
    async (target) => {
      expect(await statusOf(target)).toBe(404);
      expect(api.engine.asked).toEqual([]);
    },
  );

  it('8.5 /dump gives flat cells', async () => {
    expect(await get('/dump/ALL/ifinoctets;ifoutoctets/json')).toEqual([
      { agent: '192.0.2.1', dataSource: '1', metricName: 'ifinoctets', metricValue: 1, lastUpdate: 5 },
    ]);
  });

  it('a query with a broken escape is 400', async () => {
    expect(await statusOf('/metric/ALL/ifname/json?ifname=%zz')).toBe(400);
  });
});

describe('4.1 /flow', () => {
  it('PUT {} is accepted and stores nothing', async () => {
    expect((await api.ask('PUT', '/flow/nothing/json', { body: '{}' })).status).toBe(204);
    expect(await statusOf('/flow/nothing/json')).toBe(404);
  });

  it('a definition the engine refuses is 400', async () => {
    expect((await api.ask('PUT', '/flow/wrong/json', { body: '{"value":null}' })).status).toBe(400);
    expect(await statusOf('/flow/wrong/json')).toBe(404);
  });

  it('text is UTF-8 both ways', async () => {
    await api.ask('PUT', '/flow/utf8/json', { body: '{"value":"bytes","fs":"→"}' });
    const { text } = await api.ask('GET', '/flow/utf8/json');
    expect(text).toContain('"fs": "→"');
    await api.ask('DELETE', '/flow/utf8/json');
  });

  it('lists all definitions', async () => {
    expect(Object.keys((await get('/flow/json')) as object)).toEqual(['pairs']);
  });
});

describe('6.2 /activeflows', () => {
  it('asks with the defaults', async () => {
    expect(await get('/activeflows/ALL/pairs/json')).toEqual([
      { key: '10.0.0.1,10.0.0.2', value: 93788.64, flowN: 1, agent: '192.0.2.1', dataSource: '3' },
    ]);
    expect(api.engine.asked[0].question).toEqual({
      agents: 'ALL',
      name: 'pairs',
      maxFlows: 100,
      minValue: Number.NEGATIVE_INFINITY,
      aggMode: '',
      filter: undefined,
    });
  });

  it.each([
    ['maxFlows=10', { maxFlows: 10 }],
    ['maxFlows=%2B7', { maxFlows: 7 }],
    ['maxFlows=3&maxFlows=9', { maxFlows: 3 }],
    ['minValue=1.5e3', { minValue: 1500 }],
    ['minValue=-.5', { minValue: -0.5 }],
    ['aggMode=SUM', { aggMode: 'sum' }],
    ['aggMode=Edge', { aggMode: 'edge' }],
    ['aggMode=bogus', { aggMode: 'max' }],
    ['aggMode=', { aggMode: 'max' }],
    ['filter=10.0.0.1,', { filter: '10.0.0.1,' }],
    ['filter=', { filter: '' }],
    ['filter=a&filter=b', { filter: 'a' }],
    ['unknown=1', { maxFlows: 100 }],
  ])('?%s asks %o', async (query, question) => {
    await get(`/activeflows/ALL/pairs/json?${query}`);
    expect(api.engine.asked[0].question).toMatchObject(question);
  });

  it.each(['0', '-1', '-2147483647'])('maxFlows=%s gives nothing', async (maxFlows) => {
    expect(await get(`/activeflows/ALL/pairs/json?maxFlows=${maxFlows}`)).toEqual([]);
  });

  it.each([
    'maxFlows=x',
    'maxFlows=1.5',
    'maxFlows=',
    'maxFlows=1e2',
    'maxFlows=%201',
    'maxFlows=2147483648',
    'maxFlows=0x10',
    'minValue=x',
    'minValue=',
    'minValue=1,5',
    'minValue=.',
  ])('2 ?%s is 400', async (query) => {
    expect(await statusOf(`/activeflows/ALL/pairs/json?${query}`)).toBe(400);
  });

  it('2 an unknown flow is 404, whatever its name', async () => {
    expect(await statusOf('/activeflows/ALL/absent/json')).toBe(404);
    expect(await statusOf('/activeflows/ALL/a.b/json')).toBe(404);
    expect(await statusOf('/activeflows/ALL/absent/json?maxFlows=0')).toBe(404);
  });
});

describe('2 /flowvalue', () => {
  it('is a bare number', async () => {
    const { text, headers } = await api.ask('GET', '/flowvalue/192.0.2.1/3.pairs/json?key=10.0.0.1,10.0.0.2');
    expect(text).toBe('1234.5');
    expect(headers['content-type']).toBe('application/json');
    expect(api.engine.asked[0].question).toEqual({
      agent: '192.0.2.1',
      dataSource: '3',
      name: 'pairs',
      key: '10.0.0.1,10.0.0.2',
    });
  });

  it.each([
    ['2.1.pairs', '2.1', 'pairs'],
    ['web1.pairs', 'web1', 'pairs'],
  ])('%s is data source %s and flow %s', async (segment, dataSource, name) => {
    expect(await statusOf(`/flowvalue/192.0.2.1/${segment}/json`)).toBe(404);
    expect(api.engine.asked[0].question).toEqual({ agent: '192.0.2.1', dataSource, name, key: undefined });
  });

  it.each([
    '/flowvalue/ALL/3.pairs/json',
    '/flowvalue/192.0.2.1/pairs/json',
    '/flowvalue/192.0.2.1/.pairs/json',
  ])('%s is 404', async (target) => {
    expect(await statusOf(target)).toBe(404);
  });
});

describe('6.4 /flowlocations', () => {
  it('gives the places of the engine, for a key or for any', async () => {
    const places = [{ node: 'leaf1', port: 'swp3', agent: '192.0.2.1', dataSource: '3', value: 1234.5 }];
    expect(await get('/flowlocations/ALL/pairs/json?key=10.0.0.1,10.0.0.2&key=x')).toEqual(places);
    expect(await get('/flowlocations/2001:DB8::0:1%3BEDGE/pairs/json')).toEqual(places);
    expect(api.engine.asked.map(({ question }) => question)).toEqual([
      { agents: 'ALL', name: 'pairs', key: '10.0.0.1,10.0.0.2' },
      { agents: '2001:db8::1,EDGE', name: 'pairs', key: undefined },
    ]);
  });

  it('2 an unknown flow is 404', async () => {
    expect(await statusOf('/flowlocations/ALL/absent/json')).toBe(404);
  });
});

describe('9.1 /threshold', () => {
  const set = (name: string, body: string) => api.ask('PUT', `/threshold/${name}/json`, { body });

  it('gives back the effective definition, and lists all', async () => {
    expect((await set('t1', '{"metric":"pairs","value":1000,"byFlow":true}')).status).toBe(204);
    const effective = { metric: 'pairs', value: 1000, byFlow: true, timeout: 60 };
    expect(await get('/threshold/t1/json')).toEqual(effective);
    expect(await get('/threshold/json')).toEqual({ t1: effective });
    expect((await api.ask('DELETE', '/threshold/t1/json')).status).toBe(204);
    expect((await api.ask('DELETE', '/threshold/t1/json')).status).toBe(204);
    expect(await get('/threshold/json')).toEqual({});
    expect(await statusOf('/threshold/t1/json')).toBe(404);
  });

  it('PUT {} is accepted and stores nothing', async () => {
    expect((await set('nothing', '{}')).status).toBe(204);
    expect(await statusOf('/threshold/nothing/json')).toBe(404);
  });

  it('a definition the engine refuses is 400 with the reason', async () => {
    const { status, headers, bytes } = await set('bad', '{"value":1}');
    expect([status, bytes.length]).toEqual([400, 0]);
    expect(headers['weir-error']).toBe('THRESHOLD_BAD bad: metric is missing');
  });
});

describe('11.1 /topology/json', () => {
  const set = (body: string) => api.ask('PUT', '/topology/json', { body });

  it('is empty before any PUT, then what was set, with its version', async () => {
    expect(await get('/topology/json')).toEqual({});
    expect((await set('{"links":{"L1":{"node1":"leaf1","port1":"é"}}}')).status).toBe(204);
    expect(await get('/topology/json')).toEqual({
      version: 0,
      links: { L1: { node1: 'leaf1', port1: 'é' } },
    });
    expect((await set('{}')).status).toBe(204);
    expect(await get('/topology/json')).toEqual({ version: 1 });
  });

  it.each(['{"links":[]}', '[]', '', '"x"'])('%s is 400', async (body) => {
    expect((await set(body)).status).toBe(400);
  });
});

describe('13 without applications', () => {
  it.each(['/apps/json', '/scripts/json'])('%s is empty', async (target) => {
    expect(await get(target)).toEqual({});
  });

  it('/status is OK, or 503 when the engine is not well', async () => {
    const well = await api.ask('GET', '/status');
    expect([well.status, well.text]).toEqual([200, 'OK\n']);
    expect(well.headers['content-type']).toBe('text/plain;charset=utf-8');
    api.engine.healthy = false;
    const ill = await api.ask('GET', '/status');
    api.engine.healthy = true;
    expect([ill.status, ill.text]).toEqual([503, 'UNAVIALABLE\n']);
  });
});

describe.each([
  ['group', { z: ['10.0.0.0/16', '2001:db8::/32'], a: [] }],
  ['map', { web: ['80', '443'] }],
])('13.1 /%s', (kind, content) => {
  it('gives back what was set, and lists times of update', async () => {
    expect((await api.ask('PUT', `/${kind}/one/json`, { body: JSON.stringify(content) })).status).toBe(204);
    expect(await get(`/${kind}/one/json`)).toEqual(content);
    expect(await get(`/${kind}/json`)).toEqual({ one: expect.any(Number) });
    expect((await api.ask('DELETE', `/${kind}/one/json`)).status).toBe(204);
    expect(await get(`/${kind}/json`)).toEqual({});
  });

  it.each(['{}', '{"a":"10.0.0.1"}', '{"a":null}'])('%s is 400', async (body) => {
    expect((await api.ask('PUT', `/${kind}/bad/json`, { body })).status).toBe(400);
  });
});

describe('/v1/hosts', () => {
  it('asks for one thing, addresses in one form', async () => {
    const asked = async (query: string) => {
      api.engine.asked.length = 0;
      await get(`/v1/hosts?${query}`);
      return api.engine.asked.map(({ question }) => question);
    };
    expect(await asked('mac=00:0c:29-aa.bb:cc')).toEqual([{ by: 'mac', value: '000c29aabbcc' }]);
    expect(await asked('hostagent=2001:DB8::1')).toEqual([{ by: 'agent', value: '2001:db8::1' }]);
    expect(await asked('agent=192.0.2.1&ifindex=3&limit=5')).toEqual([
      { by: 'place', agent: '192.0.2.1', ifIndex: '3', limit: 5 },
    ]);
    expect(await statusOf('/v1/hosts?ip=10.0.0.1&mac=000c29aabbcc')).toBe(400);
    expect(await statusOf('/v1/hosts?ip=10.0.0.1&agent=192.0.2.1')).toBe(400);
  });
});
