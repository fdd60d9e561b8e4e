import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ScriptWeir } from '../support/script-weir.ts';

/** A program that writes its number, and that of one that it has started, and goes on for longer than any test. */
const program = (name: string): string =>
  JSON.stringify(['/bin/sh', '-c', `echo $$ > ${name}.pid; sleep 9999 & echo $! >> ${name}.pid; wait`]);

/** Whether there is the process, and it is not merely waiting to be buried. */
function isRunning(pid: string): boolean {
  try {
    return !/^\d+ \(.*\) [ZX]/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

it('programs end with their script, and with Weir', async () => {
  const weir = await ScriptWeir.serve(
    {
      'fails.js': `runCmdAsync({cmd: ${program('fails')}});\nsetHttpHandler(function() { nope(); });\n`,
      'async.js': `runCmdAsync({cmd: ${program('async')}});\n`,
      'waits.js': `runCmd(${program('waits')});\n`,
    },
    '-Dscript.runcmd=yes',
  );
  const pidsOf = (name: string): Promise<string[]> =>
    weir.until(
      () => {
        try {
          return readFileSync(join(weir.folder, `${name}.pid`), 'utf8')
            .trim()
            .split('\n');
        } catch {
          return [];
        }
      },
      (pids) => pids.length === 2,
    );
  const fails = await pidsOf('fails');
  const others = [...(await pidsOf('async')), ...(await pidsOf('waits'))];
  expect([...fails, ...others].filter(isRunning)).toHaveLength(6);

  await weir.ask('GET', '/script/fails.js/json');
  await weir.ended('fails.js');
  await expect.poll(() => fails.filter(isRunning), { timeout: 10_000 }).toEqual([]);
  expect(others.filter(isRunning)).toHaveLength(4);

  await weir.end();
  await expect.poll(() => others.filter(isRunning), { timeout: 10_000 }).toEqual([]);
});
