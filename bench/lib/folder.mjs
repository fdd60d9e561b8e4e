import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Do some work with a new folder for the files of one run; it is gone afterwards. Resolves to what the work gives. */
export async function inFreshFolder(work) {
  const folder = await mkdtemp(join(tmpdir(), 'weir-bench-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
