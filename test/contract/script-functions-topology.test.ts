import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eth, ip, ip6, tcp } from '../../src/packet/testing/build-packet.ts';
import { ifCounters, record, sampledHeader } from '../../src/sflow/index.ts';
import { SyntheticAgent } from '../support/synthetic-agent.ts';
import { fault, ScriptUnderTest, scriptTable } from './script-under-test.ts';

/* Script API, section 12: topology. */

let script: ScriptUnderTest;
beforeAll(async () => {
  script = await ScriptUnderTest.serve();
});
afterAll(() => script.end());

scriptTable('12 the document', () => script, [
  ['12 getTopology before any', 'getTopology()', null],
  ['12 topologyVersion before any', 'topologyVersion()', null],
  ['12 names before any', '[topologyNodeNames(), topologyLinkNames()]', [null, null]],
  ['12 diameter before any', 'topologyDiameter()', 0],
  ['12 null', 'setTopology(null)', false],
  ['12 text', "setTopology('{}')", false],
  ['12 no argument', 'setTopology()', false],
  [
    '12 a document',
    "setTopology({nodes: {a: {agent: '192.0.2.1', tags: {role: 'leaf'}, ports: {p: {ifindex: '1'}}}}})",
    true,
  ],
  [
    '12 comes back with its version',
    'getTopology()',
    {
      version: 0,
      nodes: { a: { agent: '192.0.2.1', tags: { role: 'leaf' }, ports: { p: { ifindex: '1' } } } },
    },
  ],
  [
    '12 an ifindex that is a number',
    "setTopology({nodes: {a: {agent: '192.0.2.1', ports: {p: {ifindex: 2}}}}})",
    true,
  ],
  ['12 becomes text', 'getTopology().nodes.a.ports.p.ifindex', '2'],
  ['12 the version grows', 'topologyVersion()', 1],
  ['12 the document of REST', 'setTopology(getTopology())', true],
  ['12 is no change', 'topologyVersion()', 1],
  ['12 links that are an array', 'setTopology({links: []})', fault(/^InternalError: .*links/)],
  [
    '12 a cyclic document',
    '(function () { var d = {nodes: {}}; d.nodes.a = d; return setTopology(d); })()',
    fault(/circular/i),
  ],
  ['12 what was refused changes nothing', 'topologyVersion()', 1],
  ['12 {nodes:{}}', 'setTopology({nodes: {}})', true],
  ['12 {}', 'setTopology({})', true],
  ['12 what is left', '(function (t) { return Object.keys(t); })(getTopology())', ['version']],
]);

/* leaf1 and leaf2 hang on spine; leaf1 and leaf2 are linked as well. A node without a link stands alone. */
const LEAF1 = new SyntheticAgent('192.0.2.1');
const LEAF2 = new SyntheticAgent('192.0.2.2');
const SPINE = new SyntheticAgent('192.0.2.3');
const DOCUMENT = {
  nodes: {
    leaf1: {
      agent: LEAF1.address,
      tags: { role: 'leaf' },
      ports: {
        up: { ifindex: '1', tags: { speed: 'fast' } },
        side: { ifindex: '2' },
        host: { ifindex: '3' },
      },
    },
    leaf2: { agent: LEAF2.address, ports: { up: { ifindex: '1' }, side: { ifindex: '2' } } },
    spine: { agent: SPINE.address, ports: { d1: { ifindex: '1' }, d2: { ifindex: '2' } } },
    alone: {},
  },
  links: {
    L1: { node1: 'leaf1', port1: 'up', node2: 'spine', port2: 'd1', tags: { kind: 'fibre' } },
    L2: { node1: 'leaf2', port1: 'up', node2: 'spine', port2: 'd2' },
    L3: { node1: 'leaf1', port1: 'side', node2: 'leaf2', port2: 'side' },
    L4: { node1: 'spine', port1: 'x9', node2: 'far', port2: 'y' },
  },
};
const HOST_MAC = '020000000001';
const OTHER_MAC = '0200000000AB';

async function send(): Promise<void> {
  const counters = (agent: SyntheticAgent, index: number, speed: bigint) =>
    agent.counters(
      [ifCounters({ ifIndex: index, ifSpeed: speed }), record('port_name', { name: `swp${index}` })],
      {
        sourceId: index,
      },
    );
  const packet = (source: string, address: string, version: 4 | 6 = 4) => {
    const payload = tcp(1000, 80);
    const layer =
      version === 4
        ? eth(0x0800, ip(6, payload, { source: address }), { source })
        : eth(0x86dd, ip6(6, payload, { source: address }), { source });
    return sampledHeader(layer, { frameLength: 1000 });
  };
  const at = (index: number) => ({ sourceId: index, input: { format: 0, value: index } as const });
  await script.weir.deliver(
    LEAF1.datagram([
      counters(LEAF1, 1, 1000n),
      counters(LEAF1, 9, 1000n),
      LEAF1.counters(
        [
          record('host_descr', { hostname: 'leaf1-host' }),
          record('host_adapters', { adapters: [{ ifIndex: 1, macAddresses: [HOST_MAC] }] }),
        ],
        { sourceId: { class: 2, index: 1 } },
      ),
      LEAF1.flow([packet(HOST_MAC, '10.0.0.1')], at(3)),
      LEAF1.flow([packet(HOST_MAC, '2001:0db8:0000:0000:0000:0000:0000:0001', 6)], at(3)),
      LEAF1.flow([packet('0200000000ff', '10.0.0.9')], at(1)),
    ]),
    SPINE.datagram([counters(SPINE, 1, 2000n)]),
    LEAF2.datagram([LEAF2.flow([packet(OTHER_MAC, '10.0.0.2')], at(7))]),
  );
}

const here = {
  mac: HOST_MAC,
  ipaddress: '10.0.0.1',
  ip6address: '2001:db8::1',
  node: 'leaf1',
  port: 'host',
  agent: LEAF1.address,
  ifindex: '3',
};
const number = expect.any(Number);

scriptTable(
  '12 nodes, links and paths',
  () => script,
  [
    ['12 topologyNodeNames', 'topologyNodeNames()', ['leaf1', 'leaf2', 'spine', 'alone', 'far']],
    ['12 topologyLinkNames', 'topologyLinkNames()', ['L1', 'L2', 'L3', 'L4']],
    ['12 topologyNodePortNames', "topologyNodePortNames('leaf1')", ['up', 'side', 'host']],
    [
      '12 topologyNodePortNames: ports that only a link names',
      "topologyNodePortNames('spine')",
      ['d1', 'd2', 'x9'],
    ],
    ['12 topologyNodePortNames of an unknown node', "topologyNodePortNames('nosuch')", null],
    [
      '12 topologyNodeLinks',
      "topologyNodeLinks('leaf1')",
      [
        { linkname: 'L1', localport: 'up', remotenode: 'spine', remoteport: 'd1' },
        { linkname: 'L3', localport: 'side', remotenode: 'leaf2', remoteport: 'side' },
      ],
    ],
    ['12 topologyNodeLinks of an unknown node', "topologyNodeLinks('nosuch')", null],
    ['12 topologyLink', "topologyLink('L1')", DOCUMENT.links.L1],
    ['12 topologyLink of an unknown one', "topologyLink('nosuch')", null],
    ['12 topologyTags', 'topologyTags().sort()', ['kind', 'role', 'speed']],
    [
      '12 topologyNodeTag',
      "[topologyNodeTag('leaf1', 'role'), topologyNodeTag('leaf2', 'role'), topologyNodeTag('nosuch', 'role')]",
      ['leaf', null, null],
    ],
    ['12 topologyLinkTag', "[topologyLinkTag('L1', 'kind'), topologyLinkTag('L2', 'kind')]", ['fibre', null]],
    [
      '12 topologyPortTag',
      "[topologyPortTag('leaf1', 'up', 'speed'), topologyPortTag('leaf1', 'host', 'speed')]",
      ['fast', null],
    ],
    ['12 topologyDiameter', 'topologyDiameter()', 2],
    [
      '12 topologyShortestPath',
      "topologyShortestPath('leaf1', 'far')",
      [
        { linkname: 'L1', startnode: 'leaf1', startport: 'up', endnode: 'spine', endport: 'd1' },
        { linkname: 'L4', startnode: 'spine', startport: 'x9', endnode: 'far', endport: 'y' },
      ],
    ],
    ['12 topologyShortestPath to itself', "topologyShortestPath('leaf1', 'leaf1')", []],
    [
      '12 topologyShortestPath to an unknown node',
      "topologyShortestPath('leaf1', 'nosuch')",
      fault(/Graph must contain the sink vertex!/),
    ],
    [
      '12 topologyShortestPath to a node without a link',
      "topologyShortestPath('leaf1', 'alone')",
      fault(/Graph must contain the sink vertex!/),
    ],
    [
      '12 topologyShortestPaths',
      "topologyShortestPaths('leaf1', 'leaf2', 5).map(p => p.map(s => s.linkname))",
      [['L3'], ['L1', 'L2']],
    ],
    ['12 topologyShortestPaths: up to k', "topologyShortestPaths('leaf1', 'leaf2', '1').length", 1],
    ['12 topologyShortestPaths without k', "topologyShortestPaths('leaf1', 'leaf2')", null],
    ['12 topologyMinimumSpanningTree', 'topologyMinimumSpanningTree()', ['L1', 'L2', 'L4']],
  ],
  async () => {
    await script.run(`setTopology(${JSON.stringify(DOCUMENT)})`);
    await send();
  },
);

scriptTable('12 interfaces', () => script, [
  [
    '12 topologyAgentForNode',
    "[topologyAgentForNode('leaf1'), topologyAgentForNode('alone'), topologyAgentForNode('nosuch')]",
    [LEAF1.address, null, null],
  ],
  ['12 topologyNodesForAgent', `topologyNodesForAgent('${LEAF1.address}')`, ['leaf1']],
  ['12 topologyNodesForAgent with an interface', `topologyNodesForAgent('${LEAF1.address}', 1)`, ['leaf1']],
  [
    '12 topologyNodesForAgent of unknown ones',
    "[topologyNodesForAgent('192.0.2.77'), topologyNodesForAgent('192.0.2.1', 77)]",
    [null, null],
  ],
  [
    '12 topologyInterfaceToLink',
    `topologyInterfaceToLink('${LEAF1.address}', 1)`,
    {
      linkname: 'L1',
      localnode: 'leaf1',
      localport: 'up',
      remotenode: 'spine',
      remoteport: 'd1',
      remoteagent: SPINE.address,
      remoteifindex: '1',
    },
  ],
  ['12 topologyInterfaceToLink without a link', `topologyInterfaceToLink('${LEAF1.address}', '3')`, null],
  [
    '12 topologyInterfaceToPort',
    `topologyInterfaceToPort('${LEAF1.address}', 3)`,
    { node: 'leaf1', port: 'host' },
  ],
  [
    '12 topologyInterfaceToPort: learnt',
    `topologyInterfaceToPort('${LEAF1.address}', 9)`,
    { node: 'leaf1-host', port: 'swp9' },
  ],
  [
    '12 topologyInterfaceToPort: only the host',
    `topologyInterfaceToPort('${LEAF1.address}', 77)`,
    { node: 'leaf1-host' },
  ],
  ['12 topologyInterfaceToPort: unknown', "topologyInterfaceToPort('192.0.2.77', 1)", null],
  [
    '12 topologyPortToInterface',
    "topologyPortToInterface('leaf1', 'up')",
    { agent: LEAF1.address, ifindex: '1' },
  ],
  ['12 topologyPortToInterface of an unknown node', "topologyPortToInterface('nosuch', 'up')", null],
  [
    '12 topologyPortToInterface of an unknown port',
    "topologyPortToInterface('leaf1', 'nosuch')",
    fault(/nosuch/),
  ],
  [
    '12 topologyLinkToInterfaces',
    "topologyLinkToInterfaces('L1')",
    {
      node1: 'leaf1',
      port1: 'up',
      node2: 'spine',
      port2: 'd1',
      agent1: LEAF1.address,
      ifindex1: '1',
      agent2: SPINE.address,
      ifindex2: '1',
    },
  ],
  [
    '12 topologyLinkToInterfaces: what is unknown is absent',
    "topologyLinkToInterfaces('L4')",
    { node1: 'spine', port1: 'x9', node2: 'far', port2: 'y', agent1: SPINE.address },
  ],
  ['12 topologyLinkToInterfaces of an unknown link', "topologyLinkToInterfaces('nosuch')", fault(/nosuch/)],
  [
    '12 topologyLinkMetric',
    "topologyLinkMetric('L1', 'ifspeed,nosuch').map(c => c.metricValue || c)",
    [1000, {}, 2000, {}],
  ],
  [
    '12 topologyLinkMetric: cells of dump',
    "topologyLinkMetric('L1', 'ifspeed')[0]",
    { agent: LEAF1.address, dataSource: '1', metricName: 'ifspeed', metricValue: 1000, lastUpdate: number },
  ],
  ['12 topologyLinkMetric of an unknown link', "topologyLinkMetric('nosuch', 'ifspeed')", [{}, {}]],
]);

scriptTable('12 hosts', () => script, [
  ['12 topologyLocatedHostMacs', 'topologyLocatedHostMacs().sort()', [HOST_MAC, OTHER_MAC]],
  ['12 topologyLocatedHostMacs of an agent', `topologyLocatedHostMacs('${LEAF1.address}')`, [HOST_MAC]],
  [
    '12 topologyLocatedHostMacs of an interface',
    `topologyLocatedHostMacs('${LEAF1.address}', 3)`,
    [HOST_MAC],
  ],
  ['12 topologyLocatedHostMacs: none', `topologyLocatedHostMacs('${LEAF1.address}', 1)`, []],
  [
    '12 topologyLocateHostMac, with what its host says',
    `topologyLocateHostMac('${HOST_MAC}')`,
    [expect.objectContaining({ ...here, host_name: 'leaf1-host' })],
  ],
  [
    '12 topologyLocateHostMac in lower case',
    `topologyLocateHostMac('0200000000ab')[0].ipaddress`,
    '10.0.0.2',
  ],
  ['12 topologyLocateHostMac with separators', "topologyLocateHostMac('02:00:00:00:00:01')", []],
  ['12 topologyLocateHostIP', "topologyLocateHostIP('10.0.0.1')", [expect.objectContaining(here)]],
  [
    '12 topologyLocateHostIP of one on a port without a name',
    "topologyLocateHostIP('10.0.0.2')",
    [{ mac: OTHER_MAC, ipaddress: '10.0.0.2', agent: LEAF2.address, ifindex: '7' }],
  ],
  ['12 topologyLocateHostIP of one on a link', "topologyLocateHostIP('10.0.0.9')", []],
  ['12 topologyLocateHostIP6', "topologyLocateHostIP6('2001:DB8:0::1')", [expect.objectContaining(here)]],
  ['12 topologyLocateHostAgent', `topologyLocateHostAgent('${LEAF1.address}').map(h => h.mac)`, [HOST_MAC]],
  ['12 topologyLocateHostUUID of an unknown one', "topologyLocateHostUUID('nosuch')", []],
  [
    '12 without an argument',
    '[topologyLocateHostMac(), topologyLocateHostIP(), topologyLocateHostIP6(), topologyLocateHostAgent(), topologyLocateHostUUID()]',
    [null, null, null, null, null],
  ],
  [
    '12 hostForIP of a host that is located',
    "hostForIP('10.0.0.1')",
    { agent: LEAF1.address, dataSource: '2.1' },
  ],
]);

describe('12 the graph of a script', () => {
  it('12 follows what others set', async () => {
    expect(await script.run('topologyNodeNames().length')).toBe(5);
    await script.weir.set('/topology/json', { nodes: { one: {} } });
    expect(await script.run('topologyNodeNames()')).toEqual(['one']);
  });
});
