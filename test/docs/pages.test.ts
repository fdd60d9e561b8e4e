import { existsSync, statSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { anchorsOf, blocksOf, linksOf, proseOf } from './markdown.ts';
import { allPages, root } from './pages.ts';

const pages = allPages();
const anchors = new Map(pages.map(({ path, text }) => [path, anchorsOf(text)]));

describe.each(pages.map((page) => [page.path, page] as const))('%s', (path, { text, run }) => {
  it('has one title', () => {
    expect(proseOf(text).match(/^# .+$/gm)).toHaveLength(1);
  });

  it('links to pages, headings and files that are there', () => {
    const broken = linksOf(text).filter((target) => {
      if (/^[a-z]+:/.test(target)) return false;
      const [file, anchor] = target.split('#');
      const to = file === '' ? path : normalize(join(dirname(path), file));
      if (!existsSync(join(root, to))) return true;
      return anchor !== undefined && anchors.get(to)?.has(anchor) !== true;
    });
    expect(broken).toEqual([]);
  });

  if (run)
    it('runs every command of ours that it shows', () => {
      const unrun = blocksOf(text).filter(
        (block) =>
          block.language !== 'sh' &&
          !block.marks.includes('answer') &&
          /^\s*[$#]?\s*(curl\b.*localhost|(\.\/)?weir (serve|demo|decode|replay|load|doctor)|npm )/m.test(
            block.text,
          ),
      );
      expect(unrun.map(({ line }) => line)).toEqual([]);
    });

  it('says what language its blocks are in', () => {
    expect(blocksOf(text).filter(({ language }) => language === '')).toEqual([]);
  });
});

describe('docs/README.md', () => {
  it('leads to every page', () => {
    const index = pages.find(({ path }) => path === 'docs/README.md');
    const linked = new Set(linksOf(index?.text ?? '').map((target) => normalize(join('docs', target))));
    const missing = pages
      .map(({ path }) => path)
      .filter((path) => /^docs\/.+\//.test(path) && !linked.has(path));
    expect(missing).toEqual([]);
  });
});

it('every folder of docs is one that the index knows', () => {
  const folders = new Set(pages.map(({ path }) => path.split('/')).flatMap((parts) => parts.slice(1, -1)));
  expect([...folders].sort()).toEqual(['explanation', 'how-to', 'reference', 'tutorials']);
  expect(statSync(join(root, 'docs')).isDirectory()).toBe(true);
});
