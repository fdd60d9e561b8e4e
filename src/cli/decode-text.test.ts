import { describe, expect, it } from 'vitest';
import { eth, ip, tcp } from '../packet/testing/build-packet.ts';
import {
  counterSample,
  datagram,
  decodeDatagram,
  discardSample,
  encodeDatagram,
  flowSample,
  ifCounters,
  record,
  type Sample,
} from '../sflow/index.ts';
import { TextFormat, type TextOptions } from './decode-text.ts';

const PLAIN: TextOptions = { colour: false, columns: undefined };

function textOf(payload: Uint8Array, options = PLAIN): string {
  const received = {
    payload,
    timeMicros: 1_700_000_000_000_007,
    sourceAddress: '10.0.0.9',
    sourcePort: 7000,
    origin: '',
  };
  return new TextFormat(options).datagram(received, decodeDatagram(payload));
}

function lines(samples: readonly Sample[], options = PLAIN): string[] {
  return textOf(encodeDatagram(datagram({ samples })), options)
    .split('\n')
    .slice(1, -2);
}

it('shows the datagram in one line', () => {
  const payload = encodeDatagram(datagram({ subAgentId: 3, uptime: 90_061_000, version: 5 }));
  expect(textOf(payload).replace(/^\S+ \S+/, 'TIME')).toBe(
    'TIME  agent 192.0.2.1  sub-agent 3  datagram 1  up 1d 01:01:01  0 samples  28 bytes  from 10.0.0.9 port 7000\n\n',
  );
});

it('shows a packet layer by layer', () => {
  const frame = eth(0x0800, ip(6, tcp(1000, 80, undefined, { flags: 0x12 })), { tags: [[0x8100, 0x6064]] });
  const header = record('sampled_header', { protocol: 1, frameLength: 100, stripped: 4, header: frame });
  expect(lines([flowSample({ records: [header], output: { format: 1, value: 258 } })])).toEqual([
    '  flow 1  source interface 1  1 in 1000  if 1 → discarded (acl)  pool 1000  drops 0',
    '    sampled_header  100 bytes  eth 000C29AABBCC → 000C29DDEEFF  vlan 100 priority 3  ip 10.0.0.1 → 10.0.0.2 ttl 64' +
      '  tcp 1000 → 80 ack+syn',
  ]);
});

it('shows a header of no known layers as bytes', () => {
  const header = record('sampled_header', {
    protocol: 7,
    frameLength: 100,
    stripped: 4,
    header: Uint8Array.of(1, 2),
  });
  expect(lines([flowSample({ records: [header] })])[1]).toBe(
    '    sampled_header  100 bytes  protocol 7  0102',
  );
});

it('says enumerations, units and unknown counters in words', () => {
  const interfaceRecord = ifCounters({
    ifSpeed: 10_000_000_000n,
    ifInErrors: 0xffffffff,
    ifOutErrors: 0xffffffff,
  });
  expect(lines([counterSample({ records: [interfaceRecord] })])[1]).toMatch(
    /^ {4}if_counters {2}ifIndex 1 {2}ethernetCsmacd {2}ifSpeed 10 Gbit\/s {2}full-duplex {2}admin up {2}oper up {2}.* {2}\(2 unknown\)$/,
  );
  const gateway = {
    nextHop: '10.0.0.1',
    asNumber: 1,
    sourceAs: 2,
    sourcePeerAs: 3,
    destinationAsPath: [
      { type: 2, asNumbers: [10, 11] },
      { type: 1, asNumbers: [12, 13] },
    ],
    communities: [65537],
    localPreference: 100,
  };
  expect(lines([flowSample({ records: [record('extended_gateway', gateway)] })])[1]).toBe(
    '    extended_gateway  next hop 10.0.0.1  as number 1  source as 2  source peer as 3  as path 10 11 {12,13}' +
      '  communities 1:1  local preference 100',
  );
});

it('shows why a packet was discarded', () => {
  expect(lines([discardSample({ reason: 258 })])).toEqual([
    '  discard 1  source interface 1  acl (258)  if 1 → unknown  drops 0',
  ]);
});

describe('on a terminal', () => {
  it('folds at the width, between values', () => {
    const folded = lines([counterSample({ records: [ifCounters()] })], { colour: false, columns: 60 });
    expect(folded.length).toBeGreaterThan(4);
    for (const line of folded) expect(line.length).toBeLessThanOrEqual(60);
    const title = folded.findIndex((line) => line.startsWith('    if_counters'));
    expect(folded[title + 1]).toMatch(/^ {8}\S/);
  });

  it('colours nothing but what it says', () => {
    const [plain, coloured] = [false, true].map((colour) =>
      lines([counterSample({ records: [ifCounters()] })], { colour, columns: 80 }).join('\n'),
    );
    expect(coloured).toContain('\x1b[');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the colours
    expect(coloured.replaceAll(/\x1b\[\d*m/g, '')).toBe(plain);
  });
});

it('lets no text from the wire steer the terminal', () => {
  const [, line] = lines([
    counterSample({ records: [record('port_name', { name: 'a\x1b[2J\u202e\x85b' })] }),
  ]);
  expect(line).toBe('    port_name  name "a\\u001b[2J\\u202e\\u0085b"');
});

it('says what is damaged', () => {
  const payload = encodeDatagram(datagram({ samples: [counterSample(), counterSample()] }));
  expect(textOf(payload.subarray(0, payload.length - 4))).toMatch(/\n {2}damaged: .* at byte \d+\n\n$/);
  expect(textOf(Uint8Array.of(0, 0, 0, 5))).toMatch(/unreadable datagram {2}4 bytes/);
});
