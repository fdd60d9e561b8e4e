import { beforeEach, describe, expect, it } from 'vitest';
import { WeirError } from '../common/index.ts';
import { runCommandLine } from './command-line.ts';
import { COMMANDS, type CommandEntry } from './commands.ts';

let out: string;
let error: string;
let ran: string[] | undefined;

beforeEach(() => {
  out = '';
  error = '';
  ran = undefined;
});

const commands: CommandEntry[] = [
  {
    name: 'serve',
    summary: 'serve things',
    load: async () => ({
      async run(args) {
        ran = args;
        if (args.includes('--wrong')) throw new WeirError('CLI_USAGE', 'that is wrong');
        if (args.includes('--fail')) throw new WeirError('CONFIG_BAD_VALUE', 'first\nsecond');
        if (args.includes('--bug')) throw new TypeError('a bug');
        return args.includes('--three') ? 3 : 0;
      },
    }),
  },
];

function run(...argv: string[]): Promise<number> {
  return runCommandLine(argv, commands, '1.2.3', {
    out: (text) => {
      out += text;
    },
    error: (text) => {
      error += text;
    },
  });
}

describe('a command', () => {
  it('gets its arguments, and its exit code is passed on', async () => {
    expect(await run('-Da=b', 'serve', 'x', '--three')).toBe(3);
    expect(ran).toEqual(['-Da=b', 'x', '--three']);
    expect(out + error).toBe('');
  });

  it('that fails says why, line by line, and ends with 1', async () => {
    expect(await run('serve', '--fail')).toBe(1);
    expect(error).toBe('weir serve: first\nweir serve: second\n');
  });

  it('used wrongly says so, and ends with 2', async () => {
    expect(await run('serve', '--wrong')).toBe(2);
    expect(error).toBe('weir serve: that is wrong\nweir help serve tells more\n');
  });

  it('with a bug is not covered up', async () => {
    await expect(run('serve', '--bug')).rejects.toThrow('a bug');
  });
});

describe('a command that does not exist', () => {
  it('gives the nearest one, and ends with 2', async () => {
    expect(await run('sevre')).toBe(2);
    expect(error).toBe('weir: sevre is not a command; did you mean serve?\n');
  });

  it('gives all when none is near', async () => {
    expect(await run('frobnicate')).toBe(2);
    expect(error).toContain('the commands are serve, version, help');
  });
});

describe('help', () => {
  it.each([[['help']], [['--help']], [['-h']]])('%j prints the commands', async (argv) => {
    expect(await run(...argv)).toBe(0);
    expect(out).toContain('serve    serve things');
    expect(error).toBe('');
  });

  it('of a command is the command’s own', async () => {
    expect(await run('help', 'serve')).toBe(0);
    expect(ran).toEqual(['--help']);
    expect(await run('help', 'nothing')).toBe(2);
  });

  it('is what nothing at all gives, as wrong use', async () => {
    expect(await run()).toBe(2);
    expect(out).toBe('');
    expect(error).toContain('Usage: weir COMMAND');
  });
});

it.each([[['version']], [['--version']], [['-V']]])('%j prints the version', async (argv) => {
  expect(await run(...argv)).toBe(0);
  expect(out).toBe('1.2.3\n');
});

it('every command answers --help with its usage', async () => {
  const written: string[] = [];
  const write = process.stdout.write;
  process.stdout.write = (text: string | Uint8Array) => written.push(String(text)) > 0;
  try {
    for (const { name, load } of COMMANDS) {
      written.length = 0;
      expect(await (await load()).run(['--help'])).toBe(0);
      expect(written.join('')).toContain(`weir ${name}`);
    }
  } finally {
    process.stdout.write = write;
  }
});
