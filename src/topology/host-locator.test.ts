import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatIPv4, formatIPv6, formatMac, parseIPv4, parseIPv6 } from '../common/index.ts';
import { HostLocator, type LocatedHost } from './host-locator.ts';

const LEAF1 = '192.0.6.1';
const LEAF2 = '192.0.6.2';
/** Upper 16 bits of 02:00:…. */
const HIGH = 0x0200;

function locator(options: { maxHosts?: number; maxAge?: number } = {}): HostLocator {
  return new HostLocator({ maxHosts: 100, seed: 7, ...options });
}

function learnIPv4(hosts: HostLocator, entry: number, address: string): void {
  hosts.learnIPv4(entry, parseIPv4(address)!);
}

function learnIPv6(hosts: HostLocator, entry: number, address: string): void {
  const [w0, w1, w2, w3] = parseIPv6(address)!;
  hosts.learnIPv6(entry, w0, w1, w2, w3);
}

describe('topologyLocateHostMac', () => {
  it('is where the host was seen, with its addresses', () => {
    const hosts = locator();
    const entry = hosts.learn(LEAF1, 2, HIGH, 1, 1000);
    learnIPv4(hosts, entry, '10.0.0.1');
    learnIPv6(hosts, entry, '2001:db8::1');
    expect(hosts.locateMac('020000000001', 1000)).toEqual({
      mac: '020000000001',
      ipaddress: '10.0.0.1',
      ip6address: '2001:db8::1',
      agent: LEAF1,
      ifindex: '2',
      seen: 1000,
    });
  });

  it('takes either case, and no separators', () => {
    const hosts = locator();
    hosts.learn(LEAF1, 2, 0xacde, 0xabcdef01 | 0, 0);
    expect(hosts.locateMac('acdeABCDEF01', 0)?.mac).toBe('ACDEABCDEF01');
    for (const text of [
      'ac:de:ab:cd:ef:01',
      'ACDEABCDEF0',
      'ACDEABCDEF011',
      '',
      'ACDEABCDEF0G',
      '020000000001',
    ])
      expect(hosts.locateMac(text, 0)).toBeUndefined();
  });

  it('follows a host that moves, at once', () => {
    const hosts = locator();
    hosts.learn(LEAF1, 2, HIGH, 1, 1000);
    hosts.learn(LEAF2, 3, HIGH, 1, 1001);
    expect(hosts.locateMac('020000000001', 1001)).toMatchObject({ agent: LEAF2, ifindex: '3', seen: 1001 });
    expect(hosts.size).toBe(1);
  });

  it.each([
    ['a group address', 0x0100, 1],
    ['broadcast', 0xffff, -1],
    ['zero', 0, 0],
  ])('does not take %s for a host', (_, high, low) => {
    const hosts = locator();
    expect(hosts.learn(LEAF1, 2, high, low, 0)).toBe(-1);
    expect(hosts.size).toBe(0);
  });
});

describe('topologyLocateHostIP, topologyLocateHostIP6', () => {
  it('keeps one latest address of each kind', () => {
    const hosts = locator();
    const entry = hosts.learn(LEAF1, 2, HIGH, 1, 0);
    for (const address of ['10.0.0.1', '10.0.0.2', '0.0.0.0']) learnIPv4(hosts, entry, address);
    for (const address of ['2001:db8::1', '2001:db8::2', '::']) learnIPv6(hosts, entry, address);
    expect(hosts.locateIPv4('10.0.0.1', 0)).toEqual([]);
    expect(hosts.locateIPv4('10.0.0.2', 0)).toHaveLength(1);
    expect(hosts.locateIPv6('2001:db8::1', 0)).toEqual([]);
    expect(hosts.locateIPv6('2001:DB8:0::2', 0)).toHaveLength(1);
  });

  it('gives every host with the address, the latest first', () => {
    const hosts = locator();
    for (const [low, now] of [
      [1, 1000],
      [2, 3000],
      [3, 2000],
    ] as const)
      learnIPv4(hosts, hosts.learn(LEAF1, low, HIGH, low, now), '10.0.0.1');
    expect(hosts.locateIPv4('10.0.0.1', 3000).map(({ ifindex }) => ifindex)).toEqual(['2', '3', '1']);
  });

  it.each(['', 'host', '10.0.0', '0.0.0.0', '2001:db8::1'])('knows no host at %j', (address) => {
    const hosts = locator();
    hosts.learn(LEAF1, 2, HIGH, 1, 0);
    expect(hosts.locateIPv4(address, 0)).toEqual([]);
  });

  it.each(['', '::', '10.0.0.1', ':::'])('knows no host at %j by IPv6', (address) => {
    const hosts = locator();
    hosts.learn(LEAF1, 2, HIGH, 1, 0);
    expect(hosts.locateIPv6(address, 0)).toEqual([]);
  });
});

describe('topologyLocatedHostMacs', () => {
  const hosts = locator();
  hosts.learn(LEAF1, 2, HIGH, 1, 1000);
  hosts.learn(LEAF1, 3, HIGH, 2, 2000);
  hosts.learn(LEAF2, 2, HIGH, 3, 3000);
  const macs = (agent?: string, ifIndex?: string) =>
    [...hosts.hosts(3000, agent, ifIndex)].map(({ mac }) => mac);

  it('lists all, those of an agent, those of an interface', () => {
    expect(macs()).toEqual(['020000000003', '020000000002', '020000000001']);
    expect(macs(LEAF1)).toEqual(['020000000002', '020000000001']);
    expect(macs(LEAF1, '2')).toEqual(['020000000001']);
    expect(macs(LEAF2, '3')).toEqual([]);
    expect(macs('192.0.6.9')).toEqual([]);
  });
});

describe('bounds', () => {
  it('displaces the host not seen for the longest', () => {
    const hosts = locator({ maxHosts: 3 });
    for (const [low, now] of [
      [1, 0],
      [2, 1000],
      [3, 2000],
      [1, 3000],
      [4, 4000],
    ] as const)
      hosts.learn(LEAF1, 1, HIGH, low, now);
    expect([...hosts.hosts(4000)].map(({ mac }) => mac.slice(-1))).toEqual(['4', '1', '3']);
    expect(hosts.displaced).toBe(1);
  });

  it('forgets hosts that are not seen any more', () => {
    const hosts = locator({ maxAge: 10_000 });
    learnIPv4(hosts, hosts.learn(LEAF1, 1, HIGH, 1, 0), '10.0.0.1');
    hosts.learn(LEAF1, 1, HIGH, 2, 5000);
    expect(hosts.locateMac('020000000001', 9999)).toBeDefined();
    expect(hosts.locateMac('020000000001', 10_000)).toBeUndefined();
    expect(hosts.locateIPv4('10.0.0.1', 10_000)).toEqual([]);
    expect([...hosts.hosts(10_000)]).toHaveLength(1);
    expect(hosts.expire(10_000)).toBe(1);
    expect(hosts.size).toBe(1);
  });

  it('forgets what an agent has shown', () => {
    const hosts = locator();
    for (let low = 1; low <= 4; low++) hosts.learn(low % 2 === 0 ? LEAF1 : LEAF2, 1, HIGH, low, 0);
    hosts.removeAgent(LEAF1);
    expect([...hosts.hosts(0)].map(({ mac }) => mac.slice(-1))).toEqual(['3', '1']);
  });

  it('a new host does not inherit the addresses of the one it displaces', () => {
    const hosts = locator({ maxHosts: 1 });
    const entry = hosts.learn(LEAF1, 1, HIGH, 1, 0);
    learnIPv4(hosts, entry, '10.0.0.1');
    learnIPv6(hosts, entry, '2001:db8::1');
    hosts.learn(LEAF2, 1, HIGH, 2, 0);
    expect(hosts.locateMac('020000000002', 0)).toMatchObject({ ipaddress: undefined, ip6address: undefined });
    expect(hosts.locateIPv4('10.0.0.1', 0)).toEqual([]);
    expect(hosts.locateIPv6('2001:db8::1', 0)).toEqual([]);
  });
});

describe('against a plain list', () => {
  it('knows the same hosts after any history', () => {
    const step = fc.oneof(
      { weight: 12, arbitrary: fc.record({ kind: fc.constant('learn' as const), ...arbitraryPacket() }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('expire' as const) }) },
      {
        weight: 1,
        arbitrary: fc.record({ kind: fc.constant('remove' as const), agent: fc.constantFrom(LEAF1, LEAF2) }),
      },
    );
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 60 }),
        fc.integer({ min: 1, max: 8 }),
        fc.nat(),
        (steps, maxHosts, seed) => {
          const maxAge = 20_000;
          const hosts = new HostLocator({ maxHosts, maxAge, seed });
          const plain = new PlainList(maxHosts, maxAge);
          // Each step is later than a host may stay unmoved in the order of use.
          let now = 0;
          for (const one of steps) {
            now += 1000;
            if (one.kind === 'learn') {
              const entry = hosts.learn(one.agent, one.ifIndex, HIGH, one.low, now);
              if (one.ip !== undefined) hosts.learnIPv4(entry, one.ip);
              if (one.ip6 !== undefined) hosts.learnIPv6(entry, 1, 2, 3, one.ip6);
              plain.learn({
                mac: formatMac(HIGH, one.low),
                ipaddress: one.ip === undefined ? undefined : formatIPv4(one.ip),
                ip6address: one.ip6 === undefined ? undefined : formatIPv6(1, 2, 3, one.ip6),
                agent: one.agent,
                ifindex: String(one.ifIndex),
                seen: now,
              });
            } else if (one.kind === 'expire') {
              hosts.expire(now);
              plain.expire(now);
            } else {
              hosts.removeAgent(one.agent);
              plain.hosts = plain.hosts.filter(({ agent }) => agent !== one.agent);
            }
          }
          const known = plain.young(now);
          expect([...hosts.hosts(now)]).toEqual(known);
          expect(hosts.size).toBe(plain.hosts.length);
          for (let low = 1; low <= 12; low++) {
            const mac = formatMac(HIGH, low);
            expect(hosts.locateMac(mac, now)).toEqual(known.find((host) => host.mac === mac));
          }
          for (let word = 1; word <= 4; word++) {
            const ip = formatIPv4(word);
            const ip6 = formatIPv6(1, 2, 3, word);
            expect(hosts.locateIPv4(ip, now)).toEqual(known.filter(({ ipaddress }) => ipaddress === ip));
            expect(hosts.locateIPv6(ip6, now)).toEqual(known.filter(({ ip6address }) => ip6address === ip6));
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});

function arbitraryPacket() {
  const address = fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined });
  return {
    agent: fc.constantFrom(LEAF1, LEAF2),
    ifIndex: fc.integer({ min: 1, max: 3 }),
    low: fc.integer({ min: 1, max: 12 }),
    ip: address,
    ip6: address,
  };
}

/** The latest first. */
class PlainList {
  hosts: LocatedHost[] = [];
  private readonly maxHosts: number;
  private readonly maxAge: number;

  constructor(maxHosts: number, maxAge: number) {
    this.maxHosts = maxHosts;
    this.maxAge = maxAge;
  }

  learn(host: LocatedHost): void {
    const before = this.hosts.find(({ mac }) => mac === host.mac);
    const others = this.hosts.filter((one) => one !== before).slice(0, this.maxHosts - 1);
    const ipaddress = host.ipaddress ?? before?.ipaddress;
    const ip6address = host.ip6address ?? before?.ip6address;
    this.hosts = [{ ...host, ipaddress, ip6address }, ...others];
  }

  young(now: number): LocatedHost[] {
    return this.hosts.filter(({ seen }) => now - seen < this.maxAge);
  }

  expire(now: number): void {
    this.hosts = this.young(now);
  }
}
