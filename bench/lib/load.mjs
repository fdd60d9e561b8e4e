/** The load source: `weir load` in a process of its own. */
import { createSocket } from 'node:dgram';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { start } from './child.mjs';
import { WEIR } from './paths.mjs';
import { cpuSeconds, machineTime, udpSockets } from './proc.mjs';

/** What every comparison is made with. */
export const LOAD_SHAPE = { agents: 64, ports: 48, flows: 100_000, samples: 6 };

/** A datagram of that many packet samples. */
const DATAGRAM_BYTES = 1180;

/** Start a load; whatever is not said is as in LOAD_SHAPE, or the load's own default. */
export function startLoad({ port, folder, ...options }) {
  const all = { to: `127.0.0.1:${port}`, ...LOAD_SHAPE, ...options };
  const args = Object.entries(all).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const child = start('load', process.execPath, [WEIR, 'load', ...args], { folder, output: 'pipe' });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  /** The next totals, or undefined when there are no more. */
  child.totals = async () => {
    const { value, done } = await lines.next();
    return done ? undefined : JSON.parse(value);
  };
  return child;
}

/** Run a load to its end. Resolves to the totals. */
export async function runLoad(options) {
  const child = startLoad(options);
  let last;
  for (let totals = await child.totals(); totals !== undefined; totals = await child.totals()) last = totals;
  const end = await child.ended;
  if (end !== 0 || last === undefined)
    throw new Error(`weir load ended with ${end}, see ${options.folder}/load.log`);
  return last;
}

/**
 * Put a receiver under load and measure it while the load is steady: after `warmup` seconds, for `seconds`. CPU is that of
 * the whole process tree, for each datagram that it had to deal with in that time; a datagram counts as lost when the
 * kernel dropped it because nobody fetched it in time.
 * @param meanwhile what else is to happen while the load is steady; what it resolves to is in the result
 */
export async function measureUnderLoad({ pid, port, rate, warmup, seconds, folder, meanwhile }) {
  const queuedBytes = await bytesOfQueuedDatagram();
  const load = startLoad({ port, rate, seconds: warmup + seconds, interval: warmup, folder });
  const first = await load.totals();
  const before = snapshot(pid, port);
  const other = Promise.resolve(meanwhile?.());
  // It is awaited when the load has ended; until then nobody else hears that it failed.
  other.catch(() => {});
  let last = first;
  for (let totals = first; totals !== undefined; totals = await load.totals()) last = totals;
  await untilDrained(port);
  const after = snapshot(pid, port);
  if ((await load.ended) !== 0 || last === first) throw new Error(`weir load failed, see ${folder}/load.log`);
  const sent = last.datagrams - first.datagrams;
  const lost = after.drops - before.drops;
  const machine = after.machine.total - before.machine.total;
  const elapsed = last.seconds - first.seconds;
  return {
    sent,
    lost,
    inAll: { datagrams: last.datagrams, packetSamples: packetSamples(last) },
    offered: sent / elapsed,
    received: (sent - lost) / elapsed,
    // What waited when the time began was dealt with in it; when it ended nothing waited.
    microsecondsPerDatagram:
      ((after.cpu - before.cpu) * 1e6) / (sent - lost + Math.round(before.waiting / queuedBytes)),
    processors: (after.cpu - before.cpu) / elapsed,
    steal: (after.machine.steal - before.machine.steal) / machine,
    meanwhile: await other,
  };
}

/** Samples that are packets: every fiftieth datagram has six samples of counters instead. */
function packetSamples({ datagrams, samples }) {
  return samples - Math.floor(datagrams / 50) * 6;
}

function snapshot(pid, port) {
  const { drops, waiting } = udpSockets(port);
  return { cpu: cpuSeconds(pid), drops, waiting, machine: machineTime() };
}

/** Wait until the socket is empty, two seconds at most. */
async function untilDrained(port) {
  for (let i = 0; i < 100 && udpSockets(port).waiting > 0; i++) await sleep(20);
}

/** What the kernel charges a socket's buffer for one datagram of the load that waits there, bytes: more than its length. */
async function bytesOfQueuedDatagram() {
  const [receiver, sender] = [createSocket('udp4'), createSocket('udp4')];
  try {
    await new Promise((resolve) => receiver.bind(0, '127.0.0.1', resolve));
    const { port } = receiver.address();
    await new Promise((resolve) => sender.connect(port, '127.0.0.1', resolve));
    // Within one turn of the event loop, so that nothing is fetched in between.
    sender.send(Buffer.alloc(DATAGRAM_BYTES));
    return udpSockets(port).waiting;
  } finally {
    receiver.close();
    sender.close();
  }
}
