import type { DatagramWalker } from '../sflow/index.ts';
import type { Agent } from './registry.ts';

/** Datagrams that may be waiting to be handed over. */
const SLOTS = 64;
/** Room for one: received ones are not longer, and these hold one of their samples. */
const SLOT_BYTES = 2048;
const VERSION = 5;
const EXPANDED_FLOW_SAMPLE = 3;
/** Byte of the sample pool in a flow sample, compact and expanded. */
const COMPACT_POOL = 12;
const EXPANDED_POOL = 16;

/** Makes datagrams of one sample each out of samples that were received. */
export class SampleDatagrams {
  readonly bytes = new Uint8Array(new ArrayBuffer(SLOTS * SLOT_BYTES));
  /** The datagram made last is `bytes[start, end)`. */
  start = 0;
  end = 0;
  private body = 0;
  private slot = 0;
  private readonly flush: () => void;

  /** @param flush has what was made so far handed over: its bytes are about to be written again */
  constructor(flush: () => void) {
    this.flush = flush;
  }

  /** A datagram of `agent` with the sample the walker stands on. False when it has no room. */
  make(agent: Agent, sequence: number, walker: DatagramWalker, sampleSequence: number): boolean {
    if (this.slot === SLOTS) {
      this.flush();
      this.slot = 0;
    }
    const { type, words, uptime } = agent;
    const { sampleStart, sampleEnd, sampleFormat } = walker;
    const length = sampleEnd - sampleStart;
    this.start = this.slot * SLOT_BYTES;
    this.end = this.start;
    this.write(VERSION);
    this.write(type);
    for (let i = 0; i < (type === 1 ? 1 : 4); i++) this.write(words[i]);
    this.write(0); // sub-agent
    this.write(sequence);
    this.write(uptime);
    this.write(1); // samples
    this.write(sampleFormat);
    this.write(length);
    if (this.end + length > this.start + SLOT_BYTES) return false;
    this.body = this.end;
    this.bytes.set(walker.bytes.subarray(sampleStart, sampleEnd), this.body);
    this.write(sampleSequence);
    this.end = this.body + length;
    this.slot++;
    return true;
  }

  /** Set the sample pool of the flow sample in the datagram made last. */
  setPool(pool: number, sampleFormat: number): void {
    const { end } = this;
    this.end = this.body + (sampleFormat === EXPANDED_FLOW_SAMPLE ? EXPANDED_POOL : COMPACT_POOL);
    this.write(pool);
    this.end = end;
  }

  private write(word: number): void {
    const { bytes, end } = this;
    bytes[end] = word >>> 24;
    bytes[end + 1] = word >>> 16;
    bytes[end + 2] = word >>> 8;
    bytes[end + 3] = word;
    this.end = end + 4;
  }
}
