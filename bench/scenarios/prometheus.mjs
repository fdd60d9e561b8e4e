/** A real Prometheus that scrapes every metric of a large network: how long it takes, in how much memory. */
import { spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freeTcpPort, start, stop } from '../lib/child.mjs';
import { measureUnderLoad } from '../lib/load.mjs';
import { number, table } from '../lib/markdown.mjs';
import { cpuSeconds, residentBytes } from '../lib/proc.mjs';
import { median } from '../lib/statistics.mjs';
import { withWeir } from '../peers/weir.mjs';

const AGENTS = 1000;
const PORTS = 48;
const SAMPLES = 6;
/** Counters come this often per port before the first scrape: the second time there are rates. */
const ROUNDS = 2;
/** Datagrams sent before the kernel has a moment to hand them over. */
const BURST = 50;
const SCRAPES = 4;
const INTERVAL_S = 15;
/** While datagrams come in at this rate, one client reads text after text. */
const RATE = 50_000;
const LOAD_S = 8;

export function hasPrometheus() {
  return spawnSync('prometheus', ['--version']).error === undefined;
}

/** @param scrapes the first makes the series, and is told apart */
export async function measurePrometheus({
  report,
  agents = AGENTS,
  scrapes = SCRAPES,
  intervalS = INTERVAL_S,
  rate = RATE,
  loadSeconds = LOAD_S,
}) {
  return withWeir({ properties: { 'sflow.buffer': '256M' } }, async (weir, folder) => {
    const expected = await sendCounters(weir.port, agents);
    await untilReceived(weir, expected);
    const resident = residentBytes(weir.pid);
    const direct = await readDirectly(weir);
    report(
      `prometheus, ${number(direct.series, 0)} series: read by one client in ${number(direct.seconds, 2)} s, ` +
        `${number(direct.bytes / 1e6, 0)} MB`,
    );
    const loaded = await readUnderLoad(weir, folder, rate, loadSeconds);
    report(
      `prometheus, ${number(loaded.texts, 0)} texts at ${number(rate, 0)} datagrams/s: ${loaded.lost} of ${loaded.sent} datagrams lost`,
    );
    const peak = watchPeak(weir.pid);
    const prometheus = await startPrometheus(weir, folder, intervalS);
    const before = cpuSeconds(weir.pid);
    const seen = [];
    try {
      while (seen.length < scrapes) {
        await sleep(1000);
        const [duration, samples] = await Promise.all(
          ['scrape_duration_seconds', 'scrape_samples_scraped'].map((name) => prometheus.last(name)),
        );
        if (duration === undefined || duration.time === seen.at(-1)?.time) continue;
        seen.push({ time: duration.time, seconds: duration.value, series: samples.value });
        report(
          `prometheus, scrape ${seen.length}: ${number(samples.value, 0)} series in ${number(duration.value, 2)} s`,
        );
        if (samples.value === 0) throw new Error(`the scrape failed, see ${folder}/prometheus.log`);
      }
    } finally {
      await prometheus.stop();
    }
    const [first, ...later] = seen;
    return {
      agents,
      ports: PORTS,
      direct,
      loaded,
      series: first.series,
      firstSeconds: first.seconds,
      seconds: later.map(({ seconds }) => seconds),
      cpuPerScrape: (cpuSeconds(weir.pid) - before) / seen.length,
      resident,
      peak: peak.stop(),
    };
  });
}

/** Counters of every port of every agent; resolves to the number of datagrams. */
async function sendCounters(port, agents) {
  // What is built rather than the source, which Node 20 does not read.
  const { counterSample, datagram, encodeDatagram, ifCounters, record } = await import(
    '../../dist/sflow.mjs'
  );
  const socket = createSocket('udp4');
  await new Promise((resolve) => socket.connect(port, '127.0.0.1', resolve));
  let sent = 0;
  for (let round = 1; round <= ROUNDS; round++) {
    for (let agent = 0; agent < agents; agent++) {
      const agentAddress = `10.${agent >> 8}.${agent & 255}.1`;
      for (let first = 1; first <= PORTS; first += SAMPLES) {
        const samples = Array.from({ length: SAMPLES }, (_, i) => {
          const ifIndex = first + i;
          return counterSample({
            sequenceNumber: round,
            sourceId: ifIndex,
            records: [
              ifCounters({ ifIndex, ifInOctets: BigInt(round * 12345 * ifIndex), ifSpeed: 10_000_000_000n }),
              record('port_name', { name: `swp${ifIndex}` }),
            ],
          });
        });
        const sequenceNumber = (round - 1) * (PORTS / SAMPLES) + (first - 1) / SAMPLES + 1;
        socket.send(encodeDatagram(datagram({ agentAddress, sequenceNumber, samples })));
        if (++sent % BURST === 0) await sleep(1);
      }
    }
    await sleep(1000);
  }
  socket.close();
  return sent;
}

async function untilReceived(weir, expected) {
  for (let i = 0; i < 200; i++) {
    const { sFlowDatagramsReceived: received } = await weir.ask('analyzer/json');
    if (received >= expected) return;
    await sleep(100);
  }
  throw new Error('not all counters were received');
}

/** One client that takes the text as fast as it comes. */
async function readDirectly({ url }) {
  const began = performance.now();
  const reply = await fetch(`${url}prometheus/metrics/ALL/ALL/txt`, {
    headers: { Accept: 'application/openmetrics-text', 'Accept-Encoding': 'identity' },
  });
  let [bytes, series] = [0, 0];
  for await (const chunk of reply.body) {
    bytes += chunk.length;
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) series++;
  }
  return { seconds: (performance.now() - began) / 1000, bytes, series };
}

/** Text after text is read while datagrams come in. */
async function readUnderLoad(weir, folder, rate, seconds) {
  const load = { pid: weir.pid, port: weir.port, rate, warmup: 1, seconds, folder };
  const { sent, lost, meanwhile } = await measureUnderLoad({
    ...load,
    meanwhile: async () => {
      let texts = 0;
      for (const until = performance.now() + (seconds - 1) * 1000; performance.now() < until; texts++)
        await readDirectly(weir);
      return texts;
    },
  });
  return { rate, sent, lost, texts: meanwhile };
}

async function startPrometheus(weir, folder, intervalS) {
  const http = await freeTcpPort();
  const config = join(folder, 'prometheus.json');
  // JSON is YAML, too.
  writeFileSync(
    config,
    JSON.stringify({
      scrape_configs: [
        {
          job_name: 'weir',
          scrape_interval: `${intervalS}s`,
          scrape_timeout: `${intervalS}s`,
          metrics_path: '/prometheus/metrics/ALL/ALL/txt',
          static_configs: [{ targets: [new URL(weir.url).host] }],
        },
      ],
    }),
  );
  const args = [`--config.file=${config}`, `--storage.tsdb.path=${join(folder, 'tsdb')}`];
  const child = start('prometheus', 'prometheus', [...args, `--web.listen-address=127.0.0.1:${http}`], {
    folder,
  });
  return {
    async last(name) {
      try {
        const reply = await fetch(`http://127.0.0.1:${http}/api/v1/query?query=timestamp(${name})`);
        const value = await fetch(`http://127.0.0.1:${http}/api/v1/query?query=${name}`);
        const [time] = (await reply.json()).data.result;
        const [found] = (await value.json()).data.result;
        return time && found && { time: time.value[1], value: Number(found.value[1]) };
      } catch {
        return undefined; // it is still starting
      }
    },
    stop: () => stop(child),
  };
}

/** The most memory that a process takes until it is asked. */
function watchPeak(pid) {
  let peak = 0;
  const timer = setInterval(() => {
    peak = Math.max(peak, residentBytes(pid));
  }, 100);
  return {
    stop() {
      clearInterval(timer);
      return Math.max(peak, residentBytes(pid));
    },
  };
}

export function renderPrometheus({
  agents,
  ports,
  direct,
  loaded,
  series,
  firstSeconds,
  seconds,
  cpuPerScrape,
  resident,
  peak,
}) {
  const megabytes = (bytes) => `${number(bytes / 1e6, 0)} MB`;
  return [
    '### Every metric for Prometheus',
    '',
    `A Prometheus scrapes \`ALL/ALL\` of ${number(agents, 0)} agents with ${ports} ports each: ${number(series, 0)} series, ${megabytes(direct.bytes)} of text in OpenMetrics, compressed on its way. While ${number(loaded.rate, 0)} datagrams a second came in and one client read ${loaded.texts} such texts one after the other, ${loaded.lost === 0 ? 'none' : number(loaded.lost, 0)} of ${number(loaded.sent, 0)} datagrams ${loaded.lost === 1 ? 'was' : 'were'} lost.`,
    '',
    table(
      ['', ''],
      [
        ['one client that only reads, without compression', `${number(direct.seconds, 2)} s`],
        ['first scrape, which makes the series in Prometheus', `${number(firstSeconds, 2)} s`],
        ['later scrapes, median, as Prometheus measures them', `${number(median(seconds), 2)} s`],
        ['processor time of Weir for a scrape', `${number(cpuPerScrape, 2)} s`],
        ['memory of Weir before, and at most while scraped', `${megabytes(resident)}, ${megabytes(peak)}`],
      ],
    ),
  ].join('\n');
}
