import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eth, ip, tcp } from '../../src/packet/testing/build-packet.ts';
import { datagram, encodeDatagram, flowSample, sampledHeader } from '../../src/sflow/index.ts';
import { type ServingWeir, WeirProcess } from '../e2e/weir-process.ts';
import { GobgpRouter } from '../support/gobgp-router.ts';
import { UdpSender } from '../support/udp-sender.ts';

const ROUTER = '127.0.0.52';
const AGENT = '10.0.0.9';
const WITHIN_MS = 15_000;

const SCRIPT = `
bgpAddNeighbor('${ROUTER}', 65000, '192.0.2.6', { ipv6: true });
bgpAddSource('${AGENT}', '${ROUTER}', 10, 'bytes');
setFlow('path', { keys: 'bgpdestinationaspath,bgpdestinationas,bgpnexthop,bgpas', value: 'bytes', t: 10 });
setFlow('source', { keys: 'bgpsourceas,bgpsourcepeeras', value: 'bytes', t: 10 });
setFlow('community', { keys: 'bgpcommunities', value: 'bytes', t: 10 });
`;

const folder = mkdtempSync(join(tmpdir(), 'weir-learnt-'));
let serving: ServingWeir;
let router: GobgpRouter;

async function ask(path: string): Promise<Record<string, unknown>> {
  const answer = await fetch(new URL(path, serving.url));
  return answer.status === 200
    ? ((await answer.json()) as Record<string, unknown>)
    : { status: answer.status };
}

/** Asks until the answer is as wanted. */
async function until<Answer>(
  look: () => Promise<Answer>,
  isSo: (answer: Answer) => boolean,
): Promise<Answer> {
  for (const begin = Date.now(); ; await sleep(100)) {
    const answer = await look();
    if (isSo(answer)) return answer;
    if (Date.now() - begin > WITHIN_MS) throw new Error(JSON.stringify(answer));
  }
}

let sequence = 0;

/** Samples of 1000 bytes, one in 1000, from the agent. */
async function send(source: string, destination: string, count: number): Promise<void> {
  const sender = await UdpSender.open(serving.sflowPort);
  const frame = eth(0x0800, ip(6, tcp(40000, 443), { source, destination }));
  for (let i = 0; i < count; i++) {
    sequence++;
    const sample = flowSample({
      sequenceNumber: sequence,
      samplingRate: 1000,
      samplePool: sequence * 1000,
      records: [sampledHeader(frame, { frameLength: 1000 })],
    });
    await sender.send([
      encodeDatagram(datagram({ agentAddress: AGENT, sequenceNumber: sequence, samples: [sample] })),
    ]);
  }
  sender.close();
}

beforeAll(async () => {
  const file = join(folder, 'learnt.js');
  writeFileSync(file, SCRIPT);
  serving = await WeirProcess.serve(
    '-Dbgp.start=yes',
    '-Dbgp.port=0',
    '-Dbgp.hostname=127.0.0.1',
    `-Dscript.file=${file}`,
  );
  const line = await until(
    async () => /Listening, BGP port (\d+)/.exec(serving.weir.error),
    (found) => found !== null,
  );
  router = await GobgpRouter.start({
    as: 65001,
    address: ROUTER,
    peerAs: 65000,
    peerAddress: '127.0.0.1',
    peerPort: Number(line?.[1]),
    families: ['ipv4-unicast', 'ipv6-unicast'],
  });
  const add = (prefix: string, ...more: string[]): string =>
    router.run('global', 'rib', 'add', prefix, 'nexthop', ROUTER, ...more);
  add('10.2.0.0/16', 'aspath', '65010,65030', 'community', '65535:666,1:2', 'med', '7');
  add('10.2.9.0/24', 'aspath', '65010,65039');
  add('10.1.0.0/16', 'aspath', '65020');
  router.run('global', 'rib', 'add', '-a', 'ipv6', '2001:db8::/32', 'nexthop', '2001:db8::1');
  await router.untilEstablished();
  await until(
    () => ask(`bgp/prefix/${ROUTER}/json?address=10.2.0.1`),
    (answer) => 'prefix' in answer,
  );
});

afterAll(async () => {
  await router?.stop();
  await serving?.weir.end();
  rmSync(folder, { recursive: true, force: true });
});

describe('routes that GoBGP announces', () => {
  it('give the keys of flows', async () => {
    await send('10.1.0.1', '10.2.0.1', 5);
    const keys = async (name: string): Promise<string[]> =>
      ((await ask(`activeflows/ALL/${name}/json`)) as unknown as { key: string }[]).map(({ key }) => key);
    await until(
      () => keys('path'),
      (list) => list.length > 0,
    );
    expect(await keys('path')).toEqual([`65001-65010-65030,65030,${ROUTER},65001`]);
    expect(await keys('source')).toEqual(['65020,65001']);
    expect(await keys('community')).toEqual(['65535:666-1:2']);
  });

  it('are told for an address, with the traffic of their prefix', async () => {
    const found = await ask(`bgp/prefix/${ROUTER}/json?address=10.2.0.1`);
    expect(found).toMatchObject({
      prefix: '10.2.0.0/16',
      nexthop: ROUTER,
      aspath: '65001-65010-65030',
      origin: 'INCOMPLETE',
      med: 7,
      communities: '65535:666-1:2',
      valueIngress: 0,
    });
    expect(found['valueEgress']).toBeGreaterThan(0);
    expect(await ask(`bgp/prefix/${ROUTER}/json?address=2001:db8::9`)).toMatchObject({
      prefix: '2001:db8::/32',
      nexthop: '2001:db8::1',
    });
    expect(await ask(`bgp/prefix/${ROUTER}/json?address=192.0.2.1`)).toEqual({ status: 404 });
  });

  it('are ranked by traffic, both ways', async () => {
    await send('10.1.0.1', '10.2.9.1', 20);
    const top = await until(
      () => ask(`bgp/topprefixes/${ROUTER}/json?maxPrefixes=5`),
      ({ topPrefixes }) => (topPrefixes as { prefix: string }[])[0]?.prefix === '10.2.9.0/24',
    );
    expect(top).toMatchObject({
      topPrefixes: [{ prefix: '10.2.9.0/24', aspath: '65001-65010-65039' }, { prefix: '10.2.0.0/16' }],
      valuePercentCoverage: 100,
      nPrefixes: 3,
      learnedPrefixesAdded: 3,
      as: 65001,
      id: ROUTER,
      state: 'established',
      direction: 'destination',
    });
    expect(await ask(`bgp/topprefixes/${ROUTER}/json?maxPrefixes=5&direction=source`)).toMatchObject({
      topPrefixes: [{ prefix: '10.1.0.0/16' }],
    });
    expect(await ask(`bgp/topprefixes6/${ROUTER}/json?maxPrefixes=5`)).toMatchObject({
      topPrefixes: [],
      nPrefixes: 1,
    });
  });

  it('are gone when they are withdrawn, and all of them with the session', async () => {
    router.run('global', 'rib', 'del', '10.2.9.0/24');
    await until(
      () => ask(`bgp/prefix/${ROUTER}/json?address=10.2.9.1`),
      ({ prefix }) => prefix === '10.2.0.0/16',
    );
    router.run('neighbor', '127.0.0.1', 'disable');
    await until(
      () => ask(`bgp/topprefixes/${ROUTER}/json`),
      ({ status }) => status === 404,
    );
    expect(await ask(`bgp/prefix/${ROUTER}/json?address=10.2.0.1`)).toEqual({ status: 404 });
  });
});
