import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../support/bgp-lab.ts';
import { RawBgpPeer } from '../support/raw-bgp-peer.ts';
import { ScriptUnderTest } from './script-under-test.ts';

/* bgp section 5, with a session: statuses and documents. One router is a script's, one the file's of bgp.neighbors. */

const ROUTER = '127.0.78.1';
const KEPT = '127.0.78.2';
const FAMILIES = ['ipv4-unicast', 'ipv4-flowspec'] as const;
// biome-ignore lint/suspicious/noThenProperty: the name that clients write; nothing awaits a rule.
const RULE = { match: { destination: '10.3.14.1' }, then: { 'redirect-as': '65000' } };

let script: ScriptUnderTest;
let peer: RawBgpPeer;
const folder = mkdtempSync(join(tmpdir(), 'weir-neighbors-'));

async function ask(method: string, path: string, body?: unknown) {
  const options = body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) };
  return script.weir.ask(method, path, options);
}

beforeAll(async () => {
  const file = join(folder, 'neighbors.json');
  writeFileSync(file, JSON.stringify({ [KEPT]: { as: 65000, peerAs: 65011 }, '192.0.2.9': { as: 'x' } }));
  script = await ScriptUnderTest.serve(['-Dbgp.start=yes', '-Dbgp.port=0', `-Dbgp.neighbors=${file}`]);
  await script.run(`bgpAddNeighbor('${ROUTER}', 65000, '10.0.0.1', { flowspec: true })`);
  peer = await RawBgpPeer.establish(await script.weir.bgpPort(), ROUTER, 65010, FAMILIES);
  await until(
    () => script.run(`bgpFlowCount('${ROUTER}')`),
    (count) => count === 0,
  );
});
afterAll(async () => {
  peer.end();
  await script.end();
  rmSync(folder, { recursive: true });
});

describe('rules', () => {
  const path = `/bgp/flowspec/${ROUTER}/json`;

  it('pushed, listed in their normal form, withdrawn', async () => {
    for (const method of ['PUT', 'POST']) expect((await ask(method, path, RULE)).status).toBe(204);
    const { status, text } = await ask('GET', path);
    expect([status, JSON.parse(text)]).toEqual([
      200,
      // biome-ignore lint/suspicious/noThenProperty: the name that clients know; nothing awaits an expectation.
      [{ match: { destination: '10.3.14.1/32', version: '4' }, then: { 'redirect-as': '65000' } }],
    ]);
    expect((await ask('DELETE', path, { match: RULE.match })).status).toBe(204);
    expect(JSON.parse((await ask('GET', path)).text)).toEqual([]);
  });

  it.each([
    ['PUT', '{', 400],
    ['PUT', '[]', 400],
    ['PUT', { match: { destination: '10.1.1.1' } }, 500],
    // biome-ignore lint/suspicious/noThenProperty: the name that clients write; nothing awaits a rule.
    ['PUT', { match: { protocol: 'tcp' }, then: {} }, 500],
    // biome-ignore lint/suspicious/noThenProperty: the name that clients write; nothing awaits a rule.
    ['PUT', { match: {}, then: { 'traffic-rate': '0' } }, 400],
    ['DELETE', undefined, 400],
  ])('%s %j is %i, with an empty body', async (method, body, expected) => {
    const { status, text, headers } = await ask(method, path, body);
    expect([status, text]).toEqual([expected, '']);
    expect(headers['weir-error']).not.toBe('');
  });
});

describe('routes', () => {
  const path = `/bgp/routepusher/${ROUTER}`;

  it('pushed, listed, read, withdrawn', async () => {
    const route = { nexthop: '192.0.2.1', communities: '65535:666', localpref: '100' };
    expect((await ask('PUT', `${path}/10.9.9.9/32/json`, route)).status).toBe(204);
    expect(JSON.parse((await ask('GET', `${path}/json`)).text)).toEqual(['10.9.9.9/32']);
    expect(JSON.parse((await ask('GET', `${path}/10.9.9.9/32/json`)).text)).toEqual({
      aspath: '65000',
      nexthop: '192.0.2.1',
      communities: '65535:666',
      localpref: 100,
    });
    expect((await ask('DELETE', `${path}/10.9.9.9/32/json`)).status).toBe(204);
    expect((await ask('GET', `${path}/10.9.9.9/32/json`)).status).toBe(404);
    expect((await ask('PUT', `${path}/10.9.9.9/32/json`, {})).status).toBe(400);
  });
});

it('top prefixes and the longest match', async () => {
  const top = await ask('GET', `/bgp/topprefixes/${ROUTER}/json?maxPrefixes=5&unknown=1`);
  expect(JSON.parse(top.text)).toMatchObject({
    topPrefixes: [],
    nPrefixes: 0,
    state: 'established',
    as: 65010,
  });
  expect((await ask('GET', `/bgp/topprefixes6/${ROUTER}/json`)).status).toBe(200);
  expect((await ask('GET', `/bgp/prefix/${ROUTER}/json?address=10.0.0.1`)).status).toBe(404);
  expect((await ask('GET', `/bgp/prefix/${ROUTER}/json`)).status).toBe(404);
});

it('a router that leads nowhere is 400, one without a session 404', async () => {
  expect((await ask('GET', '/bgp/flowspec/no.such.name.invalid/json')).status).toBe(400);
  expect((await ask('GET', '/bgp/flowspec/192.0.2.250/json')).status).toBe(404);
  expect((await ask('PUT', '/bgp/flowspec/192.0.2.250/json', RULE)).status).toBe(400);
  expect((await ask('GET', '/bgp/json')).status).toBe(404);
});

describe('neighbours of the file', () => {
  it('one that is wrong is told, and does not keep the others away', async () => {
    expect(script.weir.log).toContain(
      'BGP neighbour 192.0.2.9: as "x" is not a whole number from 1 to 4294967295',
    );
    const { text } = await ask('GET', '/v1/bgp/neighbors');
    expect(JSON.parse(text).map(({ router, origin }: Record<string, string>) => [router, origin])).toEqual([
      [KEPT, 'property'],
      [ROUTER, 'script'],
    ]);
  });

  it('take what is pushed without a session, and get it with one; REST may not change them', async () => {
    expect((await ask('PUT', `/bgp/flowspec/${KEPT}/json`, RULE)).status).toBe(204);
    expect((await ask('PUT', `/v1/bgp/neighbors/${KEPT}`, { as: 1 })).status).toBe(409);
    expect((await ask('DELETE', `/v1/bgp/neighbors/${KEPT}`)).status).toBe(409);
    const kept = await RawBgpPeer.establish(await script.weir.bgpPort(), KEPT, 65011, FAMILIES);
    await kept.first('update');
    const { text } = await ask('GET', `/v1/bgp/neighbors/${KEPT}/announcements`);
    expect(JSON.parse(text)).toMatchObject([{ who: 'rest', standing: 'sent', transient: false }]);
    kept.end();
  });

  it('a member that is wrong is refused with its name', async () => {
    const { status, headers } = await ask('PUT', '/v1/bgp/neighbors/192.0.2.10', { as: 1, pasword: 'x' });
    expect([status, headers['weir-error']]).toEqual([
      400,
      'BGP_BAD_NEIGHBOR a neighbour has no member "pasword"',
    ]);
  });
});

it('Prometheus text', async () => {
  const { text } = await ask('GET', '/prometheus/bgp/txt');
  expect(text).toContain(`sflow_bgp_up{router="${ROUTER}"} 1\n`);
});
