import { describe, expect, it } from 'vitest';
import { hexOfBytes } from './byte-writer.ts';
import type { Capability } from './capability.ts';
import { decodeMessage, encodeMessage, frameMessage, INITIAL_CONTEXT, KEEPALIVE } from './messages.ts';
import { notification, notificationText, shutdownNotification } from './notification.ts';
import type { OpenMessage } from './open.ts';
import { hex, message } from './testing/hex.ts';

const SESSION = { ...INITIAL_CONTEXT, fourOctetAs: true };

/** Code and subcode of the error, and its data. */
function errorOf(bytes: Uint8Array): string {
  const result = decodeMessage(bytes, SESSION);
  if (result.ok) return 'none';
  const { code, subcode, data } = result.notification;
  return `${code}/${subcode} ${hexOfBytes(data)}`.trimEnd();
}

function open(capabilities: readonly Capability[]): OpenMessage {
  return { type: 'open', as: 65000, holdTime: 180, identifier: '0.6.6.6', capabilities };
}

describe('header', () => {
  it('finds messages in a stream', () => {
    const two = new Uint8Array([...encodeMessage(KEEPALIVE, SESSION), ...message(3, '0602')]);
    expect(frameMessage(two, 0, two.length, SESSION)).toEqual({ status: 'message', length: 19 });
    expect(frameMessage(two, 19, two.length, SESSION)).toEqual({ status: 'message', length: 21 });
    for (let end = 19; end < two.length; end++) {
      expect(frameMessage(two, 19, end, SESSION)).toEqual({ status: 'incomplete' });
    }
  });

  it.each([
    ['00', '1/1'],
    ['fffffffffffffffffffffffffffffffe0013', '1/1'],
    ['ffffffffffffffffffffffffffffffff001204', '1/2 0012'],
    ['ffffffffffffffffffffffffffffffff100102', '1/2 1001'],
    ['ffffffffffffffffffffffffffffffff001404', '1/2 0014'],
    ['ffffffffffffffffffffffffffffffff001601', '1/2 0016'],
    ['ffffffffffffffffffffffffffffffff001306', '1/3 06'],
    ['ffffffffffffffffffffffffffffffff001300', '1/3 00'],
  ])('%s is error %s', (bytes, expected) => {
    expect(errorOf(hex(bytes))).toBe(expected);
  });

  it('allows long messages where both sides do, except OPEN and KEEPALIVE', () => {
    const header = (type: string): Uint8Array => hex(`ffffffffffffffffffffffffffffffff1001${type}`);
    const extended = { extendedMessage: true };
    expect(frameMessage(header('02'), 0, 19, extended)).toEqual({ status: 'incomplete' });
    expect(frameMessage(header('01'), 0, 19, extended)).toMatchObject({ status: 'error' });
    expect(frameMessage(header('02'), 0, 19, { extendedMessage: false })).toMatchObject({ status: 'error' });
    const long = notification(6, 2, new Uint8Array(4075));
    expect(encodeMessage(long, SESSION)).toHaveLength(4096);
    const tooLong = { ...long, data: new Uint8Array(4076) };
    expect(() => encodeMessage(tooLong, SESSION)).toThrow(/4097 bytes, at most 4096/);
    expect(encodeMessage(tooLong, { fourOctetAs: true, extendedMessage: true })).toHaveLength(4097);
  });
});

describe('OPEN', () => {
  it('is what routers expect, byte for byte', () => {
    const bytes = encodeMessage(
      open([
        { kind: 'four-octet-as', as: 65000 },
        { kind: 'multiprotocol', afi: 1, safi: 1 },
        { kind: 'multiprotocol', afi: 1, safi: 133 },
      ]),
      SESSION,
    );
    expect(bytes).toHaveLength(53);
    expect(hexOfBytes(bytes.subarray(18))).toBe(
      '0104fde800b40006060618' + '020641040000fde8' + '0206010400010001' + '0206010400010085',
    );
  });

  it.each<[Capability, string]>([
    [{ kind: 'multiprotocol', afi: 2, safi: 133 }, '010400020085'],
    [{ kind: 'route-refresh' }, '0200'],
    [{ kind: 'extended-message' }, '0600'],
    [
      {
        kind: 'graceful-restart',
        restarted: true,
        notification: true,
        restartTime: 120,
        families: [{ afi: 1, safi: 133, forwarding: true }],
      },
      '4006c07800018580',
    ],
    [{ kind: 'four-octet-as', as: 4200000001 }, '4104fa56ea01'],
    [
      {
        kind: 'add-path',
        families: [
          { afi: 1, safi: 1, mode: 'both' },
          { afi: 2, safi: 1, mode: 'receive' },
        ],
      },
      '45080001010300020101',
    ],
    [{ kind: 'enhanced-route-refresh' }, '4600'],
    [
      {
        kind: 'long-lived-graceful-restart',
        families: [{ afi: 1, safi: 133, forwarding: true, staleTime: 86400 }],
      },
      '470700018580015180',
    ],
    [{ kind: 'fqdn', hostName: 'weir', domainName: 'example.net' }, '491104776569720b6578616d706c652e6e6574'],
    [{ kind: 'unknown', code: 128, value: hex('0102') }, '80020102'],
  ])('capability %j', (capability, expected) => {
    const sent = open([capability]);
    const bytes = encodeMessage(sent, SESSION);
    expect(hexOfBytes(bytes.subarray(31))).toBe(expected);
    const as = capability.kind === 'four-octet-as' ? capability.as : 65000;
    expect(decodeMessage(bytes, SESSION)).toMatchObject({ ok: true, message: { ...sent, as } });
  });

  it('keeps a capability of which the value cannot be read', () => {
    const reading = decodeMessage(message(1, '04fde800b400060606 06 02044102fde8'), SESSION);
    expect(reading).toMatchObject({
      message: { as: 65000, capabilities: [{ kind: 'unknown', code: 65, value: hex('fde8') }] },
    });
  });

  it('has parameters of more than 255 bytes (RFC 9072)', () => {
    const sent = open(
      [1, 2, 3].map(
        (code): Capability => ({ kind: 'unknown', code: 200 + code, value: new Uint8Array(200) }),
      ),
    );
    const bytes = encodeMessage(sent, SESSION);
    expect(hexOfBytes(bytes.subarray(28, 35))).toBe('ffff0267' + '0200ca');
    expect(decodeMessage(bytes, SESSION)).toMatchObject({ ok: true, message: sent });
  });

  it.each([
    ['03 fde8 00b4 00060606 00', '2/1 0004'],
    ['04 0000 00b4 00060606 00', '2/2'],
    ['04 fde8 00b4 00000000 00', '2/3'],
    ['04 fde8 0002 00060606 00', '2/6'],
    ['04 fde8 00b4 00060606 01', '2/0'],
    ['04 fde8 00b4 00060606 00 00', '2/0'],
    ['04 fde8 00b4 00060606 04 01020000', '2/4'],
    ['04 fde8 00b4 00060606 04 02030104', '2/0'],
    ['04 fde8 00b4 00060606 04 02020104', '2/0'],
    ['04 fde8 00b4 00060606 ff ff', '2/0'],
  ])('%s is error %s', (body, expected) => {
    expect(errorOf(message(1, body))).toBe(expected);
  });
});

describe('NOTIFICATION', () => {
  it.each([
    [notification(4, 0), '0400', 'Hold Timer Expired'],
    [
      notification(2, 1, hex('0004')),
      '02010004',
      'OPEN Message Error: Unsupported Version Number (data 0004)',
    ],
    [notification(6, 7), '0607', 'Cease: Connection Collision Resolution'],
    [notification(3, 77), '034d', 'UPDATE Message Error: subcode 77'],
    [notification(99, 0), '6300', 'error code 99'],
    [
      shutdownNotification(2, 'until 6 am\u0007'),
      '06020b756e74696c203620616d07',
      'Cease: Administrative Shutdown (until 6 am?)',
    ],
  ])('%#', (sent, body, text) => {
    const bytes = encodeMessage(sent, SESSION);
    expect(hexOfBytes(bytes.subarray(19))).toBe(body);
    expect(notificationText(sent)).toBe(text);
    expect(decodeMessage(bytes, SESSION)).toMatchObject({ ok: true, message: sent });
  });

  it('cuts the text of a shutdown between characters', () => {
    expect(shutdownNotification(2, 'é'.repeat(200)).data).toHaveLength(1 + 254);
  });
});

describe('ROUTE-REFRESH', () => {
  it('is sent and read', () => {
    const sent = { type: 'route-refresh' as const, afi: 2, safi: 133, subtype: 1 };
    const bytes = encodeMessage(sent, SESSION);
    expect(hexOfBytes(bytes.subarray(18))).toBe('0500020185');
    expect(decodeMessage(bytes, SESSION)).toMatchObject({ ok: true, message: sent });
  });

  it('returns a mark of the wrong length', () => {
    const bytes = message(5, '0001010100');
    expect(errorOf(bytes)).toBe(`7/1 ${hexOfBytes(bytes)}`);
  });
});
