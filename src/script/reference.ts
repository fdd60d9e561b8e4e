/** A function as `types/weir.d.ts` declares it. */
export interface DeclaredFunction {
  readonly section: string;
  readonly name: string;
  /** With arguments and result, on one line. */
  readonly signature: string;
  readonly text: string;
  readonly throws: string | undefined;
  readonly example: string;
}

const SECTION = /^\/\/#region (.+)\n([\s\S]*?)^\/\/#endregion$/gm;
const DECLARATION = /^\/\*\*\n([\s\S]*?)^ \*\/\ndeclare function (\w+)([\s\S]*?);\n(?=\n|(?![\s\S]))/gm;

/** Functions of `types/weir.d.ts`, of which this is the text. Throws for one without a text or an example. */
export function declaredFunctions(declarations: string): DeclaredFunction[] {
  return [...declarations.matchAll(SECTION)].flatMap(([, section, body]) =>
    [...body.matchAll(DECLARATION)].map(([, comment, name, rest]) => {
      const lines = comment.split('\n').map((line) => line.replace(/^ \* ?/, ''));
      const text = lines.filter((line) => !line.startsWith('@')).join(' ');
      const tag = (word: string): string | undefined =>
        lines.find((line) => line.startsWith(`@${word} `))?.slice(word.length + 2);
      const example = tag('example');
      if (text.trim() === '' || example === undefined)
        throw new Error(`${name} has no text or no example in types/weir.d.ts`);
      const signature = `${name}${rest}`.replace(/\s+/g, ' ').replaceAll('( ', '(').replace(/,? \)/g, ')');
      return { section, name, signature, text: text.trim(), throws: tag('throws'), example };
    }),
  );
}

const INTRODUCTION = `# Script functions

Generated from \`types/weir.d.ts\` by \`npm run docs\`; change it there.

The functions that scripts call: see the [recipes](../how-to/script-recipes.md). They are compatible with the script API of sFlow-RT. Each is an
ordinary function: the script waits for its result. \`?\` marks arguments that may be left out; where a number is asked for,
a text that is one will do.

An error raised by a function ends the script unless it is caught, and the log says where it was raised.

Editors show all this when a script begins with \`/// <reference path="…/types/weir.d.ts" />\`.
`;

/** docs/reference/scripts.md, of the text of `types/weir.d.ts`. */
export function renderScriptsPage(declarations: string): string {
  const functions = declaredFunctions(declarations);
  const sections = [...new Set(functions.map(({ section }) => section))];
  const parts = sections.map((section) => {
    const entries = functions.filter((one) => one.section === section).map(entry);
    return `## ${section}\n\n${entries.join('\n')}`;
  });
  return `${INTRODUCTION}\n${parts.join('\n')}`;
}

function entry({ name, signature, text, throws, example }: DeclaredFunction): string {
  return `### ${name}

\`\`\`ts
${signature}
\`\`\`

${text}${throws === undefined ? '' : ` Throws ${throws}.`}

\`\`\`js
${example}
\`\`\`
`;
}
