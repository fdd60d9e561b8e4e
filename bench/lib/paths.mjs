import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** The built command line. */
export const WEIR = join(ROOT, 'dist', 'weir.mjs');
