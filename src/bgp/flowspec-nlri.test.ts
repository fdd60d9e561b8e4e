import { describe, expect, it } from 'vitest';
import { hexOfBytes } from './byte-writer.ts';
import { formatMatch, parseMatch } from './flowspec-match-json.ts';
import { encodeFlowSpecNlri, readComponents, readFlowSpecNlri } from './flowspec-nlri.ts';
import { hex } from './testing/hex.ts';

function encode(match: Record<string, unknown>): string {
  const parsed = parseMatch(match);
  if (!parsed.ok) throw new Error(parsed.reason);
  const bytes = encodeFlowSpecNlri(parsed.value.components);
  return bytes.ok ? hexOfBytes(bytes.value) : bytes.reason;
}

describe('FlowSpec NLRI, byte for byte', () => {
  it.each([
    // RFC 8955 4.3.1 to 4.3.3
    [{ destination: '192.0.2.0/24', protocol: '=6', port: '=25' }, '0b0118c00002038106048119'],
    [
      { destination: '192.0.2.0/24', source: '203.0.113.0/24', port: '>=137&<=139|=8080' },
      '120118c000020218cb0071040389458b911f90',
    ],
    [{ destination: '192.0.2.1/32', fragment: 'DF' }, '090120c00002010c8005'],
    // RFC 8956 3.8.1 and 3.8.2
    [
      { version: '6', destination: '2001:db8::/32', source: '::1234:5678:9a00:0/64-104', protocol: '=6' },
      '1201200020010db802684012345678' + '9a038106',
    ],
    [
      { version: '6', destination: '2001:db8::/32', source: '::1234:5678:9a00:0/65-104' },
      '0f01200020010db80268412468acf134',
    ],
  ])('%j', (match, expected) => {
    expect(encode(match)).toBe(expected);
    const version = 'version' in match ? 6 : 4;
    const bytes = hex(expected);
    const read = readFlowSpecNlri(bytes, 0, bytes.length, version, false);
    expect(read.ok && formatMatch(version, read.value[0].components)).toEqual({
      version: String(version),
      ...match,
    });
  });

  it.each([
    [{ protocol: '=17' }, '038111'],
    [{ protocol: 17 }, '038011'],
    [{ 'source-port': '=53' }, '068135'],
    [{ 'destination-port': '>=1000&<=2000' }, '051303e8d507d0'],
    [{ port: '=53|=80' }, '0401358150'],
    [{ port: '<53' }, '048435'],
    [{ port: '=70000' }, '04a100011170'],
    [{ length: '>=1000' }, '0a9303e8'],
    [{ length: '>1000&<1500' }, '0a1203e8d405dc'],
    [{ dscp: '=46' }, '0b812e'],
    [{ 'icmp-code': '=0', 'icmp-type': '=8' }, '078108088100'],
    [{ 'tcp-flags': '=SA' }, '098112'],
    [{ 'tcp-flags': 'S' }, '098002'],
    [{ 'tcp-flags': '!S' }, '098202'],
    [{ 'tcp-flags': '=N' }, '09910100'],
    [{ 'tcp-flags': '=F|=S' }, '0901018102'],
    [{ fragment: '=I' }, '0c8102'],
    [{ fragment: 'F' }, '0c8004'],
    [{ protocol: '!=6' }, '038606'],
    [{ 'tcp-flags': '=S&!=A' }, '090102c310'],
    [{ version: 6, 'flow-label': '=1048575' }, '0da1000fffff'],
    [{ destination: '10.1.1.1' }, '01200a010101'],
    [{ destination: '10.31.5.6/16' }, '01100a1f'],
    [{ destination: '0.0.0.0/0' }, '0100'],
    [{ version: 6, destination: '::/0' }, '010000'],
  ])('%j', (match, expected) => {
    const length = (expected.length / 2).toString(16).padStart(2, '0');
    expect(encode(match)).toBe(length + expected);
  });

  it('takes two bytes for lengths above 239', () => {
    const terms = (count: number): string => new Array(count).fill('=1000').join('|');
    expect(encode({ port: terms(79) }).slice(0, 4)).toBe('ee04');
    expect(encode({ port: terms(80) }).slice(0, 6)).toBe('f0f104');
    expect(encode({ port: terms(1364) }).slice(0, 6)).toBe('fffd04');
    expect(encode({ port: terms(1365) })).toMatch(/takes 4096 bytes, at most 4095/);
    const bytes = hex(encode({ port: terms(80) }));
    expect(readFlowSpecNlri(bytes, 0, bytes.length, 4, false)).toMatchObject({ ok: true, value: [{}] });
  });

  it('reads values of eight bytes, and keeps what they mean', () => {
    const read = readComponents(hex('04 b4 ffffffffffffffff'), 4);
    expect(read.ok && formatMatch(4, read.value)).toEqual({ version: '4', port: '<9007199254740991' });
  });

  it.each([
    ['', 4, 'without components'],
    ['03 81 06 01 18 c00002', 4, 'type 1 after 3'],
    ['03 81 06 03 81 11', 4, 'type 3 after 3'],
    ['0d 81 01', 4, 'type 13 is not known for IPv4'],
    ['0e 81 01', 6, 'type 14 is not known for IPv6'],
    ['00', 4, 'type 0 is not known'],
    ['01 21 c000020100', 4, 'destination: prefix length 33'],
    ['01 20 c00002', 4, 'destination: cut short'],
    ['01 20', 6, 'destination: cut short'],
    ['01 20 20', 6, 'offset 32 of a prefix of 32 bits'],
    ['03 01 06', 4, 'protocol: the list has no end'],
    ['03 91 06', 4, 'protocol: cut short'],
  ] as const)('refuses %s of IPv%d', (bytes, version, reason) => {
    const read = readComponents(hex(bytes), version);
    expect(read.ok || read.reason).toContain(reason);
  });
});
