import { describe, expect, it } from 'vitest';
import { stepsOf } from './example-page.ts';
import { anchorsOf, blocksOf, linksOf } from './markdown.ts';

const PAGE = `# A *page*

Text with [a link](there.md#part), \`[no link](x)\`, and ![a picture](a.svg).

\`\`\`sh
echo one # not a heading
\`\`\`

\`\`\`text answer
one
\`\`\`

1. In a list:

   \`\`\`js file=a.mjs
   if (true) {
     one();
   }
   \`\`\`

   \`\`\`sh
   node a.mjs
   \`\`\`

## What's new: /flow
## What's new: /flow
`;

describe('blocksOf', () => {
  it('gives language, marks, text and line', () => {
    expect(blocksOf(PAGE)).toEqual([
      { language: 'sh', marks: [], text: 'echo one # not a heading', line: 5 },
      { language: 'text', marks: ['answer'], text: 'one', line: 9 },
      { language: 'js', marks: ['file=a.mjs'], text: 'if (true) {\n  one();\n}', line: 15 },
      { language: 'sh', marks: [], text: 'node a.mjs', line: 21 },
    ]);
  });

  it('refuses a block without end', () => {
    expect(() => blocksOf('```sh\nls\n')).toThrow('line 1');
  });
});

it('anchorsOf makes them as GitHub does', () => {
  expect([...anchorsOf(PAGE)]).toEqual(['a-page', 'whats-new-flow', 'whats-new-flow-1']);
});

it('linksOf finds links and images, not code', () => {
  expect(linksOf(PAGE)).toEqual(['there.md#part', 'a.svg']);
});

describe('stepsOf', () => {
  it('joins commands with their answer and the files before them', () => {
    const [first, second, ...rest] = stepsOf(blocksOf(PAGE));
    expect(rest).toEqual([]);
    expect(first).toMatchObject({ commands: { line: 5 }, files: [], answer: { text: 'one' } });
    expect(second).toMatchObject({ commands: { line: 21 }, files: [{ line: 15 }], answer: undefined });
  });

  it('refuses an answer to nothing', () => {
    expect(() => stepsOf(blocksOf('```text answer\none\n```'))).toThrow('line 1');
  });
});
