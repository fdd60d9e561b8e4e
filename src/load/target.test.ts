import { describe, expect, it } from 'vitest';
import { isLoopback, targetOf } from './target.ts';

describe('a target', () => {
  it.each(['127.0.0.1', '127.255.1.2', '::1', '::ffff:127.0.0.1'])('%s is this machine', (address) => {
    expect(isLoopback(targetOf(address, 6343))).toBe(true);
  });

  it.each(['10.0.0.1', '128.0.0.1', '0.0.0.0', '::', '::2', '2001:db8::1', '::ffff:10.0.0.1', '1::1'])(
    '%s is not',
    (address) => {
      expect(isLoopback(targetOf(address, 6343))).toBe(false);
    },
  );

  it('is in network byte order', () => {
    expect([...targetOf('192.0.2.1', 1).bytes]).toEqual([192, 0, 2, 1]);
    expect([...targetOf('2001:db8::2', 1).bytes]).toEqual([
      0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2,
    ]);
  });

  it.each(['', 'collector', '1.2.3', '1.2.3.4.5', ':::'])('"%s" is none', (address) => {
    expect(() => targetOf(address, 1)).toThrow(expect.objectContaining({ code: 'LOAD_BAD_TARGET' }));
  });
});
