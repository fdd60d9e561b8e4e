/** The entry of the command line. */
import { runCommandLine } from './command-line.ts';
import { COMMANDS } from './commands.ts';
import { VERSION } from './version.ts';

// A reader that has seen enough, as in `weir decode FILE | head`, is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // A command that listens itself tells what the reader did not get.
  if (process.stdout.listenerCount('error') > 1) return;
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

process.exitCode = await runCommandLine(process.argv.slice(2), COMMANDS, VERSION, {
  out: (text) => process.stdout.write(text),
  error: (text) => process.stderr.write(text),
});
