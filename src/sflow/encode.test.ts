import { describe, expect, it } from 'vitest';
import {
  counterSample,
  datagram,
  discardSample,
  flowSample,
  ifCounters,
  record,
  sampledHeader,
} from './build.ts';
import { decodeDatagram } from './decode.ts';
import { encodeDatagram } from './encode.ts';
import type { Datagram, Sample } from './model.ts';

function refusal(given: Datagram | Sample): string {
  try {
    encodeDatagram('kind' in given ? datagram({ samples: [given] }) : given);
  } catch (error) {
    expect(error).toMatchObject({ code: 'SFLOW_ENCODE' });
    return (error as Error).message;
  }
  return 'not refused';
}

describe('encodeDatagram', () => {
  it('refuses values that do not fit the header', () => {
    expect(refusal(datagram({ agentAddress: 'localhost' }))).toBe(
      'agentAddress: "localhost" is not an IPv4 address',
    );
    expect(refusal(datagram({ agentAddress: '::g' }))).toBe('agentAddress: "::g" is not an IPv6 address');
    expect(refusal(datagram({ sequenceNumber: -1 }))).toBe(
      'sequenceNumber: -1 is not an integer of 0 to 4294967295',
    );
    expect(refusal(datagram({ version: 3 as 4 }))).toBe('version: 3 is not one of 2, 4 and 5');
  });

  it('names the field that does not fit its type', () => {
    const sample = (name: string, fields: Parameters<typeof record>[1]) =>
      flowSample({ records: [record(name, fields)] });
    expect(refusal(sample('extended_switch', { sourceVlan: 1.5 }))).toBe(
      'samples.0.extended_switch.sourceVlan: 1.5 is not an integer of 0 to 4294967295',
    );
    expect(refusal(sample('sampled_ethernet', { sourceMac: '00:0C' }))).toBe(
      'samples.0.sampled_ethernet.sourceMac: "00:0C" is not twelve hex digits',
    );
    expect(refusal(sample('extended_timestamp', { timestamp: 1n << 64n }))).toBe(
      'samples.0.extended_timestamp.timestamp: 18446744073709551616n is not a bigint of 64 bits',
    );
    expect(refusal(sample('extended_ib_grh', { sourceGid: new Uint8Array(4) }))).toBe(
      'samples.0.extended_ib_grh.sourceGid: 4 bytes is not 16 bytes',
    );
    expect(
      refusal(sample('extended_gateway', { destinationAsPath: [{ type: 2, asNumbers: [1, '2'] }] })),
    ).toBe(
      'samples.0.extended_gateway.destinationAsPath.0.asNumbers.1: "2" is not an integer of 0 to 4294967295',
    );
    expect(refusal(sample('extended_gateway', { destinationAsPath: [7] }))).toBe(
      'samples.0.extended_gateway.destinationAsPath.0: 7 is not an object',
    );
    expect(refusal(sample('extended_gateway', { communities: 7 }))).toBe(
      'samples.0.extended_gateway.communities: 7 is not an array',
    );
    expect(refusal(sample('extended_function', { symbol: 7n }))).toBe(
      'samples.0.extended_function.symbol: 7n is not text',
    );
    expect(refusal(sample('sampled_header', { header: 'text' }))).toBe(
      'samples.0.sampled_header.header: "text" is not bytes',
    );
    expect(refusal(counterSample({ records: [record('host_cpu', { loadOne: '1' })] }))).toBe(
      'samples.0.host_cpu.loadOne: "1" is not a number',
    );
    expect(refusal(counterSample({ records: [record('host_descr', { uuid: '1-2' })] }))).toBe(
      'samples.0.host_descr.uuid: "1-2" is not a UUID',
    );
  });

  it('refuses records that are not of their structure', () => {
    const vlan = record('extended_switch');
    const { sourceVlan: _, ...rest } = vlan.fields!;
    const refusalOf = (each: typeof vlan) => refusal(flowSample({ records: [each] }));
    expect(refusalOf({ ...vlan, fields: rest })).toBe('samples.0.extended_switch.sourceVlan: is missing');
    expect(refusalOf({ ...vlan, fields: { ...rest, sourceVlan: 1, srcVlan: 2 } })).toBe(
      'samples.0.extended_switch: has no field srcVlan',
    );
    expect(refusalOf({ enterprise: 9, format: 9, fields: {} })).toBe(
      'samples.0.9:9: no flow structure 9:9 to write fields of',
    );
    expect(refusalOf({ enterprise: 9, format: 9 })).toBe('samples.0.9:9: neither fields nor bytes');
    expect(refusalOf({ enterprise: 1 << 20, format: 9, bytes: new Uint8Array(0) })).toBe(
      'samples.0.1048576:9: enterprise 1048576 or format 9 is out of range',
    );
    const { cpuSteal: __, ...cpu } = record('host_cpu').fields!;
    expect(refusal(counterSample({ records: [{ ...record('host_cpu'), fields: cpu }] }))).toBe(
      'samples.0.host_cpu: cpuGuest is there, but cpuSteal before it is not',
    );
  });

  it('refuses what does not fit a compact sample', () => {
    expect(refusal(flowSample({ sourceId: 1 << 24 }))).toBe(
      'samples.0.sourceId: class 0 and index 16777216 do not fit a compact sample',
    );
    expect(refusal(flowSample({ input: 1 << 30 }))).toBe(
      'samples.0.input: format 0 and value 1073741824 do not fit a compact sample',
    );
    expect(refusal(flowSample({ expanded: true, sourceId: 1 << 24, input: 1 << 30 }))).toBe('not refused');
    expect(refusal(discardSample({ sourceId: 1 << 24, input: 1 << 30 }))).toBe('not refused');
  });

  it('refuses custom values of unknown type', () => {
    const metrics = [{ name: 'a', type: 7, value: 1 }];
    expect(refusal({ kind: 'rtmetric', dataSource: 'x', metrics })).toBe('samples.0.a: no value type 7');
  });
});

describe('a large datagram', () => {
  it('is written whole, wherever the buffer ends', () => {
    const after = ['sampled_ethernet', 'sampled_ipv4', 'sampled_ipv6', 'extended_timestamp'].map((name) =>
      record(name),
    );
    const metrics = [
      { name: 'counter64', type: 2, value: 1n },
      { name: 'float', type: 5, value: 1.5 },
      { name: 'double', type: 6, value: 0.1 },
    ];
    for (let length = 1800; length < 2060; length += 4) {
      const records = [sampledHeader(new Uint8Array(length)), ...after];
      const large = datagram({
        samples: [
          flowSample({ records }),
          { kind: 'rtmetric', dataSource: 'web1', metrics },
          counterSample({ records: [record('host_descr'), record('temperature', { minimum: -1 })] }),
        ],
      });
      expect(decodeDatagram(encodeDatagram(large))).toEqual({ datagram: large });
    }
  });
});

describe('encodeDatagram of version 4', () => {
  const header = sampledHeader(new Uint8Array(20), { stripped: 0 });
  const version4 = (...samples: Sample[]) => refusal(datagram({ version: 4, samples }));

  it('takes plain samples', () => {
    expect(version4(flowSample({ records: [header] }), counterSample({ records: [ifCounters()] }))).toBe(
      'not refused',
    );
  });

  it.each<[string, Sample]>([
    ['version 4 has no discard samples', discardSample()],
    ['the version has no expanded samples', flowSample({ expanded: true, records: [header] })],
    ['has no packet record', flowSample()],
    [
      'sampled_header: the version cannot carry stripped',
      flowSample({ records: [sampledHeader(new Uint8Array(20))] }),
    ],
    [
      'extended_switch: the version has no such record here',
      flowSample({ records: [record('extended_switch')] }),
    ],
    [
      'extended_mpls: the version has no such record here',
      flowSample({ records: [header, record('extended_mpls')] }),
    ],
    [
      'extended_gateway: the version cannot carry nextHop',
      flowSample({ records: [header, record('extended_gateway', { nextHop: '192.0.2.1' })] }),
    ],
    [
      'sampled_header: the version can only carry whole, known records',
      flowSample({ records: [{ ...header, trailing: new Uint8Array(1) }] }),
    ],
    ['input: format 1 is not 0', flowSample({ input: { format: 1, value: 2 }, records: [header] })],
    [
      'output: format 1 and value 2 do not fit',
      flowSample({ output: { format: 1, value: 2 }, records: [header] }),
    ],
    ['no counters version has these records', counterSample({ records: [record('processor')] })],
    [
      'its records are not those of counters version 7',
      counterSample({ records: [ifCounters()], legacy: { samplingInterval: 30, countersVersion: 7 } }),
    ],
  ])('refuses: %s', (message, sample) => {
    expect(version4(sample)).toBe(`samples.0${/^[a-z_]+:/.test(message) ? '.' : ': '}${message}`);
  });

  it('refuses a sub-agent', () => {
    expect(refusal(datagram({ version: 4, subAgentId: 1 }))).toBe(
      'subAgentId: version 4 has none, but it is 1',
    );
  });
});
