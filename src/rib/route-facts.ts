import { formatIPv4, formatIPv6 } from '../common/index.ts';
import { nextHopWords, SET, SET_FLAG } from './attribute-layout.ts';

/** What the words of a set of attributes tell, as text and lists. */
export interface RouteFacts {
  readonly nextHop: string | undefined;
  readonly linkLocal: string | undefined;
  /** Numbers joined with `-`, a set as `{1,2}`; undefined for an empty path. */
  readonly asPath: string | undefined;
  readonly origin: 'IGP' | 'EGP' | 'INCOMPLETE';
  readonly localPref: number | undefined;
  readonly med: number | undefined;
  /** 32 bits each. */
  readonly communities: readonly number[];
  /** `65000:666-1:2`; undefined when there are none. */
  readonly communityText: string | undefined;
  /** Two words each. */
  readonly extendedCommunities: readonly (readonly [number, number])[];
  readonly largeCommunities: readonly (readonly [number, number, number])[];
}

const ORIGINS = ['IGP', 'EGP', 'INCOMPLETE', 'INCOMPLETE'] as const;

/** Reads a copy of a set (`RouteReader.setWords`). */
export function routeFacts(words: Int32Array): RouteFacts {
  const flags = words[SET.flags];
  let at: number = SET.lists;
  let nextHop: string | undefined;
  let linkLocal: string | undefined;
  if ((flags & SET_FLAG.nextHop4) !== 0) nextHop = formatIPv4(words[at]);
  else if ((flags & SET_FLAG.nextHop6) !== 0) nextHop = ipv6(words, at);
  at += nextHopWords(flags);
  if ((flags & SET_FLAG.linkLocal) !== 0) linkLocal = ipv6(words, at - 4);
  const pathEnd = at + words[SET.pathWords];
  const asPath = pathText(words, at, pathEnd);
  const take = (count: number, size: number): number[][] =>
    Array.from({ length: count }, () => {
      const item = Array.from(words.subarray(at, at + size), (word) => word >>> 0);
      at += size;
      return item;
    });
  at = pathEnd;
  const communities = take(words[SET.communities], 1).map(([word]) => word);
  return {
    nextHop,
    linkLocal,
    asPath: asPath === '' ? undefined : asPath,
    origin: ORIGINS[flags & 3],
    localPref: (flags & SET_FLAG.localPref) === 0 ? undefined : words[SET.localPref] >>> 0,
    med: (flags & SET_FLAG.med) === 0 ? undefined : words[SET.med] >>> 0,
    communities,
    communityText: communities.length === 0 ? undefined : communities.map(communityText).join('-'),
    extendedCommunities: take(words[SET.extendedCommunities], 2).map(([a, b]) => [a, b] as const),
    largeCommunities: take(words[SET.largeCommunities], 3).map(([a, b, c]) => [a, b, c] as const),
  };
}

function communityText(word: number): string {
  return `${word >>> 16}:${word & 0xffff}`;
}

function ipv6(words: Int32Array, at: number): string {
  return formatIPv6(words[at], words[at + 1], words[at + 2], words[at + 3]);
}

/** How a segment of each kind is written (`kind` as on the wire: set, sequence, and those of a confederation). */
const SEGMENTS = ['---', '{,}', '---', '(-)', '[,]'] as const;

function pathText(words: Int32Array, from: number, end: number): string {
  const segments: string[] = [];
  for (let at = from; at < end; ) {
    const count = words[at] & 0xffff;
    const [open, joint, close] = SEGMENTS[words[at] >>> 16] ?? SEGMENTS[2];
    const numbers = Array.from(words.subarray(at + 1, at + 1 + count), (word) => word >>> 0).join(joint);
    segments.push(open === '-' ? numbers : `${open}${numbers}${close}`);
    at += 1 + count;
  }
  return segments.join('-');
}
