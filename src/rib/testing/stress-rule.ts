/** Longest of the routes that are always there. */
export const PERMANENT_BITS = 32;

/** The MED that a route must have, so that the wrong attributes are seen. */
export function medOf(word: number, length: number): number {
  return (Math.imul(word, 0x9e3779b1) ^ length) & 0x7fffffff;
}
