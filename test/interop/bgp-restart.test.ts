import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type BgpDaemon,
  Bird,
  type DaemonOptions,
  Frr,
  Gobgpd,
  type Meeting,
} from '../support/bgp-daemons.ts';
import { addressIn, BgpLab, until } from '../support/bgp-lab.ts';
import { requirePeers } from '../support/network-namespace.ts';

/*
 * What is pushed survives: the router's restart, because Weir sends it again, and Weir's own, because the router keeps it
 * (RFC 4724) until Weir is back and has sent it again. ExaBGP has no table in which something could stay.
 */

const DAEMONS: readonly { name: string; make: (options: DaemonOptions) => BgpDaemon }[] = [
  { name: 'gobgpd', make: (options) => new Gobgpd(options) },
  { name: 'FRR', make: (options) => new Frr(options) },
  { name: 'BIRD', make: (options) => new Bird(options) },
];
const DESTINATION = '203.0.113.7/32';
const BLACKHOLE = '198.51.100.66';
const RULE = {
  match: { destination: DESTINATION, protocol: '=17', 'source-port': '=53' },
  // biome-ignore lint/suspicious/noThenProperty: the name that clients write; nothing awaits a rule.
  then: { 'traffic-rate': '0' },
  why: 'DNS amplification',
};
/** How long Weir stays away: longer than any daemon takes to notice. */
const AWAY_MS = 3000;

let lab: BgpLab;
const store = mkdtempSync(join(tmpdir(), 'weir-store-'));
const daemons = new Map<string, { daemon: BgpDaemon; router: string }>();
const startWeir = (): Promise<void> => lab.startWeir('-Dstore.persist=yes', `-Dstore.dir=${store}`);

function hasBoth(daemon: BgpDaemon): boolean {
  return daemon.ruleTexts(4).has(DESTINATION) && daemon.routes(4).includes(`${BLACKHOLE}/32`);
}

/** FRR 8.4 keeps unicast routes only when a neighbour restarts; its rules go, and come back with Weir. */
function keepsAll(name: string, daemon: BgpDaemon): boolean {
  return name === 'FRR' ? daemon.routes(4).includes(`${BLACKHOLE}/32`) : hasBoth(daemon);
}

beforeAll(async () => {
  requirePeers({ gobgpd: 'gobgpd', bird: 'bird2', vtysh: 'frr', ip: 'iproute2' });
  lab = new BgpLab();
  await startWeir();
  for (const [i, { name, make }] of DAEMONS.entries()) {
    const number = i + 1;
    const [weir, router] = [addressIn(number, 4, 'weir', 1), addressIn(number, 4, 'router', 1)];
    const meetings: Meeting[] = [{ weir, router, version: 4, dials: 'weir', password: '' }];
    const namespace = lab.connect(number, meetings);
    await lab.change('PUT', `v1/bgp/neighbors/${router}`, {
      peerAs: 65000 + number,
      connect: true,
      port: 1179,
      connectRetry: 1,
    });
    // There is no session yet, and need not be: it is kept.
    await lab.change('PUT', `bgp/flowspec/${router}/json`, RULE);
    const route = { nexthop: '192.0.2.1', communities: '65535:666' };
    await lab.change('PUT', `bgp/routepusher/${router}/${BLACKHOLE}/32/json`, route);
    const daemon = make({ namespace, number, port: 1179, meetings });
    daemons.set(name, { daemon, router });
    daemon.start();
  }
  await lab.untilUp();
});

afterAll(async () => {
  await lab?.delete();
  for (const { daemon } of daemons.values()) daemon.delete();
  rmSync(store, { recursive: true, force: true });
});

describe.each(DAEMONS)('$name', ({ name }) => {
  it('gets everything again after it was killed', async () => {
    const { daemon, router } = daemons.get(name) ?? { daemon: undefined, router: '' };
    if (daemon === undefined) throw new Error(`${name} has not been started`);
    await until(() => hasBoth(daemon), Boolean);
    await daemon.stop('SIGKILL');
    daemon.start();
    await until(
      () => lab.neighbor(router),
      ({ established, state }) => established === 2 && state === 'established',
      30_000,
      (last) => JSON.stringify(last.history),
    );
    await until(() => hasBoth(daemon), Boolean);
  });
});

it('nobody loses anything while Weir restarts', async () => {
  const all = [...daemons.values()].map(({ daemon }) => daemon);
  const lost = new Set<string>();
  let asked = 0;
  let isBack = false;
  const look = (): void => {
    for (const [name, { daemon }] of daemons) if (!keepsAll(name, daemon)) lost.add(name);
    asked++;
  };
  expect(all.every(hasBoth)).toBe(true);
  await lab.endWeir();
  for (const end = performance.now() + AWAY_MS; performance.now() < end; await sleep(200)) look();
  const starting = startWeir();
  void starting.then(() => {
    isBack = true;
  });
  while (!isBack) {
    look();
    await sleep(200);
  }
  await until(
    async () => {
      look();
      return (await lab.neighbors()).filter(({ state }) => state !== 'established');
    },
    (down) => down.length === 0,
    30_000,
    (down) =>
      JSON.stringify([...lost]) + JSON.stringify(down.map(({ router, history }) => ({ router, history }))),
  );
  // Marks of the end have been sent: what had not come again would be gone now.
  for (let i = 0; i < 5; i++) {
    look();
    await sleep(300);
  }
  expect([...lost]).toEqual([]);
  for (const { daemon } of daemons.values()) await until(() => hasBoth(daemon), Boolean);
  expect(asked).toBeGreaterThan(10);
  for (const { router } of daemons.values()) {
    const list = JSON.parse((await lab.ask('GET', `v1/bgp/neighbors/${router}/announcements`)).text);
    expect(list.map(({ standing, why }: Record<string, string>) => [standing, why])).toContainEqual([
      'sent',
      RULE.why,
    ]);
  }
});
