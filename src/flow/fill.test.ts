import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LAYER, MAX_OCCURRENCES } from '../packet/index.ts';
import { eth, ip, tcp } from '../packet/testing/build-packet.ts';
import {
  DatagramWalker,
  datagram,
  discardSample,
  encodeDatagram,
  flowSample,
  record,
  SAMPLE,
  sampledHeader,
} from '../sflow/index.ts';
import { fillSampleContext } from './fill.ts';
import { INTERFACE, recordSlot, SAMPLE_KIND, SampleContext, TRANSPORT_SLOT } from './sample.ts';
import { recordSample, sampleOf } from './testing/sample-of.ts';

const FRAME = eth(0x0800, ip(6, tcp(40000, 443)));

describe('fillSampleContext', () => {
  it('finds the layers of the sampled header, its frame length and what was stripped', () => {
    const sample = recordSample(sampledHeader(FRAME, { frameLength: 1518, stripped: 4 }));
    expect(sample.kind).toBe(SAMPLE_KIND.flow);
    expect(sample.layers.stack()).toBe('eth.ip.tcp');
    expect(sample.layers.at[LAYER.tcp * MAX_OCCURRENCES]).toBeGreaterThan(0);
    expect([sample.frameLength, sample.stripped, sample.frames]).toEqual([1518, 4, 1]);
  });

  it.each([
    ['input', { sourceId: 3, input: 3, output: 4 }, 1],
    ['output', { sourceId: 4, input: 3, output: 4 }, 2],
    ['both', { sourceId: 3, input: 3, output: 3 }, 1],
    ['neither', { sourceId: 9, input: 3, output: 4 }, 0],
    [
      'output discarded, its code like the index',
      { sourceId: 4, input: 3, output: { format: 1, value: 4 } },
      0,
    ],
    ['class 3 at the input', { sourceId: { class: 3, index: 3 }, input: 3, output: 4 }, 1],
    ['class 2 with an input', { sourceId: { class: 2, index: 1000 }, input: 3, output: 4 }, 1],
    ['class 2 without an input', { sourceId: { class: 2, index: 1000 }, input: 0, output: 4 }, 0],
  ])('3.7 direction: data source is %s', (_, given, direction) => {
    expect(sampleOf(flowSample(given)).direction).toBe(direction);
  });

  it.each([
    [{ format: 0, value: 7 }, false, 7],
    [{ format: 0, value: 0 }, false, INTERFACE.unknown],
    [{ format: 0, value: 0x3fffffff }, false, INTERFACE.internal],
    [{ format: 0, value: 0x3fffffff }, true, 0x3fffffff],
    [{ format: 1, value: 256 }, false, INTERFACE.discard],
    [{ format: 1, value: 256 }, true, INTERFACE.discard],
    [{ format: 2, value: 3 }, false, INTERFACE.multiple],
    [{ format: 7, value: 3 }, true, INTERFACE.unknown],
  ])('3.7 interface %j, expanded %j', (output, expanded, word) => {
    const sample = sampleOf(flowSample({ output, expanded }));
    expect(sample.outputIfIndex).toBe(word);
  });

  it('takes a discard with its reason, rate 1 and no direction', () => {
    const sample = sampleOf(discardSample({ reason: 269, records: [sampledHeader(FRAME)] }));
    expect([sample.kind, sample.reason, sample.samplingRate, sample.direction]).toEqual([1, 269, 1, 0]);
  });

  it('takes the length of 0:2, else 0:3, else 0:4 when there is no header', () => {
    const ethernet = record('sampled_ethernet', { length: 100 });
    const ipv4 = record('sampled_ipv4', { length: 86 });
    const ipv6 = record('sampled_ipv6', { length: 90 });
    expect(recordSample(ipv6).frameLength).toBe(90);
    expect(recordSample(ipv6, ipv4).frameLength).toBe(86);
    expect(recordSample(ipv6, ipv4, ethernet).frameLength).toBe(100);
    expect(recordSample(ethernet).stripped).toBe(-1);
    expect(recordSample(record('http_request')).frames).toBe(-1);
  });

  it('tells TCP from UDP in 0:3 and 0:4', () => {
    const { tcp4, udp4, tcp6, udp6 } = TRANSPORT_SLOT;
    const present = (name: string, protocol: number) => {
      const { recordAt } = recordSample(record(name, { protocol }));
      return [tcp4, udp4, tcp6, udp6].map((slot) => recordAt[slot] >= 0);
    };
    expect(present('sampled_ipv4', 6)).toEqual([true, false, false, false]);
    expect(present('sampled_ipv4', 17)).toEqual([false, true, false, false]);
    expect(present('sampled_ipv4', 1)).toEqual([false, false, false, false]);
    expect(present('sampled_ipv6', 6)).toEqual([false, false, true, false]);
    expect(present('sampled_ipv6', 17)).toEqual([false, false, false, true]);
  });

  it('forgets the sample before', () => {
    const context = sampleOf(discardSample({ records: [sampledHeader(FRAME), record('extended_switch')] }));
    const bytes = encodeDatagram(datagram({ samples: [flowSample({ records: [record('extended_nat')] })] }));
    const walker = new DatagramWalker();
    walker.begin(bytes, 0, bytes.length);
    walker.nextSample();
    fillSampleContext(context, walker);
    expect(context.layers.count).toBe(0);
    expect([context.frameLength, context.frames, context.reason]).toEqual([-1, -1, -1]);
    expect(context.recordAt[recordSlot(1001)]).toBe(-1);
    expect(context.recordAt[recordSlot(1007)]).toBeGreaterThan(0);
  });

  it('counts short and unknown records, and reads on', () => {
    const seen: string[] = [];
    const faults = {
      shortRecord: (format: number) => seen.push(`short ${format}`),
      unknownRecord: (format: number) => seen.push(`unknown ${format}`),
    };
    const raw = (enterprise: number, format: number, length: number) => ({
      enterprise,
      format,
      bytes: new Uint8Array(length),
    });
    const sample = sampleOf(
      flowSample({
        records: [raw(0, 1, 12), raw(0, 1001, 8), raw(9999, 7, 4), raw(4413, 1, 4), record('extended_nat')],
      }),
      faults,
    );
    expect(seen).toEqual(['short 1', 'short 1001', `unknown ${(9999 << 12) | 7}`]);
    expect(sample.frameLength).toBe(-1);
    expect(sample.recordAt[recordSlot(1007)]).toBeGreaterThan(0);
  });

  it('believes the record, not the header length in it', () => {
    const bytes = encodeDatagram(datagram({ samples: [flowSample({ records: [sampledHeader(FRAME)] })] }));
    const walker = new DatagramWalker();
    walker.begin(bytes, 0, bytes.length);
    walker.nextSample();
    const lengthAt = bytes.length - Math.ceil(FRAME.length / 4) * 4 - 4;
    new DataView(bytes.buffer, bytes.byteOffset).setUint32(lengthAt, 0xffff_fff0);
    const context = new SampleContext();
    expect(fillSampleContext(context, walker)).toBe(1);
    expect(context.layers.stack()).toBe('eth.ip.tcp');
    expect(context.layers.end).toBeLessThanOrEqual(bytes.length);
  });

  it('never throws and never points outside, whatever the bytes', () => {
    const whole = encodeDatagram(
      datagram({
        samples: [
          flowSample({ records: [sampledHeader(FRAME), record('extended_gateway'), record('http_request')] }),
          discardSample({ records: [sampledHeader(FRAME), record('sampled_ipv4')] }),
        ],
      }),
    );
    const context = new SampleContext();
    const walker = new DatagramWalker();
    const flips = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 8 });
    fc.assert(
      fc.property(flips, fc.nat(whole.length), (changes, end) => {
        const bytes = Uint8Array.from(whole);
        for (const [at, value] of changes) bytes[at] = value;
        if (walker.begin(bytes, 0, end) !== 0) return;
        for (let kind = walker.nextSample(); kind !== SAMPLE.end; kind = walker.nextSample()) {
          if (kind !== SAMPLE.flow && kind !== SAMPLE.discard) continue;
          fillSampleContext(context, walker);
          context.recordAt.forEach((at, slot) => {
            if (at >= 0) expect(context.recordEnds[slot]).toBeLessThanOrEqual(end);
          });
          expect(context.layers.end).toBeLessThanOrEqual(end);
        }
      }),
      { numRuns: 3000 },
    );
  });
});
