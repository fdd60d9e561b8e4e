import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type BgpDaemon,
  Bird,
  type DaemonOptions,
  Exabgp,
  Frr,
  Gobgpd,
  type Meeting,
} from '../support/bgp-daemons.ts';
import { addressIn, BgpLab, until } from '../support/bgp-lab.ts';
import { requirePeers } from '../support/network-namespace.ts';
import { INTEROP_RULES } from './bgp-rules.ts';

/*
 * Rules with every component and action, pushed to four routing daemons and read back in their own words, and rules that
 * three of them originate. What each is expected to show has been read by people: test/fixtures/bgp/rules-as-shown.json.
 *
 * - FRR 8.4 knows neither rates in packets nor IPv6 redirects by community (UNK), tells sample and continue alike, and cuts
 *   the last digits of a redirect to an address with a number. Its next hops and the others' are the same on the wire.
 * - gobgp 3.10 and BIRD 2.0.12 do not print the next hop of a rule; gobgp prints communities that it does not know as numbers.
 * - ExaBGP 4.2.21 drops the connection when it reads a redirect with an AS of four octets.
 */
const SHOWN = JSON.parse(
  readFileSync(new URL('../fixtures/bgp/rules-as-shown.json', import.meta.url), 'utf8'),
) as Readonly<Record<string, Readonly<Record<string, string>>>>;

/** What BIRD and ExaBGP originate by their configuration; gobgpd is told. */
const BIRD_ORIGINATES = `protocol static fs4 {
  flow4 { table flow4tab; };
  route flow4 { dst 203.0.113.33/32; proto = 17; sport = 53; } { bgp_ext_community.add((generic, 0x80060000, 0x0)); };
}
protocol static fs6 {
  flow6 { table flow6tab; };
  route flow6 { dst 2001:db8:33::1/128; next header = 17; dport >= 1000 && <= 2000; } {
    bgp_ext_community.add((generic, 0x80090000, 0x2e));
  };
}
`;
const EXABGP_ORIGINATES = `flow {
    route exa4 { match { destination 203.0.113.44/32; protocol udp; source-port =53; } then { discard; } }
    route exa6 { match { destination 2001:db8:44::1/128; next-header tcp; } then { rate-limit 9600; } }
  }`;

const DAEMONS: readonly { name: string; make: (options: DaemonOptions) => BgpDaemon }[] = [
  { name: 'gobgpd', make: (options) => new Gobgpd(options) },
  { name: 'FRR', make: (options) => new Frr(options) },
  { name: 'BIRD', make: (options) => new Bird({ ...options, extra: BIRD_ORIGINATES }) },
  { name: 'ExaBGP', make: (options) => new Exabgp({ ...options, extra: EXABGP_ORIGINATES }) },
];

interface Partner {
  readonly daemon: BgpDaemon;
  readonly router: string;
}

let lab: BgpLab;
const partners = new Map<string, Partner>();

function partner(name: string): Partner {
  const found = partners.get(name);
  if (found === undefined) throw new Error(`${name} has not been started`);
  return found;
}

/** Rules that a daemon shows, by destination. */
function shownBy(daemon: BgpDaemon): Record<string, string> {
  return Object.fromEntries([...daemon.ruleTexts(4), ...daemon.ruleTexts(6)]);
}

beforeAll(async () => {
  requirePeers({ gobgpd: 'gobgpd', bird: 'bird2', vtysh: 'frr', exabgp: 'exabgp', ip: 'iproute2' });
  lab = new BgpLab();
  await lab.startWeir();
  for (const [i, { name, make }] of DAEMONS.entries()) {
    const number = i + 1;
    const [weir, router] = [addressIn(number, 4, 'weir', 1), addressIn(number, 4, 'router', 1)];
    const meetings: Meeting[] = [{ weir, router, version: 4, dials: 'router', password: '' }];
    const namespace = lab.connect(number, meetings);
    await lab.change('PUT', `v1/bgp/neighbors/${router}`, { peerAs: 65000 + number });
    const daemon = make({ namespace, number, port: 1179, meetings });
    partners.set(name, { daemon, router });
    daemon.start();
  }
  await lab.untilUp();
});

afterAll(async () => {
  await lab?.delete();
  for (const { daemon } of partners.values()) daemon.delete();
});

it('there are forty rules, and an expectation for each', () => {
  expect(INTEROP_RULES).toHaveLength(40);
  for (const name of ['gobgpd', 'FRR', 'BIRD']) expect(Object.keys(SHOWN[name])).toHaveLength(40);
  expect(Object.keys(SHOWN['ExaBGP'])).toHaveLength(39);
});

describe.each(DAEMONS)('$name', ({ name }) => {
  it('shows every rule with its meaning, and none once they are withdrawn', async () => {
    const { daemon, router } = partner(name);
    const own = Object.keys(shownBy(daemon)).filter((destination) => !(destination in SHOWN[name]));
    const rules = INTEROP_RULES.filter(({ match }) => (match['destination'] ?? '') in SHOWN[name]);
    const path = `bgp/flowspec/${router}/json`;
    for (const rule of rules) await lab.change('PUT', path, rule);
    const shown = await until(
      () => shownBy(daemon),
      (texts) => Object.keys(SHOWN[name]).every((destination) => destination in texts),
      15_000,
      (texts) => Object.keys(texts).join('\n'),
    );
    for (const destination of own) delete shown[destination];
    expect(shown).toEqual(SHOWN[name]);
    const standing = JSON.parse((await lab.ask('GET', `v1/bgp/neighbors/${router}/announcements`)).text);
    expect(new Set(standing.map((each: { standing: string }) => each.standing))).toEqual(new Set(['sent']));
    for (const { match } of rules) await lab.change('DELETE', path, { match });
    await until(
      () => shownBy(daemon),
      (texts) => Object.keys(SHOWN[name]).every((destination) => !(destination in texts)),
    );
    expect((await lab.neighbor(router)).established).toBe(1);
  });

  it('shows a route to be dropped with next hop and communities, and no more after it is withdrawn', async () => {
    const { daemon, router } = partner(name);
    const route = { nexthop: '192.0.2.1', communities: '65535:666-65535:65281', localpref: '100' };
    const route6 = { nexthop: '100::1', communities: '65535:666' };
    await lab.change('PUT', `bgp/routepusher/${router}/198.51.100.66/32/json`, route);
    // FRR without its route manager refuses IPv6 routes (environment of this test, not of routers).
    const hasIpv6 = name !== 'FRR';
    if (hasIpv6) await lab.change('PUT', `bgp/routepusher/${router}/2001:db8:66::1/128/json`, route6);
    const text = await until(
      () => daemon.routes(4),
      (told) => told.includes('198.51.100.66/32') && told.includes('192.0.2.1'),
    );
    expect(text).toMatch(/blackhole|65535[,:] ?666/);
    expect(text).toMatch(/no-export|65535[,:] ?65281/);
    if (hasIpv6) {
      const told = await until(
        () => daemon.routes(6),
        (each) => each.includes('2001:db8:66::1/128') && each.includes('100::1'),
      );
      expect(told).toMatch(/blackhole|65535[,:] ?666/);
      await lab.change('DELETE', `bgp/routepusher/${router}/2001:db8:66::1/128/json`);
    }
    await lab.change('DELETE', `bgp/routepusher/${router}/198.51.100.66/32/json`);
    // ExaBGP writes what happens, and shows no table.
    await until(
      () => daemon.routes(4),
      (told) => (name === 'ExaBGP' ? told.includes('"withdraw"') : !told.includes('198.51.100.66/32')),
    );
  });
});

it('ExaBGP drops the connection for a redirect with an AS of four octets, and comes back without it', async () => {
  const { router } = partner('ExaBGP');
  const rule = INTEROP_RULES.find(({ then }) => 'redirect-as4' in then);
  await lab.change('PUT', `bgp/flowspec/${router}/json`, rule);
  await until(
    () => lab.neighbor(router),
    ({ history }) => history.some(({ event }) => event.startsWith('session ended')),
  );
  await lab.change('DELETE', `bgp/flowspec/${router}/json`, { match: rule?.match });
  await lab.untilUp([router]);
});

describe('rules that they originate are read', () => {
  const read = async (name: string, destinations: readonly string[]): Promise<string[]> => {
    const { router } = partner(name);
    const rules = await until(
      async (): Promise<{ match: Record<string, string>; words: string }[]> =>
        JSON.parse((await lab.ask('GET', `v1/bgp/neighbors/${router}/rules`)).text),
      (list) => destinations.every((one) => list.some(({ match }) => match['destination'] === one)),
      15_000,
      (list) => JSON.stringify(list),
    );
    return destinations.map((one) => rules.find(({ match }) => match['destination'] === one)?.words ?? '');
  };

  it('gobgpd', async () => {
    const { daemon } = partner('gobgpd');
    const add = (family: string, ...rule: readonly string[]): string =>
      (daemon as Gobgpd).gobgp('global', 'rib', 'add', '-a', family, 'match', ...rule);
    add(
      'ipv4-flowspec',
      'destination',
      '203.0.113.55/32',
      'protocol',
      'udp',
      'source-port',
      '==53',
      'then',
      'discard',
    );
    add(
      'ipv6-flowspec',
      'destination',
      '2001:db8:55::1/128',
      'protocol',
      'tcp',
      'then',
      'rate-limit',
      '1200',
    );
    expect(await read('gobgpd', ['203.0.113.55/32', '2001:db8:55::1/128'])).toEqual([
      'IPv4 packets to 203.0.113.55/32, protocol UDP (17), source port 53: drop',
      'IPv6 packets to 2001:db8:55::1/128, protocol TCP (6): limit to 1200 bytes/s',
    ]);
  });

  it('BIRD', async () => {
    expect(await read('BIRD', ['203.0.113.33/32', '2001:db8:33::1/128'])).toEqual([
      'IPv4 packets to 203.0.113.33/32, protocol UDP (17), source port 53: drop',
      'IPv6 packets to 2001:db8:33::1/128, protocol UDP (17), destination port 1000 to 2000: mark DSCP ef',
    ]);
  });

  it('ExaBGP', async () => {
    expect(await read('ExaBGP', ['203.0.113.44/32', '2001:db8:44::1/128'])).toEqual([
      'IPv4 packets to 203.0.113.44/32, protocol UDP (17), source port 53: drop',
      'IPv6 packets to 2001:db8:44::1/128, protocol TCP (6): limit to 9600 bytes/s',
    ]);
  });
});
