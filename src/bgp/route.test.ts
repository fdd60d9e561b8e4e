import { describe, expect, it } from 'vitest';
import { hexOfBytes } from './byte-writer.ts';
import { decodeMessage, encodeMessage } from './messages.ts';
import { announceRoute, type UnicastRoute, withdrawRoute } from './route.ts';
import { formatRoute, parseRoute } from './route-json.ts';

const SESSION = { fourOctetAs: true, external: false, addPath: new Set<never>(), extendedMessage: false };

function route(json: object): UnicastRoute {
  const parsed = parseRoute(json);
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.value;
}

function wire(json: object, external = true): string {
  return hexOfBytes(encodeMessage(announceRoute(route(json), 65000, external), SESSION).subarray(19));
}

const SIX = { prefix: '2001:db8::1', nexthop: '100::1' };

describe('UPDATE of a route', () => {
  it.each([
    [
      { prefix: '10.9.9.9/32', nexthop: '192.0.2.1', communities: '65535:666', localpref: '100' },
      true,
      '00000022400101004002060201' + '0000fde8400304c000020140050400000064c00804ffff029a200a090909',
    ],
    [
      { prefix: '10.31.5.6/16', nexthop: '192.0.2.1' },
      false,
      '0000001540010100400200400304c000020140050400000064100a1f',
    ],
    [
      { prefix: '10.0.0.0/8', nexthop: '192.0.2.1', aspath: '65010-65011', med: 7, origin: 'egp' },
      true,
      '0000001f400101014002' + '0a02020000fdf20000fdf3400304c000020180040400000007080a',
    ],
    [
      { prefix: '10.0.0.0/8', nexthop: '192.0.2.1', aspath: '' },
      true,
      '0000000e40010100400200400304c0000201080a',
    ],
  ])('%j', (json, external, expected) => {
    expect(wire(json, external)).toBe(expected);
  });

  it('has the next hops of IPv6, one or two', () => {
    expect(wire(SIX)).toContain('800e26' + '00020110' + '01000000000000000000000000000001' + '0080');
    expect(wire({ ...SIX, nexthoplinklocal: 'fe80::1' })).toContain(
      '00020120' + '01000000000000000000000000000001' + 'fe800000000000000000000000000001' + '0080',
    );
  });

  it('can be withdrawn', () => {
    const bytes = (json: object) =>
      hexOfBytes(encodeMessage(withdrawRoute(route(json).prefix), SESSION).subarray(19));
    expect(bytes({ prefix: '10.9.9.9', nexthop: '192.0.2.1' })).toBe('0005200a0909090000');
    expect(bytes({ ...SIX, prefix: '2001:db8::/32' })).toBe('0000000b800f080002012020010db8');
  });

  it('is read again without faults', () => {
    for (const json of [SIX, { prefix: '0.0.0.0/0', nexthop: '192.0.2.1', 'large-communities': '1:2:3' }]) {
      const sent = announceRoute(route(json), 65000, false);
      const reading = decodeMessage(encodeMessage(sent, SESSION), SESSION);
      expect(reading).toEqual({ ok: true, message: sent, treatAsWithdraw: false, faults: [] });
    }
  });
});

describe('the form that clients write', () => {
  it('comes back normalised', () => {
    const given = {
      prefix: '2001:DB8::/32',
      nexthop: '100:0::1',
      nexthoplinklocal: 'FE80::1',
      aspath: '1-2',
      localpref: '200',
      med: 0,
      origin: 'incomplete',
      communities: '1:2-128:6:0',
      'large-communities': '1:2:3-4:5:6',
      colour: 'blue',
    };
    expect(formatRoute(route(given))).toEqual({
      nexthop: '100::1',
      nexthoplinklocal: 'fe80::1',
      aspath: '1-2',
      localpref: 200,
      med: 0,
      origin: 'INCOMPLETE',
      communities: '1:2-128:6:0',
      'large-communities': '1:2:3-4:5:6',
    });
  });

  it.each([
    [null, 'a route is an object'],
    [{ nexthop: '192.0.2.1' }, 'prefix undefined'],
    [{ prefix: '10.0.0.0/33', nexthop: '192.0.2.1' }, 'prefix "10.0.0.0/33"'],
    [{ prefix: '10.0.0.0/8' }, 'nexthop is missing'],
    [{ prefix: '10.0.0.0/8', nexthop: '2001:db8::1' }, 'is not an IPv4 address, as the prefix is'],
    [{ prefix: '2001:db8::/32', nexthop: '192.0.2.1' }, 'is not an IPv6 address, as the prefix is'],
    [{ prefix: '10.0.0.0/8', nexthop: '192.0.2.1', nexthoplinklocal: 'fe80::1' }, 'nexthoplinklocal'],
    [{ prefix: '10.0.0.0/8', nexthop: '192.0.2.1', aspath: '1,2' }, 'aspath: "1,2"'],
    [{ prefix: '10.0.0.0/8', nexthop: '192.0.2.1', aspath: [1, 2] }, 'aspath is neither'],
    [{ prefix: '10.0.0.0/8', nexthop: '192.0.2.1', communities: 'no-export' }, 'communities: "no"'],
    [{ prefix: '10.0.0.0/8', nexthop: '192.0.2.1', 'large-communities': '1' }, 'large-communities: "1"'],
    [{ prefix: '10.0.0.0/8', nexthop: '192.0.2.1', localpref: 'high' }, 'localpref "high"'],
    [{ prefix: '10.0.0.0/8', nexthop: '192.0.2.1', med: 4294967296 }, 'med "4294967296"'],
    [{ prefix: '10.0.0.0/8', nexthop: '192.0.2.1', origin: 'here' }, 'origin is not one of'],
  ])('refuses %j', (json, reason) => {
    const parsed = parseRoute(json);
    expect(parsed.ok || parsed.reason).toContain(reason);
  });
});
