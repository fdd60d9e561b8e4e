import { WeirError } from '../../common/index.ts';
import { type Command, type CommandResult, startCommand } from '../command.ts';
import type { FrontHandlers } from './handlers.ts';

/** Programs. */
export interface CommandCalls {
  /** Throws WeirError SCRIPT_COMMAND unless scripts may run programs. */
  allowCommand(): void;
  runCmd(command: Command): CommandResult;
}

export function commandCalls(allowed: boolean): FrontHandlers<CommandCalls> {
  const allow = (): void => {
    if (!allowed)
      throw new WeirError(
        'SCRIPT_COMMAND',
        'scripts may run programs only with the property script.runcmd=yes',
      );
  };
  return {
    allowCommand: allow,
    runCmd(_context, command) {
      allow();
      return startCommand(command).done;
    },
  };
}
