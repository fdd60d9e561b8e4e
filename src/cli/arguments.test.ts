import { describe, expect, it } from 'vitest';
import { configOf, refuseRest, splitCommandLine, takeProperties } from './arguments.ts';

describe('splitCommandLine', () => {
  it.each([
    [['serve', '-Da=b'], 'serve', ['-Da=b']],
    [['-Da=b', 'serve', '--help'], 'serve', ['-Da=b', '--help']],
    [['--config', 'serve', 'doctor'], 'doctor', ['--config', 'serve']],
    [['--config=x', 'doctor'], 'doctor', ['--config=x']],
    [['decode', 'a.pcap', '--json'], 'decode', ['a.pcap', '--json']],
    [['--version'], undefined, ['--version']],
    [[], undefined, []],
  ])('%j', (argv, command, args) => {
    expect(splitCommandLine(argv)).toEqual({ command, args });
  });
});

describe('takeProperties', () => {
  it('parts properties, the file, and the rest', () => {
    expect(takeProperties(['-Da=b', '--json', '--config', 'f', '-Dc=', 'x'])).toEqual({
      properties: ['-Da=b', '-Dc='],
      configFile: 'f',
      rest: ['--json', 'x'],
    });
    expect(takeProperties(['--config=f']).configFile).toBe('f');
    expect(takeProperties([]).configFile).toBeUndefined();
  });

  it.each([[['--config']], [['--config=']], [['-Dhttp.port']], [['-D']], [['-D=x']]])(
    'refuses %j',
    (args) => {
      expect(() => takeProperties(args)).toThrow(expect.objectContaining({ code: 'CLI_USAGE' }));
    },
  );
});

it('configOf reads the properties and the environment', () => {
  const config = configOf(takeProperties(['-Dhttp.port=1', '--config', '/dev/null']), {
    WEIR_SFLOW_PORT: '2',
  });
  expect(config.integer('http.port')).toBe(1);
  expect(config.integer('sflow.port')).toBe(2);
});

it('refuseRest names what the command does not know', () => {
  expect(() => refuseRest(['--fast', 'x'])).toThrow("'--fast' is not an option");
  expect(() => refuseRest([])).not.toThrow();
});
