/** The page docs/reference/command-line.md: what the commands say of themselves. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from './root.mjs';

const INTRODUCTION = `# Command line

Generated from the help texts of the commands by \`npm run docs\`; change them in \`src/cli/\`.

In a checkout the command is \`./weir\`; the first time, and whenever its sources have changed, it builds itself. The
package installs it as \`weir\`. \`npm start\` is \`./weir serve\`, and \`npm run demo\` is \`./weir demo\`.

Commands that answer write what was asked for to standard output, and everything else to standard error. The exit code
is 0 when the work was done, 1 when it failed, and 2 when the command was used wrongly.
`;

/** @returns {string} */
export function renderCommandLinePage() {
  const overview = help();
  const commands = [...overview.matchAll(/^ {2}(\w+) +\S/gm)]
    .map(([, name]) => name)
    .filter((name) => !['version', 'help'].includes(name));
  return [
    INTRODUCTION,
    `\`\`\`text\n${withoutVersion(overview)}\`\`\`\n`,
    ...commands.map((name) => `## weir ${name}\n\n\`\`\`text\n${help(name)}\`\`\`\n`),
  ].join('\n');
}

function help(...command) {
  return execFileSync(process.execPath, [join(root, 'dist/weir.mjs'), 'help', ...command], {
    encoding: 'utf8',
  });
}

/** The page does not change with every version. */
function withoutVersion(text) {
  return text.replace(/^Weir \S+:/, 'Weir:');
}
