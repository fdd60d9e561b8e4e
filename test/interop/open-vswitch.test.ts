import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { WeirProcess } from '../e2e/weir-process.ts';
import { type IperfResult, runIperf } from '../support/iperf3.ts';
import { NamespaceFetch } from '../support/namespace-fetch.ts';
import { NetworkNamespace, requirePeers } from '../support/network-namespace.ts';
import { OpenVSwitch } from '../support/open-vswitch.ts';
import { type Metric, RestClient } from '../support/rest-client.ts';

/*
 * A real agent: an Open vSwitch bridge that exports sFlow live while iperf3 sends between two hosts. What Weir says a
 * flow carries must be what iperf3 says it sent.
 */

const SECONDS = 27;
/** The first seconds are left out: a rate with t = 2 s reaches 95 % of a step after 6 s. */
const WARM_UP = 6;
const MEASURED = 20;
const BITS_PER_SECOND = 20_000_000;
/**
 * One packet in 5. Each flow has about 1700 packets a second, so some 7000 samples in 20 s: a standard error of 1.2 %,
 * and 10 % is eight of them.
 */
const SAMPLING_RATE = 5;
const TOLERANCE = 0.1;

const SERVER = '10.0.0.2';
const UDP_PAYLOAD = 1400;
const ETHERNET_HEADER = 14;
/** Frame lengths in sFlow include it; the counters of the bridge's ports do not. */
const FRAME_CHECK_SEQUENCE = 4;
const IP_HEADER = 20;
const UDP_HEADER = 8;
/** With the timestamp option, which Linux uses. */
const TCP_HEADER = 32;

interface Reading {
  readonly flows: ReadonlyMap<string, number>;
  readonly octetsIn: ReadonlyMap<string, number>;
}

it('bytes per second of flows and ports are those of iperf3, within 10 % over 20 s', {
  timeout: 90_000,
}, async () => {
  requirePeers({
    'ovs-vswitchd': 'openvswitch-switch',
    iperf3: 'iperf3',
    ethtool: 'ethtool',
    ip: 'iproute2',
  });
  const cleanUp: (() => unknown)[] = [];
  try {
    const namespace = (label: string): NetworkNamespace => {
      const made = new NetworkNamespace(label);
      cleanUp.push(() => made.delete());
      return made;
    };
    const bridge = namespace('bridge');
    const hosts = [namespace('host1'), namespace('host2')];
    const ovs = await OpenVSwitch.start(bridge);
    cleanUp.push(() => ovs.close());
    ovs.addBridge('br0');
    for (const [i, host] of hosts.entries()) {
      bridge.connect(`port${i + 1}`, host, 'eth0');
      host.run('ip', 'address', 'add', `10.0.0.${i + 1}/24`, 'dev', 'eth0');
      // The bridge in user space passes packets on as they are: their checksums must be there.
      host.run('ethtool', '-K', 'eth0', 'tx', 'off');
      ovs.addPort('br0', `port${i + 1}`);
    }
    // The collector listens before the agent sends.
    const { weir, url, sflowPort } = await WeirProcess.serveBy(bridge.prefix);
    cleanUp.push(() => weir.end());
    const inside = new NamespaceFetch(bridge.prefix);
    cleanUp.push(() => inside.close());
    const client = new RestClient(url, inside.fetch);
    for (const protocol of ['tcp', 'udp'] as const) {
      const keys = `ipsource,ipdestination,${protocol}sourceport,${protocol}destinationport`;
      await client.defineFlow(protocol, { keys, value: 'bytes', t: 2 });
    }
    ovs.exportSflow('br0', { port: sflowPort, samplingRate: SAMPLING_RATE, pollingInterval: 1 });

    const common = {
      server: hosts[1],
      serverAddress: SERVER,
      client: hosts[0],
      bitsPerSecond: BITS_PER_SECOND,
      seconds: SECONDS,
    };
    const [tcp, udp, readings] = await Promise.all([
      runIperf({ ...common, protocol: 'tcp', port: 5201 }),
      runIperf({ ...common, protocol: 'udp', port: 5202, length: UDP_PAYLOAD }),
      readEachSecond(client),
    ]);

    const tcpFrames = frameRate(tcp, tcp.segmentBytes, TCP_HEADER);
    const udpFrames = frameRate(udp, UDP_PAYLOAD, UDP_HEADER);
    const flow = (protocol: string, { localPort }: IperfResult, port: number): number =>
      mean(
        readings.map(({ flows }) => flows.get(`${protocol} 10.0.0.1,${SERVER},${localPort},${port}`) ?? 0),
      );
    const measured = {
      tcp: flow('tcp', tcp, 5201) / tcpFrames.withCheckSequence,
      udp: flow('udp', udp, 5202) / udpFrames.withCheckSequence,
      port1:
        mean(readings.map(({ octetsIn }) => octetsIn.get('port1') ?? 0)) /
        (tcpFrames.bytes + udpFrames.bytes),
    };
    const near = (ratio: number): boolean => Math.abs(ratio - 1) <= TOLERANCE;
    expect(Object.entries(measured).filter(([, ratio]) => !near(ratio))).toEqual([]);

    const analyzer = await client.analyzer();
    expect(analyzer).toMatchObject({ sFlowAgents: 1, sFlowErrors: {}, sFlowUnknownStructures: {} });
    expect(analyzer).toMatchObject({ sFlowDatagramsLost: 0, sFlowKernelDrops: 0, sFlowParseErrors: 0 });
  } finally {
    for (const step of cleanUp.reverse()) await step();
  }
});

/** What Weir says at each second of the measured time. */
async function readEachSecond(client: RestClient): Promise<Reading[]> {
  const began = performance.now();
  const readings: Reading[] = [];
  for (let i = 0; i < MEASURED; i++) {
    await sleep(Math.max(0, began + (WARM_UP + i) * 1000 - performance.now()));
    const flows = new Map<string, number>();
    for (const protocol of ['tcp', 'udp'])
      for (const { key, value } of await client.activeFlows(protocol)) flows.set(`${protocol} ${key}`, value);
    const rows = await client.json<Metric[][]>('table/ALL/ifname,ifinoctets/json');
    const octetsIn = new Map(
      rows.map(([name, octets]) => [String(name.metricValue), Number(octets.metricValue)]),
    );
    readings.push({ flows, octetsIn });
  }
  return readings;
}

/**
 * Bytes of Ethernet frames per second in the measured time: iperf3 counts payload, and each `payload` bytes of it
 * travel with a transport header, an IP header and an Ethernet header.
 */
function frameRate({ perSecond }: IperfResult, payload: number, transportHeader: number) {
  const rate = mean(perSecond.slice(WARM_UP, WARM_UP + MEASURED));
  const frame = payload + transportHeader + IP_HEADER + ETHERNET_HEADER;
  return {
    bytes: (rate * frame) / payload,
    withCheckSequence: (rate * (frame + FRAME_CHECK_SEQUENCE)) / payload,
  };
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}
