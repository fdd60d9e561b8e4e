import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Script } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { SCRIPT_AREAS } from './areas.ts';
import type { ScriptHost } from './host.ts';
import { declaredFunctions, renderScriptsPage } from './reference.ts';

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const declarations = read('types/weir.d.ts');
const functions = declaredFunctions(declarations);

/** What the thread of a script has besides the areas. */
const OWN = `include scriptdir setTimeout clearTimeout setIntervalHandler clearIntervalHandler setEventHandler
clearEventHandler setFlowHandler clearFlowHandler setHttpHandler clearHttpHandler`.split(/\s+/);

describe('types/weir.d.ts and docs/reference/scripts.md', () => {
  it('the page is what the declarations say; npm run docs writes it', () => {
    expect(read('docs/reference/scripts.md')).toBe(renderScriptsPage(declarations));
  });

  it('no declaration is left out', () => {
    const declared = [...declarations.matchAll(/^declare function (\w+)/gm)].map(([, name]) => name);
    expect(functions.map(({ name }) => name)).toEqual(declared);
  });

  it('every function is declared, and nothing else', () => {
    const storeFolder = mkdtempSync(join(tmpdir(), 'weir-areas-'));
    // Nothing is called: areas ask next to nothing of their host before.
    const host = { key: 'test.js', storeFolder, onNews: () => undefined } as Pick<
      ScriptHost,
      'key' | 'storeFolder' | 'onNews'
    > as ScriptHost;
    const offered = SCRIPT_AREAS.flatMap((area) => Object.keys(area(host)));
    rmSync(storeFolder, { recursive: true });
    const declared = functions.map(({ name }) => name);
    expect(declared.sort()).toEqual([...OWN, ...offered].sort());
  });

  it.each(functions)('the example of $name calls it, and is JavaScript', ({ name, example }) => {
    expect(example).toMatch(new RegExp(`\\b${name}\\(`));
    expect(() => new Script(example)).not.toThrow();
  });
});
