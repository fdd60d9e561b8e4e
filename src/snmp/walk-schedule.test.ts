import { beforeEach, describe, expect, it } from 'vitest';
import type { WalkedNames } from './walk-agent.ts';
import { WalkSchedule } from './walk-schedule.ts';

const HOUR = 3_600_000;
const MINUTE = 60_000;

let now: number;
let asked: string[];
let named: string[];
let answer: (agent: string, interfaces: boolean) => Promise<WalkedNames>;

beforeEach(() => {
  now = 1_000_000_000;
  asked = [];
  named = [];
  answer = async () => ({ hostName: 'x', interfaces: {}, wrongValues: 0 });
});

function schedule(parallelism = 8): WalkSchedule {
  return new WalkSchedule(
    { intervalMs: HOUR, parallelism },
    {
      now: () => now,
      walk(agent, interfaces) {
        asked.push(`${agent}${interfaces ? '' : ' name only'}`);
        return answer(agent, interfaces);
      },
      onNames: ({ agent }) => void named.push(agent),
    },
  );
}

const agent = (address: string, ...interfaces: string[]) => ({ agent: address, host: true, interfaces });
const settled = () => new Promise((resolve) => setImmediate(resolve));

async function look(walks: WalkSchedule, ...agents: ReturnType<typeof agent>[]): Promise<string[]> {
  asked.length = 0;
  walks.look(agents);
  await settled();
  return [...asked];
}

describe('WalkSchedule', () => {
  it('asks an agent that stays without names, once an hour', async () => {
    const walks = schedule();
    expect(await look(walks, agent('a', '1'))).toEqual([]);
    expect(await look(walks, agent('a', '1'))).toEqual(['a']);
    expect(named).toEqual(['a']);
    now += HOUR - 1;
    expect(await look(walks, agent('a', '1'))).toEqual([]);
    now += 1;
    expect(await look(walks, agent('a', '1'))).toEqual(['a']);
  });

  it('leaves alone who sends names after a moment', async () => {
    const walks = schedule();
    await look(walks, agent('a', '1'));
    await look(walks);
    expect(await look(walks, agent('a', '1'))).toEqual([]);
  });

  it('asks for the name of the system alone when interfaces have theirs', async () => {
    const walks = schedule();
    await look(walks, agent('a'));
    expect(await look(walks, agent('a'))).toEqual(['a name only']);
  });

  it('asks again for a new interface, a minute after the time before at the earliest', async () => {
    const walks = schedule();
    await look(walks, agent('a', '1'));
    await look(walks, agent('a', '1'));
    now += MINUTE - 1;
    expect(await look(walks, agent('a', '1', '2'))).toEqual([]);
    now += 1;
    expect(await look(walks, agent('a', '1', '2'))).toEqual(['a']);
    now += 10 * MINUTE;
    expect(await look(walks, agent('a', '1', '2'))).toEqual([]);
  });

  it('waits longer and longer for one that does not answer, and keeps what it said before', async () => {
    const walks = schedule();
    await look(walks, agent('a', '1'));
    await look(walks, agent('a', '1'));
    answer = () => Promise.reject(new Error('no answer'));
    now += HOUR;
    expect(await look(walks, agent('a', '1'))).toEqual(['a']);
    const pauses: number[] = [];
    for (let since = 0; pauses.length < 5; since += MINUTE, now += MINUTE)
      if ((await look(walks, agent('a', '1', '2'))).length > 0) {
        pauses.push(since / MINUTE);
        since = 0;
      }
    expect(pauses).toEqual([5, 10, 20, 40, 60]);
    expect(walks.agents.get('a')).toMatchObject({
      error: 'no answer',
      state: 'named',
      names: { hostName: 'x' },
    });
    expect(walks.failures).toBe(6);
    answer = async () => ({ hostName: 'y', interfaces: {}, wrongValues: 0 });
    now += HOUR;
    await look(walks, agent('a', '1'));
    expect(walks.agents.get('a')).toMatchObject({ error: undefined, failures: 0, names: { hostName: 'y' } });
  });

  it('asks so many at a time, and the others when one is done', async () => {
    const walks = schedule(2);
    const waiting: (() => void)[] = [];
    answer = () =>
      new Promise((resolve) =>
        waiting.push(() => resolve({ hostName: undefined, interfaces: {}, wrongValues: 0 })),
      );
    const all = ['a', 'b', 'c', 'd'].map((address) => agent(address, '1'));
    await look(walks, ...all);
    expect(await look(walks, ...all)).toEqual(['a', 'b']);
    expect(await look(walks, ...all)).toEqual([]);
    waiting[0]();
    await settled();
    expect(asked).toEqual(['c']);
  });

  it('goes on where an earlier run ended', async () => {
    const walks = schedule();
    walks.restore(
      'a',
      { hostName: 'x', interfaces: { '1': { name: 'p' } }, wrongValues: 0 },
      now - HOUR / 2,
      ['1'],
    );
    await look(walks, agent('a', '1'));
    expect(await look(walks, agent('a', '1'))).toEqual([]);
    now += HOUR / 2;
    expect(await look(walks, agent('a', '1'))).toEqual(['a']);
  });

  it('begins nothing once it is stopped', async () => {
    const walks = schedule();
    await look(walks, agent('a', '1'));
    walks.stop();
    expect(await look(walks, agent('a', '1'))).toEqual([]);
  });
});
