import { SET, SET_SHIFT } from './attribute-layout.ts';
import {
  BLOCK_SHIFT,
  CONTROL,
  NODE6,
  NODE6_SHIFT,
  RECORD4,
  RECORD4_SHIFT,
  SHORT_AT,
  type SharedRoutes,
} from './memory.ts';
import { type RouteFacts, routeFacts } from './route-facts.ts';
import { SEGMENT_MASK, SEGMENT_SHIFT } from './shared-words.ts';

/** How often a lookup is tried while the writer uses memory again. */
const TRIES = 16;
/** Sets whose facts are kept. */
const KEPT_FACTS = 50_000;

/**
 * Reads a route table in any thread, without locks and without waiting. A lookup sees the table as it was at some moment
 * while it ran. Nothing is allocated.
 */
export class RouteReader {
  /** Of the last lookup: the set of attributes of the route found, 0 for none. */
  attributes = 0;
  /** Generation at the last lookup: `isCurrent` says whether what it gave may still be read. */
  generation = 0;
  /** Lookups that found no moment of rest, and gave nothing. */
  unsettled = 0;
  private control: Int32Array = new Int32Array(0);
  private directory: Int32Array | undefined;
  private blocks: readonly Int32Array[] = [];
  private records4: readonly Int32Array[] = [];
  private nodes6: readonly Int32Array[] = [];
  private serials6: readonly Int32Array[] = [];
  private sets: readonly Int32Array[] = [];
  /** By the serial number of their set. */
  private readonly known = new Map<number, RouteFacts>();

  constructor(routes: SharedRoutes) {
    this.use(routes);
  }

  /** Take over what the writer has shared anew. */
  use(routes: SharedRoutes): void {
    const before = this.identity;
    this.control = new Int32Array(routes.control);
    // Another table counts its sets from the beginning.
    if (this.identity !== before) this.known.clear();
    this.directory = routes.directory === undefined ? undefined : new Int32Array(routes.directory);
    this.blocks = views(routes.blocks);
    this.records4 = views(routes.records4);
    this.nodes6 = views(routes.nodes6);
    this.serials6 = views(routes.serials6);
    this.sets = views(routes.attributes);
  }

  /** Which memory this is: another one after each session. */
  get identity(): number {
    return this.control[CONTROL.identity];
  }

  get peerAs(): number {
    return this.control[CONTROL.peerAs] >>> 0;
  }

  /** Begin to read what is not found by a lookup: `isCurrent` then tells of what is read from now on. */
  begin(): void {
    this.generation = Atomics.load(this.control, CONTROL.generation);
  }

  /** True while what the last lookup gave has not become something else. */
  isCurrent(): boolean {
    return Atomics.load(this.control, CONTROL.generation) === this.generation;
  }

  /** Record of the longest prefix that covers an IPv4 address, 0 for none; its attributes are in `attributes`. */
  lookup4(address: number): number {
    const { control } = this;
    for (let i = 0; i < TRIES; i++) {
      const generation = Atomics.load(control, CONTROL.generation);
      const record = this.find4(address);
      const attributes = record === 0 ? 0 : this.word4(record, RECORD4.attributes);
      // Without attributes: removed since it was found.
      if (record !== 0 && attributes === 0) continue;
      if (Atomics.load(control, CONTROL.generation) !== generation) continue;
      return this.found(record, attributes, generation);
    }
    this.unsettled++;
    return this.found(0, 0, 0);
  }

  /** The same for IPv6: gives the number of a node. */
  lookup6(w0: number, w1: number, w2: number, w3: number): number {
    const { control } = this;
    for (let i = 0; i < TRIES; i++) {
      const generation = Atomics.load(control, CONTROL.generation);
      const node = this.find6(w0, w1, w2, w3);
      const { attributes } = this;
      if (Atomics.load(control, CONTROL.generation) !== generation) continue;
      return this.found(node, attributes, generation);
    }
    this.unsettled++;
    return this.found(0, 0, 0);
  }

  /** Record of an IPv4 prefix: its words, by RECORD4. */
  word4(record: number, word: number): number {
    const at = (record << RECORD4_SHIFT) + word;
    const segment = this.records4[at >>> SEGMENT_SHIFT];
    return segment === undefined ? 0 : segment[at & SEGMENT_MASK];
  }

  /** Node of an IPv6 prefix: its words, by NODE6. */
  word6(node: number, word: number): number {
    const at = (node << NODE6_SHIFT) + word;
    const segment = this.nodes6[at >>> SEGMENT_SHIFT];
    return segment === undefined ? 0 : segment[at & SEGMENT_MASK];
  }

  /** Tells apart the routes that a record or node has stood for. */
  serial(version: 4 | 6, route: number): number {
    if (version === 4) return this.word4(route, RECORD4.serial);
    const segment = this.serials6[route >>> SEGMENT_SHIFT];
    return segment === undefined ? 0 : segment[route & SEGMENT_MASK];
  }

  /** A word of a set of attributes; 0 when the set is not to be had here. */
  setWord(set: number, word: number): number {
    const at = (set << SET_SHIFT) + word;
    const segment = this.sets[at >>> SEGMENT_SHIFT];
    return segment === undefined ? 0 : segment[at & SEGMENT_MASK];
  }

  /** What a set of attributes tells; undefined when it has become another since the last lookup. */
  facts(set: number): RouteFacts | undefined {
    const serial = this.setWord(set, SET.serial);
    let facts = this.known.get(serial);
    if (facts === undefined) {
      const words = this.setWords(set);
      if (!this.isCurrent()) return undefined;
      facts = routeFacts(words);
      if (this.known.size >= KEPT_FACTS) this.known.clear();
      this.known.set(serial, facts);
    }
    return this.isCurrent() ? facts : undefined;
  }

  /** A copy of a set of attributes. */
  setWords(set: number): Int32Array {
    const at = set << SET_SHIFT;
    const segment = this.sets[at >>> SEGMENT_SHIFT];
    const from = at & SEGMENT_MASK;
    return segment === undefined ? new Int32Array(0) : segment.slice(from, from + segment[from + SET.size]);
  }

  private found(route: number, attributes: number, generation: number): number {
    const open = Atomics.load(this.control, CONTROL.closed) === 0;
    this.attributes = open ? attributes : 0;
    this.generation = generation;
    return open ? route : 0;
  }

  private find4(address: number): number {
    const { directory } = this;
    if (directory === undefined) return 0;
    let record = directory[address >>> 8];
    if (record < 0) {
      const at = (~record << BLOCK_SHIFT) + (address & 255);
      const segment = this.blocks[at >>> SEGMENT_SHIFT];
      record = segment === undefined ? 0 : segment[at & SEGMENT_MASK];
    }
    return record === 0 ? directory[SHORT_AT + (address >>> 16)] : record;
  }

  /** Leaves the attributes of the node found in `attributes`. */
  private find6(w0: number, w1: number, w2: number, w3: number): number {
    let best = 0;
    this.attributes = 0;
    let node = this.control[CONTROL.root6];
    let above = -1;
    while (node !== 0) {
      const at = node << NODE6_SHIFT;
      const segment = this.nodes6[at >>> SEGMENT_SHIFT];
      if (segment === undefined) return best;
      const i = at & SEGMENT_MASK;
      const length = segment[i + NODE6.length];
      // Always longer on the way down: should it not be so, the memory is being used again, and the caller sees it.
      if (length <= above || length > 128) return best;
      // The words before are those of the node above.
      for (let k = Math.max(above, 0) >>> 5; 32 * k < length; k++) {
        const word = k === 0 ? w0 : k === 1 ? w1 : k === 2 ? w2 : w3;
        if (differs(segment[i + k] ^ word, length - 32 * k)) return best;
      }
      above = length;
      const attributes = segment[i + NODE6.attributes];
      if (attributes !== 0) {
        best = node;
        this.attributes = attributes;
      }
      if (length === 128) return best;
      const word = length < 32 ? w0 : length < 64 ? w1 : length < 96 ? w2 : w3;
      node = segment[i + (((word >>> (31 - (length & 31))) & 1) === 0 ? NODE6.left : NODE6.right)];
    }
    return best;
  }
}

/** True when one of the first `bits` bits is set. */
function differs(word: number, bits: number): boolean {
  if (bits <= 0) return false;
  return bits >= 32 ? word !== 0 : word >>> (32 - bits) !== 0;
}

function views(buffers: readonly SharedArrayBuffer[]): Int32Array[] {
  return buffers.map((buffer) => new Int32Array(buffer));
}
