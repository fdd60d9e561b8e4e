import { dnsQuery, eth, ip, ip6, tcp, udp } from '../../src/packet/testing/build-packet.ts';
import { type FlowOrCounterRecord, record, sampledHeader } from '../../src/sflow/index.ts';
import type { SyntheticAgent } from '../support/synthetic-agent.ts';
import type { WeirUnderTest } from './weir-under-test.ts';

/** What key functions and filters are tried on. */
export const SAMPLE_RECORDS = {
  /** From 10.1.2.3 port 1000 to 10.0.0.2 port 443, SYN and ACK, expedited forwarding, 200 bytes. */
  tcp: [
    sampledHeader(
      eth(0x0800, ip(6, tcp(1000, 443, undefined, { flags: 0x12 }), { source: '10.1.2.3', tos: 0xb8 }), {
        destination: '00163E123456',
      }),
      { frameLength: 200 },
    ),
  ],
  /** From 2001:db8:1:2::3 to 2001:db8::2, UDP port 443. */
  udp6: [
    sampledHeader(
      eth(0x86dd, ip6(17, udp(50000, 443), { source: '2001:0db8:0001:0002:0000:0000:0000:0003' }), {
        tags: [[0x8100, 7]],
      }),
    ),
  ],
  /** A question for www.example.com. */
  dns: [sampledHeader(eth(0x0800, ip(17, udp(50000, 53, dnsQuery('www.example.com')))))],
  http: [
    record('http_request', {
      method: 2,
      protocol: 1001,
      uri: 'http://joe:pw@www.example.com:8080/p1/p2/p3.html?a=1&b=2#top',
      host: 'a=1&b=x=y',
      status: 200,
    }),
  ],
} as const satisfies Readonly<Record<string, readonly FlowOrCounterRecord[]>>;

export type SampleName = keyof typeof SAMPLE_RECORDS;

export type SampleAgents = Readonly<Record<SampleName, SyntheticAgent>>;

/** An agent for each sample. */
export function sampleAgents(weir: WeirUnderTest): SampleAgents {
  const names = Object.keys(SAMPLE_RECORDS) as SampleName[];
  return Object.fromEntries(names.map((name) => [name, weir.agent()])) as Record<SampleName, SyntheticAgent>;
}

/** Delivers each sample once, from its agent: one packet in 100 of interface 1, sent to interface 2. */
export async function deliverSamples(weir: WeirUnderTest, agents: SampleAgents): Promise<void> {
  const names = Object.keys(SAMPLE_RECORDS) as SampleName[];
  await weir.deliver(
    ...names.map((name) => agents[name].datagram([agents[name].flow(SAMPLE_RECORDS[name])])),
  );
}
