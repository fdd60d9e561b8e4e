/**
 * Many clients at once, in a process of their own: long polls that wait for events, and questions at a steady rate. Takes
 * its orders as JSON in the first argument and prints what it measured as JSON, times in ms.
 *
 * - `url`, `port`: where Weir answers and where it takes datagrams
 * - `polls`: how many wait for events at a time; a crossing each second wakes them all
 * - `rate`: questions per second, asked when they are due whether or not earlier ones are answered
 * - `rehearsal`, `seconds`: how long nothing is noted, and how long it is
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from '../lib/http-client.mjs';
import { LOAD_SHAPE } from '../lib/load.mjs';
import { createProbe, crossingAfter } from '../lib/probe.mjs';

/** In turn; `agent` is another one every time. */
const QUESTIONS = {
  'activeflows, all agents': () => 'activeflows/ALL/source/json?maxFlows=10',
  'activeflows, one agent': (agent) => `activeflows/${agent}/tuple/json?maxFlows=10`,
  'metric, all agents': () => 'metric/ALL/sum:ifinoctets,max:ifoutoctets/json',
  'table, all agents': () => 'table/ALL/ifindex,sort:ifinoctets:-10/json',
  'dump, one agent': (agent) => `dump/${agent}/ifinoctets,ifoutoctets/json`,
  'agents, all': () => 'agents/json',
  flowvalue: (agent) => `flowvalue/${agent}/1.interfaces/json`,
};

const CROSSING_EVERY_MS = 1000;
const POLL_SECONDS = 60;
/** Longest time between looks at what is due. */
const TURN_MS = 1;
const LONGEST_BURST_MS = 10;

const { url, port, polls, rate, rehearsal, seconds } = JSON.parse(process.argv[2]);
const begin = performance.now() + rehearsal * 1000;
const end = begin + seconds * 1000;

const client = createClient(url);
const probe = await createProbe(port);
/** When each crossing was sent, by data source. */
const crossings = new Map();
const results = {
  questions: Object.fromEntries(Object.keys(QUESTIONS).map((name) => [name, []])),
  /** From a crossing to each of the answers that waited for it. */
  polls: [],
  failures: [],
};
let stopped = false;

const failed = (error) => {
  if (!stopped) results.failures.push(String(error));
};

async function poll() {
  let last = -1;
  while (!stopped) {
    try {
      const { text, at } = await client.ask(crossingAfter(last, POLL_SECONDS), { read: true });
      const [event] = JSON.parse(text);
      if (event === undefined) continue;
      last = event.eventID;
      const crossed = crossings.get(event.dataSource);
      if (crossed >= begin) results.polls.push(at - crossed);
    } catch (error) {
      failed(error);
      await sleep(CROSSING_EVERY_MS);
    }
  }
}

async function ask(name, agent) {
  const asked = performance.now();
  try {
    const { ms } = await client.ask(QUESTIONS[name](agent));
    if (asked >= begin) results.questions[name].push(ms);
  } catch (error) {
    failed(error);
  }
}

async function askSteadily() {
  const names = Object.keys(QUESTIONS);
  const asked = new Set();
  let due = performance.now();
  for (let i = 0, now = due; now < end; now = performance.now()) {
    // What the client was too late for is left out: made up for at once it would be a burst that nobody ordered.
    if (now - due > LONGEST_BURST_MS) due = now;
    for (; due <= now; due += 1000 / rate, i++) {
      // The first agents of the load; another one each time around.
      const agent = `10.100.0.${1 + (Math.floor(i / names.length) % LOAD_SHAPE.agents)}`;
      const one = ask(names[i % names.length], agent).finally(() => asked.delete(one));
      asked.add(one);
    }
    await sleep(TURN_MS);
  }
  await Promise.all(asked);
}

async function crossRegularly() {
  while (performance.now() < end) {
    await sleep(CROSSING_EVERY_MS * (0.9 + 0.2 * Math.random()));
    const { dataSource, at } = probe.cross();
    crossings.set(dataSource, at);
  }
}

for (let i = 0; i < polls; i++) poll();
await Promise.all([askSteadily(), crossRegularly()]);
stopped = true;
client.close();
probe.close();
const { user, system } = process.cpuUsage();
process.stdout.write(
  JSON.stringify({
    ...results,
    crossings: probe.sent(),
    clientProcessors: (user + system) / 1000 / performance.now(),
  }),
);
