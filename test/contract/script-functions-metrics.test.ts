import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ifCounters, record } from '../../src/sflow/index.ts';
import { SyntheticAgent, tcpHeader } from '../support/synthetic-agent.ts';
import { fault, ScriptUnderTest, scriptTable } from './script-under-test.ts';

/* Script API, sections 6 to 8: metrics, thresholds and baselines. */

let script: ScriptUnderTest;
beforeAll(async () => {
  script = await ScriptUnderTest.serve();
});
afterAll(() => script.end());

const number = expect.any(Number);
const A = new SyntheticAgent('192.0.2.1');
const B = new SyntheticAgent('192.0.2.2');

async function sendCounters(): Promise<void> {
  const port = (agent: SyntheticAgent, index: number, speed: bigint) =>
    agent.counters(
      [ifCounters({ ifIndex: index, ifSpeed: speed }), record('port_name', { name: `eth${index}` })],
      {
        sourceId: index,
      },
    );
  const host = { sourceId: { class: 2, index: 1 } };
  await script.weir.deliver(
    A.datagram([
      port(A, 1, 1000n),
      port(A, 2, 2000n),
      A.counters(
        [record('host_adapters', { adapters: [{ ifIndex: 1, macAddresses: ['000C29AABBCC'] }] })],
        host,
      ),
    ]),
    B.datagram([port(B, 1, 3000n)]),
  );
}

const cell = (agent: SyntheticAgent, dataSource: string, metricName: string, metricValue: unknown) => ({
  agent: agent.address,
  dataSource,
  metricName,
  metricValue,
  lastUpdate: number,
});

scriptTable(
  '6 metrics',
  () => script,
  [
    ['6 version', 'typeof version()', 'string'],
    ['6 version as REST', `version() === http('http://127.0.0.1:' + port + '/version')`, true],
    [
      '6 analyzer',
      '(function (a) { return [a.sFlowAgents, typeof a.uptime, a.version === version()]; })(analyzer())',
      [2, 'number', true],
    ],
    ['6 agents', 'Object.keys(agents())', [A.address, B.address]],
    ['6 an agent', `agents(['${A.address}'])['${A.address}'].sFlowDatagramsReceived`, 1],
    ['6 agents in an array only', `Object.keys(agents(['${B.address}', '192.0.2.77']))`, [B.address]],
    ['6 a bare text is ignored', `Object.keys(agents('${B.address}'))`, [A.address, B.address]],
    ['6 unknown agents', "agents(['192.0.2.77'])", {}],
    ['6 metrics', 'typeof metrics().ifspeed', 'number'],
    ['6 metrics of an agent', `metrics('${A.address}')['2.ifspeed']`, 2000],
    ['6 metrics of an agent in an array', `metrics(['${A.address}'])['1.ifname']`, 'eth1'],
    ['6 metrics of an unknown one', "metrics('192.0.2.77')", {}],
    [
      '6 metric: the largest',
      "metric('ALL', 'ifspeed')",
      [{ ...cell(B, '1', 'ifspeed', 3000), metricN: 3, lastUpdateMin: number, lastUpdateMax: number }],
    ],
    [
      '6 metric: statistics in order',
      "metric('ALL', 'sum:ifspeed,min:ifspeed,avg:ifspeed').map(m => m.metricValue)",
      [6000, 1000, 2000],
    ],
    [
      '6 metric: var sdev med q1 q2 q3 iqr',
      "metric('ALL', 'var:ifspeed,sdev:ifspeed,med:ifspeed,q1:ifspeed,q2:ifspeed,q3:ifspeed,iqr:ifspeed').every(m => typeof m.metricValue === 'number')",
      true,
    ],
    ['6 metric: the name with its prefix', "metric('ALL', 'sum:ifspeed')[0].metricName", 'sum:ifspeed'],
    [
      '6 metric: sum has no agent',
      "Object.keys(metric('ALL', 'sum:ifspeed')[0]).sort()",
      ['lastUpdateMax', 'lastUpdateMin', 'metricN', 'metricName', 'metricValue'],
    ],
    [
      '6 metric: any has an agent and no lastUpdate',
      "(function (m) { return ['agent' in m, 'dataSource' in m, 'lastUpdate' in m]; })(metric('ALL', 'any:ifname')[0])",
      [true, true, false],
    ],
    ['6 metric: an array of names', "metric('ALL', ['max:ifspeed', 'ifname']).length", 2],
    ['6 metric: an array of agents', `metric(['${A.address}'], 'ifspeed')[0].metricValue`, 2000],
    ['6 metric: agents with ;', `metric('${A.address};${B.address}', 'ifspeed')[0].metricN`, 3],
    ['6 metric: a data source', `metric('${A.address}', '1.ifspeed')[0].metricValue`, 1000],
    [
      '6 metric: nothing found',
      "metric('ALL', 'nosuch,count:ifspeed')",
      [{ metricName: 'nosuch' }, { metricName: 'count:ifspeed' }],
    ],
    ['6 metric: no arguments', 'metric()', null],
    ['6 metric: no names', "metric('ALL')", null],
    ['6 metric: EDGE without a topology', "metric('EDGE', 'ifspeed')", [{ metricName: 'ifspeed' }]],
    [
      '6 filter: an array of patterns',
      "metric('ALL', 'sum:ifspeed', {ifname: ['eth2', 'x*']})[0].metricValue",
      2000,
    ],
    ['6 filter: numbers', "metric('ALL', 'sum:ifspeed', {ifspeed: [1000]})[0].metricValue", 1000],
    [
      '6 filter: a bare text is ignored',
      "metric('ALL', 'sum:ifspeed', {ifname: 'eth2'})[0].metricValue",
      6000,
    ],
    [
      '6 table',
      `table('${A.address}', 'ifname,ifspeed')`,
      [
        [cell(A, '1', 'ifname', 'eth1'), cell(A, '1', 'ifspeed', 1000)],
        [cell(A, '2', 'ifname', 'eth2'), cell(A, '2', 'ifspeed', 2000)],
      ],
    ],
    [
      '6 table: sorted and cut',
      "table('ALL', 'sort:ifspeed:-2').map(row => row[0].metricValue)",
      [3000, 2000],
    ],
    ['6 table: no match', "table('ALL', 'nosuch')", []],
    ['6 table: a filter', "table('ALL', 'ifspeed', {ifname: ['eth2']}).length", 1],
    ['6 table: a statistic', "table('ALL', 'sum:ifspeed')", fault(/^InternalError: /)],
    ['6 table: no arguments', 'table()', null],
    [
      '6 dump',
      "dump('ALL', 'ifspeed')",
      [cell(A, '1', 'ifspeed', 1000), cell(A, '2', 'ifspeed', 2000), cell(B, '1', 'ifspeed', 3000)],
    ],
    ['6 dump: a filter', "dump('ALL', 'ifspeed', {ifname: ['eth2']}).length", 1],
    ['6 dump: no arguments', 'dump()', null],
    ['6 ifName: the metric', `ifName('${A.address}', 2)`, 'eth2'],
    ['6 ifName: unknown', `ifName('${A.address}', '9')`, null],
    ['6 ifName: no arguments', 'ifName()', null],
    [
      '6 ifName: a topology',
      `setTopology({nodes: {n: {agent: '${A.address}', ports: {uplink: {ifindex: 2}}}}})`,
      true,
    ],
    ['6 ifName: its port goes first', `ifName('${A.address}', '2')`, 'uplink'],
    ['6 no topology', 'setTopology({})', true],
    ['6 hostForMAC', "hostForMAC('000c29aabbcc')", { agent: A.address, dataSource: '2.1' }],
    ['6 hostForMAC in upper case', "hostForMAC('000C29AABBCC').agent", A.address],
    ['6 hostForMAC with separators', "hostForMAC('00:0C:29:AA:BB:CC')", null],
    ['6 hostForMAC of an unknown one', "hostForMAC('000000000001')", null],
    ['6 hostForMAC of nothing', 'hostForMAC()', null],
    ['6 hostForIP, hostForIP6', "[hostForIP('10.0.0.1'), hostForIP6('2001:db8::1')]", [null, null]],
  ],
  async () => {
    await script.run(`var port = ${script.weir.httpPort}; 0`);
    await sendCounters();
  },
);

const echo = (name: string): string =>
  `JSON.parse(http('http://127.0.0.1:' + port + '/threshold/${name}/json'))`;

scriptTable('7 setThreshold', () => script, [
  ['7 metric and value', "setThreshold('t', {metric: 'ifspeed', value: 1500})", true],
  ['7 the defaults', echo('t'), { metric: 'ifspeed', value: 1500, timeout: 60 }],
  [
    '7 numbers and truth values as text',
    "setThreshold('t', {metric: 'ifspeed', value: '1500', byFlow: 'true', timeout: '5'})",
    true,
  ],
  ['7 are what they say', echo('t'), { metric: 'ifspeed', value: 1500, timeout: 5, byFlow: true }],
  ['7 a filter', "setThreshold('t', {metric: 'ifspeed', value: 1, filter: {ifspeed: [1000000000]}})", true],
  ['7 becomes text', `${echo('t')}.filter`, { ifspeed: ['1000000000'] }],
  [
    '7 null members',
    "setThreshold('t', {metric: 'ifspeed', value: 1, filter: null, byFlow: null, timeout: null})",
    true,
  ],
  ['7 are absent', echo('t'), { metric: 'ifspeed', value: 1, timeout: 60 }],
  ['7 no metric', "setThreshold('u', {value: 1})", false],
  ['7 no value', "setThreshold('u', {metric: 'ifspeed'})", false],
  ['7 a bad name', "setThreshold('u v', {metric: 'ifspeed', value: 1})", false],
  ['7 no definition', "setThreshold('u')", false],
  ['7 null', "setThreshold('u', null)", false],
  ['7 a value that is no number', "setThreshold('u', {metric: 'ifspeed', value: 'high'})", true],
  [
    '7 never breaks the list',
    "'u' in JSON.parse(http('http://127.0.0.1:' + port + '/threshold/json'))",
    false,
  ],
  ['7 clearThreshold', "clearThreshold('t')", true],
  ['7 clearThreshold of none', "clearThreshold('nosuch')", true],
  ['7 clearThreshold without a name', 'clearThreshold()', false],
]);

describe('7 thresholdTriggered', () => {
  const triggered = (args: string) => script.run(`thresholdTriggered(${args})`);
  const place = `'${A.address}', '1.busy'`;

  it('7 is true until the timeout after the value was last seen above', async () => {
    await script.run(`setFlow('busy', {keys: 'ipsource', value: 'bytes', t: 1});
      setThreshold('each', {metric: 'busy', value: 1000, byFlow: true, timeout: 1});
      setThreshold('any', {metric: 'busy', value: 1000, timeout: 1})`);
    expect(await triggered(`'any', ${place}`)).toBe(false);
    await script.weir.deliver(
      A.datagram([A.flow([tcpHeader({ source: '10.0.0.1', destination: '10.0.0.2' })])]),
    );
    expect(await triggered(`'any', ${place}`)).toBe(true);
    expect(await triggered(`'each', ${place}, '10.0.0.1'`)).toBe(true);
    await sleep(1100);
    expect(await triggered(`'any', ${place}`)).toBe(false);
    expect(await triggered(`'each', ${place}, '10.0.0.1'`)).toBe(false);
  });

  it('7 needs the data source, and the flow key of thresholds by flow', async () => {
    await script.weir.deliver(
      A.datagram([A.flow([tcpHeader({ source: '10.0.0.1', destination: '10.0.0.2' })])]),
    );
    expect(await triggered(`'any', ${place}, 'a flow key is ignored'`)).toBe(true);
    expect(await triggered(`'any', '${A.address}', 'busy'`)).toBe(false);
    expect(await triggered(`'each', ${place}`)).toBe(false);
    expect(await triggered(`'each', ${place}, '10.0.0.9'`)).toBe(false);
    expect(await triggered(`'nosuch', ${place}`)).toBe(false);
    expect(await triggered('')).toBe(false);
  });
});

describe('3 events', () => {
  it('3 have these members in this order, flowKey by flow and values when the flow has some', async () => {
    await script.run(`var heard = [];
      setEventHandler(function (event) { heard.push(event); }, ['rich', 'poor', 'whole']);
      setFlow('rich', {keys: 'ipsource', value: 'bytes', values: 'frames,count:ipdestination', t: 1});
      setFlow('poor', {keys: 'ipsource', value: 'bytes', t: 1});
      setThreshold('rich', {metric: 'rich', value: 1000, byFlow: true});
      setThreshold('whole', {metric: 'rich', value: 1000});
      setThreshold('poor', {metric: 'poor', value: 1000, byFlow: true})`);
    const packet = tcpHeader({ source: '10.7.0.1', destination: '10.0.0.2' });
    await script.weir.deliver(B.datagram([B.flow([packet], { sourceId: 7 })]));
    await expect.poll(() => script.run('heard.length')).toBe(3);
    const common = [
      'agent',
      'dataSource',
      'metric',
      'threshold',
      'value',
      'timestamp',
      'thresholdID',
      'eventID',
    ];
    const members = (name: string) =>
      script.run(`Object.keys(heard.find(function (e) { return e.thresholdID === '${name}'; }))`);
    expect(await members('rich')).toEqual([...common, 'flowKey', 'values']);
    expect(await members('whole')).toEqual([...common, 'values']);
    expect(await members('poor')).toEqual([...common, 'flowKey']);
    expect(await script.run("heard.find(function (e) { return e.thresholdID === 'rich'; })")).toMatchObject({
      agent: B.address,
      dataSource: '7',
      metric: 'rich',
      threshold: 1000,
      flowKey: '10.7.0.1',
      values: [expect.closeTo(100, -1), 1],
    });
  });
});

/** Feeds values, and gives what each was. */
const check = (name: string, values: readonly number[]): string =>
  `${JSON.stringify(values)}.map(v => baselineCheck('${name}', v))`;
const steady = [...Array(10).keys()].map((i) => 100 + (i % 2));

scriptTable('8 baselines', () => script, [
  ['8 baselineCreate', "baselineCreate('b', 10, 3, 2)", undefined],
  ['8 learns for the window', check('b', steady), Array(10).fill('learning')],
  [
    '8 its statistics',
    "baselineStatistics('b')",
    {
      mean: 100.5,
      variance: expect.closeTo(0.25),
      sdev: expect.closeTo(0.5),
      min: expect.closeTo(99),
      max: expect.closeTo(102),
    },
  ],
  ['8 normal', check('b', [100, 101]), ['normal', 'normal']],
  ['8 high when it has repeated', check('b', [500, 500]), ['normal', 'high']],
  ['8 what it has told it has learned from', "baselineStatistics('b').mean > 101", true],
  ['8 reset', "baselineReset('b')", undefined],
  ['8 learns anew', check('b', [5]), ['learning']],
  ['8 low', "baselineCreate('c', 10, 3, 1); 1", 1],
  ['8 low at once without repeat', check('c', [...steady, 1]), [...Array(10).fill('learning'), 'low']],
  ['8 defaults', "baselineCreate('d')", undefined],
  ['8 values as text', "baselineCheck('d', '5')", 'learning'],
  ['8 a window below 10', "baselineCreate('e', 5)", fault('window must be >= 10, 5')],
  ['8 a window that is no number', "baselineCreate('e', 'long')", fault('window must be a number, long')],
  ['8 an unknown name', "baselineCheck('nosuch', 1)", fault('does not exist, nosuch')],
  ['8 no number', "baselineCheck('d')", fault('not a number, undefined')],
  ['8 statistics of an unknown one', "baselineStatistics('nosuch')", null],
  ['8 reset of an unknown one', "baselineReset('nosuch')", undefined],
  ['8 baselineDelete', "baselineDelete('d')", undefined],
  ['8 is gone', "baselineCheck('d', 1)", fault('does not exist, d')],
  ['8 delete of an unknown one', "baselineDelete('nosuch')", undefined],
]);
