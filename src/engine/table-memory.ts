import type { AllocateWords } from '../flow/index.ts';
import { loadNative, type Native } from './native.ts';

const CACHE_LINE = 64;
const HUGE_PAGE = 2 << 20;
const MADV_HUGEPAGE = 14;

/**
 * Memory for tables that are read at random: it begins with a cache line, so that entries of 32 and 64 bytes lie in one,
 * and the kernel is asked to back large tables with huge pages, for with pages of 4 kB nearly every update misses the
 * TLB. undefined where there is no such thing; the kernel may refuse huge pages, and then nothing changes but speed.
 */
export function tableAllocator(): AllocateWords | undefined {
  let native: Native;
  try {
    native = loadNative();
  } catch {
    return undefined;
  }
  const { address, libc } = native;
  return (count) => {
    const buffer = new ArrayBuffer(count * 4 + CACHE_LINE);
    const first = address(new Uint8Array(buffer));
    const start = Math.ceil(first / HUGE_PAGE) * HUGE_PAGE;
    const end = Math.floor((first + buffer.byteLength) / HUGE_PAGE) * HUGE_PAGE;
    if (end > start) libc.madvise(start, end - start, MADV_HUGEPAGE);
    return new Int32Array(buffer, (CACHE_LINE - (first % CACHE_LINE)) % CACHE_LINE, count);
  };
}
