/**
 * Runs the examples of every page: what a page tells the reader to type works, and answers as the page says.
 * CONTRIBUTING.md tells how blocks are marked.
 */
import { describe, it } from 'vitest';
import { ExamplePage, type Step, stepsOf } from './example-page.ts';
import { blocksOf } from './markdown.ts';
import { allPages } from './pages.ts';

const PAGE_WITHIN_MS = 300_000;

const pages = allPages()
  .filter(({ run }) => run)
  .map(({ path, text }) => [path, stepsOf(blocksOf(text))] as const)
  .filter(([, steps]) => steps.length > 0);

// Most of the time is spent waiting for what happens once a minute in the demo, so pages wait together.
describe.concurrent('the examples of', () => {
  it.each(pages)('%s', (path, steps) => runPage(path, steps), PAGE_WITHIN_MS);
});

/** Runs all steps, the last ones too when an earlier one fails: they clean up. */
async function runPage(path: string, steps: readonly Step[]): Promise<void> {
  const page = await ExamplePage.open(path.replace(/\.md$/, '').replaceAll('/', '-'));
  const failures: string[] = [];
  try {
    for (const step of steps) {
      try {
        await page.run(step);
      } catch (error) {
        failures.push(
          `${path}:${step.commands.line}: ${error instanceof Error ? error.message : String(error)}`,
        );
      }
    }
  } finally {
    await page.close();
  }
  if (failures.length > 0) throw new Error(failures.join('\n\n'));
}
