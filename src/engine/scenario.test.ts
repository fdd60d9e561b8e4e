import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'vitest';
import { runScenario } from './testing/scenario.ts';

const folder = new URL('../../test/scenarios/', import.meta.url);

describe('scenarios: datagrams in, expected tables out', () => {
  it.each(readdirSync(folder).sort())('%s', (file) => {
    runScenario(readFileSync(new URL(file, folder), 'utf8'));
  });
});
