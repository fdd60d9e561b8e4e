import { describe, expect, it } from 'vitest';
import type { Datagram, FlowOrCounterRecord, FlowSample } from '../sflow/index.ts';
import { decodeDatagram } from '../sflow/index.ts';
import { FABRIC_SAMPLING_RATE } from './fabric/switch-agent.ts';
import { ATTACK_WINDOW } from './fabric/traffic.ts';
import { createFabric } from './fabric.ts';

const SECOND = 1000;

/** All datagrams of `seconds` of a fabric, decoded. */
function run(seconds: number, seed = 1): Datagram[] {
  const fabric = createFabric({ seed });
  const datagrams: Datagram[] = [];
  for (let now = 0; now <= seconds * SECOND; now += 100) {
    for (const bytes of fabric.next(5_000_000 + now)) {
      const { datagram, error } = decodeDatagram(bytes);
      if (datagram === undefined || error !== undefined) throw new Error(error);
      datagrams.push(datagram);
    }
  }
  return datagrams;
}

function fieldsOf(records: readonly FlowOrCounterRecord[], name: string) {
  return records.find((record) => record.name === name)?.fields;
}

const minute = run(60);
const samples = minute.flatMap((datagram) =>
  datagram.samples.map((sample) => ({ agent: datagram.agentAddress, sample })),
);
const flowSamples = samples.filter(
  (each): each is { agent: string; sample: FlowSample } => each.sample.kind === 'flow',
);

describe('a made-up fabric', () => {
  it('sends datagrams that decode wholly and fit into an Ethernet frame', () => {
    expect(samples.filter(({ sample }) => sample.kind === 'unknown')).toEqual([]);
    const records = samples.flatMap(({ sample }) => ('records' in sample ? sample.records : []));
    expect(records.filter((record) => record.fields === undefined || record.error !== undefined)).toEqual([]);
    const fabric = createFabric();
    let longest = 0;
    for (let now = 0; now < 40 * SECOND; now += 100) {
      for (const bytes of fabric.next(now)) longest = Math.max(longest, bytes.length);
    }
    expect(longest).toBeGreaterThan(1000);
    expect(longest).toBeLessThanOrEqual(1472);
  });

  it('gives the same bytes for the same seed, and others for another', () => {
    const bytesOf = (seed: number): string => {
      const fabric = createFabric({ seed });
      return [0, 300, 2000, 2050, 9000].map((now) => Buffer.concat(fabric.next(now)).toString('hex')).join();
    };
    expect(bytesOf(7)).toBe(bytesOf(7));
    expect(bytesOf(7)).not.toBe(bytesOf(8));
  });

  it('does not depend on how often it is asked', () => {
    const often = createFabric({ seed: 3 });
    const seldom = createFabric({ seed: 3 });
    const all: Uint8Array[] = [];
    for (let now = 0; now <= 3000; now += 50) all.push(...often.next(now));
    const some = [0, 1500, 3000].flatMap((now) => seldom.next(now));
    const sorted = (datagrams: Uint8Array[]): string[] =>
      datagrams.map((bytes) => Buffer.from(bytes).toString('hex')).sort();
    expect(sorted(some)).toEqual(sorted(all));
  });

  it('has an agent on each of six switches and sixteen hosts, and all of them speak', () => {
    const { agents } = createFabric();
    expect(new Set(agents).size).toBe(22);
    expect(new Set(minute.map((datagram) => datagram.agentAddress))).toEqual(new Set(agents));
  });

  it('leaves no gap in any sequence', () => {
    const last = new Map<string, number>();
    const gaps: string[] = [];
    const follows = (key: string, sequence: number): void => {
      if (sequence !== (last.get(key) ?? 0) + 1) gaps.push(`${key}: ${sequence}`);
      last.set(key, sequence);
    };
    for (const datagram of minute) {
      follows(datagram.agentAddress, datagram.sequenceNumber);
      for (const sample of datagram.samples) {
        if (!('sequenceNumber' in sample)) continue;
        const { class: sourceClass, index } = sample.sourceId;
        follows(`${datagram.agentAddress} ${sample.kind} ${sourceClass}:${index}`, sample.sequenceNumber);
      }
    }
    expect(gaps).toEqual([]);
  });

  it('samples one packet in so many: pools grow by the sampling rate', () => {
    const pools = new Map<string, number[]>();
    for (const { agent, sample } of flowSamples) {
      const key = `${agent} ${sample.sourceId.index}`;
      const pool = pools.get(key);
      if (pool === undefined) pools.set(key, [sample.samplePool]);
      else pool.push(sample.samplePool);
    }
    const busy = [...pools.values()].filter((pool) => pool.length > 1000);
    expect(busy.length).toBeGreaterThan(5);
    for (const pool of busy) {
      const mean = (pool[pool.length - 1] - pool[0]) / (pool.length - 1);
      expect(mean / FABRIC_SAMPLING_RATE).toBeGreaterThan(0.92);
      expect(mean / FABRIC_SAMPLING_RATE).toBeLessThan(1.08);
    }
  });

  it('counts on interfaces what the samples stand for', () => {
    const sampled = new Map<string, number>();
    const counted = new Map<string, number[]>();
    for (const { agent, sample } of samples) {
      if (sample.kind === 'flow') {
        const key = `${agent} ${sample.sourceId.index}`;
        const bytes = Number(fieldsOf(sample.records, 'sampled_header')?.frameLength) * sample.samplingRate;
        // Only what lies between the first and the last counters of this interface.
        if (counted.has(key)) sampled.set(key, (sampled.get(key) ?? 0) + bytes);
      } else if (sample.kind === 'counter') {
        const counters = fieldsOf(sample.records, 'if_counters');
        if (counters === undefined) continue;
        const key = `${agent} ${counters.ifIndex}`;
        counted.set(key, [...(counted.get(key) ?? []), Number(counters.ifInOctets), sampled.get(key) ?? 0]);
      }
    }
    let compared = 0;
    for (const polls of counted.values()) {
      const [octets, estimate] = [polls[polls.length - 2] - polls[0], polls[polls.length - 1]];
      if (estimate / 1000 / FABRIC_SAMPLING_RATE < 1000) continue;
      compared++;
      expect(estimate / octets).toBeGreaterThan(0.9);
      expect(estimate / octets).toBeLessThan(1.1);
    }
    expect(compared).toBeGreaterThan(10);
  });

  it("shows a host the other end of its switch port's counters", () => {
    const last = new Map<string, Record<string, unknown>>();
    for (const { agent, sample } of samples) {
      if (sample.kind !== 'counter') continue;
      const counters = fieldsOf(sample.records, 'if_counters');
      if (counters !== undefined) last.set(`${agent} ${counters.ifIndex}`, counters);
    }
    // web1 is on the first port of the first leaf; both are polled every four seconds, not together.
    const [port, host] = [last.get('192.0.2.11 1'), last.get('10.1.1.11 2')];
    expect(Number(host?.ifInOctets) / Number(port?.ifOutOctets)).toBeCloseTo(1, 0);
    expect(Number(host?.ifInOctets)).toBeGreaterThan(1e9);
  });

  it('is under attack for a part of every minute, and quiet otherwise', () => {
    const victim = Uint8Array.of(10, 1, 1, 11);
    let attacking = 0;
    let quiet = 0;
    for (const datagram of minute) {
      if (datagram.agentAddress !== '192.0.2.14') continue;
      const seconds = (datagram.uptime - 86_400_000) / 1000;
      for (const sample of datagram.samples) {
        if (sample.kind !== 'flow') continue;
        const header = fieldsOf(sample.records, 'sampled_header')?.header as Uint8Array;
        const reflected =
          header[12] === 8 &&
          header[23] === 17 &&
          header[34] === 0 &&
          header[35] === 53 &&
          victim.every((byte, i) => header[30 + i] === byte);
        if (!reflected || header[26] === 10) continue;
        if (seconds >= ATTACK_WINDOW.from && seconds < ATTACK_WINDOW.to + 0.5) attacking++;
        else quiet++;
      }
    }
    expect(attacking).toBeGreaterThan(1000);
    expect(quiet).toBe(0);
  });

  it('reports packets that the border drops', () => {
    const drops = samples.filter(({ sample }) => sample.kind === 'discard');
    expect(drops.length).toBeGreaterThan(50);
    for (const { agent, sample } of drops) {
      expect(agent).toBe('192.0.2.14');
      expect(sample).toMatchObject({ kind: 'discard', reason: 258 });
    }
  });

  it('catches up after a pause by two seconds at most, and ignores a clock that goes back', () => {
    const fabric = createFabric();
    fabric.next(0);
    const steady = fabric.next(2000).length;
    expect(fabric.next(1000)).toEqual([]);
    expect(fabric.next(3_600_000).length).toBeLessThan(2 * steady);
    expect(fabric.next(3_601_000).length).toBeGreaterThan(0);
  });
});
