import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { COUNTER_STRUCTURES, formatWord, ifCounters, record } from '../sflow/index.ts';
import { Feed, NONE_32, NONE_64 } from './testing/feed.ts';

const AGENT = '192.0.2.1';

describe('7.1 rates', () => {
  it('the first sample gives gauges and texts only, the next rates by arrival time', () => {
    const feed = new Feed();
    feed.counters(AGENT, 1, [ifCounters({ ifInOctets: 5000n, ifInUcastPkts: 10 })]);
    expect(feed.metrics(AGENT, '1')).toEqual({
      ifindex: '1',
      iftype: 'ethernetCsmacd',
      ifspeed: 1_000_000_000,
      ifdirection: 'full-duplex',
      ifadminstatus: 'up',
      ifoperstatus: 'up',
    });
    feed.now += 999;
    feed.counters(AGENT, 1, [ifCounters({ ifInOctets: 6000n, ifInUcastPkts: 10 })]);
    expect(feed.metrics(AGENT, '1')).toMatchObject({ ifinoctets: 1001.0010010010011, ifinucastpkts: 0 });
  });

  it.each([
    ['grows', 10, 110, 100],
    ['wraps', 0xffffff00, 0x100, 0x200],
    ['wraps by just under half its range', 0xfffffffe, 0x7ffffffd, 0x7fffffff],
    ['decreases by more than a wrap explains: 0', 10000, 500, 0],
    ['jumps by more than half its range, without a sanity check', 0, 0xfffffffe, 0xfffffffe],
  ])('a 32-bit counter %s', (_what, before, after, rate) => {
    const feed = new Feed();
    feed.counters(AGENT, 1, [ifCounters({ ifInErrors: before })]);
    feed.now += 1000;
    feed.counters(AGENT, 1, [ifCounters({ ifInErrors: after })]);
    expect(feed.store.value(AGENT, '1', 'ifinerrors')).toBe(rate);
  });

  it.each([
    ['grows over the middle', 0xffffff00n, 0x100000100n, 0x200],
    ['wraps', 0xffffffffffffff00n, 0x100n, 0x200],
    ['wraps exactly for large steps', 0xfffffff000000000n, 0x1000000001n, 0x2000000001],
    ['decreases by more than a wrap explains: 0', 10000n, 500n, 0],
  ])('a 64-bit counter %s', (_what, before, after, rate) => {
    const feed = new Feed();
    feed.counters(AGENT, 1, [ifCounters({ ifInOctets: before })]);
    feed.now += 1000;
    feed.counters(AGENT, 1, [ifCounters({ ifInOctets: after })]);
    expect(feed.store.value(AGENT, '1', 'ifinoctets')).toBe(rate);
  });

  it('a field all ones that was never seen gives nothing and is left out of sums', () => {
    const feed = new Feed();
    const unsupported = {
      ifSpeed: NONE_64,
      ifInOctets: NONE_64,
      ifInMulticastPkts: NONE_32,
      ifType: NONE_32,
    };
    feed.counters(AGENT, 1, [ifCounters({ ...unsupported, ifInUcastPkts: 0, ifInBroadcastPkts: 0 })]);
    feed.now += 1000;
    feed.counters(AGENT, 1, [ifCounters({ ...unsupported, ifInUcastPkts: 7, ifInBroadcastPkts: 5 })]);
    const metrics = feed.metrics(AGENT, '1');
    expect(metrics).toMatchObject({ ifinucastpkts: 7, ifinbroadcastpkts: 5, ifinpkts: 12 });
    for (const name of ['ifspeed', 'ifinoctets', 'ifinmulticastpkts', 'iftype', 'ifinutilization'])
      expect(metrics).not.toHaveProperty(name);
  });

  it('a field all ones that was seen keeps its metric, and the next value gives the rate over the whole gap', () => {
    const feed = new Feed();
    feed.counters(AGENT, 1, [ifCounters({ ifInErrors: 0 })]);
    feed.now += 1000;
    feed.counters(AGENT, 1, [ifCounters({ ifInErrors: 50 })]);
    feed.now += 1000;
    feed.counters(AGENT, 1, [ifCounters({ ifInErrors: NONE_32, ifSpeed: NONE_64, ifType: NONE_32 })]);
    expect(feed.metrics(AGENT, '1')).toMatchObject({
      ifinerrors: 50,
      ifspeed: 1e9,
      iftype: 'ethernetCsmacd',
    });
    feed.now += 3000;
    feed.counters(AGENT, 1, [ifCounters({ ifInErrors: 90 })]);
    expect(feed.store.value(AGENT, '1', 'ifinerrors')).toBe(10);
  });

  it('samples of the same millisecond: the next one gives the rate of both', () => {
    const feed = new Feed();
    feed.counters(AGENT, 1, [ifCounters({ ifInErrors: 0 })]);
    feed.counters(AGENT, 1, [ifCounters({ ifInErrors: 10, ifStatus: 0 })]);
    expect(feed.metrics(AGENT, '1')).not.toHaveProperty('ifinerrors');
    expect(feed.store.value(AGENT, '1', 'ifoperstatus')).toBe('down');
    feed.now += 1000;
    feed.counters(AGENT, 1, [ifCounters({ ifInErrors: 30 })]);
    expect(feed.store.value(AGENT, '1', 'ifinerrors')).toBe(30);
  });

  it('a clock that goes back begins anew instead of giving negative rates', () => {
    const feed = new Feed();
    feed.counters(AGENT, 1, [ifCounters({ ifInErrors: 0 })]);
    feed.now += 1000;
    feed.counters(AGENT, 1, [ifCounters({ ifInErrors: 10 })]);
    feed.now -= 600_000;
    feed.counters(AGENT, 1, [ifCounters({ ifInErrors: 20 })]);
    expect(feed.metrics(AGENT, '1')).not.toHaveProperty('ifinerrors');
    feed.now += 1000;
    feed.counters(AGENT, 1, [ifCounters({ ifInErrors: 25 })]);
    expect(feed.store.value(AGENT, '1', 'ifinerrors')).toBe(5);
  });
});

describe('3.3 a new baseline', () => {
  it('takes rates and what is derived from them away until the sample after it; gauges and texts stay', () => {
    const feed = new Feed();
    const octets = [0n, 1000n, 500n, 2500n];
    const seen = octets.map((ifInOctets, i) => {
      feed.now += 1000;
      feed.counters(AGENT, 1, [ifCounters({ ifInOctets })], i === 2);
      return feed.metrics(AGENT, '1');
    });
    expect(seen.map((metrics) => metrics.ifinoctets)).toEqual([undefined, 1000, undefined, 2000]);
    expect(seen.map((metrics) => metrics.ifinutilization)).toEqual([undefined, 0.0008, undefined, 0.0016]);
    expect(seen.map((metrics) => metrics.ifspeed)).toEqual([1e9, 1e9, 1e9, 1e9]);
  });

  it('is also one for records that the sample does not hold', () => {
    const feed = new Feed();
    const interfaces = (ifInErrors: number) => feed.counters(AGENT, 1, [ifCounters({ ifInErrors })]);
    interfaces(0);
    feed.now += 1000;
    interfaces(10);
    feed.counters(AGENT, 1, [record('ethernet_counters')], true);
    feed.now += 1000;
    interfaces(5);
    expect(feed.metrics(AGENT, '1')).not.toHaveProperty('ifinerrors');
    feed.now += 1000;
    interfaces(6);
    expect(feed.store.value(AGENT, '1', 'ifinerrors')).toBe(1);
  });

  it('3.2 a restart of the agent is one for all its data sources', () => {
    const feed = new Feed();
    for (const errors of [0, 10]) {
      feed.now += 1000;
      feed.counters(AGENT, 1, [ifCounters({ ifInErrors: errors })]);
      feed.counters('192.0.2.2', 1, [ifCounters({ ifInErrors: errors })]);
    }
    feed.store.restart(AGENT);
    feed.now += 1000;
    feed.counters(AGENT, 1, [ifCounters({ ifInErrors: 3 })]);
    feed.counters('192.0.2.2', 1, [ifCounters({ ifInErrors: 13 })]);
    expect(feed.metrics(AGENT, '1')).not.toHaveProperty('ifinerrors');
    expect(feed.store.value('192.0.2.2', '1', 'ifinerrors')).toBe(3);
  });
});

describe('3.5 ageing', () => {
  it('a data source without updates for 600 s loses its metrics, its agent stays as long as another has some', () => {
    const feed = new Feed();
    feed.counters(AGENT, 1, [ifCounters()]);
    feed.counters(AGENT, 2, [ifCounters()]);
    const silent = feed.store.source(AGENT, '1');
    feed.now += 599_999;
    feed.counters(AGENT, 2, [ifCounters()]);
    expect(feed.store.expire(feed.now, 600_000)).toBe(0);
    feed.now += 1;
    expect(feed.store.expire(feed.now, 600_000)).toBe(1);
    expect(silent?.live).toBe(false);
    expect(feed.store.sourceCount).toBe(1);
    expect(feed.metrics(AGENT, '1')).toEqual({});
    feed.now += 600_000;
    expect(feed.store.expire(feed.now, 600_000)).toBe(1);
    expect(feed.store.agent(AGENT)).toBeUndefined();
  });

  it('a removed agent is gone at once and begins anew', () => {
    const feed = new Feed();
    feed.counters(AGENT, 1, [ifCounters({ ifInErrors: 0 })]);
    feed.store.removeAgent(AGENT);
    feed.store.removeAgent('192.0.2.99');
    expect(feed.store.sourceCount).toBe(0);
    feed.now += 1000;
    feed.counters(AGENT, 1, [ifCounters({ ifInErrors: 10 })]);
    expect(feed.metrics(AGENT, '1')).not.toHaveProperty('ifinerrors');
  });
});

describe('3.7 data source names', () => {
  it.each([
    [0, 3, '3'],
    [1, 5, '1.5'],
    [2, 1, '2.1'],
    [3, 65537, '3.65537'],
  ])('class %d index %d is %s', (sourceClass, index, name) => {
    const feed = new Feed();
    feed.counters(AGENT, { class: sourceClass, index }, [ifCounters()]);
    expect(feed.store.agent(AGENT)?.sources.has(name)).toBe(true);
  });
});

describe('records that are not what they should be', () => {
  it('unknown and short ones are refused, known ones without metrics are not', () => {
    const feed = new Feed();
    const { store, now } = feed;
    const source = store.source(AGENT, '1')!;
    const zeros = new Uint8Array(200);
    expect(source.record(999, zeros, 0, 200, now)).toBe(false);
    expect(source.record(-4096, zeros, 0, 200, now)).toBe(false);
    expect(source.record(1, zeros, 0, 87, now)).toBe(false);
    expect(source.record(1, zeros, 0, 88, now)).toBe(true);
    expect(source.record(5, zeros, 0, 28, now)).toBe(true);
    expect(source.record(2205, zeros, 0, 0, now)).toBe(true);
    expect(source.record(2001, zeros, 0, 3, now)).toBe(false);
  });

  it('a string beyond the record is refused, and what stood before it counts', () => {
    const feed = new Feed();
    const source = feed.store.source(AGENT, '2.1')!;
    const bytes = new Uint8Array(40);
    bytes.set([0, 0, 0, 4, 104, 111, 115, 116], 0);
    bytes.set([0, 0, 0, 3], 24);
    bytes.set([0, 0, 0, 2], 28);
    bytes.set([0, 0, 0, 99], 32);
    expect(source.record(2000, bytes, 0, 40, feed.now)).toBe(false);
    expect(feed.metrics(AGENT, '2.1')).toMatchObject({
      host_name: 'host',
      machine_type: 'x86_64',
      os_name: 'linux',
    });
  });

  it('a record without fields that later revisions added gives the others', () => {
    const feed = new Feed();
    const source = feed.store.source(AGENT, '2.1')!;
    const bytes = new Uint8Array(68);
    bytes[35] = 100; // user
    bytes[47] = 100; // idle
    expect(source.record(2003, new Uint8Array(68), 0, 68, feed.now)).toBe(true);
    expect(source.record(2003, bytes, 0, 68, feed.now + 1000)).toBe(true);
    const metrics = feed.metrics(AGENT, '2.1');
    expect(metrics).toMatchObject({ cpu_user: 50, cpu_idle: 50, cpu_utilization: 50 });
    expect(metrics).not.toHaveProperty('cpu_steal');
  });

  it('13 bytes above 0x7F in a text read U+FFFD, an empty text is no metric', () => {
    const feed = new Feed();
    feed.counters(AGENT, 1, [record('port_name', { name: 'swé' })]);
    expect(feed.metrics(AGENT, '1')).toEqual({ ifname: 'sw\ufffd\ufffd' });
    feed.counters(AGENT, 1, [record('port_name', { name: '' })]);
    expect(feed.metrics(AGENT, '1')).toEqual({});
  });

  it('any bytes in any record never throw, and give no number that is not finite', () => {
    const formats = COUNTER_STRUCTURES.map(({ enterprise, format }) => formatWord(enterprise, format));
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom(...formats), fc.uint8Array({ maxLength: 200 }), fc.nat(3000)), {
          maxLength: 10,
        }),
        (records) => {
          const feed = new Feed();
          const source = feed.store.source(AGENT, '1')!;
          let now = 0;
          for (const [format, bytes, step] of records) {
            now += step;
            source.beginSample(now, step % 7 === 0);
            source.record(format, bytes, 0, bytes.length, now);
            source.record(format, new Uint8Array(200).fill(bytes[0] ?? 0), 0, 200, now);
          }
          for (const value of Object.values(feed.metrics(AGENT, '1')))
            if (typeof value === 'number') expect(value).toSatisfy(Number.isFinite);
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('memory is bounded', () => {
  it('data sources beyond maxSources are refused and counted; established ones go on', () => {
    const feed = new Feed({ maxSources: 3 });
    for (let i = 1; i <= 1000; i++) feed.counters(`192.0.${i >> 8}.${i & 255}`, i, [ifCounters()]);
    expect(feed.store.sourceCount).toBe(3);
    expect(feed.store.refused.sources).toBe(997);
    expect([...feed.store.agents()].length).toBe(3);
    expect(feed.counters('192.0.0.1', 1, [ifCounters()])).toEqual([true]);
    feed.store.removeAgent('192.0.0.1');
    expect(feed.counters('192.0.0.9', 1, [ifCounters()])).toEqual([true]);
  });

  it('records beyond maxRecordBytes are refused and counted; what is there goes on, what goes makes room', () => {
    const feed = new Feed({ maxRecordBytes: 4000 });
    const rates = () => {
      feed.now += 1000;
      return feed.counters(AGENT, 1, [ifCounters({ ifInErrors: feed.now / 1000 })]);
    };
    rates();
    for (let i = 2; i <= 20; i++) feed.counters(AGENT, i, [ifCounters(), record('sfp', { lanes: [] })]);
    const { refused } = feed.store;
    expect(refused.records).toBeGreaterThan(20);
    expect(rates()).toEqual([true]);
    expect(feed.store.value(AGENT, '1', 'ifinerrors')).toBe(1);
    expect(feed.store.refused).toEqual(refused);
    feed.store.removeAgent(AGENT);
    feed.counters(AGENT, 30, [ifCounters()]);
    expect(feed.store.value(AGENT, '30', 'ifspeed')).toBe(1e9);
  });

  it('a flood of every kind of record on every data source stays within its memory', () => {
    const feed = new Feed({ maxSources: 2000, maxRecordBytes: 1_000_000 });
    const bytes = new Uint8Array(1024);
    for (let i = 0; i < 3000; i++) {
      const source = feed.store.source(`10.0.0.${i & 255}`, String(i));
      for (const { enterprise, format } of COUNTER_STRUCTURES)
        source?.record(formatWord(enterprise, format), bytes, 0, bytes.length, feed.now);
    }
    let numbers = 0;
    for (const { sources } of feed.store.agents())
      for (const source of sources.values()) source.visit(() => numbers++);
    expect(numbers * 8).toBeLessThan(1_000_000);
    expect(feed.store.refused.records).toBeGreaterThan(10_000);
  });

  it('names of custom metrics are bounded per data source and altogether', () => {
    const feed = new Feed({ maxCustomMetricsPerSource: 10, maxCustomMetrics: 15 });
    const names = (n: number) => Array.from({ length: n }, (_, i) => ({ name: `m${i}`, type: 3, value: i }));
    feed.custom(AGENT, 'a', names(20));
    feed.custom(AGENT, 'b', names(20));
    expect(Object.keys(feed.metrics(AGENT, 'a')).length).toBe(10);
    expect(Object.keys(feed.metrics(AGENT, 'b')).length).toBe(5);
    expect(feed.store.refused.customMetrics).toBe(25);
    feed.store.removeAgent(AGENT);
    feed.custom(AGENT, 'c', names(20));
    expect(Object.keys(feed.metrics(AGENT, 'c')).length).toBe(10);
  });

  it('texts and names are cut at 255 characters', () => {
    const feed = new Feed();
    feed.custom(AGENT, 'd'.repeat(300), [{ name: 'n'.repeat(300), type: 0, value: 't'.repeat(300) }]);
    expect(feed.metrics(AGENT, 'd'.repeat(255))).toEqual({ ['n'.repeat(255)]: 't'.repeat(255) });
  });
});

describe('7.6 custom metrics', () => {
  it('every type; counters become rates', () => {
    const feed = new Feed();
    const send = (counter: number) =>
      feed.custom(AGENT, 'web1', [
        { name: 's', type: 0, value: 'text' },
        { name: 'c32', type: 1, value: counter },
        { name: 'c64', type: 2, value: BigInt(counter) << 32n },
        { name: 'g32', type: 3, value: 7 },
        { name: 'g64', type: 4, value: 1n << 40n },
        { name: 'f', type: 5, value: 0.5 },
        { name: 'd', type: 6, value: -1.25 },
      ]);
    expect(send(100)).toBe(true);
    const gauges = { s: 'text', g32: 7, g64: 2 ** 40, f: 0.5, d: -1.25 };
    expect(feed.metrics(AGENT, 'web1')).toEqual(gauges);
    feed.now += 2000;
    send(110);
    expect(feed.metrics(AGENT, 'web1')).toEqual({ ...gauges, c32: 5, c64: 5 * 2 ** 32 });
  });

  it('names may come in another order, and change their type', () => {
    const feed = new Feed();
    feed.custom(AGENT, 'x', [
      { name: 'a', type: 3, value: 1 },
      { name: 'b', type: 1, value: 1 },
    ]);
    feed.now += 1000;
    feed.custom(AGENT, 'x', [
      { name: 'b', type: 1, value: 3 },
      { name: 'a', type: 0, value: 'now a text' },
    ]);
    expect(feed.metrics(AGENT, 'x')).toEqual({ a: 'now a text', b: 2 });
  });

  it('all ones, the same millisecond, a restart and a clock that goes back are as in records', () => {
    const feed = new Feed();
    const send = (value: number) => feed.custom(AGENT, 'x', [{ name: 'c', type: 1, value }]);
    const rate = () => feed.store.value(AGENT, 'x', 'c');
    send(0);
    send(10);
    expect(rate()).toBeUndefined();
    feed.now += 1000;
    send(20);
    expect(rate()).toBe(20);
    feed.now += 1000;
    send(NONE_32);
    expect(rate()).toBe(20);
    feed.now += 1000;
    send(40);
    expect(rate()).toBe(10);
    feed.store.restart(AGENT);
    feed.now += 1000;
    send(5);
    expect(rate()).toBeUndefined();
    feed.now -= 10;
    send(6);
    expect(rate()).toBeUndefined();
  });

  it('any bytes never throw', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 80 }), { maxLength: 5 }), (samples) => {
        const { store } = new Feed();
        for (const [now, bytes] of samples.entries()) store.rtmetric(AGENT, bytes, 0, bytes.length, now);
        expect(store.sourceCount).toBeLessThanOrEqual(5);
      }),
    );
  });

  it('cut short: what stood before counts', () => {
    const { store, now } = new Feed();
    const bytes = new Uint8Array(40);
    bytes.set([0, 0, 0, 1, 120], 0); // x
    bytes.set([0, 0, 0, 9], 8); // nine metrics
    bytes.set([0, 0, 0, 1, 103], 12); // g
    bytes.set([0, 0, 0, 3, 0, 0, 0, 42], 20); // gauge32 42
    bytes.set([0, 0, 0, 200], 28);
    expect(store.rtmetric(AGENT, bytes, 0, 40, now)).toBe(false);
    expect(store.value(AGENT, 'x', 'g')).toBe(42);
    expect(store.rtmetric(AGENT, bytes, 0, 3, now)).toBe(false);
    expect(store.rtmetric(AGENT, new Uint8Array(8), 0, 8, now)).toBe(false);
  });
});

describe('5.2 hosts by MAC address', () => {
  const adapters = (...macAddresses: string[]) =>
    record('host_adapters', { adapters: [{ ifIndex: 1, macAddresses }] });

  it('a host itself, and a virtual machine with what its host says', () => {
    const feed = new Feed();
    feed.counters(AGENT, { class: 2, index: 1 }, [
      record('host_descr', { hostname: 'metal', osName: 2 }),
      adapters('000C29AABBCC'),
    ]);
    feed.counters(AGENT, { class: 3, index: 7 }, [
      record('host_descr', { hostname: 'guest' }),
      adapters('000C29000001', '000C29000002'),
      record('host_parent', { containerType: 2, containerIndex: 1 }),
    ]);
    const { store } = feed;
    expect(store.hostForMac('000c29aabbcc')).toEqual({ agent: AGENT, dataSource: '2.1' });
    expect(store.hostForMac('00:0c:29:aa:bb:cc')).toBeUndefined();
    expect(store.hostText('000C29AABBCC', 'host_name')).toBe('metal');
    expect(store.hostText('000C29AABBCC', 'vir_host_name')).toBeUndefined();
    expect(store.hostText('000C29000002', 'vir_host_name')).toBe('guest');
    expect(store.hostText('000C29000002', 'os_name')).toBe('linux');
    expect(store.hostText('000000000000', 'host_name')).toBeUndefined();
  });

  it('follows changes, and forgets with the data source', () => {
    const feed = new Feed();
    feed.counters(AGENT, { class: 2, index: 1 }, [adapters('000C29000001')]);
    feed.counters(AGENT, { class: 2, index: 1 }, [adapters('000C29000002')]);
    expect(feed.store.hostForMac('000C29000001')).toBeUndefined();
    feed.store.removeAgent(AGENT);
    expect(feed.store.hostForMac('000C29000002')).toBeUndefined();
  });
});

describe('labels for others', () => {
  it('text of a data source, and of the agent as a whole', () => {
    const feed = new Feed();
    feed.counters(AGENT, 1, [ifCounters({ ifIndex: 1 }), record('port_name', { name: 'swp1' })]);
    feed.counters(AGENT, { class: 2, index: 1 }, [record('host_descr', { hostname: 'leaf1' })]);
    expect(feed.store.text(AGENT, '1', 'ifname')).toBe('swp1');
    expect(feed.store.text(AGENT, '1', 'ifspeed')).toBe('1000000000');
    expect(feed.store.text(AGENT, '2', 'ifname')).toBeUndefined();
    expect(feed.store.agentText(AGENT, 'host_name')).toBe('leaf1');
    expect(feed.store.agentText(AGENT, 'ifname')).toBe('swp1');
    expect(feed.store.agentText('192.0.2.9', 'host_name')).toBeUndefined();
  });
});
