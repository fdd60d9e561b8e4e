/** Many clients at once while datagrams come in: what they wait, and whether a datagram is lost over it. */
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { TEN_FLOWS } from '../flows.mjs';
import { start } from '../lib/child.mjs';
import { measureUnderLoad } from '../lib/load.mjs';
import { milliseconds, number, percent, roundsText, table } from '../lib/markdown.mjs';
import { ROOT } from '../lib/paths.mjs';
import { defineProbe } from '../lib/probe.mjs';
import { median, quantile } from '../lib/statistics.mjs';
import { withWeir } from '../peers/weir.mjs';

const POLLS = 200;
const QUESTIONS_PER_SECOND = 500;

/** The first part of the time is for connections to be made and code to get warm. */
const REHEARSAL = 0.2;

export async function measureApi({
  rounds,
  rate,
  warmup,
  seconds,
  report,
  polls = POLLS,
  questionsPerSecond = QUESTIONS_PER_SECOND,
}) {
  const results = [];
  for (let round = 1; round <= rounds; round++) {
    const result = {
      round,
      rate,
      clients: { polls, questionsPerSecond },
      ...(await measureOnce({ rate, warmup, seconds, polls, questionsPerSecond })),
    };
    results.push(result);
    const all = allQuestions(result);
    report(
      `round ${round} of ${rounds}, ${polls} long polls and ${questionsPerSecond} questions/s at ${number(rate, 0)}/s: ` +
        `p50 ${milliseconds(quantile(all, 0.5))}, p99 ${milliseconds(quantile(all, 0.99))} of ${all.length}, ` +
        `${result.failures.length} failed, ${result.lost} of ${result.sent} datagrams lost`,
    );
    for (const failure of new Set(result.failures)) report(`  ${failure}`);
  }
  return results;
}

function measureOnce({ rate, warmup, seconds, polls, questionsPerSecond }) {
  return withWeir({ flows: TEN_FLOWS }, async (weir, folder) => {
    await defineProbe(weir);
    const orders = {
      url: weir.url,
      port: weir.port,
      polls,
      rate: questionsPerSecond,
      rehearsal: seconds * REHEARSAL,
      seconds: seconds * (1 - REHEARSAL),
    };
    const { meanwhile, inAll, ...measured } = await measureUnderLoad({
      pid: weir.pid,
      port: weir.port,
      rate,
      warmup,
      seconds,
      folder,
      meanwhile: () => runClients(orders, folder),
    });
    const counted = (await weir.ask('analyzer/json')).sFlowDatagramsReceived;
    return {
      ...measured,
      ...meanwhile,
      measuredSeconds: orders.seconds,
      // From the beginning of the load on, by Weir's own count.
      missing: inAll.datagrams + meanwhile.crossings - counted,
    };
  });
}

async function runClients(orders, folder) {
  const script = join(ROOT, 'bench', 'clients', 'dashboards.mjs');
  const child = start('clients', process.execPath, [script, JSON.stringify(orders)], {
    folder,
    output: 'pipe',
  });
  const output = await text(child.stdout);
  if ((await child.ended) !== 0) throw new Error(`the clients failed, see ${folder}/clients.log`);
  return JSON.parse(output);
}

function allQuestions({ questions }) {
  return Object.values(questions).flat();
}

export function renderApi(results) {
  const [{ rate, clients, questions }] = results;
  const row = (title, of) => [
    title,
    ...[0.5, 0.99].map((share) => milliseconds(median(results.map((result) => quantile(of(result), share))))),
  ];
  const total = (of) => results.reduce((sum, result) => sum + of(result), 0);
  const [sent, lost, missing] = ['sent', 'lost', 'missing'].map((name) => total((result) => result[name]));
  const failures = total((result) => result.failures.length);
  const processors = (name) => number(median(results.map((result) => result[name])), 2);
  const perSecond = median(results.map((result) => allQuestions(result).length / result.measuredSeconds));
  const steal = Math.max(...results.map((result) => result.steal));
  return [
    '### Many clients at once',
    '',
    `${clients.polls} long polls of \`/events/json\`, which a crossing wakes once a second, and ${clients.questionsPerSecond} questions a second (${number(perSecond, 0)} were asked), while ${number(rate, 0)} datagrams a second come in, with ten definitions: medians of ${roundsText(results.length)}. ${failures === 0 ? 'All questions were answered' : `${number(failures, 0)} questions failed`}. Weir took ${processors('processors')} processors, the process with all the clients ${processors('clientProcessors')}.`,
    '',
    `Of ${number(sent, 0)} datagrams ${lost === 0 ? 'none was lost' : `${number(lost, 0)} were lost`}; by Weir's own count, from the beginning of the load on, ${number(missing, 0)} are missing. At most ${percent(steal)} of the machine's time was taken by others.`,
    '',
    table(
      ['', 'p50', 'p99'],
      [
        row('all questions', allQuestions),
        ...Object.keys(questions).map((name) => row(name, (result) => result.questions[name])),
        row('long polls, from the crossing', ({ polls }) => polls),
      ],
    ),
  ].join('\n');
}
