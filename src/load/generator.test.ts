import { describe, expect, it } from 'vitest';
import { type CounterSample, type Datagram, decodeDatagram, type FlowSample } from '../sflow/index.ts';
import {
  COUNTER_INTERVAL,
  LOAD_DEFAULTS,
  LOAD_SAMPLING_RATE,
  LoadGenerator,
  type LoadOptions,
} from './generator.ts';

function generate(
  count: number,
  options: Partial<LoadOptions> = {},
): { generator: LoadGenerator; datagrams: Datagram[] } {
  const generator = new LoadGenerator({ ...LOAD_DEFAULTS, ...options });
  const datagrams: Datagram[] = [];
  while (datagrams.length < count) {
    const ready = generator.prepare(Math.min(64, count - datagrams.length), 5000);
    for (let slot = generator.first; slot < generator.first + ready; slot++) {
      const bytes = new Uint8Array(generator.memory, slot * generator.slotBytes, generator.lengths[slot]);
      const { datagram, error } = decodeDatagram(bytes);
      if (datagram === undefined || error !== undefined) throw new Error(error);
      datagrams.push(datagram);
    }
  }
  return { generator, datagrams };
}

function headerOf(sample: FlowSample): Uint8Array {
  return sample.records[0].fields?.header as Uint8Array;
}

const flowSamplesOf = (datagrams: readonly Datagram[]): FlowSample[] =>
  datagrams.flatMap((datagram) => datagram.samples.filter((sample) => sample.kind === 'flow'));

describe('the load generator', () => {
  // More than once around the ring.
  const { generator, datagrams } = generate(20_000);

  it('makes datagrams that decode, of the announced shape', () => {
    expect(new Set(datagrams.map((datagram) => datagram.agentAddress)).size).toBe(64);
    for (const [i, datagram] of datagrams.entries()) {
      const kind = i % COUNTER_INTERVAL === COUNTER_INTERVAL - 1 ? 'counter' : 'flow';
      if (datagram.samples.length !== 6 || datagram.samples.some((sample) => sample.kind !== kind)) {
        throw new Error(`datagram ${i} is not six ${kind} samples`);
      }
    }
    expect(generator.datagrams).toBe(20_000);
    expect(generator.samples).toBe(120_000);
    expect(datagrams[0].uptime).toBe(5000);
  });

  it('leaves no gap in any sequence or pool', () => {
    const last = new Map<string, number>();
    const gaps: string[] = [];
    const follows = (key: string, value: number, step = 1): void => {
      if (value !== (last.get(key) ?? 0) + step) gaps.push(`${key}: ${value}`);
      last.set(key, value);
    };
    for (const datagram of datagrams) {
      const agent = datagram.agentAddress;
      follows(agent, datagram.sequenceNumber);
      for (const sample of datagram.samples as (FlowSample | CounterSample)[]) {
        follows(`${agent} ${sample.kind} ${sample.sourceId.index}`, sample.sequenceNumber);
        if (sample.kind === 'flow') {
          follows(`${agent} pool ${sample.sourceId.index}`, sample.samplePool, LOAD_SAMPLING_RATE);
        }
      }
    }
    expect(gaps).toEqual([]);
    expect([...last.keys()].filter((key) => key.includes(' flow ')).length).toBe(64 * 48);
    expect([...last.keys()].filter((key) => key.includes(' counter ')).length).toBeGreaterThan(2000);
  });

  it('counts on interfaces exactly what the samples stand for', () => {
    const sums = new Map<string, { inOctets: number; outOctets: number; packets: number }>();
    const sumOf = (agent: string, port: number) => {
      const key = `${agent} ${port}`;
      if (!sums.has(key)) sums.set(key, { inOctets: 0, outOctets: 0, packets: 0 });
      return sums.get(key)!;
    };
    let compared = 0;
    for (const { agentAddress, samples } of datagrams) {
      for (const sample of samples) {
        if (sample.kind === 'flow') {
          const bytes = Number(sample.records[0].fields?.frameLength) * sample.samplingRate;
          const input = sumOf(agentAddress, sample.input.value);
          input.inOctets += bytes;
          input.packets += sample.samplingRate;
          sumOf(agentAddress, sample.output.value).outOctets += bytes;
        } else if (sample.kind === 'counter') {
          const { fields } = sample.records[0];
          const sum = sumOf(agentAddress, sample.sourceId.index);
          expect(Number(fields?.ifInOctets)).toBe(sum.inOctets);
          expect(Number(fields?.ifOutOctets)).toBe(sum.outOctets);
          expect(fields?.ifInUcastPkts).toBe(sum.packets);
          compared++;
        }
      }
    }
    expect(compared).toBe(2400);
  });

  it('draws flows with a heavy head and a long tail', () => {
    const seen = new Map<string, number>();
    const samples = flowSamplesOf(datagrams);
    for (const sample of samples) {
      const fiveTuple = Buffer.from(headerOf(sample).subarray(23, 38)).toString('hex');
      seen.set(fiveTuple, (seen.get(fiveTuple) ?? 0) + 1);
    }
    const counts = [...seen.values()].sort((a, b) => b - a);
    expect(counts.length).toBeGreaterThan(10_000);
    expect(counts[0] / samples.length).toBeGreaterThan(0.04);
  });

  it('writes IPv4 headers with a right checksum and length', () => {
    for (const sample of flowSamplesOf(datagrams.slice(0, 1000))) {
      const header = headerOf(sample);
      let sum = 0;
      for (let i = 14; i < 34; i += 2) sum += (header[i] << 8) | header[i + 1];
      while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
      if (sum !== 0xffff) throw new Error('wrong checksum');
      const ipLength = (header[16] << 8) | header[17];
      if (ipLength !== Number(sample.records[0].fields?.frameLength) - 18) throw new Error('wrong length');
    }
  });

  it('is the same for the same seed, and another for another', () => {
    const bytesOf = (seed: number): Buffer => {
      const { generator: one } = generate(100, { seed });
      return Buffer.from(one.memory.slice(0, 100 * one.slotBytes));
    };
    expect(bytesOf(1).equals(bytesOf(1))).toBe(true);
    expect(bytesOf(1).equals(bytesOf(2))).toBe(false);
  });

  it('mixes VLAN tags, IPv6 and VXLAN when asked', () => {
    const kinds = { vlan: 0, ip6: 0, vxlan: 0 };
    for (const sample of flowSamplesOf(generate(2000, { mix: 'mix' }).datagrams)) {
      const header = headerOf(sample);
      const tagged = header[12] === 0x81;
      if (tagged) kinds.vlan++;
      const at = tagged ? 16 : 12;
      if (header[at] === 0x86 && header[at + 1] === 0xdd) kinds.ip6++;
      else if (header[at + 11] === 17 && header[at + 24] === 0x12 && header[at + 25] === 0xb5) kinds.vxlan++;
    }
    for (const count of Object.values(kinds)) expect(count).toBeGreaterThan(500);
  });

  it('takes each flow once, in turn, when asked', () => {
    const sources = flowSamplesOf(generate(1000, { order: 'sequential', flows: 5000 }).datagrams).map(
      (sample) => Buffer.from(headerOf(sample)).readUInt32BE(26),
    );
    expect(sources.slice(0, 3)).toEqual([0x0a000000, 0x0a000001, 0x0a000002]);
    expect(new Set(sources.slice(0, 5000)).size).toBe(5000);
    expect(sources[5000]).toBe(sources[0]);
  });

  it.each([
    [1, 1],
    // 196 datagrams of packet samples from as many agents; counters come from the first four again.
    [16_000, 196],
  ])('serves %d agents', (agents, seen) => {
    const { datagrams: few } = generate(200, { agents, ports: 1, flows: 1, samples: 1 });
    expect(new Set(few.map((datagram) => datagram.agentAddress)).size).toBe(seen);
  });
});
