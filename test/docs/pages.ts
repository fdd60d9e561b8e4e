import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Pages whose commands are not run here: those made from the code, whose examples have tests of their own beside it, and
 * the one about measurements, which take many minutes.
 */
const NOT_RUN = /^docs\/(reference\/(rest|properties|command-line)|explanation\/performance)\.md$/;

export interface Page {
  /** Path from the root. */
  readonly path: string;
  readonly text: string;
  /** False when its commands are not run here. */
  readonly run: boolean;
}

/** The README, its neighbours, and everything in docs/. */
export function allPages(): Page[] {
  const docs = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md'))
    .map((path) => `docs/${path.replaceAll('\\', '/')}`)
    .sort();
  return ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...docs].map((path) => ({
    path,
    text: readFileSync(join(root, path), 'utf8'),
    run: !NOT_RUN.test(path),
  }));
}
