import { loadNative, type Native } from './native.ts';

const HUGE_PAGE = 2 << 20;
const MADV_HUGEPAGE = 14;

/**
 * A function that asks the kernel to back a large buffer with huge pages. Flow tables are read at random: with pages of
 * 4 kB nearly every update of a large table misses the TLB. undefined where there is no such thing; the kernel may
 * refuse, and then nothing changes but speed.
 */
export function hugePageAdviser(): ((buffer: ArrayBuffer) => void) | undefined {
  let native: Native;
  try {
    native = loadNative();
  } catch {
    return undefined;
  }
  const { address, libc } = native;
  return (buffer) => {
    if (buffer.byteLength < HUGE_PAGE) return;
    const first = address(new Uint8Array(buffer));
    const start = Math.ceil(first / HUGE_PAGE) * HUGE_PAGE;
    const end = Math.floor((first + buffer.byteLength) / HUGE_PAGE) * HUGE_PAGE;
    if (end > start) libc.madvise(start, end - start, MADV_HUGEPAGE);
  };
}
