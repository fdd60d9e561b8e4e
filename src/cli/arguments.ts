import { WeirError } from '../common/index.ts';
import { type Config, loadConfig } from '../config/index.ts';

/** A command line cut into the command and what is for it. */
export interface CommandLine {
  /** undefined when there is none. */
  readonly command: string | undefined;
  /** Everything else, in order: what stood before the command counts as if it stood behind. */
  readonly args: readonly string[];
}

/** The first argument that is neither an option nor the value of `--config` is the command. */
export function splitCommandLine(argv: readonly string[]): CommandLine {
  for (let i = 0; i < argv.length; i++) {
    if (argv[i] === '--config') i++;
    else if (!argv[i].startsWith('-'))
      return { command: argv[i], args: [...argv.slice(0, i), ...argv.slice(i + 1)] };
  }
  return { command: undefined, args: argv };
}

/** Arguments of a command that takes properties. */
export interface PropertyArguments {
  /** The `-Dname=value` among the arguments. */
  readonly properties: readonly string[];
  /** Value of `--config`. */
  readonly configFile: string | undefined;
  /** What is neither, for the command itself. */
  readonly rest: readonly string[];
}

/** Takes properties out of the arguments. Throws WeirError CLI_USAGE when `--config` lacks its file. */
export function takeProperties(args: readonly string[]): PropertyArguments {
  const properties: string[] = [];
  const rest: string[] = [];
  let configFile: string | undefined;
  for (let i = 0; i < args.length; i++) {
    const arg = args[i];
    if (arg.startsWith('-D')) properties.push(checkProperty(arg));
    else if (arg.startsWith('--config=')) configFile = arg.slice('--config='.length);
    else if (arg === '--config') configFile = args[++i];
    else {
      rest.push(arg);
      continue;
    }
    if (arg.startsWith('--config') && !configFile) throw usageError('--config needs the name of a file');
  }
  return { properties, configFile, rest };
}

function checkProperty(arg: string): string {
  if (!/^-D[^=]+=/.test(arg)) throw usageError(`${arg} is not of the form -Dname=value`);
  return arg;
}

/** The configuration that these arguments and the environment make. Throws as {@link loadConfig} does. */
export function configOf(args: PropertyArguments, env: NodeJS.ProcessEnv): Config {
  return loadConfig({
    argv: args.properties,
    env,
    ...(args.configFile === undefined ? {} : { file: args.configFile }),
  });
}

/** Throws WeirError CLI_USAGE naming the first argument that the command does not know. */
export function refuseRest(rest: readonly string[]): void {
  if (rest.length > 0) throw usageError(`'${rest[0]}' is not an option`);
}

function usageError(message: string): WeirError {
  return new WeirError('CLI_USAGE', message);
}
