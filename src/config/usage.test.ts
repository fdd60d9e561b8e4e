import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { PROPERTIES } from './properties.ts';

const SOURCE = new URL('../', import.meta.url);
const READ = /\b(string|integer|number|boolean|list)\(\s*'([a-z0-9]+(?:\.[a-z0-9]+)*)',?\s*\)/g;

/** Name → type of every property that some module outside this room reads. */
function propertiesRead(): Map<string, string> {
  const read = new Map<string, string>();
  for (const path of readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })) {
    if (!path.endsWith('.ts') || path.endsWith('.test.ts') || path.startsWith('config')) continue;
    for (const [, type, name] of readFileSync(new URL(path, SOURCE), 'utf8').matchAll(READ))
      read.set(name, type);
  }
  return read;
}

/** Read by the configuration itself, to make the default of another one. */
const READ_HERE = ['sflow.rcvpktsbuffer'];

it('a property is read by its type, or says that it is unused: never both, never neither', () => {
  const read = propertiesRead();
  for (const { name, type, unused } of PROPERTIES) {
    if (READ_HERE.includes(name)) continue;
    expect([name, read.get(name)]).toEqual([name, unused === undefined ? type : undefined]);
  }
});
