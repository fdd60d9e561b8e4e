import { describe, expect, it } from 'vitest';
import { parseDefinition } from '../flow/index.ts';
import { createGroup, createMap } from '../lookup/index.ts';
import { parseDemoOptions } from './demo.ts';
import { DEMO_FLOWS, DEMO_GROUPS, DEMO_MAPS, demoCommands } from './demo-flows.ts';

describe('weir demo', () => {
  it('ends after half an hour unless told otherwise', () => {
    expect(parseDemoOptions([])).toEqual({ minutes: 30, seed: undefined });
    expect(parseDemoOptions(['--minutes', '2.5', '--seed', '7'])).toEqual({ minutes: 2.5, seed: 7 });
  });

  it.each([['--minutes', '1441'], ['--minutes', 'x'], ['--seed', '-1'], ['--hours', '1'], ['now']])(
    'refuses %j %j',
    (...args: string[]) => {
      expect(() => parseDemoOptions(args)).toThrow(expect.objectContaining({ code: 'CLI_USAGE' }));
    },
  );

  it('has definitions, groups and maps that the engine takes', () => {
    for (const [name, definition] of Object.entries(DEMO_FLOWS)) {
      expect(parseDefinition(name, definition)?.name).toBe(name);
    }
    for (const content of Object.values(DEMO_GROUPS)) expect(() => createGroup(content)).not.toThrow();
    for (const content of Object.values(DEMO_MAPS)) expect(() => createMap(content)).not.toThrow();
  });

  it('invites to ask only for what is defined', () => {
    for (const { line } of demoCommands('http://127.0.0.1:8008/')) {
      const flow = /activeflows\/ALL\/(\w+)\//.exec(line)?.[1];
      if (flow !== undefined) expect([...Object.keys(DEMO_FLOWS), 'mine']).toContain(flow);
    }
  });
});
