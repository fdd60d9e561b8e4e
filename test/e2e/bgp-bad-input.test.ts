import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../support/bgp-lab.ts';
import { RawBgpPeer } from '../support/raw-bgp-peer.ts';
import { type ServingWeir, WeirProcess } from './weir-process.ts';

/* Whatever a peer does: the right NOTIFICATION, a line in the log, and another session that does not notice. */

const AS = 64512;
const WITNESS = '127.0.66.1';
const SUBJECT = '127.0.66.2';
const SLOW = '127.0.66.3';

let weir: ServingWeir;
let port: number;
let witness: RawBgpPeer;

async function change(method: string, path: string, body?: unknown): Promise<void> {
  const options = { method, ...(body !== undefined && { body: JSON.stringify(body) }) };
  const response = await fetch(`${weir.url}${path}`, options);
  if (response.status !== 204)
    throw new Error(`${path}: ${response.status} ${response.headers.get('weir-error')}`);
}

async function neighbor(address: string) {
  return (await (await fetch(`${weir.url}v1/bgp/neighbors/${address}`)).json()) as {
    state: string;
    lastError: { event: string } | null;
    faultyUpdates: number;
    queuedBytes: number;
  };
}

beforeAll(async () => {
  weir = await WeirProcess.serve(
    '-Dbgp.start=yes',
    '-Dbgp.port=0',
    '-Dbgp.hostname=127.0.0.1',
    '-Dbgp.as=65000',
  );
  const { bgp } = (await weir.weir.logLine('serving')) as { bgp?: { port: number } };
  port = bgp?.port ?? 0;
  for (const address of [WITNESS, SUBJECT])
    await change('PUT', `v1/bgp/neighbors/${address}`, { peerAs: AS, restartTime: 0 });
  await change('PUT', `v1/bgp/neighbors/${SLOW}`, { peerAs: AS, restartTime: 0, sendHoldTime: 2 });
  witness = await RawBgpPeer.establish(port, WITNESS, AS);
});

afterAll(async () => {
  const state = await neighbor(WITNESS);
  witness.end();
  await weir.weir.end();
  expect(state.state).toBe('established');
  expect(witness.of('notification')).toEqual([]);
});

const ORIGIN = '40010100';
const PATH = '400206 0201 0000fc00';
const NEXT_HOP = '400304 c0000201';
const withAttributes = (attributes: string, nlri = '20 0a000001'): string => {
  const bytes = attributes.replaceAll(' ', '').length / 2;
  return `0000 ${bytes.toString(16).padStart(4, '0')} ${attributes} ${nlri}`;
};

describe('ends the session', () => {
  const MARKER = 'ff'.repeat(16);
  it.each<[string, (peer: RawBgpPeer) => void, RegExp]>([
    ['a wrong marker', (peer) => peer.sendHex(`00${'ff'.repeat(15)} 0013 04`), /^0101$/],
    ['a length below the least', (peer) => peer.sendHex(`${MARKER} 0012 04`), /^01020012$/],
    ['a length above 4096 for a KEEPALIVE', (peer) => peer.sendHex(`${MARKER} 1001 04`), /^01021001$/],
    ['an UPDATE above 4096 bytes', (peer) => peer.sendHex(`${MARKER} 1001 02`), /^01021001$/],
    ['an unknown type', (peer) => peer.sendHex(`${MARKER} 0013 09`), /^010309$/],
    ['withdrawn routes beyond the message', (peer) => peer.sendBody(2, 'ffff 0000'), /^0301$/],
    ['attributes beyond the message', (peer) => peer.sendBody(2, '0000 00ff 4001'), /^0301$/],
    [
      'a prefix of 40 bits',
      (peer) => peer.sendBody(2, withAttributes(`${ORIGIN}${PATH}${NEXT_HOP}`, '28 0a00000102')),
      /^030a/,
    ],
    [
      'a prefix cut short',
      (peer) => peer.sendBody(2, withAttributes(`${ORIGIN}${PATH}${NEXT_HOP}`, '20 0a00')),
      /^030a/,
    ],
    [
      'an unknown well-known attribute',
      (peer) => peer.sendBody(2, withAttributes(`${ORIGIN}${PATH}${NEXT_HOP}40630100`)),
      /^030240630100$/,
    ],
    [
      'NLRI longer than their attribute',
      (peer) => peer.sendBody(2, '0000 0009 800f06 0002 01 80 2001'),
      /^0309/,
    ],
    ['a second OPEN', (peer) => peer.open(AS, SUBJECT, []), /^0503$/],
  ])('%s', async (_, send, expected) => {
    const peer = await RawBgpPeer.establish(port, SUBJECT, AS);
    await until(
      () => neighbor(SUBJECT),
      ({ state }) => state === 'established',
    );
    send(peer);
    expect(await peer.notified()).toMatch(expected);
    await peer.untilClosed();
    peer.end();
    expect((await neighbor(SUBJECT)).lastError?.event).not.toBe('');
  });
});

describe('ends the session before it is up', () => {
  it.each<[string, (peer: RawBgpPeer) => void, RegExp]>([
    ['another AS than configured', (peer) => peer.open(64999, SUBJECT, []), /^0202$/],
    ['version 3', (peer) => peer.sendBody(1, '03 fc00 005a 7f004202 00'), /^02010004$/],
    ['a hold time of 1 s', (peer) => peer.sendBody(1, '04 fc00 0001 7f004202 00'), /^0206$/],
    ['identifier 0.0.0.0', (peer) => peer.sendBody(1, '04 fc00 005a 00000000 00'), /^0203$/],
    ['an UPDATE instead of an OPEN', (peer) => peer.sendBody(2, '0000 0000'), /^0501$/],
    ['no OPEN but half of one', (peer) => peer.sendBody(1, '04 fc00 005a 7f004202 ff'), /^0200$/],
  ])('%s', async (_, send, expected) => {
    const peer = await RawBgpPeer.connect(port, SUBJECT);
    await peer.first('open');
    send(peer);
    expect(await peer.notified()).toMatch(expected);
    await peer.untilClosed();
    peer.end();
  });
});

describe('goes on, without the route', () => {
  it.each([
    ['no NEXT_HOP', withAttributes(`${ORIGIN}${PATH}`)],
    ['an ORIGIN of two bytes', withAttributes(`4001020000${PATH}${NEXT_HOP}`)],
    ['a cut community', withAttributes(`${ORIGIN}${PATH}${NEXT_HOP}c00803ffffff`)],
  ])('%s', async (_, body) => {
    const peer = await RawBgpPeer.establish(port, SUBJECT, AS);
    await until(
      () => neighbor(SUBJECT),
      ({ state }) => state === 'established',
    );
    const before = (await neighbor(SUBJECT)).faultyUpdates;
    peer.sendBody(2, body);
    await until(
      () => neighbor(SUBJECT),
      ({ faultyUpdates }) => faultyUpdates === before + 1,
    );
    expect((await neighbor(SUBJECT)).state).toBe('established');
    const { status } = await fetch(`${weir.url}bgp/prefix/${SUBJECT}/json?address=10.0.0.1`);
    expect(status).toBe(404);
    peer.end();
    await until(
      () => neighbor(SUBJECT),
      ({ state }) => state === 'active',
    );
  });

  it('ROUTE-REFRESH is answered, of an unknown family ignored', async () => {
    const peer = await RawBgpPeer.establish(port, SUBJECT, AS);
    await change('PUT', `bgp/routepusher/${SUBJECT}/203.0.113.9/32/json`, { nexthop: '192.0.2.1' });
    await until(
      () => peer.of('update').length,
      (count) => count === 1,
    );
    peer.sendBody(5, '4004 0047');
    peer.sendBody(5, '0001 0001');
    await until(
      () => peer.of('update').length,
      (count) => count === 2,
    );
    expect(peer.of('notification')).toEqual([]);
    peer.end();
    await until(
      () => neighbor(SUBJECT),
      ({ state }) => state === 'active',
    );
  });
});

it('who is not configured is closed without a word', async () => {
  const peer = await RawBgpPeer.connect(port, '127.0.66.99');
  await peer.untilClosed();
  expect(peer.messages).toEqual([]);
  await weir.weir.logLine('BGP no configuration for 127.0.66.99');
});

it('segments that may come from afar are not taken, where TTL security is asked for', async () => {
  const far = '127.0.66.4';
  await change('PUT', `v1/bgp/neighbors/${far}`, { peerAs: AS, ttlSecurity: 1 });
  const peer = await RawBgpPeer.connect(port, far);
  await peer.first('open');
  peer.open(AS, far, []);
  await new Promise((resolve) => setTimeout(resolve, 1000));
  expect(peer.of('keepalive')).toEqual([]);
  expect((await neighbor(far)).state).toBe('opensent');
  peer.end();
});

it('of ten connections from one address one stays', async () => {
  const first = await RawBgpPeer.establish(port, SUBJECT, AS);
  await until(
    () => neighbor(SUBJECT),
    ({ state }) => state === 'established',
  );
  const others = await Promise.all(Array.from({ length: 9 }, () => RawBgpPeer.connect(port, SUBJECT)));
  for (const other of others) {
    expect(await other.notified()).toBe('0607');
    await other.untilClosed();
  }
  expect((await neighbor(SUBJECT)).state).toBe('established');
  expect(first.of('notification')).toEqual([]);
  first.end();
  await until(
    () => neighbor(SUBJECT),
    ({ state }) => state === 'active',
  );
});

it('a peer that never reads is given up, and little is kept for it', { timeout: 60_000 }, async () => {
  const peer = await RawBgpPeer.establish(port, SLOW, AS);
  await until(
    () => neighbor(SLOW),
    ({ state }) => state === 'established',
  );
  peer.stopReading();
  await change('PUT', `v1/bgp/neighbors/${SLOW}`, { peerAs: AS, restartTime: 0, sendHoldTime: 2 });
  const communities = Array.from({ length: 240 }, (_, i) => `65000:${i}`).join('-');
  let most = 0;
  const end = Date.now() + 40_000;
  for (let i = 0; Date.now() < end; i++) {
    const prefix = `10.${(i >> 8) & 255}.${i & 255}.0/24`;
    await change('PUT', `bgp/routepusher/${SLOW}/${prefix}/json`, {
      nexthop: '192.0.2.1',
      communities: `${communities}-65000:${i & 0xffff}`,
    });
    const { state, queuedBytes } = await neighbor(SLOW);
    most = Math.max(most, queuedBytes);
    if (state !== 'established') break;
  }
  expect((await neighbor(SLOW)).lastError?.event).toMatch(
    /^Send Hold Timer Expired: the peer has read nothing for 2 s/,
  );
  // A quarter of a megabyte, and one message more.
  expect(most).toBeLessThan(300 * 1024);
  peer.end();
});
