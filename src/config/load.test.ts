import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isWeirError } from '../common/index.ts';
import { createConfig, loadConfig } from './load.ts';

const GIBIBYTE = 2 ** 30;
const machine = { memory: 64 * GIBIBYTE };
let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'weir-config-'));
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

function failure(work: () => unknown): { code: string; message: string } {
  try {
    work();
  } catch (error) {
    if (isWeirError(error)) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

function writeConfig(text: string, name = 'weir.conf'): string {
  const file = join(directory, name);
  writeFileSync(file, text);
  return file;
}

describe('precedence', () => {
  it('prefers the command line, then the environment, the file, the default', () => {
    writeConfig('http.port=1\nsflow.port=1\nflows.max=1\n');
    const env = { WEIR_HTTP_PORT: '2', WEIR_SFLOW_PORT: '2' };
    const config = loadConfig({ argv: ['serve', '-Dhttp.port=3'], env, directory, machine });
    expect(config.integer('http.port')).toBe(3);
    expect(config.integer('sflow.port')).toBe(2);
    expect(config.integer('flows.max')).toBe(1);
    expect(config.integer('agents.max')).toBe(10_000);
    expect(config.warnings).toEqual([]);
  });

  it('takes the last of two arguments for one property', () => {
    expect(loadConfig({ argv: ['-Dhttp.port=1', '-Dhttp.port=2'], directory }).integer('http.port')).toBe(2);
  });

  it('reads the file named by the caller, then by WEIR_CONFIG, then weir.conf', () => {
    writeConfig('flows.max=1');
    const other = writeConfig('flows.max=2', 'other.conf');
    const third = writeConfig('flows.max=3', 'third.conf');
    expect(loadConfig({ directory }).integer('flows.max')).toBe(1);
    expect(loadConfig({ directory, env: { WEIR_CONFIG: other } }).integer('flows.max')).toBe(2);
    expect(loadConfig({ directory, env: { WEIR_CONFIG: other }, file: third }).integer('flows.max')).toBe(3);
    expect(loadConfig({ directory, file: '' }).integer('flows.max')).toBe(1000);
  });

  it('is the defaults when there is nothing', () => {
    expect(loadConfig({ directory, machine }).string('http.hostname')).toBe('127.0.0.1');
  });
});

describe('the file', () => {
  it('has comments, blanks, other line ends and values with an equals sign', () => {
    writeConfig('\uFEFF# comment\r\n\r\n  http.port = 9  \r\nmy.filter=a=b\r\n');
    const config = loadConfig({ directory });
    expect(config.integer('http.port')).toBe(9);
    expect(config.raw('my.filter')).toBe('a=b');
  });

  it('is refused with the line that is not name=value', () => {
    const file = writeConfig('http.port=9\nhttp.log\n');
    const { code, message } = failure(() => loadConfig({ directory }));
    expect(code).toBe('CONFIG_BAD_FILE');
    expect(message).toContain(`${file} line 2`);
  });

  it('must be there when it was named', () => {
    const { code, message } = failure(() => loadConfig({ file: join(directory, 'absent.conf') }));
    expect(code).toBe('CONFIG_NO_FILE');
    expect(message).toContain('absent.conf');
    expect(message).toContain('no such file');
  });

  it('warns of a property set twice', () => {
    writeConfig('http.port=1\nhttp.port=2\n');
    const config = loadConfig({ directory });
    expect(config.integer('http.port')).toBe(2);
    expect(config.warnings.join()).toMatch(/http\.port is set twice.*line 1.*line 2/);
  });
});

describe('an ill-typed property', () => {
  it.each([
    ['http.port', 'eighty', '0 to 65535'],
    ['http.port', '65536', '0 to 65535'],
    ['http.port', '80.5', '0 to 65535'],
    ['http.port', '', '0 to 65535'],
    ['http.readonly', 'maybe', '"yes" or "no"'],
    ['engine.receiver', 'raw', '"auto", "recvmmsg", "dgram"'],
    ['flow.memory', '12Q', 'bytes'],
    ['flow.memory', '1K', 'at least 1M'],
    ['sflow.rcvpktsbuffer', 'many', '0 to 524288'],
  ])('%s=%s is named with what is allowed', (name, value, allowed) => {
    const { code, message } = failure(() => loadConfig({ argv: [`-D${name}=${value}`], directory, machine }));
    expect(code).toBe('CONFIG_BAD_VALUE');
    expect(message).toContain(`${name}=${value} (command line)`);
    expect(message).toContain(allowed);
  });

  it('tells where it was written, one line for each', () => {
    const file = writeConfig('\nflows.max=none\n');
    const { message } = failure(() =>
      loadConfig({ directory, env: { WEIR_HTTP_PORT: 'tcp://10.0.0.1:80' } }),
    );
    expect(message.split('\n')).toEqual([
      expect.stringContaining(
        'WEIR_HTTP_PORT=tcp://10.0.0.1:80 (environment) is not allowed: http.port must be',
      ),
      expect.stringContaining(`flows.max=none (${file} line 2)`),
    ]);
  });
});

describe('values', () => {
  it.each([
    ['yes', true],
    ['TRUE', true],
    ['on', true],
    ['1', true],
    ['no', false],
    ['False', false],
    ['off', false],
    ['0', false],
  ])('%s is %s', (text, value) => {
    expect(createConfig({ 'http.log': text }).boolean('http.log')).toBe(value);
  });

  it.each([
    ['1048576', 2 ** 20],
    ['2048k', 2 ** 21],
    ['64M', 2 ** 26],
    ['1.5G', 1.5 * 2 ** 30],
    ['2 GiB', 2 ** 31],
    ['1T', 2 ** 40],
  ])('%s is %d bytes', (text, bytes) => {
    expect(createConfig({ 'flow.memory': text }).integer('flow.memory')).toBe(bytes);
  });

  it('splits lists at commas and drops what is empty', () => {
    expect(createConfig({ 'dns.servers': ' 192.0.2.1, ,2001:db8::1' }).list('dns.servers')).toEqual([
      '192.0.2.1',
      '2001:db8::1',
    ]);
    expect(createConfig().list('dns.servers')).toEqual([]);
  });

  it('asked for by the wrong name or type is a programming error', () => {
    expect(() => createConfig().integer('http.prt')).toThrow('not declared');
    expect(() => createConfig().string('http.port')).toThrow('type integer');
  });
});

describe('defaults that depend', () => {
  it('flow.memory is at most a quarter of the memory, unless set', () => {
    const small = { memory: GIBIBYTE };
    expect(loadConfig({ directory, machine }).integer('flow.memory')).toBe(GIBIBYTE);
    expect(loadConfig({ directory, machine: small }).integer('flow.memory')).toBe(GIBIBYTE / 4);
    const set = loadConfig({ argv: ['-Dflow.memory=2G'], directory, machine: small });
    expect(set.integer('flow.memory')).toBe(2 * GIBIBYTE);
    expect(loadConfig({ directory, machine: { memory: 1000 } }).integer('flow.memory')).toBe(2 ** 20);
  });

  it('sflow.rcvpktsbuffer sets the socket buffer, unless sflow.buffer does', () => {
    expect(createConfig({ 'sflow.rcvpktsbuffer': '1000' }).integer('sflow.buffer')).toBe(2_048_000);
    expect(
      createConfig({ 'sflow.rcvpktsbuffer': '1000', 'sflow.buffer': '1M' }).integer('sflow.buffer'),
    ).toBe(2 ** 20);
    expect(createConfig({ 'sflow.rcvpktsbuffer': '524288' }).integer('sflow.buffer')).toBe(GIBIBYTE);
    expect(createConfig({ 'sflow.rcvpktsbuffer': '1' }).integer('sflow.buffer')).toBe(2048);
    expect(createConfig().integer('sflow.buffer')).toBe(2 ** 26);
  });
});

describe('properties that are not ours', () => {
  it('are kept for scripts', () => {
    const env = { WEIR_DDOS__PROTECT_ROUTER: '192.0.2.1', HOME: '/root', WEIR_: 'x' };
    const config = loadConfig({ argv: ['-Dmy.app.setting=x', '-Dflag'], env, directory });
    expect(config.raw('my.app.setting')).toBe('x');
    expect(config.raw('flag')).toBe('');
    expect(config.raw('ddos_protect.router')).toBe('192.0.2.1');
    expect(config.raw('other')).toBeUndefined();
    expect(config.names()).toEqual(
      expect.arrayContaining(['my.app.setting', 'ddos_protect.router', 'http.port']),
    );
    expect(config.names()).not.toContain('home');
    expect(config.warnings).toEqual([]);
  });

  it.each([
    ['htpp.port', 'http.port'],
    ['http-port', 'http.port'],
    ['HTTP.Port', 'http.port'],
    ['dns.server', 'dns.servers'],
    ['flow.memroy', 'flow.memory'],
    ['sflow.prot', 'sflow.port'],
  ])('warn when they look like a slip: %s', (written, meant) => {
    const config = loadConfig({ argv: [`-D${written}=1`], directory });
    expect(config.warnings.join()).toContain(`${written} (command line)`);
    expect(config.warnings.join()).toContain(`did you mean ${meant}?`);
    expect(config.raw(written)).toBe('1');
  });

  it('name the variable when the slip is in the environment', () => {
    const config = loadConfig({ env: { WEIR_HTPP_PORT: '1' }, directory });
    expect(config.warnings.join()).toContain('did you mean WEIR_HTTP_PORT?');
  });
});

it('raw text of a declared property is what was written, or its default', () => {
  const config = createConfig({ 'flow.memory': '2G' });
  expect(config.raw('flow.memory')).toBe('2G');
  expect(config.raw('http.port')).toBe('8008');
  expect(config.raw('oui.names')).toBeUndefined();
});

it('warns of a property that has no effect', () => {
  expect(createConfig({ 'workers.number': '8' }).warnings.join()).toMatch(/workers\.number .*no effect/);
});
