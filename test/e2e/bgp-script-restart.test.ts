import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { until } from '../support/bgp-lab.ts';
import { RawBgpPeer } from '../support/raw-bgp-peer.ts';
import { WeirProcess } from './weir-process.ts';

/*
 * A script that starts again finds its neighbour, the session, and what it has pushed as they were: it is told of the
 * session, and may replace and take back.
 */

const SCRIPT = `
var life = (storeGet('lives') || 0) + 1, said = [];
storeSet('lives', life);
function rule(destination) { return { match: { destination: destination }, then: { 'traffic-rate': String(life) } }; }
bgpAddNeighbor('ROUTER', 65000, '10.0.0.1', { flowspec: true }, function (router) {
  said.push('open');
  bgpAddFlow(router, rule('10.1.1.1'));
  if (life === 1) bgpAddFlow(router, rule('10.1.1.2'));
}, function () { said.push('close'); });
setHttpHandler(function (request) {
  if (request.query.fail) nope();
  if (request.query.remove) bgpRemoveFlow('ROUTER', rule('10.1.1.2'));
  var rules = (bgpFlows('ROUTER') || []).map(function (each) {
    return each.match.destination + ' ' + each.then['traffic-rate'];
  });
  return { life: life, said: said, rules: rules };
});
`;

interface Told {
  readonly life: number;
  readonly said: readonly string[];
  readonly rules: readonly string[];
}

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

it.each([
  {
    how: 'script.restart',
    router: '127.0.80.1',
    words: ['serve', '-Dscript.file=bgp.js', '-Dscript.restart=yes'],
  },
  { how: 'weir dev', router: '127.0.80.2', words: ['dev', 'bgp.js'] },
])('$how', async ({ how, router, words }) => {
  const folder = mkdtempSync(join(tmpdir(), 'weir-bgp-restart-'));
  folders.push(folder);
  const text = SCRIPT.replaceAll('ROUTER', router);
  writeFileSync(join(folder, 'bgp.js'), text);
  const properties = ['-Dlog.format=json', '-Dhttp.port=0', '-Dsflow.port=0', '-Dsflow.hostname=127.0.0.1'];
  const weir = new WeirProcess(
    [...words, ...properties, '-Dapp.bundled=', '-Dbgp.start=yes', '-Dbgp.port=0'],
    {},
    ['env', '-C', folder],
  );
  const { http, bgp } = (await weir.logLine('serving')) as unknown as { http: string; bgp: { port: number } };
  const ask = async (query = ''): Promise<Told | undefined> => {
    const answer = await fetch(`${http}script/bgp.js/json${query}`);
    return answer.status === 200 ? ((await answer.json()) as Told) : undefined;
  };
  const untilTold = (life: number, rules: readonly string[]): Promise<Told | undefined> =>
    until(
      () => ask(),
      (told) => told?.life === life && JSON.stringify(told.rules) === JSON.stringify(rules),
      15_000,
      (told) => `${JSON.stringify(told)}\n${weir.error}`,
    );
  await until(
    () => ask(),
    (told) => told !== undefined,
  );
  const peer = await RawBgpPeer.establish(bgp.port, router, 65010, ['ipv4-flowspec']);
  await untilTold(1, ['10.1.1.1/32 1.0', '10.1.1.2/32 1.0']);

  if (how === 'weir dev') writeFileSync(join(folder, 'bgp.js'), `${text}// Another.\n`);
  else await ask('?fail=yes');
  const second = await untilTold(2, ['10.1.1.1/32 2.0', '10.1.1.2/32 1.0']);
  expect(second?.said).toEqual(['open']);
  await until(
    () => peer.of('update').length,
    (count) => count === 3,
  );
  // The rate of the third UPDATE is that of the second life, for the rule that both have.
  const updates = peer.messages.filter(({ message }) => message?.type === 'update');
  expect(updates.at(-1)?.hex).toMatch(/200a010101.*8006000040000000$/);
  await ask('?remove=yes');
  await untilTold(2, ['10.1.1.1/32 2.0']);
  expect([peer.closed, peer.of('notification')]).toEqual(['no', []]);

  peer.end();
  await until(
    async () => (await ask())?.said.join(),
    (said) => said === 'open,close',
  );
  await weir.end();
});
