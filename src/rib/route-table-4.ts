import { BLOCK_SHIFT, RECORD4, RECORD4_SHIFT, type RouteMemory, SHORT_AT } from './memory.ts';
import { PrefixIndex } from './prefix-index.ts';

/**
 * IPv4 routes for longest match. A directory has a word for each /24: the record of the longest prefix of 17 to 24 bits
 * that covers it, 0 for none, or ~b when there are longer prefixes inside, which block b tells for each address. Behind
 * it a word for each /16 tells the longest prefix of up to 16 bits, so that a short prefix is no more than 65,536 words.
 * A lookup reads one or two words, and the record.
 */
export class RouteTable4 {
  /** Prefixes that have a route. */
  count = 0;
  private readonly memory: RouteMemory;
  private readonly index: PrefixIndex;
  private readonly freeRecords: number[] = [];
  private readonly freeBlocks: number[] = [];
  private records = 1;
  private blocks = 0;
  /** How many prefixes longer than 24 bits are in each block. */
  private readonly inBlock: number[] = [];
  /** How many prefixes there are of each length. */
  private readonly ofLength = new Uint32Array(33);

  constructor(memory: RouteMemory) {
    this.memory = memory;
    const { records4 } = memory;
    this.index = new PrefixIndex(
      (record) => records4.get((record << RECORD4_SHIFT) + RECORD4.prefix),
      (record) => records4.get((record << RECORD4_SHIFT) + RECORD4.length),
    );
  }

  /** Memory beside what is shared. */
  get privateBytes(): number {
    return this.index.bytes;
  }

  /** Highest number of a record so far. */
  get highest(): number {
    return this.records - 1;
  }

  /** The record of a prefix whose host bits are 0; 0 for none. */
  find(prefix: number, length: number): number {
    return this.index.find(prefix, length);
  }

  attributesOf(record: number): number {
    return this.memory.records4.get((record << RECORD4_SHIFT) + RECORD4.attributes);
  }

  /** Give a record other attributes. */
  replace(record: number, attributes: number): void {
    this.memory.records4.publish((record << RECORD4_SHIFT) + RECORD4.attributes, attributes);
  }

  /** Add a prefix that is not there yet; gives its record. */
  add(prefix: number, length: number, attributes: number): number {
    const { memory } = this;
    const record = this.freeRecords.pop() ?? this.records++;
    const at = record << RECORD4_SHIFT;
    memory.records4.reserve(at + (1 << RECORD4_SHIFT));
    memory.records4.set(at + RECORD4.prefix, prefix);
    memory.records4.set(at + RECORD4.length, length);
    memory.records4.set(at + RECORD4.serial, memory.nextSerial());
    memory.records4.set(at + RECORD4.attributes, attributes);
    this.index.add(record);
    this.ofLength[length]++;
    this.count++;
    const directory = memory.directory();
    if (length <= 16) {
      const from = SHORT_AT + (prefix >>> 16);
      this.cover(directory, from, from + 2 ** (16 - length), record, length);
    } else if (length <= 24) {
      const from = prefix >>> 8;
      const end = from + 2 ** (24 - length);
      for (let i = from; i < end; i++) {
        if (directory[i] >= 0) this.cover(directory, i, i + 1, record, length);
        else this.coverBlock(~directory[i], 0, 256, record, length);
      }
    } else {
      const block = this.blockFor(directory, prefix >>> 8);
      this.inBlock[block]++;
      this.coverBlock(block, prefix & 255, (prefix & 255) + 2 ** (32 - length), record, length);
    }
    return record;
  }

  remove(record: number): void {
    const { memory } = this;
    const at = record << RECORD4_SHIFT;
    const prefix = memory.records4.get(at + RECORD4.prefix);
    const length = memory.records4.get(at + RECORD4.length);
    this.index.remove(record);
    this.ofLength[length]--;
    this.count--;
    const cover = this.coverOf(prefix, length);
    const directory = memory.directory();
    if (length <= 16) {
      const from = SHORT_AT + (prefix >>> 16);
      uncover(directory, from, from + 2 ** (16 - length), record, cover);
    } else if (length <= 24) {
      const from = prefix >>> 8;
      const end = from + 2 ** (24 - length);
      for (let i = from; i < end; i++) {
        if (directory[i] >= 0) uncover(directory, i, i + 1, record, cover);
        else this.uncoverBlock(~directory[i], 0, 256, record, cover);
      }
    } else {
      const block = ~directory[prefix >>> 8];
      this.uncoverBlock(block, prefix & 255, (prefix & 255) + 2 ** (32 - length), record, cover);
      if (--this.inBlock[block] === 0) {
        // All its words are equal now.
        Atomics.store(directory, prefix >>> 8, memory.blocks.get(block << BLOCK_SHIFT));
        memory.retire(this.freeBlocks, block);
      }
    }
    memory.records4.publish(at + RECORD4.attributes, 0);
    memory.retire(this.freeRecords, record);
  }

  /** Every record in use. */
  *all(): Generator<number> {
    for (let record = 1; record < this.records; record++) if (this.attributesOf(record) !== 0) yield record;
  }

  private lengthOf(record: number): number {
    return this.memory.records4.get((record << RECORD4_SHIFT) + RECORD4.length);
  }

  /** The longest shorter prefix that is kept in the same words, 0 for none. */
  private coverOf(prefix: number, length: number): number {
    const least = length <= 16 ? 0 : 17;
    for (let l = length - 1; l >= least; l--) {
      if (this.ofLength[l] === 0) continue;
      const record = this.index.find(l === 0 ? 0 : prefix & -(2 ** (32 - l)), l);
      if (record !== 0) return record;
    }
    return 0;
  }

  private cover(words: Int32Array, from: number, end: number, record: number, length: number): void {
    for (let i = from; i < end; i++) {
      const before = words[i];
      if (before === 0 || this.lengthOf(before) < length) Atomics.store(words, i, record);
    }
  }

  private coverBlock(block: number, from: number, end: number, record: number, length: number): void {
    const { blocks } = this.memory;
    const at = block << BLOCK_SHIFT;
    for (let i = at + from; i < at + end; i++) {
      const before = blocks.get(i);
      if (before === 0 || this.lengthOf(before) < length) blocks.publish(i, record);
    }
  }

  private uncoverBlock(block: number, from: number, end: number, record: number, cover: number): void {
    const { blocks } = this.memory;
    const at = block << BLOCK_SHIFT;
    for (let i = at + from; i < at + end; i++) if (blocks.get(i) === record) blocks.publish(i, cover);
  }

  /** The block of a /24, made when there is none. */
  private blockFor(directory: Int32Array, slot: number): number {
    const before = directory[slot];
    if (before < 0) return ~before;
    const block = this.freeBlocks.pop() ?? this.blocks++;
    const at = block << BLOCK_SHIFT;
    this.memory.blocks.reserve(at + (1 << BLOCK_SHIFT));
    for (let i = 0; i < 256; i++) this.memory.blocks.set(at + i, before);
    this.inBlock[block] = 0;
    Atomics.store(directory, slot, ~block);
    return block;
  }
}

function uncover(words: Int32Array, from: number, end: number, record: number, cover: number): void {
  for (let i = from; i < end; i++) if (words[i] === record) Atomics.store(words, i, cover);
}
