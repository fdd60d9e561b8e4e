import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RestClient } from '../support/rest-client.ts';
import { SyntheticAgent, tcpHeader } from '../support/synthetic-agent.ts';
import { UdpSender } from '../support/udp-sender.ts';
import { type ServingWeir, WeirProcess } from './weir-process.ts';

/* Filters made to explode, over HTTP: each is answered in time, and traffic is examined as before. */

const ANSWER_WITHIN_MS = 2000;

let serving: ServingWeir;
beforeAll(async () => {
  serving = await WeirProcess.serve();
});
afterAll(() => serving?.weir.end());

async function put(name: string, filter: string): Promise<{ status: number; reason: string; ms: number }> {
  const began = performance.now();
  const body = JSON.stringify({ keys: 'ipsource', value: 'bytes', filter });
  const { status, headers } = await fetch(`${serving.url}flow/${name}/json`, { method: 'PUT', body });
  return { status, reason: headers.get('weir-error') ?? '', ms: performance.now() - began };
}

/** Patterns over which a matcher that tries one way after the other needs time without end. */
const SLOW_TO_MATCH = [
  'ipsource~"(1|1)*(0|0)*(.|.)*(.|.)*x"',
  'ipsource~"(.*)*y"',
  'ipsource~"((1+)+)+z"',
  'ipsource~"(.*.*.*.*.*.*.*.*.*.*)*q"',
  'ipsource~"([0-9.]+)+([0-9.]+)+([0-9.]+)+x"',
];

/** Filters that would need memory or time without end to be made ready. */
const TOO_LARGE = [
  'ipsource~"(((a{1,1000}){1,1000}){1,1000}){1,1000}"',
  'ipsource~"(.{0,999}x){999}"',
  `ipsource~"${'(a?){9}'.repeat(4000)}"`,
  `${'('.repeat(100_000)}ipsource=a${')'.repeat(100_000)}`,
  `${'!('.repeat(50_000)}ipsource=a${')'.repeat(50_000)}`,
];

describe.each(SLOW_TO_MATCH)('%s', (filter) => {
  it('is bounded while packets are matched with it', async () => {
    const { status, ms } = await put('hostile', filter);
    expect([status, ms < ANSWER_WITHIN_MS]).toEqual([204, true]);
    const client = new RestClient(serving.url);
    const { sFlowFlowSamples: before, sFlowDatagramsReceived } = await client.analyzer();
    const agent = new SyntheticAgent(`10.1.0.${1 + SLOW_TO_MATCH.indexOf(filter)}`);
    const sender = await UdpSender.open(serving.sflowPort);
    const packet = tcpHeader({ source: '111.111.111.111', destination: '10.0.0.1' });
    const began = performance.now();
    await sender.send(Array.from({ length: 50 }, () => agent.datagram([agent.flow([packet])])));
    const after = await client.untilReceived(sFlowDatagramsReceived + 50);
    expect(performance.now() - began).toBeLessThan(ANSWER_WITHIN_MS);
    expect(after.sFlowFlowSamples).toBeGreaterThan(before);
    sender.close();
  });
});

it.each(TOO_LARGE.map((filter) => [filter.slice(0, 60), filter]))(
  '%s… is refused in time, with a reason',
  async (_, filter) => {
    const { status, reason, ms } = await put('hostile', filter);
    expect([status, ms < ANSWER_WITHIN_MS]).toEqual([400, true]);
    expect(reason).toMatch(/^FLOW_BAD_/);
    expect(await new RestClient(serving.url).text('version')).toMatch(/./);
  },
);
