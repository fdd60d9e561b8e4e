import { afterAll, beforeAll, expect } from 'vitest';
import { SyntheticAgent, tcpHeader } from '../support/synthetic-agent.ts';
import { fault, ScriptUnderTest, scriptTable } from './script-under-test.ts';

/* Script API, section 5: flows, groups, maps and tenants. */

let script: ScriptUnderTest;
beforeAll(async () => {
  script = await ScriptUnderTest.serve();
});
afterAll(() => script.end());

const DEFAULTS = { n: 5, t: 2, fs: ',', activeTimeout: 60 };
const echo = (name: string): string =>
  `JSON.parse(http('${'http://127.0.0.1:'}' + port + '/flow/${name}/json'))`;

const A = new SyntheticAgent('192.0.2.1');
const B = new SyntheticAgent('192.0.2.2');

async function sendFlows(): Promise<void> {
  const pair = { source: '10.0.0.1', destination: '10.0.0.9' };
  const [big, less] = [tcpHeader(pair, { frameLength: 1600 }), tcpHeader(pair)];
  const other = { source: '10.0.0.2', destination: '10.0.0.9' };
  const [small, tiny] = [500, 300].map((frameLength) => tcpHeader(other, { frameLength }));
  const at = (index: number) => ({ sourceId: index, input: { format: 0, value: index } as const });
  await script.weir.deliver(
    A.datagram([A.flow([big], at(1)), A.flow([small], at(1)), A.flow([tiny], at(2))]),
    B.datagram([B.flow([less], at(1))]),
  );
}

beforeAll(async () => {
  await script.run(`var port = ${script.weir.httpPort}; 0`);
  await script.run(`
    setFlow('f', {keys: 'ipsource', value: 'bytes', values: 'frames', t: 600});
    setFlow('total', {keys: 'ipsource', value: 'bytes', aggMode: 'AGENT', t: 600});
    setFlow('edge', {keys: 'ipsource', value: 'bytes', aggMode: 'EDGE', t: 600})`);
});

scriptTable('5 setFlow', () => script, [
  ['5 keys and value', "setFlow('x', {keys:'ipsource', value:'bytes'})", true],
  ['5 the defaults', echo('x'), { keys: 'ipsource', value: 'bytes', ...DEFAULTS }],
  ['5 another one replaces it', "setFlow('x', {keys:'ipdestination', value:'frames'})", true],
  ['5 the new one', echo('x'), { keys: 'ipdestination', value: 'frames', ...DEFAULTS }],
  [
    '5 arrays of keys and values',
    "setFlow('x', {keys:['ipsource','a'], value:'bytes', values:['frames']})",
    true,
  ],
  ['5 become lists', echo('x'), { keys: 'ipsource,a', value: 'bytes', values: 'frames', ...DEFAULTS }],
  [
    '5 null is the default',
    "setFlow('x', {keys:'ipsource', value:'bytes', filter:null, n:null, log:null})",
    true,
  ],
  ['5 as if absent', echo('x'), { keys: 'ipsource', value: 'bytes', ...DEFAULTS }],
  ['5 a number as value', "setFlow('x', {keys:'ipsource', value:5})", true],
  ['5 becomes text', echo('x'), { keys: 'ipsource', value: '5', ...DEFAULTS }],
  [
    "5 log 'yes', flowStart 1, dropped 'true'",
    "setFlow('x', {value:'bytes', log:'yes', flowStart:1, dropped:'true'})",
    true,
  ],
  ['5 are true', echo('x'), { value: 'bytes', ...DEFAULTS, log: true, flowStart: true, dropped: true }],
  ["5 log 'false', 0", "setFlow('x', {value:'bytes', log:'false', flowStart:0})", true],
  ['5 are false', echo('x'), { value: 'bytes', ...DEFAULTS }],
  ['5 numbers as text', "setFlow('x', {value:'bytes', n:'7', t:'2.5', activeTimeout:'20'})", true],
  ['5 become numbers', echo('x'), { value: 'bytes', fs: ',', n: 7, t: 2.5, activeTimeout: 20 }],
  ['5 activeTimeout 1', "setFlow('x', {value:'bytes', activeTimeout:1})", true],
  ['5 is 10', echo('x'), { value: 'bytes', ...DEFAULTS, activeTimeout: 10 }],
  ['5 ipfixCollectors as text', "setFlow('x', {value:'bytes', ipfixCollectors:'192.0.2.9'})", true],
  ['5 is dropped, flowEnd too', echo('x'), { value: 'bytes', ...DEFAULTS }],
  ['5 aggMode in any case', "setFlow('x', {value:'bytes', aggMode:'Agent', flowEnd:true})", true],
  ['5 aggMode', echo('x'), { value: 'bytes', ...DEFAULTS, aggMode: 'AGENT' }],
  ['5 a filter of no text', "setFlow('x', {value:'bytes', filter:''})", true],
  ['5 another separator', "setFlow('x', {keys:'ipsource', value:'bytes', fs:'_SEP_'})", true],
  ['5 unknown keys', "setFlow('x', {keys:'nosuchkey', value:'nosuchvalue'})", true],
  ['5 {} is accepted', "setFlow('y', {})", true],
  ['5 unknown members are dropped', "setFlow('y', {colour:'red'})", true],
  ['5 no definition', "setFlow('y')", false],
  ['5 null', "setFlow('y', null)", false],
  ['5 text', "setFlow('y', 'keys')", false],
  ['5 keys without value', "setFlow('y', {keys:'ipsource'})", false],
  ['5 a bad filter', "setFlow('y', {value:'bytes', filter:'ipsource=('})", false],
  ['5 a name with a blank', "setFlow('a b', {value:'bytes'})", false],
  ['5 a name with a comma', "setFlow('a,b', {value:'bytes'})", false],
  ['5 a bad aggMode', "setFlow('y', {value:'bytes', aggMode:'SUM'})", false],
  ['5 a value of two fields', "setFlow('y', {value:'bytes,frames'})", false],
  ['5 a number that is none', "setFlow('y', {value:'bytes', n:'many'})", false],
  ['5 no arguments', 'setFlow()', false],
  ['5 clearFlow', "clearFlow('x')", true],
  ['5 clearFlow of none', "clearFlow('x')", true],
  ['5 clearFlow without a name', 'clearFlow()', false],
  [
    '5 cleared',
    "(function () { try { http('http://127.0.0.1:' + port + '/flow/x/json'); } catch (e) { return e.message; } })()",
    'not found',
  ],
]);

scriptTable('5 flowKeys before traffic', () => script, [['5 empty at the start', 'flowKeys()', {}]]);

const number = expect.any(Number);
/** A row of the flow f: bytes, and packets. */
const row = (key: string, more: object) => ({ key, value: number, values: [number], ...more });
const place = (agent: SyntheticAgent, dataSource: string) => ({ agent: agent.address, dataSource });

scriptTable(
  '5 the flows of now',
  () => script,
  [
    [
      '5 activeFlows: largest first, the largest report of each key',
      "activeFlows('ALL', 'f')",
      [row('10.0.0.1', { flowN: 2, ...place(A, '1') }), row('10.0.0.2', { flowN: 2, ...place(A, '1') })],
    ],
    ['5 its values', "activeFlows('ALL', 'f').map(f => Math.round(f.value / f.values[0]))", [1600, 500]],
    ['5 one agent', `activeFlows('${B.address}', 'f')`, [row('10.0.0.1', { flowN: 1, ...place(B, '1') })]],
    ['5 agents with ;', `activeFlows('192.0.2.77;${B.address}', 'f').length`, 1],
    ['5 agents with ,', `activeFlows('192.0.2.77,${B.address}', 'f').length`, 1],
    ['5 agents as an array', `activeFlows(['192.0.2.77', '${B.address}'], 'f').length`, 1],
    ['5 maxFlows', "activeFlows('ALL', 'f', 1).length", 1],
    ['5 maxFlows as text', "activeFlows('ALL', 'f', '1').length", 1],
    ['5 maxFlows of 0', "activeFlows('ALL', 'f', 0)", []],
    ['5 maxFlows below 0', "activeFlows('ALL', 'f', -1)", []],
    ['5 minValue', "activeFlows('ALL', 'f', 10, 1e9)", []],
    ['5 minValue as text', "activeFlows('ALL', 'f', 10, '1e9')", []],
    ['5 minValue in reach', "activeFlows('ALL', 'f', 10, 0.01).length", 2],
    [
      '5 sum has neither agent nor data source',
      "activeFlows('ALL', 'f', 1, 0, 'sum')",
      [row('10.0.0.1', { flowN: 2 })],
    ],
    ['5 SUM in any case', "activeFlows('ALL', 'f', 1, 0, 'SUM')", [row('10.0.0.1', { flowN: 2 })]],
    ['5 avg', "activeFlows('ALL', 'f', 1, 0, 'avg')", [row('10.0.0.1', { flowN: 2 })]],
    [
      '5 sum adds the reports',
      "activeFlows('ALL','f',1,0,'sum')[0].value / activeFlows('ALL','f',1,0,'max')[0].value",
      expect.closeTo(1.625, 2),
    ],
    [
      '5 an unknown word is max',
      "activeFlows('ALL', 'f', 1, 0, 'median')",
      [row('10.0.0.1', { flowN: 2, ...place(A, '1') })],
    ],
    ['5 edge without a topology', "activeFlows('ALL', 'f', 10, 0, 'edge')", []],
    ['5 core without a topology', "activeFlows('ALL', 'f', 10, 0, 'CORE')", []],
    ['5 EDGE without a topology', "activeFlows('EDGE', 'f')", []],
    ['5 CORE without a topology', "activeFlows('CORE', 'f')", []],
    ['5 TOPOLOGY without a topology', "activeFlows('TOPOLOGY', 'f')", []],
    ['5 a filter', "activeFlows('ALL', 'f', 10, 0, 'max', '10.0.0.2').map(f => f.key)", ['10.0.0.2']],
    ['5 a filter that is an object', "activeFlows('ALL', 'f', 10, 0, 'max', {ipsource: '10.0.0.2'})", []],
    ['5 an unknown flow', "activeFlows('ALL', 'nosuch')", []],
    ['5 an unknown agent', "activeFlows('192.0.2.77', 'f')", []],
    ['5 one argument', "activeFlows('ALL')", null],
    ['5 no argument', 'activeFlows()', null],
    [
      '5 flows of whole agents',
      `activeFlows('${A.address}', 'total', 1)`,
      [{ key: '10.0.0.1', value: number, flowN: 1, ...place(A, '0') }],
    ],
    [
      '5 as REST',
      "JSON.stringify(activeFlows('ALL','f').map(f => f.key + f.flowN)) === JSON.stringify(JSON.parse(http('http://127.0.0.1:' + port + '/activeflows/ALL/f/json')).map(f => f.key + f.flowN))",
      true,
    ],
    ['5 the array is an array of the script', "activeFlows('ALL', 'f') instanceof Array", true],

    ['5 flowValue', `flowValue('${A.address}', '1.f', '10.0.0.1')`, number],
    ['5 flowValue of a whole agent', `flowValue('${A.address}', '0.total', '10.0.0.1')`, number],
    ['5 flowValue of another key', `flowValue('${A.address}', '1.f', '10.9.9.9')`, null],
    ['5 flowValue of ALL', "flowValue('ALL', '1.f', '10.0.0.1')", null],
    ['5 flowValue of a bare name', `flowValue('${A.address}', 'f', '10.0.0.1')`, null],
    ['5 flowValue of nothing', 'flowValue()', null],
    [
      '5 flowValues',
      `flowValues('${A.address}', '1.f', '10.0.0.1')`,
      { lastUpdate: number, value: number, values: [number] },
    ],
    ['5 flowValues with an array', `flowValues('${A.address}', '1.f', ['10.0.0.1']).value`, number],
    [
      '5 flowValues without further values',
      `flowValues('${A.address}', '0.total', '10.0.0.1')`,
      { lastUpdate: number, value: number },
    ],
    ['5 flowValues of another key', `flowValues('${A.address}', '1.f', '10.9.9.9')`, null],
    ['5 flowValues of a bare name', `flowValues('${A.address}', 'f', '10.0.0.1')`, null],

    [
      '5 datasourceInfo',
      `datasourceInfo('${A.address}', '1')`,
      {
        samplingDirection: 'ingress',
        samplingRate: 100,
        effectiveSamplingRate: 100,
        flowSamples: 1,
        flowSamplesLost: 0,
        dropProbability: 0,
        counterSamples: 0,
        counterSamplesLost: 0,
        effectivePollingInterval: 0,
      },
    ],
    ['5 datasourceInfo with a number', `datasourceInfo('${A.address}', 1).samplingRate`, 100],
    ['5 datasourceInfo of an unknown one', `datasourceInfo('${A.address}', 99)`, null],
    ['5 datasourceInfo of an unknown agent', "datasourceInfo('192.0.2.77', 1)", null],
    ['5 datasourceInfo of nothing', 'datasourceInfo()', null],

    [
      '5 flowKeys',
      '(function (keys) { return [typeof keys.ipsource, keys.ipsource >= 0, "tcpsourceport" in keys]; })(flowKeys("ignored"))',
      ['number', true, true],
    ],

    [
      '5 flows are metrics',
      `metric('${A.address}', '1.f')[0].topKeys.map(k => k.key)`,
      ['10.0.0.1', '10.0.0.2'],
    ],
    [
      '5 the metric is the largest',
      `(function (m) { return m.metricValue === m.topKeys[0].value; })(metric('${A.address}', '1.f')[0])`,
      true,
    ],
    [
      '5 flows of agents and edges are none',
      "metric('ALL', 'total,edge')",
      [{ metricName: 'total' }, { metricName: 'edge' }],
    ],

    [
      '5 flowLocations before any topology',
      "flowLocations('ALL', 'f', '10.0.0.1')",
      fault(/^InternalError: /),
    ],
    [
      '5 a topology',
      `setTopology({
      nodes: {leaf: {agent: '${A.address}', ports: {p1: {ifindex: '1'}, p2: {ifindex: '2'}}},
              spine: {agent: '192.0.2.3', ports: {d1: {ifindex: '1'}}}},
      links: {L: {node1: 'leaf', port1: 'p2', node2: 'spine', port2: 'd1'}}})`,
      true,
    ],
    [
      '5 flowLocations: on a port, on a link',
      "flowLocations('ALL', 'f', '10.0.0.2')",
      expect.arrayContaining([
        { node: 'leaf', port: 'p1', ...place(A, '1'), value: number },
        {
          localnode: 'leaf',
          localport: 'p2',
          remotenode: 'spine',
          remoteport: 'd1',
          linkname: 'L',
          ...place(A, '2'),
          value: number,
        },
      ]),
    ],
    [
      '5 flowLocations: not in the topology',
      `flowLocations('${B.address}', 'f', '10.0.0.1')`,
      [{ ...place(B, '1'), value: number }],
    ],
    ['5 flowLocations of an unknown flow', "flowLocations('ALL', 'nosuch', 'x')", null],
    ['5 flowLocations of a key not seen', "flowLocations('ALL', 'f', '10.9.9.9')", []],
    ['5 flowLocations of whole agents', "flowLocations('ALL', 'total', '10.0.0.1')", []],
    ['5 flowLocations of the edge', "flowLocations('ALL', 'edge', '10.0.0.1')", []],
    [
      '5 aggMode edge',
      "activeFlows('ALL', 'f', 10, 0, 'edge').map(f => [f.key, f.flowN])",
      [
        ['10.0.0.1', 1],
        ['10.0.0.2', 1],
      ],
    ],
    ['5 aggMode core', "activeFlows('ALL', 'f', 10, 0, 'core').map(f => f.key)", ['10.0.0.2']],
    ['5 no topology any more', 'setTopology({})', true],
  ],
  sendFlows,
);

const stored = (what: string): string => `JSON.parse(http('http://127.0.0.1:' + port + '/${what}/json'))`;

scriptTable('5 groups', () => script, [
  ['5 arrays', "setGroups('g', {a: ['10.0.0.0/8', 'fd00::/8'], 'b c': ['192.0.2.1']})", true],
  ['5 as REST shows it', stored('group/g'), { a: ['10.0.0.0/8', 'fd00::/8'], 'b c': ['192.0.2.1'] }],
  ['5 the time of setting', `typeof ${stored('group')}.g`, 'number'],
  ['5 one address as text', "setGroups('g', {a: '10.0.0.0/8'})", true],
  ['5 is an array of one', stored('group/g'), { a: ['10.0.0.0/8'] }],
  ['5 a range', "setGroups('g', {a: ['10.0.0.1-10.0.0.9']})", false],
  ['5 a bad address among good ones', "setGroups('g', {a: ['10.0.0.1'], b: ['nonsense']})", false],
  ['5 numbers', "setGroups('g', {a: [5]})", false],
  ['5 what was refused changes nothing', stored('group/g'), { a: ['10.0.0.0/8'] }],
  ['5 a name with a blank', "setGroups('g h', {a: ['10.0.0.1']})", false],
  ['5 no content', "setGroups('g')", false],
  ['5 text', "setGroups('g', 'a')", false],
  ['5 an array', "setGroups('g', ['10.0.0.1'])", false],
  ['5 no argument', 'setGroups()', false],
  ['5 {}', "setGroups('g', {})", true],
  ['5 null', "setGroups('g', null)", true],
  ['5 deletes', `'g' in ${stored('group')}`, false],
]);

scriptTable('5 maps', () => script, [
  ['5 texts and numbers', "setMap('m', {web: ['80', 443], mail: 25})", true],
  ['5 as REST shows it', stored('map/m'), { web: ['80', '443'], mail: ['25'] }],
  ['5 used by a flow', "setFlow('ports', {keys: 'map:tcpdestinationport:m', value: 'bytes'})", true],
  ['5 objects', "setMap('m', {web: [{}]})", false],
  ['5 a name with a comma', "setMap('m,n', {web: ['80']})", false],
  ['5 no content', "setMap('m')", false],
  ['5 {}', "setMap('m', {})", true],
  ['5 null', "setMap('m', null)", true],
  ['5 deletes', `'m' in ${stored('map')}`, false],
]);

scriptTable('5 tenants', () => script, [
  ['5 setTenant', "setTenant('t', '127.0.0.1', 6399, {ifindex: ['192.0.2.1_2'], cidr: '10.0.0.0/8'})", true],
  ['5 listed', stored('tenant'), { t: 0 }],
  ['5 its filters', `${stored('tenant/t')}.filters`, { ifindex: ['192.0.2.1_2'], cidr: ['10.0.0.0/8'] }],
  ['5 port as text', "setTenant('t', '127.0.0.1', '6399', {mac: ['020000000001']})", true],
  ['5 a bad prefix', "setTenant('u', '127.0.0.1', 6399, {cidr: ['10.0.0.0/99']})", false],
  ['5 an unknown filter', "setTenant('u', '127.0.0.1', 6399, {colour: ['red']})", false],
  ['5 no arguments', 'setTenant()', false],
  ['5 fewer than four', "setTenant('u', '127.0.0.1')", fault(/^InternalError: Index 2 out of bounds/)],
  ['5 an object for the address', "setTenant('u', {}, 6399, {cidr: ['10.0.0.0/8']})", false],
]);
