import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createNamesFile, type NamesByAgent, parseNames } from './names-file.ts';

describe('parseNames', () => {
  it('reads lines', () => {
    const names = parseNames(
      '# comment\n192.0.2.1 leaf1\n\n192.0.2.1\t1  swp1\n192.0.2.1 2 swp2 to spine1 # up\n2001:DB8::0:1 3 a#b\n',
    );
    expect(Object.fromEntries(names)).toEqual({
      '192.0.2.1': {
        hostName: 'leaf1',
        interfaces: { '1': { name: 'swp1' }, '2': { name: 'swp2', alias: 'to spine1' } },
      },
      '2001:db8::1': { interfaces: { '3': { name: 'a#b' } } },
    });
  });

  it('reads JSON', () => {
    const names = parseNames(
      JSON.stringify({
        '192.0.2.1': {
          name: 'leaf1',
          interfaces: { 1: 'swp1', 2: { name: 'swp2', alias: 'up', speed: 1e9 } },
        },
        '192.0.2.2': { name: 'leaf2' },
      }),
    );
    expect(Object.fromEntries(names)).toEqual({
      '192.0.2.1': {
        hostName: 'leaf1',
        interfaces: { '1': { name: 'swp1' }, '2': { name: 'swp2', alias: 'up', speed: 1e9 } },
      },
      '192.0.2.2': { hostName: 'leaf2', interfaces: {} },
    });
  });

  it.each([
    ['leaf1 swp1', 'line 1: "leaf1" is not the address of an agent'],
    ['\n192.0.2.1', 'line 2: a name is missing'],
    ['192.0.2.1 eth1 swp1', 'line 1: "eth1" is not an ifIndex'],
    ['{"x":{}}', 'the file: "x" is not the address of an agent'],
    ['{"192.0.2.1":"leaf1"}', '192.0.2.1 is to be an object'],
    ['{"192.0.2.1":{"names":1}}', '192.0.2.1: "names" is not known'],
    ['{"192.0.2.1":{"interfaces":{"0":"a"}}}', '192.0.2.1: interface 0: "0" is not an ifIndex'],
    ['{"192.0.2.1":{"interfaces":{"1":7}}}', '192.0.2.1: interface 1 is to be an object'],
    ['{"192.0.2.1":{"interfaces":{"1":{"name":""}}}}', '192.0.2.1: interface 1: name is to be a text'],
    ['{"192.0.2.1":{"interfaces":{"1":{"speed":"1G"}}}}', 'speed is a number of bits per second'],
    ['[]', 'the file is to be an object'],
  ])('%s: %s', (content, message) => {
    expect(() => parseNames(content)).toThrow(message);
  });
});

describe('createNamesFile', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'weir-names-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it('reads the file at start and when it changes, and keeps what was read when that is wrong', async () => {
    const path = join(folder, 'names');
    writeFileSync(path, '192.0.2.1 1 swp1');
    let names: NamesByAgent = new Map();
    const logged: string[] = [];
    const log = {
      info: (text: string) => void logged.push(text),
      warn: (text: string) => void logged.push(text),
    };
    const file = createNamesFile(path, { use: (found) => (names = found), log, lookMs: 5 });
    await file.start();
    try {
      expect(names.get('192.0.2.1')?.interfaces).toEqual({ '1': { name: 'swp1' } });
      writeFileSync(path, '192.0.2.1 1 swp1 more');
      await expect.poll(() => names.get('192.0.2.1')?.interfaces['1'].alias).toBe('more');
      writeFileSync(path, 'nonsense');
      await expect
        .poll(() => logged.at(-1))
        .toBe(
          `names.file=${path}: line 1: "nonsense" is not the address of an agent; what was read before stays`,
        );
      expect(names.size).toBe(1);
    } finally {
      file.stop();
    }
  });

  it('a file that is not there or wrong keeps it from starting', async () => {
    const log = { info() {}, warn() {} };
    const file = createNamesFile(join(folder, 'absent'), { use() {}, log });
    await expect(file.start()).rejects.toMatchObject({
      code: 'NAMES_BAD_FILE',
      message: expect.stringContaining('ENOENT'),
    });
  });
});
