import { describe, expect, it } from 'vitest';
import { isWeirError } from '../common/index.ts';
import { encodeDatagram } from '../sflow/encode.ts';
import { datagram } from '../sflow/index.ts';
import { Forwarder } from './forwarder.ts';
import { echoForwarding, parseForwarding } from './forwarding.ts';

const echo = (specification: unknown): unknown => {
  const forwarding = parseForwarding('f', specification);
  return echoForwarding(forwarding, forwarding.address);
};

describe('12 forwarding: the body', () => {
  it.each([
    [{ address: '192.0.2.9' }, { address: '192.0.2.9', port: 6343 }],
    [
      { address: '192.0.2.9', port: 9000 },
      { address: '192.0.2.9', port: 9000 },
    ],
    [
      { address: '192.0.2.9', port: '8297' },
      { address: '192.0.2.9', port: 8297 },
    ],
    [
      { address: 'collector.example', other: 1 },
      { address: 'collector.example', port: 6343 },
    ],
    [
      { address: '2001:db8::9', agents: ['10.0.0.1', '2001:DB8::1'] },
      { address: '2001:db8::9', port: 6343, agents: ['10.0.0.1', '2001:DB8::1'] },
    ],
    [
      { address: '192.0.2.9', agents: [] },
      { address: '192.0.2.9', port: 6343, agents: [] },
    ],
  ])('%j is %j', (specification, effective) => {
    expect(echo(specification)).toEqual(effective);
  });

  it.each([
    [{}, 'address is required'],
    [{ port: 6343 }, 'address is required'],
    [{ address: 7 }, 'address must be'],
    [{ address: null }, 'address must be'],
    [{ address: ' ' }, 'address must be'],
    [{ address: '[object Object]'.repeat(20) }, 'address must be'],
    [{ address: '192.0.2.9', port: 65536 }, 'port must be'],
    [{ address: '192.0.2.9', port: 0 }, 'port must be'],
    [{ address: '192.0.2.9', port: -1 }, 'port must be'],
    [{ address: '192.0.2.9', port: 1.5 }, 'port must be'],
    [{ address: '192.0.2.9', port: null }, 'port must be'],
    [{ address: '192.0.2.9', port: 'sflow' }, 'port must be'],
    [{ address: '192.0.2.9', port: '' }, 'port must be'],
    [{ address: '192.0.2.9', port: '65536' }, 'port must be'],
    [{ address: '192.0.2.9', agents: '10.0.0.1' }, 'agents must be an array'],
    [{ address: '192.0.2.9', agents: null }, 'agents must be an array'],
    [{ address: '192.0.2.9', agents: [1] }, 'agents must be an array'],
    [{ address: '192.0.2.9', agents: ['leaf1'] }, 'agents has "leaf1"'],
    [[], 'must be an object'],
    [null, 'must be an object'],
    ['192.0.2.9', 'must be an object'],
  ])('%j is refused: %s', (specification, reason) => {
    const attempt = (): unknown => parseForwarding('f', specification);
    expect(attempt).toThrow(reason);
    try {
      attempt();
    } catch (error) {
      expect(isWeirError(error, 'FORWARDING_BAD')).toBe(true);
    }
  });

  it.each(['a', 'a.b', '10.0.0.1', 'A_b-9'])('1 the name %s', (name) => {
    expect(parseForwarding(name, { address: '192.0.2.9' }).port).toBe(6343);
  });

  it.each(['', '.', '..', 'a b', 'ä', 'a/b', 'a:b'])('1 "%s" is no name', (name) => {
    expect(() => parseForwarding(name, { address: '192.0.2.9' })).toThrow("a forwarding's name");
  });
});

describe('12 forwarding: which datagrams', () => {
  /** Of a version 5 datagram from an agent, or bytes in hex. */
  const bytesOf = (what: string): Uint8Array =>
    /^[0-9a-f]*$/.test(what) ? Buffer.from(what, 'hex') : encodeDatagram(datagram({ agentAddress: what }));

  function forwarded(agents: string[] | undefined, payload: Uint8Array, slotBytes?: number) {
    const sent: Uint8Array[] = [];
    const counts = { sent: 0, failed: 0 };
    const forwarder = new Forwarder(slotBytes);
    expect(forwarder.active).toBe(false);
    forwarder.set(
      'f',
      { address: '192.0.2.9', port: 1, agents },
      {
        counts,
        send: (bytes, start, end) => sent.push(bytes.slice(start, end)),
      },
    );
    expect(forwarder.active).toBe(true);
    const room = new Uint8Array(payload.length + 20).fill(9);
    room.set(payload, 10);
    forwarder.take(room, 10, 10 + payload.length);
    return { sent, counts };
  }

  it.each(['192.0.2.1', '', '00', '00000009', '0000000500000001', 'ff'.repeat(300)])(
    'without agents, all, unchanged: %s',
    (what) => {
      const payload = bytesOf(what);
      const { sent } = forwarded(undefined, payload);
      expect(sent.map((bytes) => Buffer.from(bytes).toString('hex'))).toEqual([
        Buffer.from(payload).toString('hex'),
      ]);
    },
  );

  it.each([
    ['192.0.2.1', true],
    ['192.0.2.2', false],
    ['2001:db8::1', true],
    ['2001:db8:1::1', false],
    ['2001:db8::2', false],
    // Malformed behind the agent's address, and short of it.
    ['0000000500000001c0000201', true],
    ['0000000400000001c0000201', true],
    ['0000000200000001c0000201ffff', true],
    ['0000000900000001c0000201', false],
    ['0000000500000003c0000201', false],
    ['0000000500000001c00002', false],
    ['000000050000000220010db80000000000000000000000', false],
    ['', false],
  ])('with agents, those of them: %s, %s', (what, expected) => {
    const { sent } = forwarded(['192.0.2.1', '2001:DB8:0::1', '2001:db8:7::1'], bytesOf(what));
    expect(sent.length === 1).toBe(expected);
  });

  it('no agents at all is none', () => {
    expect(forwarded([], bytesOf('192.0.2.1')).sent).toEqual([]);
  });

  it('what was received in part only cannot be sent unchanged', () => {
    expect(forwarded(undefined, new Uint8Array(2111), 2112).sent.length).toBe(1);
    const { sent, counts } = forwarded(undefined, new Uint8Array(2112), 2112);
    expect(sent).toEqual([]);
    expect(counts).toEqual({ sent: 0, failed: 1 });
  });

  it('a forwarding removed is over', () => {
    const forwarder = new Forwarder();
    forwarder.set(
      'f',
      { address: '192.0.2.9', port: 1, agents: undefined },
      {
        counts: { sent: 0, failed: 0 },
        send: () => expect.fail('sent'),
      },
    );
    forwarder.remove('f');
    expect(forwarder.active).toBe(false);
    forwarder.take(new Uint8Array(8), 0, 8);
    expect(forwarder.counts()).toEqual({});
  });
});
