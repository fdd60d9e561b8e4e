/**
 * Big-endian readers over a byte array. They do no bounds check: the caller has made sure that the bytes are
 * there. Small enough for the engine to inline, and shared by every wire format.
 */

/** Unsigned 16 bits at `at`. */
export function u16(bytes: Uint8Array, at: number): number {
  return (bytes[at] << 8) | bytes[at + 1];
}

/** The 32-bit word at `at` as a *signed* integer: the form in which words are kept in Int32Arrays. */
export function i32(bytes: Uint8Array, at: number): number {
  return (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
}

/** Unsigned 32 bits at `at`. */
export function u32(bytes: Uint8Array, at: number): number {
  return i32(bytes, at) >>> 0;
}

/** Unsigned 64 bits at `at` as a Number: exact below 2^53, rounded to the nearest double above. */
export function u64(bytes: Uint8Array, at: number): number {
  return u32(bytes, at) * 4294967296 + u32(bytes, at + 4);
}

/** Unsigned 64 bits at `at`, exact. */
export function u64big(bytes: Uint8Array, at: number): bigint {
  return (BigInt(u32(bytes, at)) << 32n) | BigInt(u32(bytes, at + 4));
}
