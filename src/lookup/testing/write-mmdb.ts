import { parsePrefix } from '../prefix.ts';

/** What a database for tests holds: records by prefix, the more specific ones winning. */
export interface MmdbContent {
  readonly records: Readonly<Record<string, MmdbValue>>;
  /** 6 by default: IPv4 addresses are below ::/96 then. */
  readonly ipVersion?: 4 | 6;
  /** Bits of each of the two pointers of a node. */
  readonly recordSize?: 24 | 28 | 32;
  readonly type?: string;
}

/** A number is an unsigned 32-bit integer. */
export type MmdbValue = string | number | boolean | MmdbValue[] | { readonly [member: string]: MmdbValue };

interface Node {
  readonly children: [Child, Child];
}

/** Another node, a place in the data section, or nothing. */
type Child = Node | number | undefined;

const SEPARATOR_BYTES = 16;
const METADATA_MARKER = Buffer.from('\xab\xcd\xefMaxMind.com', 'latin1');

/** A database in the MaxMind DB format, version 2.0 (maxmind.github.io/MaxMind-DB), written from nothing but that page. */
export function writeMmdb({ records, ipVersion = 6, recordSize = 24, type = 'Test' }: MmdbContent): Buffer {
  const data: Buffer[] = [];
  let dataLength = 0;
  const root: Node = { children: [undefined, undefined] };
  const prefixes = Object.entries(records).map(([text, value]) => ({ bits: bitsOf(text, ipVersion), value }));
  for (const { bits, value } of prefixes.sort((a, b) => a.bits.length - b.bits.length)) {
    insert(root, bits, dataLength);
    data.push(encode(value));
    dataLength += data.at(-1)!.length;
  }
  const nodes = numberNodes(root);
  const metadata = encode({
    binary_format_major_version: 2,
    binary_format_minor_version: 0,
    build_epoch: 1_795_000_000,
    database_type: type,
    description: { en: 'made for a test' },
    ip_version: ipVersion,
    languages: ['en'],
    node_count: nodes.size,
    record_size: recordSize,
  });
  const tree = [...nodes.keys()].map((node) => {
    const [left, right] = node.children.map((child) => pointer(child, nodes));
    return encodeNode(left, right, recordSize);
  });
  return Buffer.concat([...tree, Buffer.alloc(SEPARATOR_BYTES), ...data, METADATA_MARKER, metadata]);
}

/** The bits of a prefix, most significant first; of IPv4 ones behind 96 zeros in a tree for both. */
function bitsOf(text: string, ipVersion: 4 | 6): number[] {
  const prefix = parsePrefix(text);
  if (prefix === undefined) throw new Error(`${text} is no prefix`);
  const { words, length } = prefix;
  const bits = Array.from({ length }, (_, i) => (words[i >> 5] >>> (31 - (i & 31))) & 1);
  return ipVersion === 6 && words.length === 1 ? [...new Array<number>(96).fill(0), ...bits] : bits;
}

/** Prefixes must come in the order of their lengths: a shorter one on the way is handed down to both sides. */
function insert(root: Node, bits: readonly number[], data: number): void {
  let node = root;
  for (const bit of bits.slice(0, -1)) {
    const child = node.children[bit];
    const next: Node = typeof child === 'object' ? child : { children: [child, child] };
    node.children[bit] = next;
    node = next;
  }
  node.children[bits.at(-1)!] = data;
}

function numberNodes(root: Node): Map<Node, number> {
  const numbers = new Map<Node, number>();
  const visit = (node: Node): void => {
    numbers.set(node, numbers.size);
    for (const child of node.children) if (typeof child === 'object') visit(child);
  };
  visit(root);
  return numbers;
}

function pointer(child: Child, nodes: ReadonlyMap<Node, number>): number {
  if (child === undefined) return nodes.size;
  return typeof child === 'object' ? nodes.get(child)! : nodes.size + SEPARATOR_BYTES + child;
}

function encodeNode(left: number, right: number, recordSize: number): Buffer {
  const bytes = Buffer.alloc(recordSize / 4);
  if (recordSize === 32) {
    bytes.writeUInt32BE(left, 0);
    bytes.writeUInt32BE(right, 4);
    return bytes;
  }
  bytes.writeUIntBE(left & 0xffffff, 0, 3);
  bytes.writeUIntBE(right & 0xffffff, bytes.length - 3, 3);
  // With 28 bits the uppermost four of both share the middle byte.
  if (recordSize === 28) bytes[3] = ((left >>> 24) << 4) | (right >>> 24);
  return bytes;
}

const TYPE = { string: 2, uint32: 6, map: 7, array: 11, boolean: 14 } as const;

function encode(value: MmdbValue): Buffer {
  if (typeof value === 'string') {
    const text = Buffer.from(value, 'utf8');
    return Buffer.concat([control(TYPE.string, text.length), text]);
  }
  if (typeof value === 'number') {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    return Buffer.concat([control(TYPE.uint32, 4), bytes]);
  }
  if (typeof value === 'boolean') return control(TYPE.boolean, value ? 1 : 0);
  if (Array.isArray(value)) return Buffer.concat([control(TYPE.array, value.length), ...value.map(encode)]);
  const members = Object.entries(value);
  return Buffer.concat([
    control(TYPE.map, members.length),
    ...members.flatMap(([name, member]) => [encode(name), encode(member)]),
  ]);
}

/** The type in the first three bits, or, beyond 7, in a byte of its own; the size in the other five or behind. */
function control(type: number, size: number): Buffer {
  if (size >= 285) throw new Error('tests need no values of that size');
  const small = Math.min(size, 29);
  const head = type <= 7 ? [(type << 5) | small] : [small, type - 7];
  return Buffer.from(size < 29 ? head : [...head, size - 29]);
}
