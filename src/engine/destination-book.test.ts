import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DestinationBook } from './destination-book.ts';
import type { Forwarding } from './forwarding.ts';
import { reachesSocketAt, resolveHost } from './host-address.ts';

const place = (address: string, port = 9000): Forwarding => ({ address, port, agents: undefined });

function makeBook(hosts: Record<string, string | undefined> = {}) {
  const applied: string[] = [];
  const warned: string[] = [];
  const state = { fails: false };
  const book = new DestinationBook<Forwarding>({
    code: 'FORWARDING_BAD',
    socket: () => place('0.0.0.0', 6343),
    warn: (message) => warned.push(message),
    resolve: async (host) => (/^[0-9.]+$/.test(host) ? host : hosts[host]),
    apply: async (name, content) => {
      await Promise.resolve();
      if (state.fails) throw new Error('refused');
      applied.push(`${name} ${content === undefined ? 'ends' : `${content.address}:${content.port}`}`);
    },
  });
  const shown = (): string[] => book.all().map(({ name, address }) => `${name} ${address}`);
  return { book, applied, warned, hosts, state, shown };
}

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe('12 destinations', () => {
  it('are applied with their address, and shown with it', async () => {
    const { book, applied, shown } = makeBook({ localhost: '127.0.0.1' });
    await book.set('a', place('localhost'));
    await book.set('b', place('192.0.2.9'));
    expect(applied).toEqual(['a 127.0.0.1:9000', 'b 192.0.2.9:9000']);
    expect(shown()).toEqual(['a 127.0.0.1', 'b 192.0.2.9']);
    await book.clear('a');
    await book.clear('never');
    expect(applied.slice(2)).toEqual(['a ends']);
    expect(shown()).toEqual(['b 192.0.2.9']);
  });

  it('an identical one is not applied again, a different one is', async () => {
    const { book, applied } = makeBook();
    await book.set('a', place('192.0.2.9'));
    await book.set('a', place('192.0.2.9'));
    await book.set('a', place('192.0.2.9', 9001));
    expect(applied).toEqual(['a 192.0.2.9:9000', 'a 192.0.2.9:9001']);
  });

  it('an unknown host is kept as it is, counted, and asked for again until it is known', async () => {
    const { book, applied, warned, hosts, shown } = makeBook();
    await book.set('a', place('later.example'));
    expect(shown()).toEqual(['a later.example']);
    expect(book.attempts('a')).toBe(1);
    expect(warned).toEqual([expect.stringContaining('later.example')]);
    expect(applied).toEqual(['a ends']);
    await vi.advanceTimersByTimeAsync(65_000);
    expect(book.attempts('a')).toBe(3);
    hosts['later.example'] = '192.0.2.7';
    await vi.advanceTimersByTimeAsync(30_000);
    expect(applied).toEqual(['a ends', 'a 192.0.2.7:9000']);
    expect(shown()).toEqual(['a 192.0.2.7']);
    expect(book.attempts('a')).toBe(0);
    await vi.advanceTimersByTimeAsync(30_000);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('asks no more after it was cleared, or closed', async () => {
    const { book, applied, hosts } = makeBook();
    await book.set('a', place('later.example'));
    await book.clear('a');
    hosts['later.example'] = '192.0.2.7';
    await vi.advanceTimersByTimeAsync(60_000);
    expect(applied).toEqual(['a ends', 'a ends']);
    await book.set('b', place('never.example'));
    book.close();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('the collector itself is refused, and what was there stays', async () => {
    const { book, applied, shown } = makeBook({ me: '127.0.0.1' });
    await book.set('a', place('192.0.2.9'));
    for (const self of [place('127.0.0.1', 6343), place('me', 6343), place('0.0.0.0', 6343)])
      await expect(book.set('a', self)).rejects.toMatchObject({
        code: 'FORWARDING_BAD',
        message: expect.stringContaining('this collector itself'),
      });
    expect(shown()).toEqual(['a 192.0.2.9']);
    expect(applied.length).toBe(1);
  });

  it('a host that turns out to be the collector is never sent to', async () => {
    const { book, applied, hosts, warned } = makeBook();
    await book.set('a', place('later.example', 6343));
    hosts['later.example'] = '127.0.0.1';
    await vi.advanceTimersByTimeAsync(30_000);
    expect(applied).toEqual(['a ends']);
    expect(warned.at(-1)).toContain('this collector itself');
  });

  it('what cannot be applied is not kept', async () => {
    const { book, state, shown } = makeBook();
    state.fails = true;
    await expect(book.set('a', place('192.0.2.9'))).rejects.toThrow('refused');
    expect(shown()).toEqual([]);
  });

  it('calls for one name take effect in their order', async () => {
    const { book, applied, shown } = makeBook({ slow: '192.0.2.1' });
    await Promise.all([
      book.set('a', place('slow')),
      book.set('a', place('192.0.2.2')),
      book.clear('a'),
      book.set('a', place('192.0.2.3')),
      book.set('a', place('127.0.0.1', 6343)).catch(() => undefined),
      book.set('b', place('192.0.2.4')),
    ]);
    expect(applied.filter((each) => each.startsWith('a'))).toEqual([
      'a 192.0.2.1:9000',
      'a 192.0.2.2:9000',
      'a ends',
      'a 192.0.2.3:9000',
    ]);
    expect(shown().sort()).toEqual(['a 192.0.2.3', 'b 192.0.2.4']);
  });
});

describe('12 addresses of hosts', () => {
  beforeEach(() => vi.useRealTimers());

  it.each([
    ['localhost', '127.0.0.1'],
    ['192.0.2.9', '192.0.2.9'],
    ['2001:DB8:0::1', '2001:db8::1'],
    ['::ffff:192.0.2.9', '192.0.2.9'],
  ])('%s is %s', async (host, address) => {
    expect(await resolveHost(host)).toBe(address);
  });

  it.each(['no-such-host.invalid', '[object Object]', 'a b'])('nobody knows %s', async (host) => {
    expect(await resolveHost(host)).toBeUndefined();
  });

  it.each([
    ['127.0.0.1', '0.0.0.0', true],
    ['127.1.2.3', '::', true],
    ['::1', '::', true],
    ['0.0.0.0', '::', true],
    ['192.0.2.9', '::', false],
    ['127.0.0.1', '127.0.0.1', true],
    ['0.0.0.0', '127.0.0.1', true],
    ['127.0.0.2', '127.0.0.1', false],
    ['::1', '127.0.0.1', false],
    ['2001:db8::1', '2001:DB8::1', true],
  ])('%s reaches a socket at %s: %s', (address, bound, expected) => {
    expect(reachesSocketAt(address, bound)).toBe(expected);
  });
});
