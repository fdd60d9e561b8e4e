import type { Random } from '../../src/load/random.ts';
import { SyntheticAgent, tcpHeader } from './synthetic-agent.ts';

const SAMPLES = 8;
const SAMPLING_RATE = 100;
/** An address that occurs nowhere else in the template: the source of each sampled packet. */
const MARK = { text: '203.0.113.77', bytes: [203, 0, 113, 77] };
/** Byte offsets in a datagram of an IPv4 agent. */
const AGENT = 8;
const SEQUENCE = 16;
/** Byte offsets of words of a compact flow sample, from the source address of its packet. */
const FROM_SOURCE = { sequence: -82, pool: -70, destination: 4, ports: 8 } as const;

/**
 * Datagrams of eight samples whose TCP flows are random, quickly: words of a template are overwritten, and the same
 * memory is given out again and again in turns of `slots`.
 */
export class RandomFlows {
  private readonly random: Random;
  private readonly template: Uint8Array;
  private readonly sources: readonly number[];

  constructor(random: Random) {
    this.random = random;
    const agent = new SyntheticAgent('0.0.0.0');
    const record = tcpHeader({ source: MARK.text, destination: '0.0.0.0' });
    const samples = Array.from({ length: SAMPLES }, () =>
      agent.flow([record], { samplingRate: SAMPLING_RATE }),
    );
    this.template = agent.datagram(samples);
    this.sources = [...this.template.keys()].filter((at) =>
      MARK.bytes.every((byte, i) => this.template[at + i] === byte),
    );
  }

  /** Samples in each datagram. */
  get samples(): number {
    return this.sources.length;
  }

  /** The `sequence`-th datagram (from 1) of the agent with this address word. */
  next(agent: number, sequence: number): Uint8Array {
    const { random, sources } = this;
    const payload = this.template.slice();
    const view = new DataView(payload.buffer);
    view.setUint32(AGENT, agent);
    view.setUint32(SEQUENCE, sequence);
    for (const [i, at] of sources.entries()) {
      const sampleSequence = (sequence - 1) * sources.length + i + 1;
      view.setUint32(at + FROM_SOURCE.sequence, sampleSequence);
      view.setUint32(at + FROM_SOURCE.pool, sampleSequence * SAMPLING_RATE);
      view.setInt32(at, random.word());
      view.setInt32(at + FROM_SOURCE.destination, random.word());
      view.setInt32(at + FROM_SOURCE.ports, random.word());
    }
    return payload;
  }
}
