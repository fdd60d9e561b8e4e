import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Bird, type Meeting } from '../support/bgp-daemons.ts';
import { addressIn, BgpLab, until } from '../support/bgp-lab.ts';
import { type NetworkNamespace, requirePeers } from '../support/network-namespace.ts';

/*
 * What two ends have to agree on, or cannot: passwords, path identifiers, long messages, the long life of stale routes,
 * and which of two connections stays. BIRD has all of it.
 */

const PORT = 1179;
const AS = 65001;
/** Routes that are told apart by what is not the next hop. */
const PATHS = [10, 20, 30];
const MANY = 1200;
/** Of its `connect delay time` of a second, with what it adds at random. */
const BIRD_DIALS_WITHIN_MS = 1500;
const communities = Array.from({ length: MANY }, (_, i) => `65010:${i + 1}`);

const SESSIONS = {
  wrongPasswordRouterDials: { dials: 'router', password: 'one' },
  wrongPasswordWeirDials: { dials: 'weir', password: 'one' },
  paths: { dials: 'weir', password: '', ipv4: 'add paths tx;' },
  long: { dials: 'weir', password: '', session: 'enable extended messages on;' },
  longLived: { dials: 'weir', password: '', session: 'long lived graceful restart on;' },
  shortLived: { dials: 'weir', password: '' },
  weirIsHigher: { dials: 'both', password: '' },
  weirIsLower: { dials: 'both', password: '' },
} as const satisfies Record<string, Partial<Meeting>>;
type Name = keyof typeof SESSIONS;

const names = Object.keys(SESSIONS) as Name[];
const at = (side: 'weir' | 'router', name: Name): string => addressIn(1, 4, side, names.indexOf(name) + 1);
const protocolOf = (name: Name): string => `weir${names.indexOf(name)}`;
const meetings = names.map(
  (name): Meeting => ({ version: 4, weir: at('weir', name), router: at('router', name), ...SESSIONS[name] }),
);

const lab = new BgpLab();
const store = mkdtempSync(join(tmpdir(), 'weir-store-'));
let bird: Bird;
let space: NetworkNamespace;

const startWeir = (): Promise<void> =>
  lab.startWeir(`-Dbgp.port=${PORT}`, '-Dstore.persist=yes', `-Dstore.dir=${store}`);

async function define(name: Name, more: object = {}): Promise<void> {
  await lab.change('PUT', `v1/bgp/neighbors/${at('router', name)}`, {
    peerAs: AS,
    connect: SESSIONS[name].dials !== 'router',
    port: PORT,
    localAddress: at('weir', name),
    connectRetry: 1,
    password: SESSIONS[name].password,
    ...more,
  });
}

/** A rule whose destination says which session it is of. */
const destination = (name: Name): string => `198.18.0.${names.indexOf(name) + 1}/32`;

function push(name: Name): Promise<void> {
  return lab.change('PUT', `bgp/flowspec/${at('router', name)}/json`, {
    match: { destination: destination(name), protocol: '=17' },
    // biome-ignore lint/suspicious/noThenProperty: the name that clients write; nothing awaits a rule.
    then: { 'traffic-rate': '0' },
  });
}

const untilUp = (...list: Name[]): Promise<void> => lab.untilUp(list.map((name) => at('router', name)));
const told = (name: Name): string => bird.birdc('show', 'protocols', 'all', protocolOf(name));

/** Connections that are there between the two ends, from this side. */
function connections(side: NetworkNamespace, own: string, other: string): number {
  const list = side.run('ss', '-Htn', 'state', 'established', 'src', own, 'dst', other);
  return list.split('\n').filter((line) => line !== '').length;
}

/** Segments that the kernel has dropped for what they were signed with. */
function dropped(side: NetworkNamespace): number {
  return Number(/TcpExtTCPMD5Failure\s+(\d+)/.exec(side.run('nstat', '-asz', 'TcpExtTCPMD5Failure'))?.[1]);
}

beforeAll(async () => {
  requirePeers({ bird: 'bird2', ip: 'iproute2' });
  space = lab.connect(1, meetings);
  await startWeir();
  const routes = PATHS.map(
    (med) => `protocol static { ipv4; route 198.51.100.0/24 blackhole { bgp_med = ${med}; }; }`,
  );
  const added = communities.map((community) => `bgp_community.add((${community.replace(':', ',')}));`);
  const long = `protocol static { ipv4; route 192.88.99.0/24 blackhole { ${added.join(' ')} }; }`;
  bird = new Bird({
    namespace: space,
    number: 1,
    port: PORT,
    meetings,
    extra: [...routes, long, ''].join('\n'),
  });
  await define('wrongPasswordRouterDials', { password: 'another' });
  await define('wrongPasswordWeirDials', { password: 'another' });
  await define('paths', { addPath: true });
  await define('long');
  await define('longLived', { restartTime: 1, longLivedTime: 600 });
  await define('shortLived', { restartTime: 1 });
  bird.start();
  await until(
    () => existsSync(join(bird.folder, 'bird.ctl')),
    (is) => is,
  );
});
afterAll(async () => {
  await lab.delete();
  bird?.delete();
  rmSync(store, { recursive: true, force: true });
});

describe('ADD-PATH', () => {
  it('several paths of a prefix are kept and told', async () => {
    await untilUp('paths');
    const { peer, ...neighbor } = await lab.neighbor(at('router', 'paths'));
    expect(peer?.capabilities.join()).toMatch(/add-path: ipv4-unicast (send|both)/);
    expect(neighbor.state).toBe('established');
    const path = `bgp/prefix/${at('router', 'paths')}/json?address=198.51.100.7`;
    const answer = await until(
      async () => JSON.parse((await lab.ask('GET', path)).text || '{}'),
      ({ paths }) => paths?.length === PATHS.length,
      15_000,
      (last) => JSON.stringify(last),
    );
    expect(answer.prefix).toBe('198.51.100.0/24');
    expect(answer.paths.map(({ med }: { med: number }) => med).sort()).toEqual(PATHS);
  });

  it('without it there is one', async () => {
    await untilUp('long');
    const path = `bgp/prefix/${at('router', 'long')}/json?address=198.51.100.7`;
    const found = await until(
      async () => JSON.parse((await lab.ask('GET', path)).text || '{}'),
      ({ prefix }) => prefix !== undefined,
    );
    expect(found.paths).toBe(undefined);
  });
});

describe('extended messages', () => {
  it('are offered by both', async () => {
    await untilUp('long');
    const { peer } = await lab.neighbor(at('router', 'long'));
    expect(peer?.capabilities).toContain('extended-message');
    expect(told('long').match(/Extended message/g)).toHaveLength(2);
  });

  it('a route with more communities than an ordinary message holds arrives, both ways', async () => {
    const router = at('router', 'long');
    const path = `bgp/prefix/${router}/json?address=192.88.99.1`;
    const answer = await until(
      async () => JSON.parse((await lab.ask('GET', path)).text || '{}'),
      (found) => found.communities !== undefined,
    );
    expect(answer.communities.split('-')).toHaveLength(MANY);
    await lab.change('PUT', `bgp/routepusher/${router}/203.0.113.7/32/json`, {
      nexthop: '192.0.2.1',
      communities: communities.join('-'),
    });
    const shown = await until(
      () => bird.birdc('show', 'route', '203.0.113.7/32', 'all'),
      (text) => text.includes('BGP.community'),
    );
    expect(shown.match(/\(65010,\d+\)/g)).toHaveLength(MANY);
  });
});

describe('two connections at once', () => {
  it.each([
    ['weirIsHigher', '10.99.0.1'],
    ['weirIsLower', '10.1.0.1'],
  ] as const)('%s: one stays, and carries rules', async (name, routerId) => {
    const [own, other] = [at('weir', name), at('router', name)];
    bird.birdc('disable', protocolOf(name));
    bird.birdc('enable', protocolOf(name));
    // Its time to dial comes while it stands still; then it has Weir's connection, and dials all the same.
    bird.signal('SIGSTOP');
    try {
      await define(name, { routerId });
      await until(
        () => connections(lab.weirSide, own, other),
        (count) => count === 1,
      );
      await sleep(BIRD_DIALS_WITHIN_MS);
    } finally {
      bird.signal('SIGCONT');
    }
    await untilUp(name);
    await push(name);
    await until(
      () => bird.ruleTexts(4),
      (texts) => texts.has(destination(name)),
    );
    await until(
      () => connections(lab.weirSide, own, other) + connections(space, other, own),
      (count) => count === 2,
    );
    const before = await lab.neighbor(other);
    // There have been two: the other one has its end in the history.
    expect(before.history.map(({ event }) => event).join()).toMatch(/(connection|session) ended/);
    await sleep(2000);
    const after = await lab.neighbor(other);
    expect([after.state, after.established]).toEqual(['established', before.established]);
    expect(told(name)).toContain('Established');
  });
});

describe('a wrong password', () => {
  it.each(['wrongPasswordRouterDials', 'wrongPasswordWeirDials'] as const)(
    '%s: no session, until it is right',
    async (name) => {
      const router = at('router', name);
      const side = name === 'wrongPasswordRouterDials' ? lab.weirSide : space;
      await until(
        () => dropped(side),
        (count) => count >= 2,
      );
      expect(told(name)).not.toContain('Established');
      expect(await lab.neighbor(router)).toMatchObject({ established: 0, peer: null });
      if (name === 'wrongPasswordWeirDials')
        await until(
          async () => (await lab.neighbor(router)).lastError?.event,
          (event) => event?.includes('as with a password that the neighbour does not have') === true,
          40_000,
        );
      await define(name);
      await untilUp(name);
      await push(name);
      await until(
        () => bird.ruleTexts(4),
        (texts) => texts.has(destination(name)),
      );
    },
  );
});

describe('long-lived graceful restart', () => {
  it('keeps what was pushed for longer than graceful restart does, marked as stale', async () => {
    await untilUp('longLived', 'shortLived');
    const { peer } = await lab.neighbor(at('router', 'longLived'));
    expect(peer?.capabilities.join()).toContain('long-lived-graceful-restart');
    expect(told('longLived').match(/Long-lived graceful restart/g)).toHaveLength(2);
    for (const name of ['longLived', 'shortLived'] as const) await push(name);
    const has = (name: Name): boolean => bird.ruleTexts(4).has(destination(name));
    const isStale = (): boolean => /65535, ?6\b/.test(bird.ruleTexts(4).get(destination('longLived')) ?? '');
    await until(() => has('longLived') && has('shortLived'), Boolean);
    expect(isStale()).toBe(false);
    await lab.endWeir();
    await until(
      () => has('shortLived'),
      (is) => !is,
      15_000,
      () => bird.rules(4),
    );
    await until(isStale, Boolean, 15_000, () => bird.rules(4));
    await startWeir();
    await untilUp('longLived', 'shortLived');
    await until(() => has('longLived') && has('shortLived') && !isStale(), Boolean);
  });
});
