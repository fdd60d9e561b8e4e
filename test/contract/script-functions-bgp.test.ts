import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { endOfRib } from '../../src/bgp/index.ts';
import { until } from '../support/bgp-lab.ts';
import { RawBgpPeer } from '../support/raw-bgp-peer.ts';
import { ScriptUnderTest } from './script-under-test.ts';

/* script-api 13 and bgp 1 to 4, against a router of the test's own: what the functions give, and what is on the wire. */

const ROUTER = '127.0.77.1';
const BARE = '127.0.77.2';
const FAMILIES = ['ipv4-unicast', 'ipv6-unicast', 'ipv4-flowspec', 'ipv6-flowspec'] as const;
/** Marker and length of a message are left out where bytes are compared. */
const body = (hex: string): string => hex.slice(36);

let script: ScriptUnderTest;
let port: number;
let peer: RawBgpPeer;

const run = (code: string): Promise<unknown> => script.run(code);

async function nextUpdate(after: number): Promise<string> {
  const updates = (): string[] =>
    peer.messages.filter(({ hex }) => hex.slice(36, 38) === '02').map(({ hex }) => body(hex));
  await until(
    () => updates().length,
    (count) => count > after,
  );
  return updates()[after];
}

beforeAll(async () => {
  script = await ScriptUnderTest.serve(['-Dbgp.start=yes', '-Dbgp.port=0']);
  port = await script.weir.bgpPort();
  await run(`var said = [];
    bgpAddNeighbor('${ROUTER}', 65000, '10.0.0.1', { flowspec: true, ipv6: true, flowspec6: true },
      function (router) { said.push('open ' + router); }, function (router) { said.push('close ' + router); });
    bgpAddNeighbor('${BARE}', '4200000000', '10.0.0.2', null)`);
  peer = await RawBgpPeer.establish(port, ROUTER, 65010, FAMILIES);
  await until(
    () => run('said.join()'),
    (said) => said === `open ${ROUTER}`,
  );
});
afterAll(async () => {
  peer.end();
  await script.end();
});

describe('OPEN', () => {
  it('carries 4-octet AS, then the families in their order', () => {
    expect(body(peer.messages[0].hex)).toBe(
      '01 04 fde8 00b4 0a000001 28 0206 4104 0000fde8 0206 0104 00010001 0206 0104 00020001 0206 0104 00010085 0206 0104 00020085'.replaceAll(
        ' ',
        '',
      ),
    );
  });

  it('without options it has 4-octet AS alone, all 32 bits of it', async () => {
    const bare = await RawBgpPeer.connect(port, BARE);
    await bare.first('open');
    expect(body(bare.messages[0].hex)).toBe('01045ba000b40a00000208' + '02064104fa56ea00');
    bare.end();
  });
});

describe('routes', () => {
  it('one UPDATE for each, none for the same again', async () => {
    const before = peer.of('update').length;
    const route = `{prefix:'10.9.9.9/32', nexthop:'192.0.2.1', communities:'65535:666', localpref:'100'}`;
    expect(await run(`bgpAddRoute('${ROUTER}', ${route})`)).toBe(true);
    expect(await run(`bgpAddRoute('${ROUTER}', ${route})`)).toBe(true);
    expect(await nextUpdate(before)).toBe(
      '02 0000 0022 40010100 400206 0201 0000fde8 400304 c0000201 400504 00000064 c00804 ffff029a 20 0a090909'.replaceAll(
        ' ',
        '',
      ),
    );
    expect(await run(`bgpGetRoute('${ROUTER}', '10.9.9.9')`)).toEqual({
      aspath: '65000',
      nexthop: '192.0.2.1',
      communities: '65535:666',
      localpref: 100,
    });
    expect(await run(`bgpAddRoute('${ROUTER}', {prefix:'2001:db8::/48', nexthop:'100::1'})`)).toBe(true);
    expect(await run(`bgpRoutes('${ROUTER}')`)).toEqual(['10.9.9.9/32', '2001:db8::/48']);
    expect(await run(`bgpRouteCount('${ROUTER}')`)).toBe(2);
    expect(await run(`bgpRemoveRoute('${ROUTER}', '10.9.9.9')`)).toBe(true);
    expect(await run(`bgpRemoveRoute('${ROUTER}', '10.9.9.9')`)).toBe(true);
    expect(await run(`bgpRouteCount('${ROUTER}')`)).toBe(1);
    expect(await nextUpdate(before + 2)).toBe('020005200a0909090000');
    expect(peer.of('update').length).toBe(before + 3);
  });

  it.each([
    [`{prefix:'10.1.1.1'}`, 'no next hop'],
    [`{prefix:'nonsense', nexthop:'192.0.2.1'}`, 'no prefix'],
    [`{prefix:'10.1.1.1', nexthop:'2001:db8::1'}`, 'a next hop of the other family'],
  ])('%s is false: %s', async (route) => {
    expect(await run(`bgpAddRoute('${ROUTER}', ${route})`)).toBe(false);
  });
});

describe('rules', () => {
  const drop = `{match:{destination:'10.1.1.1', version:'4'}, then:{'traffic-rate':'0'}}`;

  it('bytes, normal form, withdrawal', async () => {
    const before = peer.of('update').length;
    expect(await run(`bgpAddFlow('${ROUTER}', ${drop})`)).toBe(true);
    expect(await nextUpdate(before)).toBe(
      '02 0000 0027 800e0c 0001 85 00 00 06 01 20 0a010101 40010100 400206 0201 0000fde8 c01008 8006000000000000'.replaceAll(
        ' ',
        '',
      ),
    );
    expect(await run(`bgpFlows('${ROUTER}')`)).toEqual([
      // biome-ignore lint/suspicious/noThenProperty: the name that scripts know; nothing awaits an expectation.
      { match: { destination: '10.1.1.1/32', version: '4' }, then: { 'traffic-rate': '0.0' } },
    ]);
    expect(await run(`bgpFlowCount('${ROUTER}')`)).toBe(1);
    expect(await run(`bgpRemoveFlow('${ROUTER}', {match:{destination:'10.1.1.1/32'}})`)).toBe(true);
    expect(await nextUpdate(before + 1)).toBe('020000000d800f0a000185060120' + '0a010101');
    expect(await run(`bgpFlowCount('${ROUTER}')`)).toBe(0);
  });

  it.each([
    [`{match:{destination:'10.1.1.1'}}`, 'then is missing'],
    [`{match:{protocol:'tcp'}, then:{}}`, 'protocol'],
  ])('%s throws', async (rule, words) => {
    expect(await script.fault(`bgpAddFlow('${ROUTER}', ${rule})`)).toMatch(
      new RegExp(`InternalError.*${words}`),
    );
  });

  it('an empty match is refused', async () => {
    expect(await run(`bgpAddFlow('${ROUTER}', {match:{}, then:{'traffic-rate':'0'}})`)).toBe(false);
  });
});

it('without a session: false, null, -1', async () => {
  const other = '192.0.2.250';
  expect(await run(`bgpAddRoute('${other}', {prefix:'10.1.1.1', nexthop:'192.0.2.1'})`)).toBe(false);
  expect(await run(`bgpRoutes('${other}')`)).toBe(null);
  expect(await run(`bgpRouteCount('${other}')`)).toBe(-1);
  expect(await run(`bgpFlows('${other}')`)).toBe(null);
  expect(await run(`bgpFlowCount('${other}')`)).toBe(-1);
  expect(await run(`bgpTopPrefixes('${other}', 10)`)).toBe(null);
  expect(await run(`bgpPrefixForAddress('${other}', '10.0.0.1')`)).toBe(null);
});

it('learnt routes: longest match and counters', async () => {
  peer.sendBody(2, '0000 0014 40010102 400206 0201 0000fdf2 400304 c0000209 18 c63364');
  peer.send(endOfRib('ipv4-unicast'));
  await until(
    () => run(`bgpPrefixForAddress('${ROUTER}', '198.51.100.7')`),
    (found) => found !== null,
  );
  expect(await run(`bgpPrefixForAddress('${ROUTER}', '198.51.100.7')`)).toEqual({
    prefix: '198.51.100.0/24',
    nexthop: '192.0.2.9',
    aspath: '65010',
    origin: 'INCOMPLETE',
    valueIngress: 0,
    valueEgress: 0,
  });
  expect(await run(`bgpTopPrefixes('${ROUTER}', 10)`)).toMatchObject({
    topPrefixes: [],
    nPrefixes: 1,
    learnedPrefixesAdded: 1,
    as: 65010,
    id: ROUTER,
    state: 'established',
    direction: 'destination',
  });
});

describe('arguments', () => {
  it.each([
    ['bgpAddNeighbor()', 'missing args'],
    [`bgpAddNeighbor('127.0.77.9')`, 'missing args'],
    [`bgpAddNeighbor('127.0.77.9', 65000, '10.0.0.1', {}, 'open')`, 'bad connect function'],
    [`bgpAddNeighbor('no.such.name.invalid', 65000, '10.0.0.1')`, 'no.such.name.invalid'],
    [`bgpRemoveNeighbor('192.0.2.250')`, 'no neighbor'],
  ])('%s throws', async (code, words) => {
    expect(await script.fault(code)).toMatch(new RegExp(`InternalError.*${words}`));
  });
});

it('a session that ends takes everything along; closeFn, then openFn are called', async () => {
  await run(`said = []; bgpAddRoute('${ROUTER}', {prefix:'10.2.2.2', nexthop:'192.0.2.1'})`);
  peer.end();
  await until(
    () => run('said.join()'),
    (said) => said === `close ${ROUTER}`,
  );
  expect(await run(`bgpRouteCount('${ROUTER}')`)).toBe(-1);
  peer = await RawBgpPeer.establish(port, ROUTER, 65010, FAMILIES);
  await until(
    () => run('said.join()'),
    (said) => said === `close ${ROUTER},open ${ROUTER}`,
  );
  expect(await run(`bgpRouteCount('${ROUTER}')`)).toBe(0);
  expect(peer.of('update')).toEqual([]);
});

it('a second connection ends both: the old one with Administrative Shutdown', async () => {
  const second = await RawBgpPeer.connect(port, ROUTER);
  expect(await peer.notified()).toBe('0602');
  await second.untilClosed();
  expect(second.messages).toEqual([]);
  peer = await RawBgpPeer.establish(port, ROUTER, 65010, FAMILIES);
});

it('bgpRemoveNeighbor ends the session with Administrative Shutdown, and calls closeFn', async () => {
  await until(
    () => run(`bgpFlowCount('${ROUTER}')`),
    (count) => count === 0,
  );
  await run('said = []');
  await run(`bgpRemoveNeighbor('${ROUTER}')`);
  expect(await peer.notified()).toBe('0602');
  await until(
    () => run('said.join()'),
    (said) => said === `close ${ROUTER}`,
  );
  const refused = await RawBgpPeer.connect(port, ROUTER);
  await refused.untilClosed();
  expect(refused.messages).toEqual([]);
});
