import { isWeirError } from '../../common/index.ts';
import { startCommand } from '../command.ts';
import type { ScriptArea, ScriptHost } from '../host.ts';
import { isAbsent, isObject, textOf } from './arguments.ts';
import { callBack, callbackOf } from './callback.ts';

/** Programs of one script at a time that it does not wait for. */
const MAX_UNDER_WAY = 100;

/** Section 10: programs. */
export const commandFunctions: ScriptArea = (host) => {
  let underWay = 0;
  return {
    runCmd(command, env, dir) {
      if (!isAbsent(env) && !Array.isArray(env)) throw host.error('bad array');
      const environment = isAbsent(env) ? undefined : env.map(String);
      return host.call('runCmd', { argv: argvOf(host, command), env: environment, dir: textOf(dir) });
    },
    runCmdAsync(options) {
      const { cmd, dir, success, error } = isObject(options) ? options : {};
      host.call('allowCommand');
      if (underWay >= MAX_UNDER_WAY) throw host.error('too many commands under way');
      const { done } = start(host, argvOf(host, cmd), textOf(dir));
      underWay++;
      const release = host.hold();
      done
        .then(
          (result) =>
            result.status === 0
              ? callBack(host, callbackOf(success), result.stdout)
              : callBack(host, callbackOf(error), result),
          // Too much was written: told as what a program says that fails.
          (fault: Error) =>
            callBack(host, callbackOf(error), { stdout: [], stderr: [fault.message], status: -1 }),
        )
        .finally(() => {
          underWay--;
          release();
        });
    },
  };
};

/** An array, or a text that is split at blanks. */
function argvOf(host: ScriptHost, command: unknown): string[] {
  if (Array.isArray(command)) return command.map(String);
  const argv = (textOf(command) ?? '').split(/\s+/).filter((word) => word !== '');
  if (argv.length === 0) throw host.error('missing command');
  return argv;
}

function start(host: ScriptHost, argv: readonly string[], dir: string | undefined) {
  try {
    return startCommand({ argv, env: undefined, dir });
  } catch (error) {
    throw isWeirError(error) ? host.error(error.message) : error;
  }
}
