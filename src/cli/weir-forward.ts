/** `weir forward` and `weir receive` alone, in one file that needs only Node: for machines without Weir. */
import { isWeirError } from '../common/index.ts';
import { run as forward } from './forward.ts';
import { run as receive } from './receive.ts';
import { VERSION } from './version.ts';

const USAGE = `Weir ${VERSION}: sFlow through ssh

Usage: node weir-forward.mjs forward [options]
       node weir-forward.mjs receive --to HOST[:PORT] [options]

node weir-forward.mjs COMMAND --help tells more.
`;

const [command, ...args] = process.argv.slice(2);
process.exitCode = await main();

async function main(): Promise<number> {
  try {
    if (command === 'forward') return await forward(args);
    if (command === 'receive') return await receive(args);
  } catch (error) {
    if (!isWeirError(error)) throw error;
    process.stderr.write(`weir ${command}: ${error.message}\n`);
    return error.code === 'CLI_USAGE' ? 2 : 1;
  }
  const help = command === '--help' || command === '-h';
  (help ? process.stdout : process.stderr).write(USAGE);
  return help ? 0 : 2;
}
