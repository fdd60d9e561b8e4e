import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ifCounters, record } from '../../src/sflow/index.ts';
import { eventually } from '../support/peer-process.ts';
import { RestClient } from '../support/rest-client.ts';
import { SyntheticAgent, tcpHeader } from '../support/synthetic-agent.ts';
import { UdpSender } from '../support/udp-sender.ts';
import { type ServingWeir, WeirProcess } from './weir-process.ts';

/*
 * Scrapers that do not read: their texts are far larger than what the kernel buffers for them. Receiving and other clients
 * must not notice.
 */

const AGENTS = 200;
const PORTS = 48;
const SAMPLES = 6;
/** Texts that are read at a time. */
const READERS = 8;
const MEBIBYTE = 2 ** 20;

let serving: ServingWeir;
let rest: RestClient;
let sender: UdpSender;
const sockets: Socket[] = [];

beforeAll(async () => {
  serving = await WeirProcess.serve();
  rest = new RestClient(serving.url);
  sender = await UdpSender.open(serving.sflowPort);
  const datagrams: Uint8Array[] = [];
  const agents = Array.from({ length: AGENTS }, (_, i) => new SyntheticAgent(`10.1.${i}.1`));
  for (const round of [1n, 2n])
    for (const agent of agents)
      for (let port = 1; port <= PORTS; port += SAMPLES) {
        const samples = Array.from({ length: SAMPLES }, (_, i) =>
          agent.counters(
            [
              ifCounters({ ifIndex: port + i, ifInOctets: round }),
              record('port_name', { name: `swp${port + i}` }),
            ],
            { sourceId: port + i },
          ),
        );
        datagrams.push(agent.datagram(samples));
      }
  await sender.send(datagrams, 5000);
  await rest.untilReceived(datagrams.length);
});
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  sender.close();
  await serving.weir.end();
});

/** A client that asks for everything and reads nothing. Resolves when its answer has begun. */
async function scrapeWithoutReading(): Promise<void> {
  const { port } = new URL(serving.url);
  const socket = connect(Number(port), '127.0.0.1');
  sockets.push(socket);
  socket.on('error', () => undefined);
  socket.write('GET /prometheus/metrics/ALL/ALL/txt?format=openmetrics HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await once(socket, 'readable');
}

it('a text of all metrics is whole', async () => {
  const text = await rest.text('prometheus/metrics/ALL/ALL/txt?format=openmetrics');
  expect(text.match(/^sflow_ifinoctets\{/gm)).toHaveLength(AGENTS * PORTS);
  expect(text.endsWith('# EOF\n')).toBe(true);
  // Far more than a connection buffers.
  expect(text.length).toBeGreaterThan(20 * MEBIBYTE);
});

it('scrapers that do not read disturb nobody, and are bounded', async () => {
  const before = (await rest.analyzer()).processResidentBytes;
  for (let i = 0; i < READERS; i++) await scrapeWithoutReading();
  await sleep(500);
  const refused = await fetch(`${serving.url}prometheus/metrics/ALL/ALL/txt`);
  expect(refused.status).toBe(503);
  await refused.body?.cancel();

  const agent = new SyntheticAgent('192.0.2.1');
  const received = (await rest.analyzer()).sFlowDatagramsReceived;
  const header = tcpHeader({ source: '10.0.0.1', destination: '10.0.0.2' });
  const count = 20_000;
  await sender.send(
    Array.from({ length: count }, () => agent.datagram([agent.flow([header])])),
    10_000,
  );
  const analyzer = await rest.untilReceived(received + count);
  expect(analyzer.sFlowKernelDrops).toBe(0);
  expect(analyzer.processResidentBytes - before).toBeLessThan(400 * MEBIBYTE);

  // When they go there is room again.
  for (const socket of sockets) socket.destroy();
  await eventually(
    async () => (await fetch(`${serving.url}prometheus/metrics/ALL/ifinoctets/txt`)).status,
    (status) => status === 200,
  );
  expect(await rest.text('prometheus/analyzer/txt')).toMatch(
    new RegExp(`^sflow_analyzer_prometheus_texts_cut_off ${READERS}$`, 'm'),
  );
});
