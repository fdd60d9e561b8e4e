import { beforeEach, describe, expect, it } from 'vitest';
import { isWeirError } from '../common/index.ts';
import { eth, ip, ip6, tcp } from '../packet/testing/build-packet.ts';
import {
  counterSample,
  type Datagram,
  datagram,
  decodeDatagram,
  discardSample,
  encodeDatagram,
  type FlowOrCounterRecord,
  flowSample,
  ifCounters,
  record,
  type Sample,
  sampledHeader,
} from '../sflow/index.ts';
import { Shard } from './shard.ts';
import { echoTenant, parseTenant, type TenantFilters } from './tenant.ts';

const COLLECTOR = { collectorAddress: '192.0.2.9', collectorPort: 9000 };

describe('12 tenant: the body', () => {
  it.each([
    [
      { ...COLLECTOR, filters: {} },
      { ...COLLECTOR, filters: {} },
    ],
    [
      { collectorAddress: 'c.example', collectorPort: '9001', filters: { cidr: [] }, other: 1 },
      { collectorAddress: 'c.example', collectorPort: 9001, filters: { cidr: [] } },
    ],
    [
      { collectorAddress: '192.0.2.9', filters: { ifindex: ['10.0.0.1_2'], ifname: ['10.0.0.1_eth_3'] } },
      {
        collectorAddress: '192.0.2.9',
        collectorPort: 6343,
        filters: { ifindex: ['10.0.0.1_2'], ifname: ['10.0.0.1_eth_3'] },
      },
    ],
    [
      {
        ...COLLECTOR,
        filters: { cidr: ['10.0/16', '2001:db8::/32', '10.1.2.3'], mac: ['00:0c:29:aa:BB:cc'] },
      },
      {
        ...COLLECTOR,
        filters: { cidr: ['10.0/16', '2001:db8::/32', '10.1.2.3'], mac: ['00:0c:29:aa:BB:cc'] },
      },
    ],
  ])('%j is %j', (specification, effective) => {
    const tenant = parseTenant('t', specification);
    expect(echoTenant(tenant, tenant.address)).toEqual(effective);
  });

  it.each([
    [{ filters: {} }, 'collectorAddress is required'],
    [{ ...COLLECTOR, collectorPort: 70000, filters: {} }, 'collectorPort must be'],
    [{ ...COLLECTOR, collectorPort: 'x', filters: {} }, 'collectorPort must be'],
    [COLLECTOR, 'filters is required'],
    [{ ...COLLECTOR, filters: null }, 'must be an object'],
    [{ ...COLLECTOR, filters: ['10.0.0.1_2'] }, 'must be an object'],
    [{ ...COLLECTOR, filters: { vlan: ['1'] } }, 'filters has "vlan"'],
    [{ ...COLLECTOR, filters: JSON.parse('{"__proto__": ["1"]}') }, 'filters has "__proto__"'],
    [{ ...COLLECTOR, filters: { cidr: '10.0.0.0/8' } }, 'cidr must be an array'],
    [{ ...COLLECTOR, filters: { cidr: [8] } }, 'cidr must be an array'],
    [{ ...COLLECTOR, filters: { cidr: null } }, 'cidr must be an array'],
    [{ ...COLLECTOR, filters: { cidr: ['10.0.0.0/33'] } }, 'filter cidr: "10.0.0.0/33"'],
    [{ ...COLLECTOR, filters: { cidr: ['ten'] } }, 'filter cidr: "ten"'],
    [{ ...COLLECTOR, filters: { mac: ['000C29AABB'] } }, 'filter mac: "000C29AABB"'],
    [{ ...COLLECTOR, filters: { ifindex: ['10.0.0.1'] } }, 'filter ifindex: "10.0.0.1"'],
    [{ ...COLLECTOR, filters: { ifindex: ['10.0.0.1_eth0'] } }, 'filter ifindex: "10.0.0.1_eth0"'],
    [{ ...COLLECTOR, filters: { ifindex: ['leaf1_2'] } }, 'filter ifindex: "leaf1_2"'],
    [{ ...COLLECTOR, filters: { ifname: ['10.0.0.1_'] } }, 'filter ifname: "10.0.0.1_"'],
    [[], 'must be an object'],
  ])('%j is refused: %s', (specification, reason) => {
    const attempt = (): unknown => parseTenant('t', specification);
    expect(attempt).toThrow(reason);
    try {
      attempt();
    } catch (error) {
      expect(isWeirError(error, 'TENANT_BAD')).toBe(true);
    }
  });

  it('1 names are as those of forwardings', () => {
    expect(() => parseTenant('a/b', { ...COLLECTOR, filters: {} })).toThrow("a tenant's name");
    expect(parseTenant('a.b', { ...COLLECTOR, filters: {} }).port).toBe(9000);
  });
});

const TOPOLOGY = {
  nodes: {
    leaf1: { agent: '10.0.0.1', ports: { swp1: { ifindex: '1' }, swp2: { ifindex: '2' } } },
    leaf6: { agent: '2001:db8::6', ports: { swp1: { ifindex: '1' } } },
    spine: { agent: '10.0.0.9', ports: { swp1: { ifindex: '1' } } },
  },
  links: { l1: { node1: 'leaf1', port1: 'swp1', node2: 'spine', port2: 'swp1' } },
};
const RATE = 100;
const EDGE_PORT = 2;

/** A shard that has been given datagrams, and what its tenants got. */
class Setup {
  readonly shard: Shard;
  readonly got = new Map<string, Datagram[]>();
  flushes = 0;
  private now = 1000;
  private readonly sequences = new Map<string, number>();

  constructor(topology: unknown = TOPOLOGY) {
    this.shard = new Shard({
      memoryBytes: 1 << 20,
      maxAgents: 10,
      maxDataSources: 100,
      seed: 1,
      onLogged: () => undefined,
      onEvent: () => undefined,
      onTenantsFull: () => this.flushes++,
    });
    this.shard.topology.set(topology);
  }

  tenant(name: string, filters: TenantFilters): void {
    const counts = { sent: 0, failed: 0 };
    const got: Datagram[] = [];
    this.got.set(name, got);
    this.shard.tenants.set(name, parseTenant(name, { ...COLLECTOR, filters }).filters, {
      counts,
      send(bytes, start, end) {
        counts.sent++;
        const { datagram: sent, error } = decodeDatagram(bytes.slice(start, end));
        if (sent === undefined || error !== undefined) throw new Error(`not sFlow: ${error}`);
        got.push(sent);
      },
    });
  }

  next(what: string): number {
    const number = (this.sequences.get(what) ?? 0) + 1;
    this.sequences.set(what, number);
    return number;
  }

  receive(agentAddress: string, samples: readonly Sample[], given: Partial<Datagram> = {}): void {
    const bytes = encodeDatagram(
      datagram({
        agentAddress,
        sequenceNumber: 100 + this.next(agentAddress),
        uptime: 77_000,
        samples,
        ...given,
      }),
    );
    this.shard.advance(this.now);
    this.shard.receive(bytes, 0, bytes.length, 0, 0, 0xffff, 1, this.now++);
  }

  flow(records: readonly FlowOrCounterRecord[], given: Parameters<typeof flowSample>[0] = {}): Sample {
    const sequenceNumber = 500 + this.next(`flow ${JSON.stringify(given.sourceId)}`);
    return flowSample({
      sourceId: EDGE_PORT,
      sequenceNumber,
      samplingRate: RATE,
      samplePool: sequenceNumber * RATE,
      records,
      ...given,
    });
  }

  samples(tenant: string): Sample[] {
    return this.got.get(tenant)?.flatMap(({ samples }) => samples) ?? [];
  }
}

const packet4 = (source: string, destination: string): FlowOrCounterRecord =>
  sampledHeader(eth(0x0800, ip(6, tcp(1000, 80), { source, destination })));

let setup: Setup;
beforeEach(() => {
  setup = new Setup();
});

describe('12 tenant: flow samples', () => {
  it('one datagram for each sample of its addresses, with numbers of its own', () => {
    setup.tenant('t', { cidr: ['10.1.0.0/16'] });
    const mine = packet4('10.1.0.1', '192.0.2.200');
    const others = packet4('10.2.0.1', '192.0.2.200');
    for (let i = 0; i < 3; i++) setup.receive('10.0.0.1', [setup.flow([mine]), setup.flow([others])]);
    setup.receive('10.0.0.1', [setup.flow([packet4('192.0.2.200', '10.1.2.3')])]);
    const got = setup.got.get('t') ?? [];
    expect(got.length).toBe(4);
    for (const [i, sent] of got.entries()) {
      expect(sent).toMatchObject({
        version: 5,
        agentAddress: '10.0.0.1',
        subAgentId: 0,
        sequenceNumber: i,
        uptime: 77_000,
        samples: [
          {
            kind: 'flow',
            sourceId: { class: 0, index: EDGE_PORT },
            sequenceNumber: i,
            samplingRate: RATE,
            samplePool: i * RATE,
          },
        ],
      });
    }
    expect(setup.samples('t')[0]).toMatchObject({ records: [mine] });
    expect(setup.shard.tenants.counts()).toEqual({ t: 4 });
  });

  it('by MAC address and by IPv6 prefix, of an IPv6 agent, in the expanded form', () => {
    setup.tenant('mac', { mac: ['02-00-00-00-00-01'] });
    setup.tenant('six', { cidr: ['2001:db8:1::/48'] });
    const other = '020000000009';
    const mine = '020000000001';
    const bySource = sampledHeader(eth(0x0800, ip(6, tcp(1, 2)), { source: mine, destination: other }));
    const byDestination = sampledHeader(eth(0x0800, ip(6, tcp(1, 2)), { source: other, destination: mine }));
    const six = sampledHeader(
      eth(
        0x86dd,
        ip6(6, tcp(1, 2), {
          source: '2001:0db8:0009:0000:0000:0000:0000:0001',
          destination: '2001:0db8:0001:0000:0000:0000:0000:0001',
        }),
        {
          source: other,
          destination: other,
        },
      ),
    );
    const expanded = { expanded: true, sourceId: { class: 0, index: 70_000_000 } };
    for (const each of [bySource, byDestination, six])
      setup.receive('2001:db8::6', [setup.flow([each], expanded)]);
    expect(setup.samples('mac').map((sample) => 'records' in sample && sample.records)).toEqual([
      [bySource],
      [byDestination],
    ]);
    expect(setup.samples('mac')[1]).toMatchObject({ expanded: true, sequenceNumber: 1, samplePool: RATE });
    expect(setup.got.get('six')).toEqual([
      expect.objectContaining({
        agentAddress: '2001:db8::6',
        samples: [
          expect.objectContaining({
            sourceId: expanded.sourceId,
            sequenceNumber: 0,
            samplePool: 0,
            records: [six],
          }),
        ],
      }),
    ]);
  });

  it('by the addresses of records, when there is no header', () => {
    setup.tenant('t', { cidr: ['10.1.0.0/16'] });
    const fields = { length: 100, protocol: 6, sourcePort: 1, destinationPort: 2, tcpFlags: 0, tos: 0 };
    const mine = record('sampled_ipv4', { ...fields, sourceIp: '192.0.2.1', destinationIp: '10.1.0.1' });
    setup.receive('10.0.0.1', [setup.flow([mine])]);
    expect(setup.samples('t')).toEqual([expect.objectContaining({ records: [mine] })]);
  });

  it('of the edge only: not of links, not of agents outside the topology, nothing without one', () => {
    const mine = packet4('10.1.0.1', '10.1.0.2');
    for (const [topology, expected] of [
      [TOPOLOGY, 1],
      [{}, 0],
    ]) {
      setup = new Setup(topology);
      setup.tenant('t', { cidr: ['10.1.0.0/16'] });
      setup.receive('10.0.0.1', [setup.flow([mine], { sourceId: 1 }), setup.flow([mine])]);
      setup.receive('10.0.0.5', [setup.flow([mine])]);
      expect(setup.samples('t').length).toBe(expected);
    }
  });

  it('not those that were dropped for their numbers, and no discards', () => {
    setup.tenant('t', { cidr: ['10.1.0.0/16'] });
    const mine = packet4('10.1.0.1', '10.1.0.2');
    const first = setup.flow([mine]);
    setup.receive('10.0.0.1', [first]);
    setup.receive('10.0.0.1', [first, discardSample({ sourceId: EDGE_PORT, records: [mine] })]);
    expect(setup.samples('t').length).toBe(1);
  });

  it('the pool goes on when the rate changes', () => {
    setup.tenant('t', { cidr: ['10.1.0.0/16'] });
    const mine = packet4('10.1.0.1', '10.1.0.2');
    for (const samplingRate of [100, 100, 400, 400])
      setup.receive('10.0.0.1', [setup.flow([mine], { samplingRate })]);
    expect(setup.samples('t').map((sample) => 'samplePool' in sample && sample.samplePool)).toEqual([
      0, 100, 500, 900,
    ]);
  });

  it('a datagram as large as can be is passed on whole', () => {
    setup.tenant('t', { cidr: ['10.1.0.0/16'] });
    const header = packet4('10.1.0.1', '10.1.0.2');
    const opaque = (length: number): FlowOrCounterRecord => ({
      enterprise: 9,
      format: 9,
      bytes: new Uint8Array(length),
    });
    const empty = encodeDatagram(datagram({ samples: [setup.flow([header, opaque(0)])] })).length;
    setup.receive('10.0.0.1', [setup.flow([header, opaque(2048 - empty)])]);
    expect(setup.shard.received.tooLarge).toBe(0);
    expect(setup.samples('t')).toEqual([
      expect.objectContaining({ records: [header, opaque(2048 - empty)] }),
    ]);
  });
});

describe('12 tenant: counter samples', () => {
  it('by ifIndex and by name, also without a topology, with numbers per data source', () => {
    setup = new Setup({});
    setup.tenant('index', { ifindex: ['10.0.0.1_2', '2001:DB8::6_1'] });
    setup.tenant('name', { ifname: ['10.0.0.1_eth3'] });
    const counters = (sourceId: number, name = ''): Sample =>
      counterSample({
        sourceId,
        sequenceNumber: 7 + setup.next(`counter ${sourceId}`),
        records: [ifCounters({ ifIndex: sourceId }), ...(name === '' ? [] : [record('port_name', { name })])],
      });
    for (let i = 0; i < 2; i++)
      setup.receive('10.0.0.1', [counters(1), counters(2, 'eth2'), counters(3, i === 0 ? 'eth3' : '')]);
    setup.receive('2001:db8::6', [counters(1), counters(2)]);
    const summary = (tenant: string): string[] =>
      (setup.got.get(tenant) ?? []).map(({ agentAddress, sequenceNumber, samples: [sample] }) => {
        if (sample.kind !== 'counter') throw new Error(sample.kind);
        return `${agentAddress} ${sequenceNumber}: ${sample.sourceId.index} ${sample.sequenceNumber}`;
      });
    expect(summary('index')).toEqual(['10.0.0.1 0: 2 0', '10.0.0.1 1: 2 1', '2001:db8::6 0: 1 0']);
    expect(summary('name')).toEqual(['10.0.0.1 0: 3 0', '10.0.0.1 1: 3 1']);
    expect(setup.samples('index')[0]).toMatchObject({
      records: [{ name: 'if_counters' }, { name: 'port_name' }],
    });
  });

  it('no flow samples by interface, no counter samples by address', () => {
    setup.tenant('t', { ifindex: [`10.0.0.1_${EDGE_PORT}`], ifname: ['10.0.0.1_swp2'] });
    setup.tenant('u', { cidr: ['0.0.0.0/0'], mac: [] });
    setup.receive('10.0.0.1', [
      setup.flow([packet4('10.1.0.1', '10.1.0.2')]),
      counterSample({ sourceId: EDGE_PORT, records: [ifCounters({ ifIndex: EDGE_PORT })] }),
    ]);
    expect(setup.samples('t').map(({ kind }) => kind)).toEqual(['counter']);
    expect(setup.samples('u').map(({ kind }) => kind)).toEqual(['flow']);
  });
});

describe('12 tenants', () => {
  it('one removed gets nothing; one set anew begins anew', () => {
    const send = (): void => setup.receive('10.0.0.1', [setup.flow([packet4('10.1.0.1', '10.1.0.2')])]);
    setup.tenant('t', { cidr: ['10.1.0.0/16'] });
    send();
    send();
    setup.shard.tenants.remove('t');
    send();
    expect(setup.shard.tenants.active).toBe(false);
    expect(setup.samples('t').length).toBe(2);
    setup.tenant('t', { cidr: ['10.1.0.0/16'] });
    send();
    expect(setup.got.get('t')).toEqual([expect.objectContaining({ sequenceNumber: 0 })]);
    expect(setup.shard.tenants.counts()).toEqual({ t: 1 });
  });

  it('has what was made handed over before its room is used again', () => {
    setup.tenant('t', { cidr: ['10.1.0.0/16'] });
    for (let i = 0; i < 200; i++) setup.receive('10.0.0.1', [setup.flow([packet4('10.1.0.1', '10.1.0.2')])]);
    expect(setup.samples('t').length).toBe(200);
    expect(setup.flushes).toBe(3);
  });
});
