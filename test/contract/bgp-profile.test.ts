import { afterAll, beforeAll, expect, it } from 'vitest';
import { RawBgpPeer } from '../support/raw-bgp-peer.ts';
import { WeirUnderTest } from './weir-under-test.ts';

/* What the profile of a neighbour changes about a rule on the wire: the next hop, and the draft of a redirect. */

const DESTINATION = '06 01 20 0a010101';
const ORIGIN_AND_PATH = '40010100 400206 0201 0000fde8';
const DROP = 'c01008 8006 0000 00000000';
/** draft-simpson-idr-flowspec-redirect: the address is the next hop; the lowest bit copies instead. */
const TO_NEXT_HOP = 'c01008 0800 00000000 0000';
/** draft-ietf-idr-flowspec-redirect-ip: the address is in the community. */
const TO_ADDRESS = 'c01008 010c c0000201 0000';
const COPY_TO_ADDRESS = 'c01008 010c c0000201 0001';
const ADDRESS = '04 c0000201';
const OTHER_ADDRESS = '04 c0000202';
const NONE = '00';

let weir: WeirUnderTest;
let port: number;
let peers = 0;

beforeAll(async () => {
  weir = await WeirUnderTest.serve('-Dbgp.start=yes', '-Dbgp.port=0', '-Dbgp.as=65000');
  port = await weir.bgpPort();
});
afterAll(() => weir.end());

it.each([
  [{}, { 'traffic-rate': '0' }, NONE, DROP],
  [{ flowSpecNextHop: '192.0.2.2' }, { 'traffic-rate': '0' }, OTHER_ADDRESS, DROP],
  [{}, { 'redirect-nexthop': '192.0.2.1' }, ADDRESS, TO_NEXT_HOP],
  [{ redirect: 'next-hop' }, { 'redirect-nexthop': '192.0.2.1' }, ADDRESS, TO_NEXT_HOP],
  [{ redirect: 'next-hop' }, { 'redirect-action-ip': '192.0.2.1' }, ADDRESS, TO_NEXT_HOP],
  [{ flowSpecNextHop: '192.0.2.2' }, { 'redirect-nexthop': '192.0.2.1' }, ADDRESS, TO_NEXT_HOP],
  [{}, { 'redirect-action-ip': '192.0.2.1' }, NONE, TO_ADDRESS],
  [{ redirect: 'community' }, { 'redirect-action-ip': '192.0.2.1' }, NONE, TO_ADDRESS],
  [{ redirect: 'community' }, { 'redirect-nexthop': '192.0.2.1' }, NONE, TO_ADDRESS],
  [{ redirect: 'community' }, { 'redirect-action-ip': '192.0.2.1:1' }, NONE, COPY_TO_ADDRESS],
  [
    { redirect: 'community', flowSpecNextHop: '192.0.2.2' },
    { 'redirect-nexthop': '192.0.2.1' },
    OTHER_ADDRESS,
    TO_ADDRESS,
  ],
])('%j: %j', async (profile, then, nextHop, community) => {
  const router = `127.0.79.${++peers}`;
  const put = async (path: string, body: unknown): Promise<void> => {
    expect((await weir.ask('PUT', path, { body: JSON.stringify(body) })).status).toBe(204);
  };
  await put(`/v1/bgp/neighbors/${router}`, { peerAs: 65010, profile });
  await put(`/bgp/flowspec/${router}/json`, { match: { destination: '10.1.1.1' }, then });
  const peer = await RawBgpPeer.establish(port, router, 65010, ['ipv4-flowspec']);
  await peer.first('update');
  const update = peer.messages.find(({ message }) => message?.type === 'update');

  const reach = sized('800e', `0001 85 ${nextHop} 00 ${DESTINATION}`);
  const attributes = `${reach} ${ORIGIN_AND_PATH} ${community}`;
  expect(update?.hex.slice(36)).toBe(packed(`02 0000 ${sized('00', attributes)}`));
  peer.end();
});

/** With the length in a byte before it. */
function sized(before: string, hex: string): string {
  return `${before} ${(packed(hex).length / 2).toString(16).padStart(2, '0')} ${hex}`;
}

function packed(hex: string): string {
  return hex.replaceAll(' ', '');
}
