/** A short run for continuous integration: it says whether things work, not how fast. */

import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { TEN_FLOWS } from './flows.mjs';
import { freshFolder } from './lib/folder.mjs';
import { runLoad } from './lib/load.mjs';
import { udpSockets } from './lib/proc.mjs';
import { startWeir } from './peers/weir.mjs';
import { RECEIVERS } from './scenarios/cpu.mjs';

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
  for (const [id, receiver] of Object.entries(RECEIVERS)) {
    if (id.startsWith('weir') || receiver.version() === undefined) continue;
    await inFolder(async (folder) => {
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
  await inFolder(async (folder) => {
    const weir = await startWeir({ folder, flows: TEN_FLOWS });
    try {
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
    } finally {
      await weir.stop();
    }
  });
}

async function inFolder(work) {
  const folder = await freshFolder();
  try {
    await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
