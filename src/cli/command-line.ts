import { isWeirError } from '../common/index.ts';
import { nearestName } from '../config/index.ts';
import { splitCommandLine } from './arguments.ts';
import type { CommandEntry } from './commands.ts';

/** Where a command line writes; tests put their own. */
export interface Console {
  out(text: string): void;
  error(text: string): void;
}

/** Exit codes: 0 done, 1 failed, 2 wrong use. */
const DONE = 0;
const FAILED = 1;
const WRONG_USE = 2;

const OWN_COMMANDS = [
  { name: 'version', summary: 'print the version' },
  { name: 'help', summary: 'print this, or the help of a command' },
];

/** Runs a command line and resolves to the exit code; what the user can mend is told in a line or two. */
export async function runCommandLine(
  argv: readonly string[],
  commands: readonly CommandEntry[],
  version: string,
  console: Console,
): Promise<number> {
  const { command, args } = splitCommandLine(argv);
  if (command === undefined) {
    if (args.includes('--version') || args.includes('-V')) return printVersion();
    const help = args.includes('--help') || args.includes('-h');
    (help ? console.out : console.error)(helpText(commands, version));
    return help ? DONE : WRONG_USE;
  }
  if (command === 'version') return printVersion();
  if (command === 'help') {
    if (args.length > 0) return runCommand(args[0], ['--help']);
    console.out(helpText(commands, version));
    return DONE;
  }
  return runCommand(command, args);

  function printVersion(): number {
    console.out(`${version}\n`);
    return DONE;
  }

  async function runCommand(name: string, commandArgs: readonly string[]): Promise<number> {
    const entry = commands.find((candidate) => candidate.name === name);
    if (entry === undefined) {
      const names = [...commands, ...OWN_COMMANDS].map((candidate) => candidate.name);
      const meant = nearestName(name, names);
      const hint = meant === undefined ? `the commands are ${names.join(', ')}` : `did you mean ${meant}?`;
      console.error(`weir: ${name} is not a command; ${hint}\n`);
      return WRONG_USE;
    }
    try {
      return await (await entry.load()).run([...commandArgs]);
    } catch (error) {
      if (!isWeirError(error)) throw error;
      for (const line of error.message.split('\n')) console.error(`weir ${name}: ${line}\n`);
      if (error.code !== 'CLI_USAGE') return FAILED;
      console.error(`weir help ${name} tells more\n`);
      return WRONG_USE;
    }
  }
}

function helpText(commands: readonly CommandEntry[], version: string): string {
  const rows = [...commands, ...OWN_COMMANDS].map(({ name, summary }) => `  ${name.padEnd(9)}${summary}`);
  return `Weir ${version}: real-time network analytics from sFlow

Usage: weir COMMAND [options]

Commands
${rows.join('\n')}

Options
  -Dname=value    set a property: -Dhttp.port=9008
  --config FILE   read properties from FILE instead of weir.conf
  -V, --version   print the version
  -h, --help      print this, or the help of a command

weir help COMMAND tells more. The properties are described in docs/reference/properties.md.
`;
}
