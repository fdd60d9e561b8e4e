/**
 * A mutator that knows how a datagram is built: it damages lengths, counts and formats where they are, cuts and joins
 * at the edges of samples and records, and goes for the headers inside sampled packets; and it flips bits anywhere.
 */
import type { Random } from '../../src/load/random.ts';

/** A datagram and what lies where in it. */
export interface Specimen {
  readonly bytes: Uint8Array;
  /** Offsets of words that count bytes, count things, or say what something is. */
  readonly lengths: readonly number[];
  readonly counts: readonly number[];
  readonly formats: readonly number[];
  /** Extents of samples and records: [begin, end). */
  readonly samples: readonly Extent[];
  readonly records: readonly Extent[];
  /** Extents of sampled packet headers. */
  readonly headers: readonly Extent[];
  /** Offsets of samples' sequence numbers. */
  readonly sequences: readonly number[];
  /** Offset of the datagram's own sequence number, of its address, and of the count of samples; -1 when there is none. */
  readonly sequence: number;
  readonly address: number;
  readonly sampleCount: number;
}

interface Extent {
  readonly begin: number;
  readonly end: number;
}

/** Most bytes that a mutated datagram has, except for the oversize ones. */
const LONGEST = 2048;
const OVERSIZE = 9000;
/** Bytes that a buffer for mutated datagrams needs. */
export const BUFFER_BYTES = OVERSIZE;

const INTERESTING = [
  0, 1, 2, 3, 4, 5, 7, 8, 16, 127, 128, 255, 256, 0x3fffffff, 0x7fffffff, 0x80000000, 0xfffffffc, 0xffffffff,
]; // prettier-ignore
const ETHER_TYPES = [
  0x0800, 0x0806, 0x8100, 0x88a8, 0x86dd, 0x8847, 0x8863, 0x8864, 0x88cc, 0x8809, 0x8906, 0x8915, 0x22f3,
  0x88e7, 0x894f, 0x88e5, 0x88f7, 0x6558, 0, 64,
]; // prettier-ignore
const IP_PROTOCOLS = [
  0, 1, 2, 4, 6, 17, 41, 43, 44, 47, 50, 51, 58, 59, 60, 88, 89, 103, 112, 115, 132, 137, 255,
];
const PORTS = [
  53, 67, 68, 80, 123, 179, 443, 520, 546, 1701, 1900, 2152, 3784, 4739, 4789, 4790, 4791, 5353, 6081, 6343,
];

/** Find the parts of a datagram that is whole. Parts of versions 2 and 4 are not known; their words are damaged blindly. */
export function dissectSpecimen(bytes: Uint8Array): Specimen {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const parts = { lengths: [0], counts: [0], formats: [0], sequences: [0], samples: [{ begin: 0, end: 0 }] };
  for (const list of Object.values(parts)) list.length = 0;
  const records: Extent[] = [];
  const headers: Extent[] = [];
  if (view.getUint32(0) !== 5) {
    return { bytes, ...parts, records, headers, sequence: -1, address: -1, sampleCount: -1 };
  }
  const afterAddress = 8 + (view.getUint32(4) === 2 ? 16 : 4);
  const sampleCount = afterAddress + 12;
  parts.formats.push(4);
  let at = sampleCount + 4;
  for (let left = view.getUint32(sampleCount); left > 0; left--) {
    const format = view.getUint32(at);
    const end = at + 8 + view.getUint32(at + 4);
    parts.samples.push({ begin: at, end });
    parts.formats.push(at);
    parts.lengths.push(at + 4);
    parts.sequences.push(at + 8);
    const recordCount = RECORD_COUNT_AT[format];
    if (recordCount !== undefined) {
      let record = at + 8 + recordCount;
      parts.counts.push(record);
      for (record += 4; record + 8 <= end; ) {
        const recordFormat = view.getUint32(record);
        const recordEnd = record + 8 + view.getUint32(record + 4);
        records.push({ begin: record, end: recordEnd });
        parts.formats.push(record);
        parts.lengths.push(record + 4);
        if (recordFormat === 1 && format !== 2 && format !== 4) {
          parts.formats.push(record + 8);
          parts.lengths.push(record + 20);
          headers.push({ begin: record + 24, end: recordEnd });
        }
        record = recordEnd;
      }
    }
    at = end;
  }
  return { bytes, ...parts, records, headers, sequence: afterAddress + 4, address: 8, sampleCount };
}

/** Bytes of a sample's body before its number of records, by sample format. */
const RECORD_COUNT_AT: Readonly<Record<number, number>> = { 1: 28, 2: 8, 3: 40, 4: 12, 5: 28 };

/** Writes mutated datagrams into one buffer, again and again. */
export class Mutator {
  /** `buffer[0, length)` is the last datagram made. */
  readonly buffer = new Uint8Array(BUFFER_BYTES);
  length = 0;
  private readonly view = new DataView(this.buffer.buffer);
  private readonly specimens: readonly Specimen[];

  constructor(specimens: readonly Specimen[]) {
    this.specimens = specimens;
  }

  /**
   * Make datagram number `number`. The same number and random sequence give the same bytes. Sequence numbers mostly follow the
   * number, so that a collector does not turn the datagram away before it has looked inside.
   */
  make(number: number, random: Random): void {
    const specimen = random.pick(this.specimens);
    this.buffer.set(specimen.bytes);
    this.length = specimen.bytes.length;
    if (specimen.sequence >= 0 && random.unit() < 0.95) this.keepInSequence(specimen, number, random);
    for (let rounds = 1 + random.below(3); rounds > 0; rounds--) this.mutate(specimen, random);
  }

  private keepInSequence(specimen: Specimen, number: number, random: Random): void {
    this.set(specimen.sequence, number);
    for (const at of specimen.sequences) this.set(at, random.unit() < 0.9 ? number : random.word());
    // A few agents, so that each is met often; now and then one of many.
    if (specimen.address === 8 && random.unit() < 0.9) {
      this.set(specimen.address, random.unit() < 0.95 ? 0x0a000001 + random.below(6) : random.word());
    }
  }

  private mutate(specimen: Specimen, random: Random): void {
    const { buffer } = this;
    if (this.length === 0) return;
    switch (random.below(16)) {
      case 0:
        buffer[random.below(this.length)] ^= 1 << random.below(8);
        return;
      case 1:
        buffer[random.below(this.length)] = random.word();
        return;
      case 2:
        this.set(
          random.below(this.length) & ~3,
          random.unit() < 0.5 ? random.pick(INTERESTING) : random.word(),
        );
        return;
      case 3:
      case 4:
        this.damageNumber(specimen.lengths, random, [1, 2, 3, 4, 8, -1, -2, -4, -8]);
        return;
      case 5:
        this.damageNumber([...specimen.counts, specimen.sampleCount], random, [1, 2, -1, 100]);
        return;
      case 6:
        this.damageFormat(specimen, random);
        return;
      case 7:
        this.length = random.below(this.length + 1);
        return;
      case 8:
        this.length = this.edge(specimen, random) + random.below(4);
        return;
      case 9:
        this.extend(random);
        return;
      case 10:
        this.duplicate(specimen.records, random);
        return;
      case 11:
        this.duplicate(specimen.samples, random);
        if (random.unit() < 0.7) this.bump(specimen.sampleCount, 1);
        return;
      case 12:
        this.splice(specimen, random);
        return;
      case 13:
      case 14:
        this.damageHeader(specimen, random);
        return;
      default:
        this.remove(random.unit() < 0.5 ? specimen.records : specimen.samples, random);
    }
  }

  private damageNumber(offsets: readonly number[], random: Random, steps: readonly number[]): void {
    if (offsets.length === 0) return;
    const at = random.pick(offsets);
    if (at < 0) return;
    if (random.unit() < 0.6) this.bump(at, random.pick(steps));
    else if (random.unit() < 0.5) this.set(at, random.pick(INTERESTING));
    else this.set(at, this.length - at - 4 - random.below(9));
  }

  private damageFormat(specimen: Specimen, random: Random): void {
    const other = random.pick(this.specimens);
    if (specimen.formats.length === 0 || other.formats.length === 0) return;
    const word = new DataView(other.bytes.buffer, other.bytes.byteOffset).getUint32(
      random.pick(other.formats),
    );
    this.set(random.pick(specimen.formats), random.unit() < 0.8 ? word : random.word());
  }

  /** Put words that dissectors look for into a sampled packet. */
  private damageHeader(specimen: Specimen, random: Random): void {
    if (specimen.headers.length === 0) return;
    const { begin, end } = random.pick(specimen.headers);
    const at = begin + random.below(Math.min(end - begin, 80));
    const value = random.below(4);
    if (value === 0) this.set16(random.unit() < 0.5 ? begin + 12 : at, random.pick(ETHER_TYPES));
    else if (value === 1) this.put(random.unit() < 0.5 ? begin + 23 : at, random.pick(IP_PROTOCOLS));
    else if (value === 2) this.set16(random.unit() < 0.5 ? begin + 36 : at, random.pick(PORTS));
    else this.put(random.unit() < 0.3 ? begin + 14 : at, random.word());
  }

  private extend(random: Random): void {
    const longest = random.unit() < 0.02 ? OVERSIZE : LONGEST;
    const end = Math.min(longest, this.length + 1 + random.below(longest));
    for (let at = this.length; at < end; at++) this.buffer[at] = random.word();
    this.length = Math.max(this.length, end);
  }

  private duplicate(extents: readonly Extent[], random: Random): void {
    const extent = this.present(extents, random);
    if (extent === undefined) return;
    const size = extent.end - extent.begin;
    if (this.length + size > LONGEST) return;
    this.buffer.copyWithin(extent.end, extent.begin, this.length);
    this.length += size;
  }

  private remove(extents: readonly Extent[], random: Random): void {
    const extent = this.present(extents, random);
    if (extent === undefined) return;
    this.buffer.copyWithin(extent.begin, extent.end, this.length);
    this.length -= extent.end - extent.begin;
  }

  /** The head of this datagram with the tail of another. */
  private splice(specimen: Specimen, random: Random): void {
    const other = random.pick(this.specimens);
    const from =
      other.samples.length > 0 ? random.pick(other.samples).begin : random.below(other.bytes.length);
    const at = Math.min(this.length, this.edge(specimen, random));
    const tail = other.bytes.subarray(from, from + LONGEST - at);
    this.buffer.set(tail, at);
    this.length = at + tail.length;
    if (random.unit() < 0.5) this.bump(specimen.sampleCount, random.below(8));
  }

  private edge(specimen: Specimen, random: Random): number {
    const extent = this.present(random.unit() < 0.5 ? specimen.records : specimen.samples, random);
    if (extent === undefined) return random.below(this.length);
    return random.unit() < 0.5 ? extent.begin : extent.end;
  }

  /** One of the extents that have not been cut off since. */
  private present(extents: readonly Extent[], random: Random): Extent | undefined {
    if (extents.length === 0) return undefined;
    const extent = random.pick(extents);
    return extent.end <= this.length ? extent : undefined;
  }

  private bump(at: number, step: number): void {
    if (at >= 0 && at + 4 <= this.length) this.view.setUint32(at, this.view.getUint32(at) + step);
  }

  private set(at: number, word: number): void {
    if (at + 4 <= this.length) this.view.setUint32(at, word);
  }

  private set16(at: number, word: number): void {
    if (at + 2 <= this.length) this.view.setUint16(at, word);
  }

  private put(at: number, byte: number): void {
    if (at < this.length) this.buffer[at] = byte;
  }
}
