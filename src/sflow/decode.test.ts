import { describe, expect, it } from 'vitest';
import { counterSample, datagram, flowSample, ifCounters, record, sampledHeader } from './build.ts';
import { decodeDatagram } from './decode.ts';
import { encodeDatagram } from './encode.ts';
import type { CounterSample, FieldValue, FlowOrCounterRecord, FlowSample, Sample } from './model.ts';
import { readFields } from './read-record.ts';
import type { StructureField } from './schema.ts';
import { writeFields } from './write-record.ts';
import { XdrReader } from './xdr-reader.ts';
import { XdrWriter } from './xdr-writer.ts';

/** Words and bytes in a row. */
function wire(...parts: readonly (number | Uint8Array)[]): Uint8Array {
  const writer = new XdrWriter();
  for (const part of parts) {
    if (typeof part === 'number') writer.u32(part);
    else writer.raw(part);
  }
  return writer.result();
}

const HEADER = [5, 1, 0xc0000201, 7, 8, 9] as const;
const FLOW_HEAD = [1, 1, 1000, 1000, 0, 1, 2] as const;

function recordsOf(sample: Sample | undefined): readonly FlowOrCounterRecord[] {
  return sample !== undefined && 'records' in sample ? sample.records : [];
}

describe('decodeDatagram', () => {
  it('reads the header', () => {
    expect(decodeDatagram(wire(...HEADER, 0))).toEqual({
      datagram: {
        version: 5,
        agentAddress: '192.0.2.1',
        subAgentId: 7,
        sequenceNumber: 8,
        uptime: 9,
        samples: [],
      },
    });
  });

  it('reads from the middle of a buffer, and gives bytes of its own', () => {
    const bytes = encodeDatagram(
      datagram({ samples: [flowSample({ records: [sampledHeader(Uint8Array.of(1, 2))] })] }),
    );
    const slab = Buffer.concat([Buffer.alloc(10, 0xee), bytes, Buffer.alloc(10, 0xee)]);
    const result = decodeDatagram(slab.subarray(10, 10 + bytes.length));
    slab.fill(0xee);
    const header = recordsOf(result.datagram?.samples[0])[0].fields?.['header'];
    expect(header).toEqual(Uint8Array.of(1, 2));
    expect(header?.constructor).toBe(Uint8Array);
  });

  it.each([
    ['nothing', wire(), 'version: 4 bytes needed, 0 left at byte 0'],
    ['another version', wire(3, 1, 0, 0, 0, 0, 0), 'version: 3 is not one of 2, 4 and 5 at byte 0'],
    ['no agent address', wire(5, 0, 0, 0, 0, 0), 'agentAddress: address type 0 at byte 4'],
    ['an agent address of unknown type', wire(5, 3, 0, 0, 0), 'agentAddress: address type 3 at byte 4'],
    ['half an IPv6 address', wire(5, 2, 0, 0), 'agentAddress: 16 bytes needed, 8 left at byte 8'],
    ['a header cut short', wire(5, 1, 0, 0, 0), 'header: 4 bytes needed, 0 left at byte 20'],
  ])('has no datagram for %s', (_what, bytes, error) => {
    expect(decodeDatagram(bytes)).toEqual({ error });
  });

  it('stops at a sample that reaches beyond the datagram', () => {
    const { datagram: decoded, error } = decodeDatagram(wire(...HEADER, 2, 99, 4, 0, 99, 0xfffffff0, 0));
    expect(error).toBe('samples: sample 0:99 of 4294967280 bytes, but 4 left at byte 44');
    expect(decoded?.samples).toEqual([
      { kind: 'unknown', enterprise: 0, format: 99, bytes: new Uint8Array(4) },
    ]);
  });

  it('counts the samples that are missing, and ignores what is behind the last', () => {
    expect(decodeDatagram(wire(...HEADER, 0xffffffff, 99, 0)).error).toBe(
      'samples: 4294967295 announced, 1 present at byte 24',
    );
    expect(decodeDatagram(wire(...HEADER, 1, 99, 0, 99, 0, 1, 2, 3)).error).toBeUndefined();
  });

  it('goes on after a sample that is too short for its type', () => {
    const { datagram: decoded, error } = decodeDatagram(wire(...HEADER, 2, 2, 8, 1, 1, 99, 0));
    expect(error).toBe('samples.0: no room for the number of records at byte 44');
    expect(decoded?.samples).toMatchObject([
      { kind: 'unknown', enterprise: 0, format: 2, bytes: wire(1, 1), error },
      { kind: 'unknown', format: 99 },
    ]);
  });

  it('keeps the records before one that reaches beyond its sample, and goes on with the next sample', () => {
    const records = [1030, 4, 5000, 1030, 5, 0];
    const sample = wire(...FLOW_HEAD, 2, ...records);
    const { datagram: decoded, error } = decodeDatagram(wire(...HEADER, 2, 1, sample.length, sample, 99, 0));
    expect(error).toBe('samples.0: record 0:1030 of 5 bytes, but 4 left at byte 84');
    expect(recordsOf(decoded?.samples[0])).toEqual([record('extended_vni_ingress', { vni: 5000 })]);
    expect(decoded?.samples[1]).toMatchObject({ kind: 'unknown', format: 99 });
  });

  it('does not trust the number of records', () => {
    const sample = wire(...FLOW_HEAD, 0xffffffff, 1030, 4, 5000);
    const { datagram: decoded, error } = decodeDatagram(wire(...HEADER, 1, 1, sample.length, sample));
    expect(error).toBe('samples.0: 4294967295 records announced, 1 present at byte 64');
    expect(recordsOf(decoded?.samples[0])).toHaveLength(1);
  });

  it('keeps the bytes of a record that its structure does not fit, and the records around it', () => {
    const gateway = wire(1, 0x0a000001, 1, 2, 3, 1, 2, 0x40000000);
    const sample = wire(...FLOW_HEAD, 2, 1003, gateway.length, gateway, 1030, 4, 5000);
    const { datagram: decoded, error } = decodeDatagram(wire(...HEADER, 1, 1, sample.length, sample));
    expect(error).toBe(
      'samples.0.extended_gateway.destinationAsPath.0.asNumbers: 1073741824 elements announced, room for 0 at byte 104',
    );
    expect(recordsOf(decoded?.samples[0])).toEqual([
      { enterprise: 0, format: 1003, name: 'extended_gateway', bytes: gateway, error },
      record('extended_vni_ingress', { vni: 5000 }),
    ]);
  });

  it.each([
    [[0xffffffff], 'samples.0.extended_function.symbol: length 4294967295, but 0 bytes left at byte 76'],
    [[5, 0x41414141], 'samples.0.extended_function.symbol: length 5, but 4 bytes left at byte 76'],
    [[], 'samples.0.extended_function.symbol: 4 bytes needed, 0 left at byte 76'],
  ])('does not trust the length of a text: %j', (body, expected) => {
    const sample = wire(...FLOW_HEAD, 1, 1038, 4 * body.length, ...body);
    expect(decodeDatagram(wire(...HEADER, 1, 1, sample.length, sample)).error).toBe(expected);
  });

  it('reads a record whose last padding is missing', () => {
    const sample = wire(...FLOW_HEAD, 1, 1038, 7, 3, Uint8Array.of(0x61, 0x62, 0x63));
    const { datagram: decoded, error } = decodeDatagram(wire(...HEADER, 1, 1, sample.length, sample));
    expect(error).toBeUndefined();
    expect(recordsOf(decoded?.samples[0])).toEqual([record('extended_function', { symbol: 'abc' })]);
  });

  it('keeps what a later revision of a structure appends', () => {
    const sample = wire(...FLOW_HEAD, 1, 1030, 12, 5000, 1, 2);
    const { datagram: decoded } = decodeDatagram(wire(...HEADER, 1, 1, sample.length, sample));
    expect(recordsOf(decoded?.samples[0])).toEqual([
      { ...record('extended_vni_ingress', { vni: 5000 }), trailing: wire(1, 2) },
    ]);
  });

  it('reads an earlier revision of a structure', () => {
    const { fields } = record('host_cpu', { loadOne: 0.5, contextSwitches: 9 });
    const { cpuSteal, cpuGuest, cpuGuestNice, ...first } = fields!;
    expect([cpuSteal, cpuGuest, cpuGuestNice]).toEqual([0, 0, 0]);
    const early = { ...record('host_cpu'), fields: first };
    const bytes = encodeDatagram(datagram({ samples: [counterSample({ records: [early] })] }));
    expect(recordsOf(decodeDatagram(bytes).datagram?.samples[0])).toEqual([early]);
  });

  it('unpacks the words of compact samples', () => {
    const sample = wire(1, 0x02000003, 1000, 1000, 0, 0x3fffffff, 0x80000004, 0);
    const { datagram: decoded } = decodeDatagram(wire(...HEADER, 1, 1, sample.length, sample));
    expect(decoded?.samples[0]).toMatchObject({
      sourceId: { class: 2, index: 3 },
      input: { format: 0, value: 0x3fffffff },
      output: { format: 2, value: 4 },
    });
  });

  it('reads custom metrics and flows', () => {
    const samples: Sample[] = [
      {
        kind: 'rtmetric',
        dataSource: 'web1',
        metrics: [
          { name: 'state', type: 0, value: 'up' },
          { name: 'hits', type: 2, value: 1n << 40n },
          { name: 'load', type: 6, value: 0.1 },
        ],
      },
      {
        kind: 'rtflow',
        dataSource: 'web1',
        samplingRate: 10,
        reserved: 0,
        fields: [
          { name: 'mac', type: 1, value: '000C29AABBCC' },
          { name: 'client', type: 3, value: '2001:db8::1' },
          { name: 'bytes', type: 4, value: 4000000000 },
        ],
      },
    ];
    const bytes = encodeDatagram(datagram({ samples }));
    expect(decodeDatagram(bytes).datagram?.samples).toEqual(samples);
    expect([bytes[28], bytes[29], bytes[30], bytes[31]]).toEqual([0x01, 0x0c, 0xc3, 0xea]); // 4300:1002
  });

  it('makes an unknown sample of custom metrics that it cannot read', () => {
    const body = wire(0, 1, 0, 9);
    const { datagram: decoded, error } = decodeDatagram(wire(...HEADER, 1, 17613802, body.length, body));
    expect(error).toBe('samples.0: value type 9 at byte 48');
    expect(decoded?.samples).toEqual([
      { kind: 'unknown', enterprise: 4300, format: 1002, bytes: body, error },
    ]);
  });
});

describe('records inside records', () => {
  function aggregation(...records: FlowOrCounterRecord[]): FlowOrCounterRecord {
    return record('extended_80211_aggregation', { pdus: [{ flowRecords: records }] });
  }

  it('are decoded', () => {
    const sample = flowSample({ records: [aggregation(sampledHeader(Uint8Array.of(1, 2, 3)))] });
    const whole = datagram({ samples: [sample] });
    expect(decodeDatagram(encodeDatagram(whole))).toEqual({ datagram: whole });
  });

  it('are not followed without end', () => {
    let body = wire(0);
    for (let depth = 0; depth < 2000; depth++) body = wire(1, 1, 1016, body.length, body);
    const sample = wire(...FLOW_HEAD, 1, 1016, body.length, body);
    const { datagram: decoded, error } = decodeDatagram(wire(...HEADER, 1, 1, sample.length, sample));
    const path = 'extended_80211_aggregation.pdus.0.flowRecords';
    expect(error).toBe(
      `samples.0.${[path, path, path, path, path].join('.')}: records nested more than 4 deep at byte 144`,
    );
    let depth = 0;
    for (let inner = recordsOf(decoded?.samples[0])[0]; inner.fields !== undefined; depth++) {
      const [pdu] = inner.fields['pdus'] as readonly { flowRecords: readonly FlowOrCounterRecord[] }[];
      [inner] = pdu.flowRecords;
    }
    expect(depth).toBe(4);
  });
});

describe('types that no structure uses yet', () => {
  const layout: readonly StructureField[] = [
    { name: 'six', type: 'mac6' },
    { name: 'row', type: { fixed: 'u32', count: 2 } },
    {
      name: 'choice',
      type: { union: { 1: [{ name: 'a', type: 'u32' }], 2: [{ name: 'b', type: 'string' }] } },
    },
  ];

  function there(fields: { [name: string]: FieldValue }): Uint8Array {
    const writer = new XdrWriter();
    writeFields(writer, layout, fields);
    return writer.result();
  }

  it.each([
    [{ selector: 1, a: 5 }, 22],
    [{ selector: 2, b: 'text' }, 26],
    [{ selector: 3 }, 18],
  ])('are read and written: %j', (choice, length) => {
    const fields = { six: '000C29AABBCC', row: [1, 2], choice };
    const bytes = there(fields);
    expect(bytes).toHaveLength(length);
    expect(readFields(new XdrReader(bytes), layout)).toEqual(fields);
  });

  it('are checked', () => {
    const fields = { six: '000C29AABBCC', row: [1, 2], choice: { selector: 1, a: 5 } };
    expect(() => there({ ...fields, row: [1] })).toThrow('row: [1] is not an array of 2');
    expect(() => there({ ...fields, choice: { selector: 1, b: '' } })).toThrow('choice: has no field b');
  });
});

describe('a whole datagram of common samples', () => {
  it('has the bytes that the specification gives', () => {
    const flow: FlowSample = flowSample({ sourceId: 3, input: 3, output: { format: 1, value: 256 } });
    const counters: CounterSample = counterSample({
      expanded: true,
      records: [ifCounters({ ifInOctets: 1n << 33n })],
    });
    const bytes = encodeDatagram(
      datagram({ agentAddress: '2001:db8::1', subAgentId: 2, samples: [flow, counters] }),
    );
    expect(bytes).toEqual(
      wire(
        ...[5, 2, 0x20010db8, 0, 0, 1, 2, 1, 1000, 2],
        ...[1, 32, 1, 3, 1000, 1000, 0, 3, 0x40000100, 0],
        ...[4, 112, 1, 0, 1, 1, 1, 88],
        ...[1, 6, 0, 1_000_000_000, 1, 3, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
      ),
    );
  });
});
