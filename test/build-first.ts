import { ensureBuilt } from '../scripts/ensure.mjs';

/** Vitest calls this before the tests of the whole program. */
export async function setup(): Promise<void> {
  await ensureBuilt();
}
