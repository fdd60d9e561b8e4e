import type { LogLevel, ScriptArea } from '../host.ts';

/** Section 9: arguments as text, joined with a blank. */
export const logFunctions: ScriptArea = (host) => {
  const logAt =
    (level: LogLevel) =>
    (...args: unknown[]): void =>
      host.log(level, args.map(String).join(' '));
  return {
    logFine: logAt('fine'),
    logInfo: logAt('info'),
    logWarning: logAt('warning'),
    logSevere: logAt('severe'),
  };
};
