import { describe, expect, it } from 'vitest';
import { checkImports, readImports } from '../../scripts/lib/imports.mjs';

function faultsOf(files: Readonly<Record<string, string>>): string[] {
  return checkImports(new Map(Object.entries(files)));
}

describe('imports are read', () => {
  it.each([
    ["import { a } from './a.ts';", './a.ts', false],
    ["import {\n  a,\n  type B,\n} from './a.ts';", './a.ts', false],
    ["import type { A } from './a.ts';", './a.ts', true],
    ["import * as a from 'node:fs';", 'node:fs', false],
    ["import './a.ts';", './a.ts', false],
    ["export * from './a.ts';", './a.ts', false],
    ["export type { A } from './a.ts';", './a.ts', true],
    ["const a = await import('pino-pretty');", 'pino-pretty', false],
    ["const a = require as typeof import('koffi');", 'koffi', true],
  ])('%s', (text, specifier, type) => {
    expect(readImports(text)).toEqual([{ specifier, type }]);
  });

  it('and nothing else is taken for one', () => {
    expect(
      readImports("export const from = 'x';\n * import { a } from './a.ts';\nconst b = \"from './c.ts'\";"),
    ).toEqual([]);
  });
});

describe('directions', () => {
  it.each([
    ['cli', 'api'],
    ['cli', 'common'],
    ['cli', 'config'],
    ['api', 'engine'],
    ['api', 'sflow'],
    ['engine', 'flow'],
    ['engine', 'config'],
    ['flow', 'lookup'],
    ['packet', 'sflow'],
    ['speaker', 'bgp'],
    ['api', 'script'],
    ['flow', 'flow'],
  ])('%s may import %s', (from, to) => {
    expect(faultsOf({ [`src/${from}/a.ts`]: `import { b } from '../${to}/b.ts';` })).toEqual([]);
  });

  it.each([
    ['engine', 'api'],
    ['sflow', 'packet'],
    ['common', 'sflow'],
    ['flow', 'metric'],
    ['flow', 'config'],
    ['flow', 'store'],
    ['api', 'cli'],
    ['script', 'api'],
    ['export', 'bgp'],
    ['lookup', 'flow'],
  ])('%s may not import %s, not even types', (from, to) => {
    expect(faultsOf({ [`src/${from}/a.ts`]: `import type { B } from '../${to}/b.ts';` })).toEqual([
      `src/${from}/a.ts: ${from} may not import ${to} (../${to}/b.ts)`,
    ]);
  });

  it('a new room must be entered', () => {
    expect(faultsOf({ 'src/attic/a.ts': "import { b } from '../common/b.ts';" })[0]).toContain(
      'attic is not a room',
    );
  });
});

describe('rooms without I/O', () => {
  it('import only types from Node', () => {
    const fault = "import { readFileSync } from 'node:fs';";
    expect(faultsOf({ 'src/sflow/a.ts': fault })[0]).toContain('only types from node:fs');
    expect(
      faultsOf({ 'src/sflow/a.ts': "import type { Stats } from 'node:fs';", 'src/cli/a.ts': fault }),
    ).toEqual([]);
  });
});

describe('packages', () => {
  it('are loaded by the rooms they are for; types are free', () => {
    expect(faultsOf({ 'src/flow/a.ts': "import { pino } from 'pino';" })[0]).toContain(
      'flow may not load pino',
    );
    expect(faultsOf({ 'src/api/a.ts': "import type { Logger } from 'pino';" })).toEqual([]);
  });

  it('must be known', () => {
    expect(faultsOf({ 'src/api/a.ts': "import x from '@some/thing/inside';" })[0]).toContain('@some/thing');
  });
});

describe('circles', () => {
  it('are found, also those of types', () => {
    expect(
      faultsOf({
        'src/flow/a.ts': "import { b } from './b.ts';",
        'src/flow/b.ts': "import { c } from './c.ts';",
        'src/flow/c.ts': "import type { B } from './b.ts';",
      }),
    ).toEqual(['circle: src/flow/b.ts → src/flow/c.ts → src/flow/b.ts']);
  });

  it('are not seen where two ways lead to one module', () => {
    expect(
      faultsOf({
        'src/flow/a.ts': "import './b.ts';\nimport './c.ts';",
        'src/flow/b.ts': "import './c.ts';",
        'src/flow/c.ts': '',
      }),
    ).toEqual([]);
  });
});

describe('tests', () => {
  it('may import anything', () => {
    expect(
      faultsOf({ 'src/sflow/a.test.ts': "import { b } from '../api/b.ts';\nimport 'node:fs';" }),
    ).toEqual([]);
  });

  it('are not imported by the program', () => {
    expect(faultsOf({ 'src/api/a.ts': "import { f } from './fake-engine.ts';" })[0]).toContain(
      'is for tests',
    );
  });
});
