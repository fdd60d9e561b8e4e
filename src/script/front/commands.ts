import { WeirError } from '../../common/index.ts';
import { type Command, type CommandResult, runCommand } from '../command.ts';
import type { FrontHandlers } from './handlers.ts';

/** Programs. They end with the script. */
export interface CommandCalls {
  runCmd(command: Command): CommandResult;
  /** Does not wait: the number that is given back comes again in the news of the end. */
  startCmd(command: Command): number;
}

/** @param allowed without it WeirError SCRIPT_COMMAND */
export function commandCalls(allowed: boolean): FrontHandlers<CommandCalls> {
  let lastNumber = 0;
  const run = (command: Command, life: AbortSignal): Promise<CommandResult> => {
    if (allowed) return runCommand(command, life);
    throw new WeirError(
      'SCRIPT_COMMAND',
      'scripts may run programs only with the property script.runcmd=yes',
    );
  };
  return {
    runCmd: ({ life }, command) => run(command, life),
    startCmd({ life, tell }, command) {
      const number = ++lastNumber;
      run(command, life)
        // Too much was written: told as what a program says that fails.
        .catch(({ message }: Error): CommandResult => ({ stdout: [], stderr: [message], status: -1 }))
        .then((result) => tell({ kind: 'ran', command: number, result }));
      return number;
    },
  };
}
