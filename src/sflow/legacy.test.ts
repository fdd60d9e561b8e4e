import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { counterSample, datagram, flowSample, ifCounters, record, sampledHeader } from './build.ts';
import { decodeDatagram } from './decode.ts';
import { encodeDatagram } from './encode.ts';
import type { Datagram, Sample } from './model.ts';
import { legacyDatagram } from './testing/arbitrary-datagram.ts';
import { walk } from './testing/walk-datagram.ts';
import { upgradeDatagram } from './upgrade.ts';
import { SAMPLE, WALK } from './walk.ts';
import { XdrWriter } from './xdr-writer.ts';

function wire(...parts: readonly (number | string)[]): Uint8Array {
  const writer = new XdrWriter();
  for (const part of parts) {
    if (typeof part === 'number') writer.u32(part);
    else writer.string(part);
  }
  return writer.result();
}

/** Version, agent 192.0.2.1, sequence number 8, uptime 9: RFC 3176 has no sub-agent. */
const header = (version: number, samples: number) => [version, 1, 0xc0000201, 8, 9, samples];
const FLOW_HEAD = [1, 17, 0x00000003, 512, 5120, 1, 3, 0x80000007];
const IF_COUNTERS = [3, 6, 0, 1_000_000_000, 1, 3, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 2];

const HEAD = {
  sequenceNumber: 17,
  sourceId: 3,
  samplingRate: 512,
  samplePool: 5120,
  drops: 1,
  input: 3,
  output: { format: 2, value: 7 },
} as const;

const interfaceCounters = ifCounters({
  ...{
    ifIndex: 3,
    ifInOctets: (1n << 32n) + 2n,
    ifInUcastPkts: 3,
    ifInMulticastPkts: 4,
    ifInBroadcastPkts: 5,
  },
  ...{
    ifInDiscards: 6,
    ifInErrors: 7,
    ifInUnknownProtos: 8,
    ifOutOctets: (9n << 32n) + 10n,
    ifOutUcastPkts: 11,
  },
  ...{
    ifOutMulticastPkts: 12,
    ifOutBroadcastPkts: 13,
    ifOutDiscards: 14,
    ifOutErrors: 15,
    ifPromiscuousMode: 2,
  },
});

function expectBoth(bytes: Uint8Array, expected: Datagram): void {
  expect(decodeDatagram(bytes)).toEqual({ datagram: expected });
  expect(encodeDatagram(expected)).toEqual(bytes);
}

function legacy(version: 2 | 4, ...samples: Sample[]): Datagram {
  return datagram({ version, sequenceNumber: 8, uptime: 9, samples });
}

describe('version 4', () => {
  it('has sampled headers and extended records', () => {
    const bytes = wire(
      ...[...header(4, 1), ...FLOW_HEAD],
      ...[1, 1, 1518, 'abcdef'],
      5,
      ...[1, 10, 1, 20, 2],
      ...[2, 1, 0x0a000001, 24, 16],
      ...[3, 65000, 65001, 65002, 2, 2, 2, 65003, 65004, 1, 1, 65005, 1, 0xfde8029a, 100],
      ...[4, 'alice', 'bob'],
      ...[5, 2, '/a'],
    );
    const sample = flowSample({
      ...HEAD,
      records: [
        sampledHeader(Uint8Array.from([...'abcdef'].map((c) => c.charCodeAt(0))), {
          frameLength: 1518,
          stripped: 0,
        }),
        record('extended_switch', {
          sourceVlan: 10,
          sourcePriority: 1,
          destinationVlan: 20,
          destinationPriority: 2,
        }),
        record('extended_router', { nextHop: '10.0.0.1', sourceMaskLength: 24, destinationMaskLength: 16 }),
        record('extended_gateway', {
          asNumber: 65000,
          sourceAs: 65001,
          sourcePeerAs: 65002,
          destinationAsPath: [
            { type: 2, asNumbers: [65003, 65004] },
            { type: 1, asNumbers: [65005] },
          ],
          communities: [0xfde8029a],
          localPreference: 100,
        }),
        record('extended_user', { sourceUser: 'alice', destinationUser: 'bob' }),
        record('extended_url', { direction: 2, url: '/a' }),
      ],
    });
    expectBoth(bytes, legacy(4, sample));
  });

  it('has IPv4 and IPv6 packet records', () => {
    const bytes = wire(
      ...[...header(4, 2), ...FLOW_HEAD, 2, 100, 6, 0x0a000001, 0x0a000002, 1000, 80, 18, 4, 0],
      ...[...FLOW_HEAD, 3, 100, 17, 0x20010db8, 0, 0, 1, 0x20010db8, 0, 0, 2, 1000, 53, 0, 2, 0],
    );
    const ports = { length: 100, sourcePort: 1000 };
    const ipv4 = {
      ...ports,
      protocol: 6,
      sourceIp: '10.0.0.1',
      destinationIp: '10.0.0.2',
      destinationPort: 80,
    };
    const ipv6 = {
      ...ports,
      protocol: 17,
      sourceIp: '2001:db8::1',
      destinationIp: '2001:db8::2',
      destinationPort: 53,
    };
    expectBoth(
      bytes,
      legacy(
        4,
        flowSample({ ...HEAD, records: [record('sampled_ipv4', { ...ipv4, tcpFlags: 18, tos: 4 })] }),
        flowSample({ ...HEAD, records: [record('sampled_ipv6', { ...ipv6, priority: 2 })] }),
      ),
    );
  });

  it('has counters by version', () => {
    const ethernet = Array.from({ length: 13 }, (_, i) => i);
    const head = [2, 5, 0x01000003, 30];
    const bytes = wire(
      ...header(4, 3),
      ...[...head, 2, ...IF_COUNTERS, ...ethernet],
      ...[...head, 6, ...IF_COUNTERS],
      ...[...head, 7, 100, 0, 1, 2, 3, 4, 5],
    );
    const names = Object.keys(record('ethernet_counters').fields!);
    const sample = (countersVersion: number, ...records: ReturnType<typeof record>[]) =>
      counterSample({
        sequenceNumber: 5,
        sourceId: { class: 1, index: 3 },
        records,
        legacy: { samplingInterval: 30, countersVersion },
      });
    expectBoth(
      bytes,
      legacy(
        4,
        sample(
          2,
          interfaceCounters,
          record('ethernet_counters', Object.fromEntries(names.map((n, i) => [n, i]))),
        ),
        sample(6, interfaceCounters),
        sample(
          7,
          record('vlan_counters', {
            ...{
              vlanId: 100,
              octets: 1,
              unicastPackets: 2,
              multicastPackets: 3,
              broadcastPackets: 4,
              discards: 5,
            },
          }),
        ),
      ),
    );
  });
});

describe('version 2', () => {
  it('has the path to the destination as one sequence', () => {
    const gateways = [3, 65000, 65001, 65002, 2, 65003, 65004, 3, 1, 2, 3, 0];
    const bytes = wire(...header(2, 1), ...FLOW_HEAD, 1, 1, 64, '', 2, ...gateways);
    const gateway = { asNumber: 65000, sourceAs: 65001, sourcePeerAs: 65002 };
    const sample = flowSample({
      ...HEAD,
      records: [
        sampledHeader(new Uint8Array(0), { frameLength: 64, stripped: 0 }),
        record('extended_gateway', {
          ...gateway,
          destinationAsPath: [{ type: 2, asNumbers: [65003, 65004] }],
        }),
        record('extended_gateway', { asNumber: 1, sourceAs: 2, sourcePeerAs: 3 }),
      ],
    });
    expectBoth(bytes, legacy(2, sample));
  });

  it('cannot carry a path of sets, nor of several segments, nor communities', () => {
    const encode = (fields: Parameters<typeof record>[1]) => () =>
      encodeDatagram(
        legacy(
          2,
          flowSample({
            records: [sampledHeader(new Uint8Array(0), { stripped: 0 }), record('extended_gateway', fields)],
          }),
        ),
      );
    const sequence = { type: 2, asNumbers: [1] };
    expect(encode({ destinationAsPath: [sequence] })).not.toThrow();
    expect(encode({ destinationAsPath: [{ type: 1, asNumbers: [1] }] })).toThrow('cannot carry its path');
    expect(encode({ destinationAsPath: [sequence, sequence] })).toThrow('cannot carry its path');
    expect(encode({ destinationAsPath: [{ type: 2, asNumbers: [] }] })).toThrow('cannot carry its path');
    expect(encode({ communities: [1] })).toThrow('cannot carry communities');
  });
});

describe('faults in versions 2 and 4', () => {
  const good = [...FLOW_HEAD, 1, 1, 64, '', 0];

  it.each<[string, (number | string)[], number, string]>([
    ['a sample of unknown type', [...good, 3, 0, 0], 1, 'samples.1: sample type 3 at byte 76'],
    ['unknown packet data', [...good, ...FLOW_HEAD, 4, 0], 1, 'samples.1: packet data type 4 at byte 108'],
    [
      'unknown extended data',
      [...good, ...FLOW_HEAD, 1, 1, 64, '', 1, 9],
      2,
      'samples.1: extended data type 9 at byte 128',
    ],
    ['unknown counters', [...good, 2, 5, 3, 30, 8], 1, 'samples.1: counters version 8 at byte 92'],
    ['the end', [...good, 2, 5], 1, 'samples.1: 4 bytes needed, 0 left at byte 84'],
    ['no more samples', good, 1, 'samples: 2 announced, 1 present at byte 20'],
    [
      'cut counters',
      [...good, 2, 5, 3, 30, 1, 7],
      1,
      'samples.1.if_counters.ifType: 4 bytes needed, 0 left at byte 100',
    ],
    [
      'a long header',
      [...good, ...FLOW_HEAD, 1, 1, 64, 65],
      1,
      'samples.1.sampled_header.header: length 65, but 0 bytes left at byte 120',
    ],
  ])('end the datagram, and keep what came before: %s', (_what, samples, kept, error) => {
    const result = decodeDatagram(wire(...header(4, 2), ...samples));
    expect(result.error).toBe(error);
    expect(result.datagram?.samples).toHaveLength(kept);
  });

  it('never throw', () => {
    const change = fc.record({ at: fc.nat(), value: fc.constantFrom(0, 1, 2, 3, 4, 5, 7, 0x80, 0xff) });
    const property = fc.property(
      fc.oneof(legacyDatagram(2), legacyDatagram(4)),
      fc.array(change, { maxLength: 3 }),
      fc.nat(),
      (original, changes, cut) => {
        const bytes = encodeDatagram(original);
        for (const { at, value } of changes) bytes[at % bytes.length] = value;
        const damaged = bytes.subarray(0, bytes.length - (cut % 40));
        const { datagram: decoded, error } = decodeDatagram(damaged);
        expect(upgradeDatagram(damaged).error).toBe(error);
        if (decoded !== undefined && error === undefined)
          expect(decodeDatagram(encodeDatagram(decoded))).toEqual({ datagram: decoded });
      },
    );
    fc.assert(property, { numRuns: 1000 });
  });
});

describe('upgradeDatagram', () => {
  it('makes version 5 of versions 2 and 4', () => {
    const counters = counterSample({
      records: [interfaceCounters],
      legacy: { samplingInterval: 30, countersVersion: 4 },
    });
    const packet = sampledHeader(Uint8Array.of(1, 2, 3, 4), { stripped: 0 });
    const old = legacy(4, flowSample({ ...HEAD, records: [packet] }), counters);
    const { bytes, error } = upgradeDatagram(encodeDatagram(old));
    expect(error).toBeUndefined();
    const { legacy: _, ...plainCounters } = counters;
    expect(decodeDatagram(bytes!)).toEqual({
      datagram: { ...old, version: 5, samples: [old.samples[0], plainCounters] },
    });
  });

  it('makes datagrams that the walker reads', () => {
    const property = fc.property(fc.oneof(legacyDatagram(2), legacyDatagram(4)), (old) => {
      const { bytes } = upgradeDatagram(encodeDatagram(old));
      const { samples, fault } = walk(bytes!);
      expect(fault).toBe(WALK.ok);
      expect(samples.map(({ kind }) => kind)).toEqual(
        old.samples.map(({ kind }) => (kind === 'flow' ? SAMPLE.flow : SAMPLE.counter)),
      );
    });
    fc.assert(property, { numRuns: 200 });
  });

  it('expands samples whose interfaces need it', () => {
    const packet = sampledHeader(new Uint8Array(0), { stripped: 0 });
    for (const [value, expanded] of [
      [0x3ffffffe, false],
      [0x3fffffff, true], // compact, it would be the agent itself
      [0x40000001, true],
    ] as const) {
      const input = { format: 0, value };
      const { bytes } = upgradeDatagram(encodeDatagram(legacy(2, flowSample({ input, records: [packet] }))));
      expect(decodeDatagram(bytes!).datagram?.samples).toMatchObject([{ expanded, input }]);
    }
  });

  it('keeps what could be read', () => {
    const old = encodeDatagram(
      legacy(4, counterSample({ records: [ifCounters()] }), counterSample({ records: [ifCounters()] })),
    );
    const { bytes, error } = upgradeDatagram(old.subarray(0, -4));
    expect(error).toBe('samples.1.if_counters.ifPromiscuousMode: 4 bytes needed, 0 left at byte 236');
    expect(decodeDatagram(bytes!).datagram?.samples).toHaveLength(1);
  });

  it('leaves version 5 alone, and has nothing for what is not sFlow', () => {
    const bytes = encodeDatagram(datagram());
    expect(upgradeDatagram(bytes).bytes).toBe(bytes);
    expect(upgradeDatagram(Uint8Array.of(1, 2))).toEqual({
      error: 'version: 4 bytes needed, 2 left at byte 0',
    });
  });
});
