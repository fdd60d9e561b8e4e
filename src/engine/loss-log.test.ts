import { describe, expect, it } from 'vitest';
import { receiveCounters } from './answer-receive.ts';
import type { ReceiveCounters } from './index.ts';
import { LossLog } from './loss-log.ts';
import { Shard } from './shard.ts';

function counters(given: Partial<ReceiveCounters>): ReceiveCounters {
  const shard = new Shard({
    memoryBytes: 1 << 20,
    maxAgents: 10,
    maxDataSources: 10,
    seed: 1,
    onLogged: () => undefined,
    onEvent: () => undefined,
  });
  return { ...receiveCounters(shard, 0, {}), ...given };
}

describe('loss log', () => {
  it('says nothing when nothing is lost', () => {
    const lines: string[] = [];
    const log = new LossLog((line) => lines.push(line));
    log.look(counters({}), 0);
    expect(lines).toEqual([]);
  });

  it('tells of each kind when it happens, then once a minute with all that came since', () => {
    const lines: string[] = [];
    const log = new LossLog((line) => lines.push(line));
    log.look(counters({ kernelDrops: 5, errors: { sampleLength: 2 } }), 0);
    expect(lines.map((line) => line.match(/\d+/)?.[0])).toEqual(['5', '2']);
    expect(lines[0]).toContain('kernel');
    expect(lines[1]).toContain('sampleLength');
    log.look(counters({ kernelDrops: 9, errors: { sampleLength: 2 } }), 10_000);
    log.look(counters({ kernelDrops: 12, errors: { sampleLength: 2 } }), 59_000);
    expect(lines.length).toBe(2);
    log.look(counters({ kernelDrops: 12, errors: { sampleLength: 2, version2: 1 } }), 61_000);
    expect(lines.slice(2).map((line) => line.match(/\d+/)?.[0])).toEqual(['7', '1']);
  });

  it('keeps kinds apart: a new one is told at once', () => {
    const lines: string[] = [];
    const log = new LossLog((line) => lines.push(line));
    log.look(counters({ flowsDropped: { a: 3 } }), 0);
    log.look(counters({ flowsDropped: { a: 4, b: 1 }, agentsRefused: 2 }), 1000);
    expect(lines.length).toBe(3);
    expect(lines[0]).toContain('flow a');
    expect(lines.slice(1).join()).toMatch(/flow b.*|agents/);
  });

  it('does not tell every name of structures that somebody made up', () => {
    const lines: string[] = [];
    const log = new LossLog((line) => lines.push(line));
    const unknown = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`sample 9999:${i}`, 2]));
    log.look(counters({ unknown }), 0);
    expect(lines).toEqual([expect.stringMatching(/^2000 structures .* sample 9999:999$/)]);
    expect(lines[0].length).toBeLessThan(200);
  });
});
