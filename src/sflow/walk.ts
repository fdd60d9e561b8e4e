import { i32, u32 } from '../common/index.ts';

/** What a step of the walker ended in. `ok` is 0; everything else names the fault and is counted by its name. */
export const WALK = {
  ok: 0,
  /** Fewer bytes than a header, or an address of an unknown type (sFlow v5 `address`: 1 IPv4, 2 IPv6). */
  shortHeader: 1,
  badAddress: 2,
  /** Neither 2, 4 nor 5. Versions 2 and 4 are for the caller to convert. */
  badVersion: 3,
  /** A sample's length reaches beyond the datagram. */
  sampleLength: 4,
  /** A sample is too short for the fixed part of its type. */
  sampleShort: 5,
  /** A record's length reaches beyond its sample. */
  recordLength: 6,
  /** More samples announced than there are. */
  sampleCount: 7,
} as const;

/** Kinds of samples as the walker reports them. */
export const SAMPLE = {
  end: 0,
  flow: 1,
  counter: 2,
  discard: 3,
  rtmetric: 4,
  rtflow: 5,
  unknown: 6,
} as const;

/** Format words: enterprise in the upper 20 bits, format in the lower 12 (sFlow v5 `data_format`). */
const RTMETRIC = (4300 << 12) | 1002;
const RTFLOW = (4300 << 12) | 1003;

/**
 * Walks a version 5 datagram in place: `begin`, then `nextSample` until it returns `SAMPLE.end`, and inside a sample
 * `nextRecord` until it returns false. All state is in fields that stay small integers (words are kept signed), so
 * nothing is allocated. Lengths from the wire are compared with the bytes that are there before anything is read;
 * `fault` says what was wrong, and what came before it stays valid.
 *
 * Trailing bytes and surplus samples are ignored; unknown samples and records are stepped over by their length.
 */
export class DatagramWalker {
  bytes: Uint8Array = new Uint8Array(0);
  private at = 0;
  private end = 0;
  private samplesLeft = 0;
  private recordsLeft = 0;
  private recordNext = 0;
  private sampleNext = 0;

  /** One of WALK. Set by `begin` and by a step that failed. */
  fault: number = WALK.ok;

  /** 1 IPv4 (agent0 only), 2 IPv6 (agent0…agent3). */
  agentType = 0;
  agent0 = 0;
  agent1 = 0;
  agent2 = 0;
  agent3 = 0;
  subAgent = 0;
  sequence = 0;
  /** sysUpTime, ms, signed word. */
  uptime = 0;

  /** The sample's format word, and the extent of its body. */
  sampleFormat = 0;
  sampleStart = 0;
  sampleEnd = 0;
  sampleSequence = 0;
  sourceClass = 0;
  sourceIndex = 0;
  samplingRate = 0;
  samplePool = 0;
  drops = 0;
  /** Interface: format 0 ifIndex, 1 discarded, 2 multiple, 3 reserved; `internal` (compact 0x3FFFFFFF) has format 0. */
  inputFormat = 0;
  input = 0;
  outputFormat = 0;
  output = 0;
  expanded = false;
  /** Discard samples: why. */
  reason = 0;

  recordFormat = 0;
  recordStart = 0;
  recordEnd = 0;

  /** Read the header. Returns one of WALK. The agent's fields are valid for `ok` only. */
  begin(bytes: Uint8Array, start: number, end: number): number {
    this.bytes = bytes;
    this.samplesLeft = 0;
    this.recordsLeft = 0;
    if (end - start < 8) return (this.fault = WALK.shortHeader);
    if (i32(bytes, start) !== 5) return (this.fault = WALK.badVersion);
    const type = i32(bytes, start + 4);
    let at = start + 8;
    if (type === 1) {
      if (end - at < 20) return (this.fault = WALK.shortHeader);
      this.agent0 = i32(bytes, at);
      this.agent1 = 0;
      this.agent2 = 0;
      this.agent3 = 0;
      at += 4;
    } else if (type === 2) {
      if (end - at < 32) return (this.fault = WALK.shortHeader);
      this.agent0 = i32(bytes, at);
      this.agent1 = i32(bytes, at + 4);
      this.agent2 = i32(bytes, at + 8);
      this.agent3 = i32(bytes, at + 12);
      at += 16;
    } else return (this.fault = WALK.badAddress);
    this.agentType = type;
    this.subAgent = i32(bytes, at);
    this.sequence = i32(bytes, at + 4);
    this.uptime = i32(bytes, at + 8);
    // A count beyond what could fit is a fault found when the bytes run out, never a loop bound by itself.
    const count = u32(bytes, at + 12);
    this.samplesLeft = count > 0xffff ? 0x10000 : count;
    this.at = at + 16;
    this.end = end;
    this.sampleNext = this.at;
    return (this.fault = WALK.ok);
  }

  /** Step to the next sample. Returns one of SAMPLE; `end` when there is none left or on a fault. */
  nextSample(): number {
    if (this.samplesLeft <= 0) return SAMPLE.end;
    const bytes = this.bytes;
    const at = this.sampleNext;
    if (this.end - at < 8) {
      this.samplesLeft = 0;
      this.fault = WALK.sampleCount;
      return SAMPLE.end;
    }
    const length = u32(bytes, at + 4);
    const start = at + 8;
    if (length > this.end - start) {
      this.samplesLeft = 0;
      this.fault = WALK.sampleLength;
      return SAMPLE.end;
    }
    this.samplesLeft--;
    const end = start + length;
    this.sampleStart = start;
    this.sampleEnd = end;
    this.sampleNext = end;
    const format = (this.sampleFormat = i32(bytes, at));
    switch (format) {
      case 1: {
        if (length < 32) return this.shortSample();
        this.sampleSequence = i32(bytes, start);
        const source = i32(bytes, start + 4);
        this.sourceClass = source >>> 24;
        this.sourceIndex = source & 0xffffff;
        this.samplingRate = i32(bytes, start + 8);
        this.samplePool = i32(bytes, start + 12);
        this.drops = i32(bytes, start + 16);
        const input = i32(bytes, start + 20);
        this.inputFormat = input >>> 30;
        this.input = input & 0x3fffffff;
        const output = i32(bytes, start + 24);
        this.outputFormat = output >>> 30;
        this.output = output & 0x3fffffff;
        this.expanded = false;
        this.records(start + 28);
        return SAMPLE.flow;
      }
      case 3:
        if (length < 44) return this.shortSample();
        this.sampleSequence = i32(bytes, start);
        this.sourceClass = i32(bytes, start + 4);
        this.sourceIndex = i32(bytes, start + 8);
        this.samplingRate = i32(bytes, start + 12);
        this.samplePool = i32(bytes, start + 16);
        this.drops = i32(bytes, start + 20);
        this.inputFormat = i32(bytes, start + 24);
        this.input = i32(bytes, start + 28);
        this.outputFormat = i32(bytes, start + 32);
        this.output = i32(bytes, start + 36);
        this.expanded = true;
        this.records(start + 40);
        return SAMPLE.flow;
      case 2: {
        if (length < 12) return this.shortSample();
        this.sampleSequence = i32(bytes, start);
        const source = i32(bytes, start + 4);
        this.sourceClass = source >>> 24;
        this.sourceIndex = source & 0xffffff;
        this.expanded = false;
        this.records(start + 8);
        return SAMPLE.counter;
      }
      case 4:
        if (length < 16) return this.shortSample();
        this.sampleSequence = i32(bytes, start);
        this.sourceClass = i32(bytes, start + 4);
        this.sourceIndex = i32(bytes, start + 8);
        this.expanded = true;
        this.records(start + 12);
        return SAMPLE.counter;
      case 5:
        if (length < 32) return this.shortSample();
        this.sampleSequence = i32(bytes, start);
        this.sourceClass = i32(bytes, start + 4);
        this.sourceIndex = i32(bytes, start + 8);
        this.drops = i32(bytes, start + 12);
        this.inputFormat = 0;
        this.input = i32(bytes, start + 16);
        this.outputFormat = 0;
        this.output = i32(bytes, start + 20);
        this.reason = i32(bytes, start + 24);
        this.expanded = true;
        this.records(start + 28);
        return SAMPLE.discard;
      case RTMETRIC:
        this.recordsLeft = 0;
        return SAMPLE.rtmetric;
      case RTFLOW:
        this.recordsLeft = 0;
        return SAMPLE.rtflow;
      default:
        this.recordsLeft = 0;
        return SAMPLE.unknown;
    }
  }

  /** Step to the next record of the present sample: `recordFormat`, `recordStart`, `recordEnd`. False at the end, or on a fault. */
  nextRecord(): boolean {
    if (this.recordsLeft <= 0) return false;
    const at = this.recordNext;
    const room = this.sampleEnd - at - 8;
    const length = room >= 0 ? u32(this.bytes, at + 4) : 0;
    if (room < 0 || length > room) {
      this.recordsLeft = 0;
      this.fault = WALK.recordLength;
      return false;
    }
    this.recordsLeft--;
    this.recordFormat = i32(this.bytes, at);
    this.recordStart = at + 8;
    this.recordNext = this.recordEnd = at + 8 + length;
    return true;
  }

  private records(at: number): void {
    const count = u32(this.bytes, at);
    this.recordsLeft = count > 0xffff ? 0x10000 : count;
    this.recordNext = at + 4;
  }

  private shortSample(): number {
    this.samplesLeft = 0;
    this.recordsLeft = 0;
    this.fault = WALK.sampleShort;
    return SAMPLE.end;
  }
}
