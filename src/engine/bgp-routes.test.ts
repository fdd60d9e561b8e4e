import { describe, expect, it } from 'vitest';
import { AdjRibIn, asSequence, type PathAttributes } from '../bgp/index.ts';
import { announcement, CONTEXT, withdrawal } from '../bgp/testing/learn.ts';
import { parseDefinition } from '../flow/index.ts';
import { eth, ip, ip6, tcp } from '../packet/testing/build-packet.ts';
import {
  datagram,
  encodeDatagram,
  type FlowOrCounterRecord,
  flowSample,
  record,
  sampledHeader,
} from '../sflow/index.ts';
import { answer } from './answer.ts';
import type { BgpSource } from './bgp-routes.ts';
import { Shard } from './shard.ts';

const AGENT = '10.0.0.1';
const ROUTER = '192.0.2.254';
const SOURCE: BgpSource = { router: ROUTER, router6: undefined, seconds: 2, value: 'bytes' };
const RATE = 1000;
const TO_SERVER: PathAttributes = {
  origin: 'IGP',
  asPath: asSequence([65001, 65010, 65030]),
  nextHop: '127.0.0.2',
};
const KEYS = [
  'bgpnexthop',
  'bgpas',
  'bgpsourceas',
  'bgpsourcepeeras',
  'bgpdestinationas',
  'bgpdestinationpeeras',
  'bgpdestinationaspath',
  'bgpcommunities',
  'bgplocalpref',
] as const;

class Setup {
  readonly rib: AdjRibIn;
  readonly shard: Shard;
  now = 1000;
  private sequence = 0;

  constructor(keys: string) {
    this.shard = new Shard({
      memoryBytes: 1 << 20,
      maxAgents: 10,
      maxDataSources: 100,
      seed: 1,
      onLogged: () => undefined,
      onEvent: () => undefined,
    });
    this.rib = new AdjRibIn({ onShare: (routes) => this.shard.bgp.setTable(ROUTER, routes) });
    const definition = parseDefinition('flow', { keys, value: 'frames', t: 1000 });
    if (definition !== undefined) this.shard.define(definition, this.now);
  }

  /** Samples of 1000 bytes from interface 1 of an agent. */
  send(records: readonly FlowOrCounterRecord[], count = 1, agentAddress = AGENT): void {
    for (let i = 0; i < count; i++) {
      const sequenceNumber = 1 + this.sequence++;
      const sample = flowSample({
        sequenceNumber,
        samplingRate: RATE,
        samplePool: sequenceNumber * RATE,
        records,
      });
      const bytes = encodeDatagram(datagram({ agentAddress, sequenceNumber, samples: [sample] }));
      this.shard.advance(this.now);
      this.shard.receive(bytes, 0, bytes.length, 0, 0, 0xffff, 1, this.now);
    }
  }

  keys(): string[] {
    const everything = {
      include: () => true,
      mode: 'sum',
      maxFlows: 10,
      minValue: 0,
      fields: undefined,
    } as const;
    return (this.shard.flows.top('flow', everything, this.now) ?? []).map(({ key }) => key).sort();
  }

  top(given: object = {}) {
    const question = {
      router: ROUTER,
      version: 4 as const,
      maxPrefixes: 10,
      minValue: 0,
      direction: 'destination' as const,
      includeCovered: false,
      minPrefix: 0,
      pruneCovered: false,
      ...given,
    };
    return answer(
      { shard: this.shard, kernelDrops: 0, forwarding: {} },
      'bgpTopPrefixes',
      question,
      this.now,
    );
  }
}

function packet(source: string, destination: string): FlowOrCounterRecord {
  const six = source.includes(':');
  const segment = tcp(40000, 443);
  const frame = six
    ? eth(0x86dd, ip6(6, segment, { source, destination }))
    : eth(0x0800, ip(6, segment, { source, destination }));
  return sampledHeader(frame, { frameLength: 1000 });
}

/** The value of each key in a sample from 10.1.0.1 to 10.2.0.1 with these routes; '-' for none. */
function enriched(
  announce: (rib: AdjRibIn) => void,
  more: FlowOrCounterRecord[] = [],
): Record<string, string> {
  const setup = new Setup(KEYS.map((key) => `null:${key}:-`).join(','));
  setup.shard.bgp.setSource(AGENT, SOURCE, 0);
  announce(setup.rib);
  setup.send([packet('10.1.0.1', '10.2.0.1'), ...more]);
  const [key] = setup.keys();
  const values = key.split(',');
  return Object.fromEntries(KEYS.map((name, i) => [name, values[i]]).filter(([, value]) => value !== '-'));
}

describe('bgp.md 4 flow keys from learnt routes', () => {
  it('come from the routes of the destination and the source', () => {
    const keys = enriched((rib) => {
      rib.update(announcement(['10.2.0.0/16'], TO_SERVER), CONTEXT);
      const other = { ...TO_SERVER, asPath: asSequence([65002, 65020]) };
      rib.update(announcement(['10.1.0.0/24'], other), CONTEXT);
    });
    expect(keys).toEqual({
      bgpnexthop: '127.0.0.2',
      bgpas: '65001',
      bgpsourceas: '65020',
      bgpsourcepeeras: '65002',
      bgpdestinationas: '65030',
      bgpdestinationpeeras: '65001',
      bgpdestinationaspath: '65001-65010-65030',
    });
  });

  it('of a route with an empty path only the next hop and the AS of the peer', () => {
    expect(
      enriched((rib) => rib.update(announcement(['0.0.0.0/0'], { ...TO_SERVER, asPath: [] }), CONTEXT)),
    ).toEqual({ bgpnexthop: '127.0.0.2', bgpas: '65001' });
  });

  it('communities and local preference where the route has them', () => {
    const attributes = { ...TO_SERVER, localPref: 0, communities: [0xffff029a, 0x00010002] };
    expect(enriched((rib) => rib.update(announcement(['10.2.0.1/32'], attributes), CONTEXT))).toMatchObject({
      bgpcommunities: '65535:666-1:2',
      bgplocalpref: '0',
    });
  });

  it('are not looked up for a sample that tells of routes itself', () => {
    const gateway = record('extended_gateway', { asNumber: 64999 });
    expect(
      enriched((rib) => rib.update(announcement(['0.0.0.0/0'], TO_SERVER), CONTEXT), [gateway]),
    ).toMatchObject({ bgpas: '64999' });
    expect(
      enriched((rib) => rib.update(announcement(['0.0.0.0/0'], TO_SERVER), CONTEXT), [gateway]),
    ).not.toHaveProperty('bgpdestinationas');
  });

  it('are absent without a route, a source or a session', () => {
    expect(enriched(() => undefined)).toEqual({});
    const setup = new Setup('bgpdestinationas');
    setup.rib.update(announcement(['10.2.0.0/16'], TO_SERVER), CONTEXT);
    setup.send([packet('10.1.0.1', '10.2.0.1')]);
    expect(setup.keys()).toEqual([]);
    setup.shard.bgp.setSource(AGENT, SOURCE, 0);
    setup.send([packet('10.1.0.1', '10.2.0.1')], 1, '10.0.0.2');
    expect(setup.keys()).toEqual([]);
    setup.send([packet('10.1.0.1', '10.2.0.1')]);
    expect(setup.keys()).toEqual(['65030']);
  });

  it('of IPv6 come from the other router, where there is one', () => {
    const setup = new Setup('bgpnexthop,bgpdestinationas');
    const other = new AdjRibIn({ onShare: (routes) => setup.shard.bgp.setTable('2001:db8::fe', routes) });
    other.update(announcement(['2001:db8::/32'], TO_SERVER), CONTEXT);
    setup.shard.bgp.setSource(AGENT, { ...SOURCE, router6: '2001:db8::fe' }, 0);
    setup.send([
      packet('2001:0db8:0000:0000:0000:0000:0000:0007', '2001:0db8:0000:0000:0000:0000:0000:0008'),
    ]);
    expect(setup.keys()).toEqual(['2001:db8::1,65030']);
  });

  it('follow the table: another route, none, a new session', () => {
    const setup = new Setup('bgpdestinationas');
    setup.shard.bgp.setSource(AGENT, SOURCE, 0);
    const send = (): void => setup.send([packet('10.1.0.1', '10.2.0.1')]);
    setup.rib.update(announcement(['10.2.0.0/16'], TO_SERVER), CONTEXT);
    setup.rib.update(announcement(['10.2.0.0/16'], { ...TO_SERVER, asPath: asSequence([65040]) }), CONTEXT);
    send();
    setup.rib.update(withdrawal(['10.2.0.0/16']), CONTEXT);
    send();
    setup.rib.clear();
    setup.rib.update(announcement(['10.2.0.0/24'], { ...TO_SERVER, asPath: asSequence([65050]) }), CONTEXT);
    send();
    expect(setup.keys()).toEqual(['65040', '65050']);
  });

  it('with EDGE come for data sources at the edge, and for no others', () => {
    const setup = new Setup('bgpdestinationas');
    setup.rib.update(announcement(['10.2.0.0/16'], TO_SERVER), CONTEXT);
    setup.shard.bgp.setSource(AGENT, SOURCE, 0);
    setup.shard.bgp.setSource('EDGE', SOURCE, 0);
    setup.send([packet('10.1.0.1', '10.2.0.1')]);
    expect(setup.keys()).toEqual([]);
    setup.shard.topology.set({ nodes: { leaf: { agent: AGENT } } });
    setup.send([packet('10.1.0.1', '10.2.0.1')]);
    expect(setup.keys()).toEqual(['65030']);
    setup.shard.bgp.setSource('EDGE', undefined, 0);
    setup.shard.topology.set({});
    setup.send([packet('10.1.0.1', '10.2.0.1')], 1);
    expect(setup.keys()).toEqual(['65030']);
  });
});

describe('bgp.md 4 traffic per prefix', () => {
  function loaded(source: Partial<BgpSource> = {}): Setup {
    const setup = new Setup('bgpdestinationas');
    setup.shard.bgp.setSource(AGENT, { ...SOURCE, ...source }, 0);
    setup.rib.update(
      announcement(['10.0.0.0/8', '10.2.0.0/16', '10.2.1.0/24', '0.0.0.0/0'], {
        ...TO_SERVER,
        med: 5,
        communities: [0x00010002],
      }),
      CONTEXT,
    );
    // The first one is taken as it is; 6 to the /24, 3 to the /16, 1 to the rest of the world, all from the /8.
    setup.send([packet('10.1.0.1', '10.2.1.1')], 6);
    setup.send([packet('10.1.0.1', '10.2.0.1')], 3);
    setup.send([packet('10.1.0.1', '192.0.2.1')], 1);
    return setup;
  }

  it('counts the longest match of the destination, most traffic first', () => {
    const top = loaded().top({ maxPrefixes: 2 });
    expect(top?.topPrefixes.map(({ prefix }) => prefix)).toEqual(['10.2.1.0/24', '10.2.0.0/16']);
    expect(top?.topPrefixes[0]).toMatchObject({
      nexthop: '127.0.0.2',
      aspath: '65001-65010-65030',
      origin: 'IGP',
      med: 5,
      communities: '1:2',
    });
    expect(top?.topPrefixes[0].value).toBeCloseTo((6 * RATE * 1000 * 1000) / 2001, 0);
    expect(top?.valueTotal).toBeCloseTo((10 * RATE * 1000 * 1000) / 2001, 0);
    expect(top?.valuePercentCoverage).toBeCloseTo(90);
  });

  it('counts that of the source, without the route', () => {
    const top = loaded().top({ direction: 'source' });
    expect(top?.topPrefixes).toEqual([{ prefix: '10.0.0.0/8', value: top?.valueTotal }]);
  });

  it('decays, and counts frames where that is asked for', () => {
    const setup = loaded({ value: 'frames', seconds: 10 });
    const value = (): number => setup.top({ maxPrefixes: 1 })?.topPrefixes[0].value ?? 0;
    expect(value()).toBeCloseTo((6 * RATE * 1000) / 10001, 1);
    const before = value();
    setup.now += 10_000;
    expect(value() / before).toBeCloseTo(Math.exp(-1), 3);
  });

  it('leaves out short prefixes and small values; the total stays', () => {
    const top = loaded().top({ minPrefix: 20 });
    expect(top?.topPrefixes.map(({ prefix }) => prefix)).toEqual(['10.2.1.0/24']);
    expect(top?.valuePercentCoverage).toBeCloseTo(60);
    expect(loaded().top({ minValue: 1e12 })?.topPrefixes).toEqual([]);
    expect(loaded().top({ maxPrefixes: 0 })?.topPrefixes).toEqual([]);
  });

  it('tells which prefixes lie in others', () => {
    expect(
      loaded()
        .top({ includeCovered: true })
        ?.topPrefixes.map(({ prefix, children, parentprefix }) => ({ prefix, children, parentprefix })),
    ).toEqual([
      { prefix: '10.2.1.0/24', children: undefined, parentprefix: '10.2.0.0/16' },
      { prefix: '10.2.0.0/16', children: 1, parentprefix: undefined },
      { prefix: '0.0.0.0/0', children: 2, parentprefix: undefined },
    ]);
    expect(
      loaded()
        .top({ includeCovered: true, pruneCovered: true })
        ?.topPrefixes.map(({ prefix, children, childrenpruned }) => ({ prefix, children, childrenpruned })),
    ).toEqual([
      { prefix: '10.2.1.0/24', children: 0, childrenpruned: undefined },
      { prefix: '10.2.0.0/16', children: undefined, childrenpruned: 1 },
      { prefix: '0.0.0.0/0', children: undefined, childrenpruned: 2 },
    ]);
  });

  it('is nothing for a prefix that was withdrawn, or came again', () => {
    const setup = loaded();
    setup.rib.update(withdrawal(['10.2.1.0/24']), CONTEXT);
    expect(setup.top()?.topPrefixes.map(({ prefix }) => prefix)).toEqual(['10.2.0.0/16', '0.0.0.0/0']);
    setup.rib.update(announcement(['10.2.1.0/24'], TO_SERVER), CONTEXT);
    expect(setup.top()?.topPrefixes.map(({ prefix }) => prefix)).toEqual(['10.2.0.0/16', '0.0.0.0/0']);
    setup.rib.clear();
    expect(setup.top()).toMatchObject({ topPrefixes: [], valueTotal: 0 });
    expect(setup.top()).not.toHaveProperty('valuePercentCoverage');
  });

  it('is told for one prefix, both ways', () => {
    const setup = loaded();
    const view = { shard: setup.shard, kernelDrops: 0, forwarding: {} };
    const values = (address: string) => {
      const route = setup.rib.routeForAddress(address);
      if (route === undefined) throw new Error(address);
      return answer(view, 'bgpPrefixValues', { router: ROUTER, ...route }, setup.now);
    };
    const unit = (RATE * 1000 * 1000) / 2001;
    expect(values('10.9.9.9').valueIngress).toBeCloseTo(10 * unit, 0);
    expect(values('10.9.9.9').valueEgress).toBe(0);
    expect(values('10.2.0.9').valueEgress).toBeCloseTo(3 * unit, 0);
  });

  it('ends with its source', () => {
    const setup = loaded();
    setup.shard.bgp.setSource(AGENT, undefined, setup.now);
    expect(setup.shard.bgp.active).toBe(false);
    expect(setup.top()?.topPrefixes).toEqual([]);
    expect(setup.top({ router: 'another' })).toBeUndefined();
  });

  it('goes on through a long time', () => {
    const setup = loaded();
    setup.now += 3_000_000;
    setup.send([packet('10.1.0.1', '10.2.1.1')]);
    expect(setup.top()?.topPrefixes[0].value).toBeCloseTo((RATE * 1000 * 1000) / 2001, 0);
  });
});
