/** A short run for continuous integration: it says whether things work, not how fast. */

import { setTimeout as sleep } from 'node:timers/promises';
import { TEN_FLOWS } from './flows.mjs';
import { inFreshFolder } from './lib/folder.mjs';
import { runLoad } from './lib/load.mjs';
import { udpSockets } from './lib/proc.mjs';
import { withWeir } from './peers/weir.mjs';
import { measureApi } from './scenarios/api.mjs';
import { RECEIVERS } from './scenarios/cpu.mjs';
import { measureEvents } from './scenarios/events.mjs';
import { measureGroups } from './scenarios/groups.mjs';
import { hasPrometheus, measurePrometheus } from './scenarios/prometheus.mjs';
import { measureScriptCalls } from './scenarios/script-calls.mjs';
import { measureScripts } from './scenarios/scripts.mjs';
import { hasSsh, measureSsh } from './scenarios/ssh.mjs';

/** Datagrams per second that any machine takes. */
const RATE = 2000;
const SECONDS = 4;

/** Few enough interfaces that each sends its counters more than once, so that there are rates. */
const FEW = { agents: 4, ports: 12 };

/** Resolves to true when every installed receiver took all it was sent, and Weir answered about all of it. */
export async function smoke(report) {
  let good = true;
  const check = (what, right) => {
    report(`${right ? 'ok' : 'NOT OK'}: ${what}`);
    good &&= right;
  };
  await checkWeir(check);
  await checkClients(check);
  for (const [id, receiver] of Object.entries(RECEIVERS)) {
    if (id.startsWith('weir') || receiver.version() === undefined) continue;
    await inFreshFolder(async (folder) => {
      const running = await receiver.start({ folder });
      try {
        const sent = await runLoad({ port: running.port, rate: RATE, seconds: 1, folder });
        await sleep(300);
        const { drops } = udpSockets(running.port);
        check(`${receiver.name} lost ${drops} of ${sent.datagrams} datagrams`, drops === 0);
      } finally {
        await running.stop();
      }
    });
  }
  return good;
}

async function checkWeir(check) {
  await withWeir({ flows: TEN_FLOWS }, async (weir, folder) => {
    const sent = await runLoad({ port: weir.port, rate: RATE, seconds: SECONDS, ...FEW, folder });
    await sleep(300);
    const analyzer = await weir.ask('analyzer/json');
    const received = analyzer.sFlowDatagramsReceived;
    check(`Weir received ${received} of ${sent.datagrams} datagrams`, received === sent.datagrams);
    check(`${analyzer.sFlowParseErrors} of them with errors`, analyzer.sFlowParseErrors === 0);
    for (const name of Object.keys(TEN_FLOWS)) {
      const flows = await weir.ask(`activeflows/ALL/${name}/json`);
      check(`flow ${name} has ${flows.length} entries`, flows.length > 0);
    }
    const rates = await weir.ask('metric/ALL/sum:ifinoctets/json');
    check(`interfaces carry ${rates[0]?.metricValue} bytes/s`, rates[0]?.metricValue > 0);
  });
}

/** The scenarios with clients, at a rate and with numbers that any machine takes. */
async function checkClients(check) {
  const settings = { rate: RATE, rounds: 1, warmup: 1, seconds: 2, report: () => {} };
  const [{ idle, loaded }] = await measureEvents(settings);
  const told = idle.times.length + loaded.times.length;
  const missed = idle.missed + loaded.missed;
  check(`${told} crossings were told, ${missed} missed`, told > 0 && missed === 0);
  const [api] = await measureApi({ ...settings, polls: 20, questionsPerSecond: 50 });
  const answers = Object.values(api.questions).flat().length;
  check(`${answers} questions were answered, ${api.failures.length} failed`, api.failures.length === 0);
  check(`${api.polls.length} long polls were answered`, api.polls.length > 0);
  const [groups] = await measureGroups({ ...settings, prefixes: 10_000 });
  check(`${groups.times.length} groups were replaced`, groups.times.length > 0);
  const [calls] = await measureScriptCalls({ ...settings, calls: 50, requests: 2 });
  const answered = Object.values(calls).filter((microseconds) => microseconds > 0).length;
  check(`${answered} kinds of calls of scripts were answered`, answered === Object.keys(calls).length);
  const [scripts] = await measureScripts({ ...settings, scripts: 4 });
  check(`${scripts.late.length} ticks of scripts came`, scripts.late.length > 0);
  if (hasPrometheus()) {
    const small = { report: () => {}, agents: 20, scrapes: 2, intervalS: 2, rate: RATE, loadSeconds: 3 };
    const { series, loaded: scraped } = await measurePrometheus(small);
    check(`${scraped.lost} datagrams were lost while texts were read`, scraped.lost === 0);
    check(`Prometheus scraped ${series} series`, series > 0);
  }
  if (hasSsh())
    for (const { form, missing, outOfOrder } of await measureSsh({
      ...settings,
      datagrams: 2 * RATE,
      forms: ['frames, compressed'],
    }))
      check(
        `through ssh as ${form} ${missing} were lost, ${outOfOrder} out of order`,
        missing + outOfOrder === 0,
      );
  const lost = loaded.lost + api.lost + groups.lost + scripts.lost;
  check(
    `${lost} datagrams and ${groups.samplesLost} samples were lost over it`,
    lost + groups.samplesLost === 0,
  );
}
