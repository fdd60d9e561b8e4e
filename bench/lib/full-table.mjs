/**
 * A made-up full table: as many prefixes as the Internet has, of the lengths it has them, in groups with equal attributes, as
 * UPDATE messages or as an MRT file. The same numbers give the same table.
 */
import { writeSync } from 'node:fs';

/** Share of each prefix length, about that of the tables of 2025. */
const LENGTHS4 = {
  8: 0.00002,
  10: 0.00004,
  11: 0.0001,
  12: 0.0003,
  13: 0.0006,
  14: 0.0012,
  15: 0.002,
  16: 0.0135,
  17: 0.0085,
  18: 0.014,
  19: 0.025,
  20: 0.044,
  21: 0.052,
  22: 0.11,
  23: 0.1,
  24: 0.62848,
}; // prettier-ignore
const LENGTHS6 = { 29: 0.03, 32: 0.13, 36: 0.05, 40: 0.11, 44: 0.13, 46: 0.03, 47: 0.03, 48: 0.49 };

/** Prefixes with the same attributes: some have one, some have hundreds; about five on average. */
const LARGEST_GROUP = 9;
const AUTONOMOUS_SYSTEMS = 78_000;
/** Bytes of an UPDATE. */
const MAXIMUM_LENGTH = 4096;

/** Numbers that are always the same, 0 to 2^32 - 1. */
function numbers(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (t ^ (t >>> 14)) >>> 0;
  };
}

/**
 * Groups of prefixes: `{ version, path, communities, med, prefixes: [[length, word, word]] }`. IPv4 prefixes are the first word;
 * of IPv6 there are two, the rest is 0.
 */
export function fullTable({ ipv4 = 1_000_000, ipv6 = 200_000, seed = 1 } = {}) {
  const next = numbers(seed);
  return [...groupsOf(4, prefixes4(ipv4, next), next), ...groupsOf(6, prefixes6(ipv6, next), next)];
}

function prefixes4(count, next) {
  return distinct(count, LENGTHS4, (length) => {
    const word = ((1 + (next() % 223)) << 24) | (next() & 0xffffff);
    // Neither loopback nor private addresses.
    if (word >>> 24 === 10 || word >>> 24 === 127) return undefined;
    return [length, (word & (-1 << (32 - length))) >>> 0, 0];
  });
}

function prefixes6(count, next) {
  // Blocks of the registries; a provider's longer prefixes lie in its /32.
  const blocks = [0x2001, 0x2400, 0x2600, 0x2604, 0x2800, 0x2a00, 0x2a02, 0x2c0f];
  const providers = Array.from(
    { length: 30_000 },
    () => ((blocks[next() % blocks.length] << 16) | (next() & 0xffff)) >>> 0,
  );
  return distinct(count, LENGTHS6, (length) => {
    const word = providers[next() % providers.length];
    if (length <= 32) return [length, length === 32 ? word : (word & (-1 << (32 - length))) >>> 0, 0];
    return [length, word, (next() & (-1 << (64 - length))) >>> 0];
  });
}

function distinct(count, lengths, make) {
  const known = new Set();
  const list = [];
  for (const [text, share] of Object.entries(lengths)) {
    const length = Number(text);
    let wanted = Math.round(count * share);
    for (let tries = wanted * 20; wanted > 0 && tries > 0; tries--) {
      const prefix = make(length);
      if (prefix === undefined) continue;
      const key = `${length} ${prefix[1]} ${prefix[2]}`;
      if (known.has(key)) continue;
      known.add(key);
      list.push(prefix);
      wanted--;
    }
  }
  return list;
}

function groupsOf(version, prefixes, next) {
  // As a router sends them, prefixes of one origin are not in order of their addresses.
  for (let i = prefixes.length - 1; i > 0; i--) {
    const k = next() % (i + 1);
    [prefixes[i], prefixes[k]] = [prefixes[k], prefixes[i]];
  }
  const groups = [];
  for (let at = 0; at < prefixes.length; ) {
    const size = 1 + (next() % LARGEST_GROUP);
    groups.push({ version, ...attributesOf(next), prefixes: prefixes.slice(at, at + size) });
    at += size;
  }
  return groups;
}

function attributesOf(next) {
  const origin = 1 + (next() % AUTONOMOUS_SYSTEMS);
  const path = [65001];
  for (let i = 1 + (next() % 5); i > 0; i--)
    path.push(1 + ((Math.imul(origin, 2654435761 + i) >>> 0) % 5000));
  path.push(origin);
  // Some prepend.
  if (next() % 8 === 0) path.push(origin, origin);
  const communities = Array.from({ length: next() % 6 }, () => ((3356 << 16) | (next() % 3000)) >>> 0);
  return { path, communities, med: next() % 3 === 0 ? next() % 200 : undefined };
}

/** How many prefixes of a version there are. */
export function prefixCount(groups, version) {
  return groups.reduce((sum, group) => sum + (group.version === version ? group.prefixes.length : 0), 0);
}

/** Path attributes but for the next hop and the prefixes. */
function attributes({ path, communities, med }) {
  const parts = [Buffer.from([0x40, 1, 1, 0])];
  const asPath = Buffer.alloc(5 + 4 * path.length);
  asPath.set([0x40, 2, 2 + 4 * path.length, 2, path.length]);
  for (const [i, as] of path.entries()) asPath.writeUInt32BE(as, 5 + 4 * i);
  parts.push(asPath);
  const late = [];
  if (med !== undefined) late.push(Buffer.from([0x80, 4, 4, 0, 0, med >> 8, med & 255]));
  if (communities.length > 0) {
    const list = Buffer.alloc(3 + 4 * communities.length);
    list.set([0xc0, 8, 4 * communities.length]);
    for (const [i, community] of communities.entries()) list.writeUInt32BE(community, 3 + 4 * i);
    late.push(list);
  }
  return { early: Buffer.concat(parts), late: Buffer.concat(late) };
}

function nlri(version, [length, first, second]) {
  const size = (length + 7) >> 3;
  const bytes = Buffer.alloc(9);
  bytes[0] = length;
  bytes.writeUInt32BE(first, 1);
  if (version === 6) bytes.writeUInt32BE(second, 5);
  return bytes.subarray(0, 1 + size);
}

const NEXT_HOP4 = Buffer.from([192, 0, 2, 1]);
const NEXT_HOP6 = Buffer.from('20010db8000000000000000000000001', 'hex');

/** The UPDATE messages of a table, one for each group (or more, where they do not fit). */
export function* updatesOf(groups) {
  for (const group of groups) {
    const { early, late } = attributes(group);
    const fixed = 60 + early.length + late.length;
    let list = [];
    let size = 0;
    for (const prefix of group.prefixes) {
      const bytes = nlri(group.version, prefix);
      if (fixed + size + bytes.length > MAXIMUM_LENGTH) {
        yield update(group.version, early, late, list);
        list = [];
        size = 0;
      }
      list.push(bytes);
      size += bytes.length;
    }
    yield update(group.version, early, late, list);
  }
}

function update(version, early, late, list) {
  const prefixes = Buffer.concat(list);
  let paths;
  let trailing;
  if (version === 4) {
    paths = Buffer.concat([early, Buffer.from([0x40, 3, 4]), NEXT_HOP4, late]);
    trailing = prefixes;
  } else {
    const head = Buffer.from([0x90, 14, 0, 0, 0, 2, 1, 16]);
    head.writeUInt16BE(5 + 16 + prefixes.length, 2);
    paths = Buffer.concat([head, NEXT_HOP6, Buffer.from([0]), prefixes, early, late]);
    trailing = Buffer.alloc(0);
  }
  const header = Buffer.alloc(23, 0xff);
  header.writeUInt16BE(23 + paths.length + trailing.length, 16);
  header[18] = 2;
  header.writeUInt16BE(0, 19);
  header.writeUInt16BE(paths.length, 21);
  return Buffer.concat([header, paths, trailing]);
}

/** Write a table to an open file as MRT TABLE_DUMP_V2 (RFC 6396). */
export function writeMrt(descriptor, groups) {
  const index = Buffer.alloc(4 + 2 + 2 + 13);
  index.writeUInt32BE(0xc0000201, 0);
  index.writeUInt16BE(1, 6);
  // One peer: type IPv4 with four octets of AS, its identifier, address and AS.
  index[8] = 2;
  index.writeUInt32BE(0xc0000201, 9);
  index.writeUInt32BE(0xc0000201, 13);
  index.writeUInt32BE(65001, 17);
  let chunk = [record(1, index)];
  let held = 0;
  let sequence = 0;
  const flush = () => {
    writeSync(descriptor, Buffer.concat(chunk));
    chunk = [];
    held = 0;
  };
  for (const group of groups) {
    const { early, late } = attributes(group);
    const entry = Buffer.alloc(2 + 2 + 4 + 2);
    entry.writeUInt16BE(1, 0);
    entry.writeUInt32BE(1_700_000_000, 4);
    for (const prefix of group.prefixes) {
      const paths = Buffer.concat([early, nextHopOf(group.version, prefix), late]);
      entry.writeUInt16BE(paths.length, 8);
      const number = Buffer.alloc(4);
      number.writeUInt32BE(sequence++);
      const body = Buffer.concat([number, nlri(group.version, prefix), entry, paths]);
      chunk.push(record(group.version === 4 ? 2 : 4, body));
      held += body.length;
    }
    if (held > 1 << 20) flush();
  }
  flush();
}

/** NEXT_HOP, or MP_REACH_NLRI: in full, for GoBGP does not read the short form that RFC 6396 has for such files. */
function nextHopOf(version, prefix) {
  if (version === 4) return Buffer.concat([Buffer.from([0x40, 3, 4]), NEXT_HOP4]);
  const value = Buffer.concat([Buffer.from([0, 2, 1, 16]), NEXT_HOP6, Buffer.from([0]), nlri(6, prefix)]);
  return Buffer.concat([Buffer.from([0x80, 14, value.length]), value]);
}

function record(subtype, body) {
  const header = Buffer.alloc(12);
  header.writeUInt32BE(1_700_000_000, 0);
  header.writeUInt16BE(13, 4);
  header.writeUInt16BE(subtype, 6);
  header.writeUInt32BE(body.length, 8);
  return Buffer.concat([header, body]);
}
