import type { TableMemory } from '../flow/index.ts';
import { loadNative, type Native } from '../udp/native.ts';

const CACHE_LINE = 64;
const HUGE_PAGE = 2 << 20;
const PAGE = 4096;
const MADV_DONTNEED = 4;
const MADV_HUGEPAGE = 14;

/**
 * Memory for tables that are read at random: it begins with a cache line, so that entries of 32 and 64 bytes lie in one,
 * and the kernel is asked to back large tables with huge pages, for with pages of 4 kB nearly every update misses the
 * TLB. What a table has outgrown goes back to the kernel at once; the garbage collector would keep it for a while.
 * undefined where there is no such thing; the kernel may refuse, and then nothing changes but speed and size.
 */
export function tableMemory(): TableMemory | undefined {
  let native: Native;
  try {
    native = loadNative();
  } catch {
    return undefined;
  }
  const { address, libc } = native;
  const advise = (buffer: ArrayBuffer, unit: number, advice: number): void => {
    const first = address(new Uint8Array(buffer));
    const start = Math.ceil(first / unit) * unit;
    const end = Math.floor((first + buffer.byteLength) / unit) * unit;
    if (end > start) libc.madvise(start, end - start, advice);
  };
  return {
    allocate(count) {
      const buffer = new ArrayBuffer(count * 4 + CACHE_LINE);
      advise(buffer, HUGE_PAGE, MADV_HUGEPAGE);
      const first = address(new Uint8Array(buffer));
      return new Int32Array(buffer, (CACHE_LINE - (first % CACHE_LINE)) % CACHE_LINE, count);
    },
    release: ({ buffer }) => advise(buffer, PAGE, MADV_DONTNEED),
  };
}
