import type { ScriptArea, ScriptHost } from '../host.ts';
import { isAbsent, isObject, textOf } from './arguments.ts';
import { callBack, callbackOf } from './callback.ts';

/** Programs of one script at a time that it does not wait for. */
const MAX_UNDER_WAY = 100;

/** A program under way, with what is called at its end. */
interface UnderWay {
  readonly success: ReturnType<typeof callbackOf>;
  readonly error: ReturnType<typeof callbackOf>;
  release(): void;
}

/** Section 10: programs. */
export const commandFunctions: ScriptArea = (host) => {
  const underWay = new Map<number, UnderWay>();
  host.onNews((news) => {
    const ended = news.kind === 'ran' ? underWay.get(news.command) : undefined;
    if (news.kind !== 'ran' || ended === undefined) return;
    underWay.delete(news.command);
    const { result } = news;
    if (result.status === 0) callBack(host, ended.success, result.stdout);
    else callBack(host, ended.error, result);
    ended.release();
  });
  return {
    runCmd(command, env, dir) {
      if (!isAbsent(env) && !Array.isArray(env)) throw host.error('bad array');
      const environment = isAbsent(env) ? undefined : env.map(String);
      return host.call('runCmd', { argv: argvOf(host, command), env: environment, dir: textOf(dir) });
    },
    runCmdAsync(options) {
      const { cmd, dir, success, error } = isObject(options) ? options : {};
      if (underWay.size >= MAX_UNDER_WAY) throw host.error('too many commands under way');
      const command = host.call('startCmd', { argv: argvOf(host, cmd), env: undefined, dir: textOf(dir) });
      underWay.set(command, {
        success: callbackOf(success),
        error: callbackOf(error),
        release: host.hold(),
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
