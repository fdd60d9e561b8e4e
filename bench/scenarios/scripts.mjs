/** Many scripts that each ask every second while datagrams come in: whether one is lost over it, and whether a tick is late. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TEN_FLOWS } from '../flows.mjs';
import { inFreshFolder } from '../lib/folder.mjs';
import { measureUnderLoad } from '../lib/load.mjs';
import { milliseconds, number, percent, roundsText, table } from '../lib/markdown.mjs';
import { median, quantile } from '../lib/statistics.mjs';
import { startWeir } from '../peers/weir.mjs';

const SCRIPTS = 50;
/** Five of different kinds, as dashboards ask them. */
const QUERIES = (flow) => `
  activeFlows('ALL', '${flow}', 20, 0, 'sum');
  activeFlows('ALL', '${flow}', 20);
  metric('ALL', 'sum:ifinoctets,max:ifutilization');
  flowKeys();
  table('ALL', 'sort:ifinoctets:-5');
`;

const script = (flow) => `
var ticks = [];
setIntervalHandler(function(now) {
  var called = Date.now();
  ${QUERIES(flow)}
  ticks.push([now, called - now, Date.now() - called]);
}, 1);
setHttpHandler(function() { return ticks; });
`;

export async function measureScripts({ rounds, rate, warmup, seconds, report, scripts = SCRIPTS }) {
  const results = [];
  for (let round = 1; round <= rounds; round++) {
    const result = { round, rate, scripts, ...(await measureOnce({ rate, warmup, seconds, scripts })) };
    results.push(result);
    const { late, took, missed, lost, sent } = result;
    report(
      `round ${round} of ${rounds}, ${scripts} scripts at ${number(rate, 0)}/s: ${late.length} ticks, latest ` +
        `${milliseconds(Math.max(...late))}, five queries p99 ${milliseconds(quantile(took, 0.99))}, ` +
        `${missed} ticks missed, ${lost} of ${sent} datagrams lost`,
    );
  }
  return results;
}

function measureOnce({ rate, warmup, seconds, scripts }) {
  return inFreshFolder(async (folder) => {
    const flows = Object.keys(TEN_FLOWS);
    const files = Array.from({ length: scripts }, (_, i) => {
      const file = join(folder, `script${i}.js`);
      writeFileSync(file, script(flows[i % flows.length]));
      return file;
    });
    const weir = await startWeir({
      folder,
      flows: TEN_FLOWS,
      properties: { 'script.file': files.join(',') },
    });
    try {
      let from = 0;
      const { lost, sent } = await measureUnderLoad({
        pid: weir.pid,
        port: weir.port,
        rate,
        warmup,
        seconds,
        folder,
        meanwhile: () => {
          from = Date.now();
        },
      });
      const until = from + seconds * 1000;
      const late = [];
      const took = [];
      let missed = 0;
      for (let i = 0; i < scripts; i++) {
        const ticks = (await weir.ask(`script/script${i}.js/json`)).filter(
          ([due]) => due >= from && due < until,
        );
        missed += Math.max(0, Math.floor(seconds) - ticks.length);
        for (const [, delay, work] of ticks) {
          late.push(delay);
          took.push(work);
        }
      }
      return { late, took, missed, lost, sent };
    } finally {
      await weir.stop();
    }
  });
}

export function renderScripts(results) {
  const [{ rate, scripts }] = results;
  const of = (figure) => median(results.map(figure));
  const missed = results.reduce((sum, result) => sum + result.missed, 0);
  return [
    '### Many scripts',
    '',
    `${number(scripts, 0)} scripts, each with an interval of a second and five queries at every tick, while ${number(rate, 0)} datagrams/s come in: medians of ${roundsText(results.length)}. ${missed === 0 ? 'No tick was missed' : `${number(missed, 0)} ticks were missed`}, and ${percent(of(({ lost, sent }) => lost / sent))} of the datagrams were lost.`,
    '',
    table(
      ['', 'p50', 'p99', 'largest'],
      [
        [
          'tick later than due',
          ...[0.5, 0.99, 1].map((share) => milliseconds(of(({ late }) => quantile(late, share)))),
        ],
        [
          'the five queries',
          ...[0.5, 0.99, 1].map((share) => milliseconds(of(({ took }) => quantile(took, share)))),
        ],
      ],
    ),
  ].join('\n');
}
