import { CONTROL, NODE6, NODE6_SHIFT, type RouteMemory } from './memory.ts';

/**
 * IPv6 routes for longest match: a binary tree in which every node is a prefix, and its children are longer ones that
 * differ in the bit after it. A node without a route is there only where two branches part. A change is one word: what
 * is new is complete before it can be reached, and what was cut off stays as it is until no reader can be in it.
 */
export class RouteTable6 {
  /** Prefixes that have a route. */
  count = 0;
  private readonly memory: RouteMemory;
  private readonly free: number[] = [];
  private nodes = 1;
  /** The prefix that is looked for. */
  private readonly key = new Int32Array(4);
  /** Nodes on the way to where a search ended, top first. */
  private readonly path = new Int32Array(130);
  private depth = 0;

  constructor(memory: RouteMemory) {
    this.memory = memory;
  }

  /** Highest number of a node so far. */
  get highest(): number {
    return this.nodes - 1;
  }

  attributesOf(node: number): number {
    return this.word(node, NODE6.attributes);
  }

  /** Give a route other attributes. */
  replace(node: number, attributes: number): void {
    this.publish(node, NODE6.attributes, attributes);
  }

  /** The node of a prefix that has a route; host bits are 0. 0 for none. */
  find(w0: number, w1: number, w2: number, w3: number, length: number): number {
    const node = this.search(w0, w1, w2, w3, length);
    return node !== 0 && this.attributesOf(node) !== 0 ? node : 0;
  }

  /** Add a prefix that has no route yet; gives its node. */
  add(w0: number, w1: number, w2: number, w3: number, length: number, attributes: number): number {
    this.count++;
    const known = this.search(w0, w1, w2, w3, length);
    if (known !== 0) {
      this.setRoute(known, attributes);
      return known;
    }
    // `search` has ended at the last node that covers the prefix.
    const parent = this.depth === 0 ? 0 : this.path[this.depth - 1];
    const below = this.child(parent);
    const node = this.make(length);
    this.setRoute(node, attributes);
    if (below === 0) {
      this.link(parent, node);
      return node;
    }
    const common = Math.min(length, this.commonBits(below));
    if (common === length) {
      this.set(node, this.side(below, length), below);
      this.link(parent, node);
      return node;
    }
    const fork = this.make(common);
    this.set(fork, this.side(below, common), below);
    this.set(fork, bitOf(this.key, common) === 0 ? NODE6.left : NODE6.right, node);
    this.link(parent, fork);
    return node;
  }

  remove(node: number): void {
    const [w0, w1, w2, w3] = [NODE6.w0, NODE6.w1, NODE6.w2, NODE6.w3].map((word) => this.word(node, word));
    this.search(w0, w1, w2, w3, this.word(node, NODE6.length));
    this.count--;
    this.publish(node, NODE6.attributes, 0);
    // The node itself may go, and then the fork above it.
    for (let d = this.depth - 1; d >= 0 && d >= this.depth - 2; d--) {
      const at = this.path[d];
      const left = this.word(at, NODE6.left);
      const right = this.word(at, NODE6.right);
      if (this.attributesOf(at) !== 0 || (left !== 0 && right !== 0)) return;
      this.link(d === 0 ? 0 : this.path[d - 1], left === 0 ? right : left);
      this.memory.retire(this.free, at);
    }
  }

  /** Every node that has a route. */
  *all(): Generator<number> {
    const root = this.memory.control[CONTROL.root6];
    const open = root === 0 ? [] : [root];
    for (let node = open.pop(); node !== undefined; node = open.pop()) {
      for (const side of [NODE6.right, NODE6.left]) {
        const below = this.word(node, side);
        if (below !== 0) open.push(below);
      }
      if (this.attributesOf(node) !== 0) yield node;
    }
  }

  /**
   * Walks down to the prefix, which becomes `key`. Gives its node, route or not; 0 when there is none. `path` then has
   * the nodes that cover it.
   */
  private search(w0: number, w1: number, w2: number, w3: number, length: number): number {
    const { key, path } = this;
    key[0] = w0;
    key[1] = w1;
    key[2] = w2;
    key[3] = w3;
    this.depth = 0;
    let node = this.memory.control[CONTROL.root6];
    while (node !== 0) {
      const bits = this.word(node, NODE6.length);
      if (bits > length || this.commonBits(node) < bits) return 0;
      path[this.depth++] = node;
      if (bits === length) return node;
      node = this.word(node, bitOf(key, bits) === 0 ? NODE6.left : NODE6.right);
    }
    return 0;
  }

  /** What is below a node in the direction of the key; 0 stands for the top. */
  private child(node: number): number {
    if (node === 0) return this.memory.control[CONTROL.root6];
    return this.word(node, this.sideOfKey(node));
  }

  /** Put `below` where the key goes from `node` on. */
  private link(node: number, below: number): void {
    if (node === 0) Atomics.store(this.memory.control, CONTROL.root6, below);
    else this.publish(node, this.sideOfKey(node), below);
  }

  private sideOfKey(node: number): number {
    return bitOf(this.key, this.word(node, NODE6.length)) === 0 ? NODE6.left : NODE6.right;
  }

  private side(node: number, bit: number): number {
    return ((this.word(node, NODE6.w0 + (bit >>> 5)) >>> (31 - (bit & 31))) & 1) === 0
      ? NODE6.left
      : NODE6.right;
  }

  /** Leading bits that a node's prefix and the key have in common, as far as the node's prefix goes. */
  private commonBits(node: number): number {
    const length = this.word(node, NODE6.length);
    for (let i = 0; i < 4; i++) {
      const difference = this.word(node, NODE6.w0 + i) ^ this.key[i];
      if (difference !== 0) return Math.min(length, 32 * i + Math.clz32(difference));
    }
    return length;
  }

  /** A node for the first `length` bits of the key. */
  private make(length: number): number {
    const { memory, key } = this;
    const node = this.free.pop() ?? this.nodes++;
    memory.nodes6.reserve((node + 1) << NODE6_SHIFT);
    memory.serials6.reserve(node + 1);
    for (let i = 0; i < 4; i++) this.set(node, NODE6.w0 + i, key[i] & maskOf(length - 32 * i));
    this.set(node, NODE6.length, length);
    this.set(node, NODE6.left, 0);
    this.set(node, NODE6.right, 0);
    this.set(node, NODE6.attributes, 0);
    return node;
  }

  private setRoute(node: number, attributes: number): void {
    this.memory.serials6.set(node, this.memory.nextSerial());
    this.publish(node, NODE6.attributes, attributes);
  }

  private word(node: number, word: number): number {
    return this.memory.nodes6.get((node << NODE6_SHIFT) + word);
  }

  private set(node: number, word: number, value: number): void {
    this.memory.nodes6.set((node << NODE6_SHIFT) + word, value);
  }

  private publish(node: number, word: number, value: number): void {
    this.memory.nodes6.publish((node << NODE6_SHIFT) + word, value);
  }
}

function bitOf(words: Int32Array, bit: number): number {
  return (words[bit >>> 5] >>> (31 - (bit & 31))) & 1;
}

function maskOf(bits: number): number {
  if (bits <= 0) return 0;
  return bits >= 32 ? -1 : ~(0xffffffff >>> bits);
}
