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

/*
 * Sessions with four routing daemons in every way they can be had: who dials, over which protocol, on which port, signed
 * or not. All of one port are up at the same time.
 */

const PASSWORD = 's3cret/Weir';

const DAEMONS: readonly { name: string; make: (options: DaemonOptions) => BgpDaemon }[] = [
  { name: 'gobgpd', make: (options) => new Gobgpd(options) },
  { name: 'FRR', make: (options) => new Frr(options) },
  { name: 'BIRD', make: (options) => new Bird(options) },
  { name: 'ExaBGP', make: (options) => new Exabgp(options) },
];

/** These two know TTL security in the same form. */
const [FRR, BIRD] = [2, 3];

/** Eight sessions with each daemon, and two with TTL security where it has that. */
function meetingsOf(daemon: number): Meeting[] {
  const list: Meeting[] = [];
  for (const version of [4, 6] as const)
    for (const dials of ['router', 'weir'] as const)
      for (const password of ['', PASSWORD]) {
        const i = list.length + 1;
        const address = (side: 'weir' | 'router'): string => addressIn(daemon, version, side, i);
        list.push({ weir: address('weir'), router: address('router'), version, dials, password });
      }
  if (daemon === FRR || daemon === BIRD)
    for (const dials of ['router', 'weir'] as const) {
      const i = list.length + 1;
      const [weir, router] = [addressIn(daemon, 4, 'weir', i), addressIn(daemon, 4, 'router', i)];
      list.push({ weir, router, version: 4, dials, password: PASSWORD, isNear: true });
    }
  return list;
}

const NUMBERED = DAEMONS.map((daemon, i) => ({ ...daemon, number: i + 1, meetings: meetingsOf(i + 1) }));

/** Which of the sessions of a daemon it is. */
function index(router: string): string {
  return /\d+$/.exec(router)?.[0] ?? '';
}

describe.each([179, 1179])('port %i', (port) => {
  let lab: BgpLab;
  const daemons: BgpDaemon[] = [];

  beforeAll(async () => {
    requirePeers({ gobgpd: 'gobgpd', bird: 'bird2', vtysh: 'frr', exabgp: 'exabgp', ip: 'iproute2' });
    lab = new BgpLab();
    await lab.startWeir(`-Dbgp.port=${port}`);
    for (const { number, meetings, make } of NUMBERED) {
      const namespace = lab.connect(number, meetings);
      for (const { weir, router, dials, password, isNear } of meetings)
        await lab.change('PUT', `v1/bgp/neighbors/${router}`, {
          peerAs: 65000 + number,
          connect: dials === 'weir',
          port,
          localAddress: weir,
          password,
          connectRetry: 1,
          ttlSecurity: isNear === true ? 1 : 0,
        });
      daemons.push(make({ namespace, number, port, meetings }));
    }
    for (const daemon of daemons) daemon.start();
  });

  afterAll(async () => {
    await lab?.delete();
    for (const daemon of daemons.splice(0)) daemon.delete();
  });

  describe.each(NUMBERED)('$name', ({ meetings, number }) => {
    it.each(meetings)(
      'IPv$version, $dials dials, password "$password", TTL security $isNear',
      async ({ router, dials, version }) => {
        const neighbor = await until(
          () => lab.neighbor(router),
          ({ state }) => state === 'established',
          40_000,
          (last) => `${JSON.stringify(last, null, 1)}\n${daemons[number - 1].output.slice(-3000)}`,
        );
        expect(neighbor.families).toContain('ipv4-flowspec');
        // Up is what carries something: a rule with a destination of the session's own.
        const destination =
          version === 4 ? `198.18.${number}.${index(router)}/32` : `2001:db8:18::${index(router)}/128`;
        await lab.change('PUT', `bgp/flowspec/${router}/json`, {
          match: { destination, protocol: '=17' },
          // biome-ignore lint/suspicious/noThenProperty: the name that clients write; nothing awaits a rule.
          then: { 'traffic-rate': '0' },
        });
        await until(
          () => daemons[number - 1].ruleTexts(version),
          (texts) => texts.has(destination),
          15_000,
          (texts) => `${dials} dials: ${[...texts.keys()]}`,
        );
      },
    );
  });
});
