declare module 'snappyjs' {
  /** The block format of Snappy. */
  export function compress(bytes: Uint8Array): Uint8Array;
  export function uncompress(bytes: Uint8Array): Uint8Array;
}
