import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ScriptWeir } from '../support/script-weir.ts';
import { type Finished, WeirProcess } from './weir-process.ts';

/* `weir app` and `weir dev`, and scripts that are started again. */

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'weir-apps-'));
  for (const part of ['scripts', 'html'])
    mkdirSync(join(folder, 'source', 'talkers', part), { recursive: true });
  writeFileSync(join(folder, 'source', 'talkers', 'scripts', 'a.js'), '// version: 1.5\nlogInfo(1);\n');
  writeFileSync(join(folder, 'source', 'talkers', 'html', 'index.html'), '<h1>talkers</h1>');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const app = (...args: string[]): Promise<Finished> =>
  new WeirProcess(['app', ...args], {}, ['env', '-C', folder]).finished();
const tar = (flags: string, file: string, ...what: string[]): Buffer =>
  execFileSync('tar', [`-${flags}`, file, '-C', join(folder, 'source'), ...what]);

describe('weir app', () => {
  it('adds a folder, lists it, and removes it', async () => {
    expect((await app('list')).out).toBe('there is no application in app\n');
    expect(await app('add', 'source/talkers')).toMatchObject({ code: 0 });
    expect((await app('list')).out).toBe('talkers  version 1.5, 1 script, pages\n');
    const again = await app('add', 'source/talkers');
    expect([again.code, again.error]).toEqual([
      1,
      'weir app: talkers is there already: weir app remove talkers\n',
    ]);
    expect(await app('add', 'source/talkers', '--name', 'other')).toMatchObject({ code: 0 });
    expect((await app('list')).out.split('\n').map((line) => line.split(' ')[0])).toEqual([
      'other',
      'talkers',
      '',
    ]);
    for (const name of ['talkers', 'other']) expect(await app('remove', name)).toMatchObject({ code: 0 });
    expect(readdirSync(join(folder, 'app'))).toEqual([]);
  });

  it.each([
    ['tar', 'cf'],
    ['tar.gz', 'czf'],
  ])('adds a .%s', async (ending, flags) => {
    const file = join(folder, `talkers.${ending}`);
    tar(flags, file, 'talkers');
    expect(await app('add', file)).toMatchObject({ code: 0 });
    expect(existsSync(join(folder, 'app', 'talkers', 'scripts', 'a.js'))).toBe(true);
    await app('remove', 'talkers');
  });

  it.each(['gnu', 'pax', 'ustar'])('adds an archive of format %s with long names', async (format) => {
    const deep = join('talkers', 'html', 'd'.repeat(80), 'e'.repeat(60));
    mkdirSync(join(folder, 'source', deep), { recursive: true });
    writeFileSync(join(folder, 'source', deep, 'é.txt'), 'deep');
    const file = join(folder, `long-${format}.tgz`);
    tar('czf', file, `--format=${format}`, './talkers');
    expect(await app('add', file)).toMatchObject({ code: 0 });
    expect(existsSync(join(folder, 'app', deep, 'é.txt'))).toBe(true);
    await app('remove', 'talkers');
  });

  it('leaves out links of an archive', async () => {
    symlinkSync('/etc/passwd', join(folder, 'source', 'talkers', 'html', 'link'));
    const file = join(folder, 'links.tgz');
    tar('czf', file, 'talkers');
    expect(await app('add', file)).toMatchObject({ code: 0 });
    expect(existsSync(join(folder, 'app', 'talkers', 'html', 'link'))).toBe(false);
    await app('remove', 'talkers');
  });

  it('refuses archives that reach out of their folder', async () => {
    const file = join(folder, 'evil.tar');
    tar('cPf', file, '--transform=s,^talkers/scripts/a.js,talkers/../../evil.js,', 'talkers');
    const { code, error } = await app('add', file);
    expect([code, error]).toEqual([1, expect.stringContaining('not in the folder of an application')]);
    expect(readdirSync(join(folder, 'app'))).toEqual([]);
    expect(existsSync(join(folder, 'evil.js'))).toBe(false);
  });

  it.each([
    ['nowhere', /there is no nowhere/],
    ['garbage.tgz', /no tar archive/],
    ['cut.tar', /cut short/],
    ['source', /neither scripts\/ nor html\//],
    ['two.tar', /one folder/],
  ])('refuses %s', async (source, message) => {
    writeFileSync(join(folder, 'garbage.tgz'), 'x'.repeat(2000));
    mkdirSync(join(folder, 'source', 'second'), { recursive: true });
    writeFileSync(join(folder, 'source', 'second', 'x'), 'x');
    tar('cf', join(folder, 'two.tar'), 'talkers', 'second');
    // A folder, and the head of a file that is not there.
    writeFileSync(join(folder, 'cut.tar'), tar('cf', '-', 'second').subarray(0, 1024));
    const { code, error } = await app('add', source);
    expect(code).toBe(1);
    expect(error).toMatch(message);
    expect(readdirSync(join(folder, 'app'))).toEqual([]);
  });

  it.each([[], ['add'], ['what'], ['list', 'x'], ['remove', 'a', 'b']])('%j is wrong use', async (...args) =>
    expect((await app(...args)).code).toBe(2),
  );

  it('removes nothing outside', async () => {
    expect(await app('remove', '../source')).toMatchObject({ code: 1 });
    expect(existsSync(join(folder, 'source'))).toBe(true);
  });
});

describe('weir dev', () => {
  it('runs a script anew when it, or what it includes, is saved', async () => {
    writeFileSync(
      join(folder, 'dev.js'),
      "include(scriptdir() + '/inc.js');\nsetHttpHandler(function() { return 'one ' + inc; });\n",
    );
    writeFileSync(join(folder, 'inc.js'), "var inc = 'a';\n");
    const own = ['-Dlog.format=json', '-Dhttp.port=0', '-Dsflow.port=0', '-Dsflow.hostname=127.0.0.1'];
    const weir = new WeirProcess(['dev', 'dev.js', ...own], {}, ['env', '-C', folder]);
    const { http } = await weir.logLine('serving');
    const untilAnswer = async (wanted: string): Promise<void> => {
      for (let i = 0; i < 300; i++) {
        const answer = await fetch(`${http}script/dev.js/json`);
        if ((await answer.text()) === JSON.stringify(wanted)) return;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      throw new Error(`never ${wanted}\n${weir.error}`);
    };
    await untilAnswer('one a');
    writeFileSync(join(folder, 'inc.js'), "var inc = 'b';\n");
    await untilAnswer('one b');
    writeFileSync(join(folder, 'dev.js'), 'this is no program\n');
    await weir.logLine('dev.js stopped');
    writeFileSync(join(folder, 'dev.js'), "setHttpHandler(function() { return 'three'; });\n");
    await untilAnswer('three');
    expect((await weir.end()).code).toBe(0);
  });

  it('wants files that are there', async () => {
    const { code, error } = await new WeirProcess(['dev', 'nowhere.js'], {}, [
      'env',
      '-C',
      folder,
    ]).finished();
    expect([code, error.split('\n')[0]]).toEqual([2, 'weir dev: there is no file nowhere.js']);
  });
});

describe('script.restart', () => {
  it('starts a script that has failed again and again, more and more seldom; one that was done is left', async () => {
    const weir = await ScriptWeir.serve(
      {
        'fails.js':
          "storeSet('lives', (storeGet('lives') || 0) + 1);\nif (storeGet('lives') < 3) nope();\nsetHttpHandler(function() { return storeGet('lives'); });\n",
        'done.js': '1;\n',
      },
      '-Dscript.restart=yes',
    );
    const status = await weir.until(
      () => weir.status('fails.js'),
      ({ alive, restarts }) => alive && restarts === 2,
    );
    expect(status.error).toBeUndefined();
    expect(await weir.get('/script/fails.js/json')).toBe(3);
    expect(weir.log.filter((line) => line.startsWith('fails.js starts again'))).toEqual([
      'fails.js starts again in 1 s',
      'fails.js starts again in 2 s',
    ]);
    expect((await weir.status('done.js'))['restarts']).toBeUndefined();
    await weir.end();
  });
});
