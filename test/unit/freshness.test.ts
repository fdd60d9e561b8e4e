import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isBuilt, isInstalled, sourceFingerprint, stampPath } from '../../scripts/lib/freshness.mjs';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'weir-freshness-'));
});

afterEach(() => {
  rmSync(root, { recursive: true });
});

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

describe('the build', () => {
  beforeEach(() => {
    write('src/cli/main.ts', 'main');
    write('src/flow/table.ts', 'table');
    write('package-lock.json', '{}');
    write('dist/weir.mjs', '');
    mkdirSync(dirname(stampPath(root)), { recursive: true });
    writeFileSync(stampPath(root), sourceFingerprint(root));
  });

  it('is fresh as long as nothing changes', () => {
    expect(isBuilt(root)).toBe(true);
  });

  it.each([
    ['a source is written', () => write('src/flow/table.ts', 'table 2')],
    ['a source is touched', () => utimesSync(join(root, 'src/flow/table.ts'), 1, 1)],
    ['a source is added', () => write('src/flow/other.ts', '')],
    ['a source is removed', () => rmSync(join(root, 'src/flow/table.ts'))],
    ['the lock file is written', () => write('package-lock.json', '{"a":1}')],
    ['what was built is gone', () => rmSync(join(root, 'dist'), { recursive: true })],
    ['no build left its stamp', () => rmSync(stampPath(root))],
  ])('is stale when %s', (_what, change) => {
    change();
    expect(isBuilt(root)).toBe(false);
  });

  it('does not care for tests', () => {
    write('src/flow/table.test.ts', '');
    expect(isBuilt(root)).toBe(true);
  });
});

describe('the packages', () => {
  const lock = {
    '': { version: '1' },
    'node_modules/a': { version: '1.0.0' },
    'node_modules/b': { version: '2.0.0', optional: true },
  };
  const present = (packages: object) => {
    write('package-lock.json', JSON.stringify({ packages: lock }));
    write('node_modules/.package-lock.json', JSON.stringify({ packages }));
    return isInstalled(root);
  };

  it('are installed when all are there, optional ones aside', () => {
    expect(present({ 'node_modules/a': { version: '1.0.0' } })).toBe(true);
    expect(present({ 'node_modules/a': { version: '1.0.0' }, 'node_modules/b': { version: '2.0.0' } })).toBe(
      true,
    );
  });

  it('are not when one is missing or of another version', () => {
    expect(present({})).toBe(false);
    expect(present({ 'node_modules/a': { version: '1.0.1' } })).toBe(false);
    expect(present({ 'node_modules/a': { version: '1.0.0' }, 'node_modules/b': { version: '2.0.1' } })).toBe(
      false,
    );
  });

  it('are not when there is no list of them, or half of one', () => {
    write('package-lock.json', JSON.stringify({ packages: lock }));
    expect(isInstalled(root)).toBe(false);
    write('node_modules/.package-lock.json', '{"packages":');
    expect(isInstalled(root)).toBe(false);
  });
});
