import { describe, expect, it } from 'vitest';
import { createConfig } from '../config/index.ts';
import { httpUrl, type Started, sizeText, startScreen, startWarnings } from './start-screen.ts';

const MEBIBYTE = 2 ** 20;
const config = createConfig();
const good: Started = {
  version: '1.2.3',
  http: { address: '127.0.0.1', port: 8008 },
  receive: {
    kind: 'recvmmsg',
    address: '::',
    port: 6343,
    bufferAsked: 64 * MEBIBYTE,
    bufferGranted: 64 * MEBIBYTE,
  },
};
const poor: Started = {
  ...good,
  http: { address: '::', port: 80 },
  receive: {
    ...good.receive,
    kind: 'dgram',
    reason: 'koffi is missing\nin these places',
    bufferGranted: 212_992,
  },
};

describe('the screen', () => {
  it('says where everything is', () => {
    const screen = startScreen(good, config);
    expect(screen).toContain('Weir 1.2.3');
    expect(screen).toContain('http://127.0.0.1:8008/');
    expect(screen).toContain('UDP port 6343');
    expect(screen).toContain('recvmmsg');
    expect(screen).toMatch(/Buffer +64 MB\n/);
    expect(screen.split('\n').length).toBeLessThan(24);
  });

  it('says what the kernel did not grant, how to raise it, and why the receiver is the slow one', () => {
    const screen = startScreen(poor, config);
    expect(screen).toContain('208 KB of 64 MB');
    expect(screen).toContain('sysctl -w net.core.rmem_max=67108864');
    expect(screen).toContain('dgram, because koffi is missing');
    expect(screen).toContain('http://127.0.0.1:80/, on every address');
    expect(screen).toContain('whoever reaches port 80 may change definitions');
  });

  it('names the file that is played instead', () => {
    const receive = { ...good.receive, kind: 'file', address: 'a.pcap', port: 0 };
    expect(startScreen({ ...good, receive }, config)).toMatch(/sFlow +from the file a\.pcap\n +Flows/);
  });

  it('names the address sFlow is received on when it is one', () => {
    expect(startScreen({ ...good, receive: { ...good.receive, address: '192.0.2.1' } }, config)).toContain(
      'UDP port 6343 of 192.0.2.1',
    );
  });
});

describe('the warnings', () => {
  it('are none when all is well', () => {
    expect(startWarnings(good, config)).toEqual([]);
    expect(startWarnings({ ...good, http: { address: '::1', port: 1 } }, config)).toEqual([]);
  });

  it('tell of an open port, a slow receiver, and a small buffer', () => {
    const warnings = startWarnings(poor, config);
    expect(warnings).toHaveLength(3);
    expect(warnings[0]).toContain('http.hostname=127.0.0.1');
    expect(warnings[1]).toBe('receiving by dgram, because koffi is missing');
    expect(warnings[2]).toContain('208 KB of 64 MB');
  });

  it('tell of tokens that can be overheard', () => {
    const tokens = createConfig({ 'auth.tokens': `ann:read:${'0'.repeat(64)}` });
    const open = { ...good, http: { address: '0.0.0.0', port: 80 } };
    expect(startWarnings(open, tokens)).toEqual([expect.stringContaining('http.tls.cert')]);
    expect(startWarnings({ ...open, http: { ...open.http, secure: true } }, tokens)).toEqual([]);
    expect(startWarnings(good, tokens)).toEqual([]);
  });

  it('do not tell of a port that only answers', () => {
    const open = { ...good, http: { address: '0.0.0.0', port: 80 } };
    expect(startWarnings(open, createConfig({ 'http.readonly': 'yes' }))).toEqual([]);
    expect(startWarnings(open, config)).toHaveLength(1);
  });
});

it.each([
  ['127.0.0.1', 'http://127.0.0.1:80/'],
  ['', 'http://127.0.0.1:80/'],
  ['0.0.0.0', 'http://127.0.0.1:80/'],
  ['::', 'http://127.0.0.1:80/'],
  ['::1', 'http://[::1]:80/'],
  ['192.0.2.1', 'http://192.0.2.1:80/'],
])('HTTP on "%s" is asked at %s', (address, url) => {
  expect(httpUrl({ address, port: 80 })).toBe(url);
});

it('HTTP by TLS is asked by https', () => {
  expect(httpUrl({ address: '', port: 443, secure: true })).toBe('https://127.0.0.1:443/');
});

it.each([
  [0, '0 bytes'],
  [1023, '1023 bytes'],
  [212_992, '208 KB'],
  [64 * MEBIBYTE, '64 MB'],
  [1.5 * 1024 * MEBIBYTE, '1.5 GB'],
])('%d bytes are %s', (bytes, text) => {
  expect(sizeText(bytes)).toBe(text);
});
