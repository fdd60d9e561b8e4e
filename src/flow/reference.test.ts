import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FUNCTIONS } from './functions.ts';
import { allKeyNames } from './keys.ts';
import { renderFlowFunctionsPage, renderFlowKeysPage } from './reference.ts';

const page = (name: string): string =>
  readFileSync(new URL(`../../docs/reference/${name}`, import.meta.url), 'utf8');

describe('docs/reference/flow-keys.md', () => {
  it('is what the lists of keys say; npm run docs writes it', () => {
    expect(page('flow-keys.md')).toBe(renderFlowKeysPage());
  });

  it('tells of every key', () => {
    const text = renderFlowKeysPage();
    expect(allKeyNames().filter(({ name }) => !text.includes(`\`${name}\``))).toEqual([]);
  });

  it('has one row for a key', () => {
    const rows = [...renderFlowKeysPage().matchAll(/^\| `([^`]+)`/gm)].map(([, name]) => name);
    expect(rows.filter((name, i) => rows.indexOf(name) !== i)).toEqual([]);
  });

  it('names a record for every key of a record', () => {
    expect(renderFlowKeysPage()).not.toMatch(/\| \|| undefined/);
  });
});

describe('docs/reference/flow-functions.md', () => {
  it('is what the lists of functions say; npm run docs writes it', () => {
    expect(page('flow-functions.md')).toBe(renderFlowFunctionsPage());
  });

  it('tells of every function', () => {
    const text = renderFlowFunctionsPage();
    expect([...FUNCTIONS.keys()].filter((name) => !text.includes(`| \`${name}:`))).toEqual([]);
  });
});
