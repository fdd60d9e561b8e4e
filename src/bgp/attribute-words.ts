import { i32, parseIPv4, parseIPv6 } from '../common/index.ts';
import { SET, SET_FLAG } from '../rib/index.ts';
import type { MpNextHop, PathAttributes } from './attributes.ts';

const ORIGIN_BITS = { IGP: 0, EGP: 1, INCOMPLETE: 2 } as const;
const SEGMENT_KIND = { set: 1, sequence: 2, 'confederation-sequence': 3, 'confederation-set': 4 } as const;

/** Puts what a route table keeps of path attributes into words, in memory that is used again. */
export class AttributeWords {
  /** The words, from `SET.flags` on; valid up to what `write` gave. */
  words = new Int32Array(1024);
  private end = 0;

  /** Gives the end of the words. */
  write(attributes: PathAttributes, nextHop: MpNextHop | undefined): number {
    this.end = SET.lists;
    let flags = attributes.origin === undefined ? ORIGIN_BITS.INCOMPLETE : ORIGIN_BITS[attributes.origin];
    if (attributes.localPref !== undefined) flags |= SET_FLAG.localPref;
    if (attributes.med !== undefined) flags |= SET_FLAG.med;
    if (nextHop !== undefined) flags |= this.address(nextHop.address);
    if (nextHop?.linkLocal !== undefined && this.address(nextHop.linkLocal) !== 0)
      flags |= SET_FLAG.linkLocal;
    const pathAt = this.end;
    let first = 0;
    let last = 0;
    for (const { kind, numbers } of attributes.asPath ?? []) {
      this.push((SEGMENT_KIND[kind] << 16) | numbers.length);
      for (const number of numbers) this.push(number);
      if (kind !== 'set' && kind !== 'sequence') continue;
      first ||= numbers[0];
      last = numbers[numbers.length - 1];
    }
    const pathWords = this.end - pathAt;
    const communities = attributes.communities ?? [];
    const extended = attributes.extendedCommunities ?? [];
    const large = attributes.largeCommunities ?? [];
    for (const community of communities) this.push(community);
    for (const bytes of extended) {
      this.push(i32(bytes, 0));
      this.push(i32(bytes, 4));
    }
    for (const community of large) for (const word of community) this.push(word);
    const { words } = this;
    words[SET.flags] = flags;
    words[SET.localPref] = attributes.localPref ?? 0;
    words[SET.med] = attributes.med ?? 0;
    words[SET.firstAs] = first;
    words[SET.lastAs] = last;
    words[SET.pathWords] = pathWords;
    words[SET.communities] = communities.length;
    words[SET.extendedCommunities] = extended.length;
    words[SET.largeCommunities] = large.length;
    return this.end;
  }

  /** Appends the words of an address; gives the flag that tells of them, 0 for none. */
  private address(text: string): number {
    const word = parseIPv4(text);
    if (word !== undefined) {
      this.push(word);
      return SET_FLAG.nextHop4;
    }
    const words = parseIPv6(text);
    if (words === undefined) return 0;
    for (const each of words) this.push(each);
    return SET_FLAG.nextHop6;
  }

  private push(word: number): void {
    if (this.end === this.words.length) {
      const larger = new Int32Array(this.words.length * 2);
      larger.set(this.words);
      this.words = larger;
    }
    this.words[this.end++] = word;
  }
}
