import { describe, expect, it } from 'vitest';
import { eth, ip, tcp } from '../packet/testing/build-packet.ts';
import { flowSample, record } from '../sflow/index.ts';
import { evaluateFilter, evaluateKey, evaluateNumber } from './evaluate.ts';
import { NO_LOOKUPS } from './lookups.ts';
import { parseKey } from './parse-expression.ts';
import { parseFilter } from './parse-filter.ts';
import { customSample, packetSample, recordSample, sampleOf } from './testing/sample-of.ts';

/** TCP from 10.0.0.1:1000 to 10.0.0.2:80, flags SYN and ACK, untagged. */
const PACKET = packetSample(eth(0x0800, ip(6, tcp(1000, 80, undefined, { flags: 0x12 }))), 100);

function passes(filter: string, sample = PACKET): boolean {
  return evaluateFilter(parseFilter(filter), sample, NO_LOOKUPS);
}

describe('5.3 filters', () => {
  it.each([
    ['ipsource=10.0.0.1', true],
    ['ipsource=10.0.0.2', false],
    ['ipsource!=10.0.0.1', false],
    ['ipsource!=10.0.0.2', true],
    ['tcpdestinationport=443,80', true],
    ['tcpdestinationport=443,8080', false],
    ['tcpdestinationport!=443,80', false],
    ['tcpdestinationport!=443,8080', true],
    ['ipsource~10\\..*', true],
    ['ipsource~10', false],
    ['ipsource~172\\..*,10\\..*', true],
    ['ipsource!~10\\..*', false],
    ['ipsource!~10', true],
  ])('values and operators: %s is %s', (filter, result) => {
    expect(passes(filter)).toBe(result);
  });

  it.each([
    ['vlan=1', false],
    ['vlan~.*', false],
    ['vlan!=1', true],
    ['vlan!~.*', true],
    ['vlan=null', true],
    ['vlan=5,null', true],
    ['vlan!=null', false],
    ['vlan!=5,null', false],
    ['ipsource=null', false],
    ['ipsource!=null', true],
    ['ipsource=null,10.0.0.1', true],
    ['null:vlan=null', true],
    ['null:vlan:none=none', true],
    ['no_such_key=null', true],
    ['no_such_key=1', false],
  ])('absent keys and null: %s is %s', (filter, result) => {
    expect(passes(filter)).toBe(result);
  });

  it.each([
    ['ipprotocol=6&tcpdestinationport=80', true],
    ['ipprotocol=6&tcpdestinationport=81', false],
    ['ipprotocol=17|tcpdestinationport=80', true],
    ['ipprotocol=17|tcpdestinationport=81', false],
    ['!(ipprotocol=6)', false],
    ['!(ipprotocol=17)&!(vlan=1)', true],
    ['ipprotocol=6&(ipsource=10.0.0.9|ipdestination=10.0.0.2)', true],
    ['', true],
    ['()', true],
    ['!()', false],
  ])('and, or, not: %s is %s', (filter, result) => {
    expect(passes(filter)).toBe(result);
  });

  it.each([
    ['samplingrate=1000.0', true],
    ['samplingrate=1000', false],
    ['macsource=000C29AABBCC', true],
    ['macsource=000c29aabbcc', false],
    ['ipsource=10.0.0.0/8', false],
    ['mask:ipsource:8=10.0.0.0/8', true],
    ['tcpflags=000010010', true],
    ['range:tcpsourceport:0:1023=true', true],
    ['stack=eth.ip.tcp', true],
  ])('printed text, case-sensitive: %s is %s', (filter, result) => {
    expect(passes(filter)).toBe(result);
  });
});

describe('keys and numbers', () => {
  it('a numeric key is a number, others are none', () => {
    const number = (name: string, sample = PACKET): number => {
      const key = parseKey(name);
      return key.kind === 'key' ? evaluateNumber(key, sample) : Number.NaN;
    };
    expect(['bytes', 'ipttl', 'tcpsourceport', 'ipprotocol'].map((name) => number(name))).toEqual([
      100, 64, 1000, 6,
    ]);
    expect(['ipsource', 'tcpflags', 'stack', 'vlan', 'nothing'].map((name) => number(name))).toEqual(
      new Array(5).fill(Number.NaN),
    );
    const http = recordSample(record('http_request', { requestBytes: 100, responseBytes: 2000 }));
    expect(number('bytes', http)).toBe(2100);
    expect(number('frames', http)).toBe(Number.NaN);
    expect(number('x', customSample({ x: 2.5 }))).toBe(2.5);
  });

  it('a large word stays unsigned', () => {
    const sample = sampleOf(flowSample({ records: [record('extended_queue', { depth: 0xffff_fff0 })] }));
    expect(evaluateKey(parseKey('queuedepth'), sample, NO_LOOKUPS)).toBe('4294967280');
    expect(evaluateNumber({ kind: 'key', name: 'queuedepth', text: 'queuedepth' }, sample)).toBe(4294967280);
  });

  it('functions see custom samples too', () => {
    const sample = customSample({ a: 'x.y', n: 7 });
    expect(evaluateKey(parseKey('concat:-:a:n:agent'), sample, NO_LOOKUPS)).toBe('x.y-7-192.0.2.1');
    expect(evaluateKey(parseKey('range:n:7:7'), sample, NO_LOOKUPS)).toBe('true');
  });
});
