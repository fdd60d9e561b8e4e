/** weir forward | ssh weir receive, to a Weir that counts what arrives and in which order. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freeUdpPort, start, untilBound } from '../lib/child.mjs';
import { runLoad } from '../lib/load.mjs';
import { number, table } from '../lib/markdown.mjs';
import { WEIR } from '../lib/paths.mjs';
import { cpuSeconds, processTree } from '../lib/proc.mjs';
import { startSshServer } from '../lib/ssh-server.mjs';
import { withWeir } from '../peers/weir.mjs';

export { hasSsh } from '../lib/ssh-server.mjs';

const DATAGRAMS = 5_000_000;
const FORMS = {
  'lines of hexadecimal digits': [],
  frames: ['--weir'],
  'frames, compressed': ['--weir', '--compress'],
};
/** After the load, what is under way has so long to arrive, s. */
const ARRIVES_WITHIN_S = 60;

/** @returns a result for each form */
export async function measureSsh({ rate, report, datagrams = DATAGRAMS, forms = Object.keys(FORMS) }) {
  const results = [];
  for (const form of forms) {
    const result = await withWeir({}, (weir, folder) => measureForm({ weir, folder, form, rate, datagrams }));
    results.push(result);
    report(
      `through ssh as ${form}, ${number(result.sent, 0)} datagrams of ${number(result.bytes, 0)} bytes at ${number(result.rate, 0)}/s: ` +
        `${result.missing} lost, ${result.outOfOrder} out of order, ${number(result.hereMicros, 1)} µs here and ${number(result.thereMicros, 1)} µs there for each`,
    );
  }
  return results;
}

async function measureForm({ weir, folder, form, rate, datagrams }) {
  const server = await startSshServer(folder);
  try {
    const port = await freeUdpPort();
    const forward = [
      process.execPath,
      WEIR,
      'forward',
      '--bind',
      '127.0.0.1',
      '--port',
      port,
      ...FORMS[form],
    ];
    const receive = [process.execPath, WEIR, 'receive', '--to', `127.0.0.1:${weir.port}`];
    const pipe = `${forward.join(' ')} | ${server.command} "${receive.join(' ')}"`;
    const relay = start('relay', 'bash', ['-c', pipe], { folder });
    await untilBound(relay, port);
    const {
      datagrams: sent,
      bytes,
      pps,
    } = await runLoad({
      port,
      rate,
      seconds: datagrams / rate,
      samples: 1,
      folder,
    });
    const arrived = await untilArrived(weir, sent);
    const [here, there] = [cpuSeconds(relay.pid), cpuSeconds(server.pid)];
    process.kill(forwardIn(relay.pid), 'SIGTERM');
    await relay.ended;
    const agents = Object.values(await weir.ask('agents/json'));
    const sum = (name) => agents.reduce((all, agent) => all + agent[name], 0);
    return {
      form,
      rate: pps,
      sent,
      bytes: bytes / sent,
      missing: sent - arrived,
      outOfOrder: sum('sFlowDatagramsOutOfOrder') + sum('sFlowDatagramsDuplicates'),
      hereMicros: (here * 1e6) / sent,
      thereMicros: (there * 1e6) / sent,
      said: readFileSync(join(folder, 'relay.log'), 'utf8').trim().split('\n'),
    };
  } finally {
    await server.stop();
  }
}

/** Wait until all is there, or nothing more comes. Resolves to what is there. */
async function untilArrived(weir, sent) {
  let before = -1;
  for (let i = 0; i < ARRIVES_WITHIN_S; i++) {
    const { sFlowDatagramsReceived: received } = await weir.ask('analyzer/json');
    if (received === sent || received === before) return received;
    before = received;
    await sleep(1000);
  }
  return before;
}

function forwardIn(pid) {
  return processTree(pid).find((one) =>
    execFileSync('cat', [`/proc/${one}/cmdline`], { encoding: 'latin1' }).includes('\0forward\0'),
  );
}

export function renderSsh(results) {
  const rows = results.map(({ form, rate, sent, missing, outOfOrder, hereMicros, thereMicros }) => [
    form,
    number(rate, 0),
    number(sent, 0),
    number(missing, 0),
    number(outOfOrder, 0),
    `${number(hereMicros, 1)} µs`,
    `${number(thereMicros, 1)} µs`,
  ]);
  return [
    '### Through ssh',
    '',
    `\`weir forward | ssh weir receive\` on one machine, with sender and collector on it as well; datagrams of ${number(results[0].bytes, 0)} bytes on average. Processor time is that of \`weir forward\` and \`ssh\`, and that of \`sshd\` and \`weir receive\`, for each datagram.`,
    '',
    table(['form', 'datagrams/s', 'sent', 'lost', 'out of order', 'here', 'there'], rows),
  ].join('\n');
}
