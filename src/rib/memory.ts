import { SharedWords } from './shared-words.ts';

/** Words of the control block. */
export const CONTROL = {
  /** Goes up before memory that was given up is used again. */
  generation: 0,
  /** Node at the top of the IPv6 tree, 0 for none. */
  root6: 1,
  /** AS of the peer whose routes these are; 0 when nobody knows. */
  peerAs: 2,
  /** 1: the session has ended, and nothing here counts any more. */
  closed: 3,
  /** Tells this memory from any other: a copy of the message that shares it does not. */
  identity: 4,
} as const;

const CONTROL_WORDS = 16;

/** IPv4: a word for each /24, then a word for each /16. */
export const SHORT_AT = 1 << 24;
const DIRECTORY_WORDS = SHORT_AT + (1 << 16);

/** A record of an IPv4 prefix. */
export const RECORD4 = { prefix: 0, length: 1, attributes: 2, serial: 3 } as const;
export const RECORD4_SHIFT = 2;
/** A block: one word for each address of a /24. */
export const BLOCK_SHIFT = 8;
/** A node of the IPv6 tree: a prefix, and what is below it by the next bit. `attributes` is 0 where there is no route. */
export const NODE6 = { w0: 0, w1: 1, w2: 2, w3: 3, length: 4, left: 5, right: 6, attributes: 7 } as const;
export const NODE6_SHIFT = 3;

/** Memory of a route table as it is sent to the threads that read it. */
export interface SharedRoutes {
  readonly control: SharedArrayBuffer;
  readonly directory: SharedArrayBuffer | undefined;
  readonly blocks: readonly SharedArrayBuffer[];
  readonly records4: readonly SharedArrayBuffer[];
  readonly nodes6: readonly SharedArrayBuffer[];
  /** Serial number of the route at each node. */
  readonly serials6: readonly SharedArrayBuffer[];
  readonly attributes: readonly SharedArrayBuffer[];
}

/**
 * Memory of a route table: one thread writes, any number read without locks.
 *
 * A route, a block or a set of attributes that is given up is first made unreachable, and rests. From time to time the
 * generation goes up, and all that rested until then may be used again. A reader looks at the generation before and
 * after: when it is the same, nothing that was reachable in between has become something else.
 */
export class RouteMemory {
  readonly control = new Int32Array(new SharedArrayBuffer(CONTROL_WORDS * 4));
  readonly blocks: SharedWords;
  readonly records4: SharedWords;
  readonly nodes6: SharedWords;
  readonly serials6: SharedWords;
  readonly attributes: SharedWords;
  private table: Int32Array | undefined;
  private readonly onGrow: () => void;
  private serial = 0;
  private readonly resting: { readonly free: number[]; readonly id: number }[] = [];

  /** @param onGrow readers need `share()` again */
  constructor(onGrow: () => void) {
    this.onGrow = onGrow;
    this.control[CONTROL.identity] = Math.floor(Math.random() * 2 ** 32);
    this.blocks = new SharedWords(onGrow);
    this.records4 = new SharedWords(onGrow);
    this.nodes6 = new SharedWords(onGrow);
    this.serials6 = new SharedWords(onGrow);
    this.attributes = new SharedWords(onGrow);
  }

  /** The IPv4 directory; the kernel gives its pages as they are written. */
  directory(): Int32Array {
    if (this.table === undefined) {
      this.table = new Int32Array(new SharedArrayBuffer(DIRECTORY_WORDS * 4));
      this.onGrow();
    }
    return this.table;
  }

  /** A number that no other route or set of attributes of this memory has had (for 2^31 of them); never 0. */
  nextSerial(): number {
    this.serial = (this.serial + 1) & 0x7fffffff || 1;
    return this.serial;
  }

  /** `id`, which nothing refers to any more, may join `free` after a while. */
  retire(free: number[], id: number): void {
    if (this.resting.push({ free, id }) >= RESTING) this.settle();
  }

  /** Have all that rests used again. */
  settle(): void {
    Atomics.add(this.control, CONTROL.generation, 1);
    for (const { free, id } of this.resting) free.push(id);
    this.resting.length = 0;
  }

  /** Tell readers that none of this counts any more. */
  close(): void {
    Atomics.store(this.control, CONTROL.closed, 1);
  }

  share(): SharedRoutes {
    return {
      control: shared(this.control),
      directory: this.table === undefined ? undefined : shared(this.table),
      blocks: this.blocks.segments.map(shared),
      records4: this.records4.segments.map(shared),
      nodes6: this.nodes6.segments.map(shared),
      serials6: this.serials6.segments.map(shared),
      attributes: this.attributes.segments.map(shared),
    };
  }
}

/** So many rest before they are used again: a reader must be slower than as many changes to have to look twice. */
const RESTING = 4096;

function shared(words: Int32Array): SharedArrayBuffer {
  return words.buffer as unknown as SharedArrayBuffer;
}
