import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A new folder for the files of one run. */
export function freshFolder() {
  return mkdtemp(join(tmpdir(), 'weir-bench-'));
}
