import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const EXAMPLES = readdirSync(`${ROOT}examples`).filter((name) => name.endsWith('.js'));

const OPTIONS =
  '--ignoreConfig --noEmit --allowJs --checkJs --strict false --target es2023 --lib es2023 --types ';

it.each(EXAMPLES)('examples/%s uses functions as types/weir.d.ts declares them', (name) => {
  const files = ['types/weir.d.ts', `examples/${name}`];
  const { stdout } = spawnSync(
    process.execPath,
    ['node_modules/typescript/bin/tsc', ...OPTIONS.split(' '), ...files],
    { cwd: ROOT, encoding: 'utf8' },
  );
  expect(stdout).toBe('');
});

it('a wrong call is a fault', () => {
  const { stdout } = spawnSync(
    process.execPath,
    [
      'node_modules/typescript/bin/tsc',
      ...OPTIONS.split(' '),
      'types/weir.d.ts',
      'test/fixtures/scripts/wrong-call.js',
    ],
    { cwd: ROOT, encoding: 'utf8' },
  );
  expect(stdout).toMatch(/wrong-call\.js\(1,\d+\): error TS/);
});
