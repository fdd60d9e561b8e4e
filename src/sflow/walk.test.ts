import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { counterSample, datagram, discardSample, flowSample, record } from './build.ts';
import { decodeDatagram } from './decode.ts';
import { encodeDatagram } from './encode.ts';
import type { Sample } from './model.ts';
import { formatWord } from './structures.ts';
import { datagram5 } from './testing/arbitrary-datagram.ts';
import { walk } from './testing/walk-datagram.ts';
import { DatagramWalker, SAMPLE, WALK } from './walk.ts';
import { XdrWriter } from './xdr-writer.ts';

function wire(...words: readonly number[]): Uint8Array {
  const writer = new XdrWriter();
  for (const word of words) writer.u32(word);
  return writer.result();
}

const HEADER = [5, 1, 0xc0000201, 7, 8, 9] as const;

function begun(bytes: Uint8Array, start = 0, end = bytes.length): DatagramWalker {
  const walker = new DatagramWalker();
  walker.begin(bytes, start, end);
  return walker;
}

/** The walker on the first sample of a datagram. */
function onSample(sample: Sample): DatagramWalker {
  const walker = begun(encodeDatagram(datagram({ samples: [sample] })));
  walker.nextSample();
  return walker;
}

describe('begin', () => {
  it('reads the header', () => {
    expect(begun(wire(...HEADER, 0))).toMatchObject({
      ...{ fault: WALK.ok, agentType: 1, agent0: 0xc0000201 | 0, subAgent: 7, sequence: 8, uptime: 9 },
    });
    expect(begun(wire(5, 2, 0x20010db8, 1, 2, 3, 0xffffffff, 8, 9, 0))).toMatchObject({
      ...{ fault: WALK.ok, agentType: 2, agent0: 0x20010db8, agent1: 1, agent2: 2, agent3: 3, subAgent: -1 },
    });
  });

  it('reads from the middle of a slab', () => {
    const slab = new Uint8Array(100).fill(0xee);
    slab.set(wire(...HEADER, 1, 99, 4, 1), 12);
    const walker = begun(slab, 12, 12 + 40);
    expect(walker).toMatchObject({ fault: WALK.ok, sequence: 8 });
    expect(walker.nextSample()).toBe(SAMPLE.unknown);
    expect(walker).toMatchObject({ sampleStart: 48, sampleEnd: 52 });
    expect(walker.nextSample()).toBe(SAMPLE.end);
  });

  it.each([
    ['nothing', [], WALK.shortHeader],
    ['version 4', [4, 1, 0, 0, 0, 0], WALK.badVersion],
    ['address type 0', [5, 0, 0, 0, 0, 0], WALK.badAddress],
    ['address type 3', [5, 3, 0, 0, 0, 0, 0], WALK.badAddress],
    ['a short IPv4 header', [5, 1, 0, 0, 0, 0], WALK.shortHeader],
    ['a short IPv6 header', [5, 2, 0, 0, 0, 0, 0, 0, 0], WALK.shortHeader],
  ])('has a fault for %s, and no samples', (_what, words, fault) => {
    const walker = begun(wire(...HEADER, 1, 99, 4, 1));
    const bytes = wire(...words);
    expect(walker.begin(bytes, 0, bytes.length)).toBe(fault);
    expect(walker.nextSample()).toBe(SAMPLE.end);
    expect(walker.nextRecord()).toBe(false);
    expect(walker.fault).toBe(fault);
  });

  it('forgets the fault of the datagram before', () => {
    const walker = begun(wire(...HEADER, 1));
    walker.nextSample();
    expect(walker.fault).toBe(WALK.sampleCount);
    const bytes = wire(...HEADER, 0);
    expect(walker.begin(bytes, 0, bytes.length)).toBe(WALK.ok);
  });
});

describe('nextSample', () => {
  const numbers = { sequenceNumber: 11, samplingRate: 512, samplePool: 0xffffffff, drops: 3 };

  it('reads compact flow samples', () => {
    const output = { format: 2, value: 4 };
    const walker = onSample(
      flowSample({ ...numbers, sourceId: { class: 2, index: 1000 }, input: 0x3fffffff, output }),
    );
    expect(walker).toMatchObject({
      ...{
        sampleSequence: 11,
        sourceClass: 2,
        sourceIndex: 1000,
        samplingRate: 512,
        samplePool: -1,
        drops: 3,
      },
      ...{ inputFormat: 0, input: 0x3fffffff, outputFormat: 2, output: 4, expanded: false },
    });
  });

  it('reads expanded flow samples', () => {
    const output = { format: 1, value: 256 };
    const source = { class: 1, index: 0x2000000 };
    const walker = onSample(
      flowSample({ ...numbers, expanded: true, sourceId: source, input: 0xf0000000, output }),
    );
    expect(walker).toMatchObject({
      ...{
        sampleSequence: 11,
        sourceClass: 1,
        sourceIndex: 0x2000000,
        samplingRate: 512,
        samplePool: -1,
        drops: 3,
      },
      ...{ inputFormat: 0, input: 0xf0000000 | 0, outputFormat: 1, output: 256, expanded: true },
    });
  });

  it('reads counter samples', () => {
    const compact = onSample(counterSample({ sequenceNumber: 5, sourceId: { class: 3, index: 7 } }));
    expect(compact).toMatchObject({ sampleSequence: 5, sourceClass: 3, sourceIndex: 7, expanded: false });
    const wide = onSample(counterSample({ expanded: true, sourceId: { class: 3, index: 0x7000000 } }));
    expect(wide).toMatchObject({ sourceClass: 3, sourceIndex: 0x7000000, expanded: true });
  });

  it('reads discard samples', () => {
    const sample = discardSample({
      sequenceNumber: 5,
      sourceId: 9,
      drops: 2,
      input: 3,
      output: 4,
      reason: 289,
    });
    expect(onSample(sample)).toMatchObject({
      ...{ sampleSequence: 5, sourceClass: 0, sourceIndex: 9, drops: 2, reason: 289 },
      ...{ inputFormat: 0, input: 3, outputFormat: 0, output: 4 },
    });
  });

  it('ignores samples beyond the count, and bytes behind the last', () => {
    expect(walk(wire(...HEADER, 1, 99, 0, 99, 0, 1))).toMatchObject({
      samples: [{ format: 99 }],
      fault: WALK.ok,
    });
  });

  it('does not trust the count', () => {
    for (const count of [2, 0x10000, 0xffffffff]) {
      expect(walk(wire(...HEADER, count, 99, 0))).toMatchObject({ samples: [{}], fault: WALK.sampleCount });
    }
  });

  it('does not trust a length', () => {
    for (const length of [5, 0x7fffffff, 0x80000000, 0xffffffff]) {
      const bytes = wire(...HEADER, 2, 99, 0, 99, length, 0);
      expect(walk(bytes)).toMatchObject({ samples: [{}], fault: WALK.sampleLength });
    }
  });

  it.each([
    [1, 32],
    [2, 12],
    [3, 44],
    [4, 16],
    [5, 32],
  ])('finds samples of format %i too short below %i bytes', (format, bytes) => {
    const body = new Array<number>(bytes / 4).fill(0);
    expect(walk(wire(...HEADER, 1, format, bytes, ...body)).fault).toBe(WALK.ok);
    expect(walk(wire(...HEADER, 1, format, bytes - 4, ...body))).toEqual({
      samples: [],
      fault: WALK.sampleShort,
    });
  });
});

describe('nextRecord', () => {
  it('does not trust a length, and goes on with the next sample', () => {
    for (const length of [9, 0x7fffffff, 0x80000000, 0xffffffff]) {
      const records = [1030, 4, 5000, 1030, length, 0, 0];
      const bytes = wire(...HEADER, 2, 1, 32 + 4 * records.length, 1, 1, 1, 1, 0, 1, 2, 2, ...records, 99, 0);
      const { samples, fault } = walk(bytes);
      expect(samples).toMatchObject([{ records: [{ format: 1030 }] }, { format: 99, records: [] }]);
      expect(fault).toBe(WALK.recordLength);
    }
  });

  it('does not trust the count, nor read the next sample', () => {
    for (const count of [2, 0x10000, 0xffffffff]) {
      const bytes = wire(...HEADER, 2, 2, 24, 1, 1, count, 1005, 4, 0, 99, 0);
      const { samples, fault } = walk(bytes);
      expect(samples).toMatchObject([{ records: [{ format: 1005 }] }, { format: 99 }]);
      expect(fault).toBe(WALK.recordLength);
    }
  });

  it('has none for samples without records', () => {
    const walker = onSample({ kind: 'rtmetric', dataSource: 'a', metrics: [] });
    expect(walker.nextRecord()).toBe(false);
    expect(walker.fault).toBe(WALK.ok);
  });

  it('is left by going on to the next sample', () => {
    const first = flowSample({ records: [record('extended_switch'), record('extended_vni_egress')] });
    const bytes = encodeDatagram(datagram({ samples: [first, discardSample()] }));
    const walker = begun(bytes);
    walker.nextSample();
    walker.nextRecord();
    expect(walker.nextSample()).toBe(SAMPLE.discard);
    expect(walker.nextRecord()).toBe(false);
    expect(walker.nextSample()).toBe(SAMPLE.end);
  });
});

describe('the walker and the decoder', () => {
  const KIND: Readonly<Record<Sample['kind'], number>> = {
    flow: SAMPLE.flow,
    counter: SAMPLE.counter,
    discard: SAMPLE.discard,
    rtmetric: SAMPLE.rtmetric,
    rtflow: SAMPLE.rtflow,
    unknown: SAMPLE.unknown,
  };

  it('agree on kinds, records and extents', () => {
    const property = fc.property(datagram5, (original) => {
      const bytes = encodeDatagram(original);
      const { samples, fault } = walk(bytes);
      expect(fault).toBe(WALK.ok);
      expect(samples.map(({ kind }) => kind)).toEqual(original.samples.map(({ kind }) => KIND[kind]));
      for (const [i, sample] of original.samples.entries()) {
        const records = 'records' in sample ? sample.records : [];
        expect(samples[i].records.map(({ format }) => format >>> 0)).toEqual(
          records.map(({ enterprise, format }) => formatWord(enterprise, format)),
        );
        for (const [j, { start, end }] of samples[i].records.entries()) {
          const { bytes: body } = records[j];
          if (body !== undefined) expect(bytes.subarray(start, end)).toEqual(body);
          expect(end).toBeLessThanOrEqual(samples[i].end);
        }
      }
      expect(samples.at(-1)?.end ?? bytes.length).toBe(bytes.length);
    });
    fc.assert(property, { numRuns: 300 });
  });

  it('agree on where a damaged datagram ends', () => {
    const change = fc.record({ at: fc.nat(), value: fc.constantFrom(0, 1, 2, 5, 0x7f, 0x80, 0xff) });
    const property = fc.property(
      datagram5,
      fc.array(change, { minLength: 1, maxLength: 3 }),
      (original, changes) => {
        const bytes = encodeDatagram(original);
        for (const { at, value } of changes) bytes[24 + (at % Math.max(1, bytes.length - 24))] = value;
        const { samples, fault } = walk(bytes);
        const { datagram: decoded, error } = decodeDatagram(bytes);
        if (fault !== WALK.ok) expect(error).toBeDefined();
        // The walker stops at a sample too short for its type; the decoder steps over it.
        if (fault !== WALK.sampleShort) expect(samples).toHaveLength(decoded?.samples.length ?? 0);
      },
    );
    fc.assert(property, { numRuns: 500 });
  });
});
