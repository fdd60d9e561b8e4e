/** A full table of routes from GoBGP, to Weir and to another GoBGP; and a thousand FlowSpec rules to it. */
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inFreshFolder } from '../lib/folder.mjs';
import { fullTable, writeMrt } from '../lib/full-table.mjs';
import { number, table } from '../lib/markdown.mjs';
import { cpuSeconds, residentBytes } from '../lib/proc.mjs';
import { measureRib } from '../lib/rib.mjs';
import { gobgpVersion, startGobgpd } from '../peers/gobgpd.mjs';
import { startWeir } from '../peers/weir.mjs';

const FULL = { ipv4: 1_000_000, ipv6: 200_000 };
const RULES = 1000;
const UNICAST = ['ipv4-unicast', 'ipv6-unicast'];
const SOURCE = { as: 65001, address: '127.0.0.61' };
const RECEIVER_AS = 4_200_000_001;
const WEIR_ADDRESS = '127.0.0.1';
const GOBGP_ADDRESS = '127.0.0.62';
const WITHIN_MS = 300_000;

export function hasGobgp() {
  return gobgpVersion() !== undefined;
}

export async function measureFullTable({ report, size = FULL, rules = RULES }) {
  const rib = await measureRib(size);
  report(
    `full table, in this process: ${number(rib.prefixes, 0)} prefixes in ${number(rib.seconds, 1)} s, ` +
      `${number(rib.bytes / 2 ** 20, 0)} MB, ${number(rib.lookups4 / 1e6, 1)} M lookups/s of IPv4`,
  );
  return inFreshFolder(async (folder) => {
    const groups = fullTable(size);
    const file = join(folder, 'table.mrt');
    const descriptor = openSync(file, 'w');
    writeMrt(descriptor, groups);
    closeSync(descriptor);
    const source = await startGobgpd({
      folder,
      name: 'source',
      ...SOURCE,
      families: UNICAST,
      neighbors: [
        { address: WEIR_ADDRESS, as: RECEIVER_AS },
        { address: GOBGP_ADDRESS, as: RECEIVER_AS },
      ],
    });
    try {
      await source.ask('mrt', 'inject', 'global', file);
      const expected = await settled(source);
      report(`full table: GoBGP has ${number(expected[4], 0)} and ${number(expected[6], 0)} prefixes`);
      const weir = await toWeir({ folder, source, expected, report });
      const gobgp = await toGobgp({ folder, source, expected, report });
      return {
        rib,
        size: expected,
        receivers: [weir, gobgp],
        rules: await pushRules({ folder, rules, report }),
      };
    } finally {
      await source.stop();
    }
  });
}

/**
 * What the source has, once it does not change any more: `gobgp mrt inject` ends before the daemon has taken everything, and
 * the last few hundred prefixes are lost now and then.
 */
async function settled(source) {
  const count = async (family) => {
    const text = await source.ask('global', 'rib', 'summary', '-a', family);
    return Number(/Destination: (\d+)/.exec(text)?.[1] ?? 0);
  };
  let before;
  for (;;) {
    const now = { 4: await count('ipv4'), 6: await count('ipv6') };
    if (now[4] > 0 && now[4] === before?.[4] && now[6] === before[6]) return now;
    before = now;
    await sleep(2000);
  }
}

async function toWeir({ folder, source, expected, report }) {
  const weir = await startWeir({
    folder,
    properties: { 'bgp.start': 'yes', 'bgp.port': 0, 'bgp.hostname': WEIR_ADDRESS },
  });
  try {
    const before = residentBytes(weir.pid);
    const cpu = cpuSeconds(weir.pid);
    await meet(weir, source, ['ipv4-unicast', 'ipv6-unicast']);
    await established(source, WEIR_ADDRESS);
    const count = async (path) => (await weir.ask(`${path}/${source.address}/json?maxPrefixes=0`)).nPrefixes;
    const seconds = await timeUntil(async () => {
      const [four, six] = await Promise.all([count('bgp/topprefixes'), count('bgp/topprefixes6')]);
      return four >= expected[4] && six >= expected[6];
    });
    const grown = residentBytes(weir.pid) - before;
    return told(report, { name: 'Weir', seconds, cpu: cpuSeconds(weir.pid) - cpu, grown });
  } finally {
    await weir.stop();
  }
}

async function toGobgp({ folder, source, expected, report }) {
  const receiver = await startGobgpd({
    folder,
    name: 'receiver',
    as: RECEIVER_AS,
    address: GOBGP_ADDRESS,
    families: UNICAST,
    neighbors: [{ ...SOURCE, port: source.port }],
  });
  try {
    const before = residentBytes(receiver.pid);
    const cpu = cpuSeconds(receiver.pid);
    const total = expected[4] + expected[6];
    await established(source, GOBGP_ADDRESS);
    const seconds = await timeUntil(async () => {
      // `127.0.0.61 65001 00:00:10 Establ | 1200000 1200000`
      const [, received] = /\|\s*(\d+)/.exec(await receiver.ask('neighbor')) ?? [];
      return Number(received) >= total;
    });
    const grown = residentBytes(receiver.pid) - before;
    return told(report, {
      name: `GoBGP ${gobgpVersion()}`,
      seconds,
      cpu: cpuSeconds(receiver.pid) - cpu,
      grown,
    });
  } finally {
    await receiver.stop();
  }
}

/** Each daemon begins a session in its own time, which is not what is measured. */
function established(router, address) {
  const isUp = new RegExp(`^${address.replaceAll('.', '\\.')} .*Establ`, 'm');
  return timeUntil(async () => isUp.test(await router.ask('neighbor')));
}

function told(report, result) {
  const { name, seconds, cpu, grown } = result;
  report(
    `full table, ${name}: ${number(seconds, 1)} s, ${number(cpu, 1)} s of CPU, ${number(grown / 2 ** 20, 0)} MB`,
  );
  return result;
}

/** FlowSpec rules over REST to Weir, from there to GoBGP. */
async function pushRules({ folder, rules, report }) {
  const router = await startGobgpd({
    folder,
    name: 'router',
    ...SOURCE,
    families: ['ipv4-unicast', 'ipv4-flowspec'],
    neighbors: [{ address: WEIR_ADDRESS, as: RECEIVER_AS }],
  });
  const weir = await startWeir({
    folder,
    properties: { 'bgp.start': 'yes', 'bgp.port': 0, 'bgp.hostname': WEIR_ADDRESS },
  });
  try {
    await meet(weir, router, ['ipv4-unicast', 'ipv4-flowspec']);
    await established(router, WEIR_ADDRESS);
    const shown = async () => {
      const text = await router.ask('global', 'rib', '-a', 'ipv4-flowspec', 'summary').catch(() => '');
      return Number(/Destination: (\d+)/.exec(text)?.[1] ?? 0);
    };
    const begin = performance.now();
    const accepted = (async () => {
      for (let i = 0; i < rules; i++) {
        await weir.put(`bgp/flowspec/${router.address}/json`, {
          match: {
            destination: `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`,
            protocol: '=17',
            'source-port': '=53',
          },
          // biome-ignore lint/suspicious/noThenProperty: the name that clients write.
          then: { 'traffic-rate': '0' },
        });
      }
      return performance.now() - begin;
    })();
    const seconds = await timeUntil(async () => (await shown()) >= rules);
    const result = { rules, acceptedMs: await accepted, shownMs: seconds * 1000 };
    report(
      `${number(rules, 0)} rules: accepted in ${number(result.acceptedMs, 0)} ms, the last shown after ${number(result.shownMs, 0)} ms`,
    );
    return result;
  } finally {
    await weir.stop();
    await router.stop();
  }
}

function meet(weir, router, families) {
  return weir.put(`v1/bgp/neighbors/${router.address}`, {
    as: RECEIVER_AS,
    routerId: '192.0.2.99',
    connect: true,
    port: router.port,
    families,
  });
}

async function timeUntil(isSo) {
  for (const begin = performance.now(); ; await sleep(50)) {
    if (await isSo().catch(() => false)) return (performance.now() - begin) / 1000;
    if (performance.now() - begin > WITHIN_MS) throw new Error(`not within ${WITHIN_MS / 1000} s`);
  }
}

export function renderFullTable({ rib, size, receivers, rules }) {
  const rows = receivers.map(({ name, seconds, cpu, grown }) => [
    name,
    `${number(seconds, 1)} s`,
    `${number(cpu, 1)} s`,
    `${number(grown / 2 ** 20, 0)} MB`,
  ]);
  return [
    '### A full BGP table',
    '',
    `${number(size[4], 0)} IPv4 and ${number(size[6], 0)} IPv6 prefixes, made up, announced by a GoBGP that has had them from an MRT file: from the ` +
      'beginning of the session until the receiver counts them all, with the processor time and the growth of its memory meanwhile.',
    '',
    table(['', 'time', 'CPU', 'memory'], rows),
    '',
    `Without a network, from UPDATE messages in memory: ${number(rib.seconds, 1)} s for ${number(rib.messages, 0)} messages, ` +
      `${number(rib.bytes / 2 ** 20, 0)} MB with ${number(rib.sets, 0)} sets of attributes. Longest match of random addresses: ` +
      `${number(rib.lookups4 / 1e6, 1)} million a second for IPv4, ${number(rib.lookups6 / 1e6, 1)} for IPv6, in one thread.`,
    '',
    `${number(rules.rules, 0)} FlowSpec rules, one request each: Weir had accepted the last after ${number(rules.acceptedMs, 0)} ms, and ` +
      `the router, a GoBGP, showed it ${number(rules.shownMs, 0)} ms after the first request.`,
  ].join('\n');
}
