import { expect, it } from 'vitest';
import { createRateLimiter } from './rate-limit.ts';

/** A limiter with a clock of its own. */
function limiterOf(perSecond: number, maxClients?: number) {
  const clock = { now: 1_000_000 };
  return { clock, limiter: createRateLimiter(perSecond, () => clock.now, maxClients) };
}

it('lets a client save up two seconds, then go on at its rate', () => {
  const { clock, limiter } = limiterOf(10);
  const takeMany = () =>
    Array.from({ length: 30 }, () => limiter.take('192.0.2.1')).filter((wait) => wait === 0).length;
  expect(takeMany()).toBe(20);
  expect(limiter.take('192.0.2.1')).toBe(1);
  clock.now += 500;
  expect(takeMany()).toBe(5);
  clock.now += 60_000;
  expect(takeMany()).toBe(20);
});

it('counts each client by itself', () => {
  const { limiter } = limiterOf(1);
  for (const address of ['192.0.2.1', '192.0.2.2', '2001:db8::1', '2001:db8:0:1::1'])
    expect([0, 1, 2].map(() => limiter.take(address))).toEqual([0, 0, 1]);
});

it('takes a /64 of IPv6 for one client', () => {
  const { limiter } = limiterOf(1);
  expect(['2001:db8::1', '2001:db8::2', '2001:db8::ffff:1'].map((address) => limiter.take(address))).toEqual([
    0, 0, 1,
  ]);
});

it('0 is no limit, and remembers nobody', () => {
  const { limiter } = limiterOf(0);
  for (let i = 0; i < 10_000; i++) expect(limiter.take('192.0.2.1')).toBe(0);
  expect(limiter.size).toBe(0);
});

it('remembers a bounded number of clients, and forgets the one that is silent longest', () => {
  const { limiter } = limiterOf(1, 3);
  for (let i = 0; i < 2; i++) limiter.take('10.0.0.1');
  for (let i = 0; i < 100; i++) {
    limiter.take(`10.0.1.${i}`);
    expect(limiter.take('10.0.0.1')).toBe(1);
    expect(limiter.size).toBeLessThanOrEqual(3);
  }
  for (let i = 0; i < 3; i++) limiter.take(`10.0.2.${i}`);
  expect(limiter.take('10.0.0.1')).toBe(0);
});

it('a clock that goes back gives nothing and takes nothing', () => {
  const { clock, limiter } = limiterOf(1);
  expect([0, 1].map(() => limiter.take('192.0.2.1'))).toEqual([0, 0]);
  clock.now -= 3_600_000;
  expect(limiter.take('192.0.2.1')).toBe(1);
});
