import type { DatagramReading, RecordReading, SampleReading } from './captures.ts';

/** The total of one flow of one data source. */
export interface ExpectedFlow {
  readonly agent: string;
  readonly dataSource: string;
  readonly key: string;
  bytes: number;
  frames: number;
}

/** The key of a sample, from all fields of its records; undefined when the sample has none. */
export type KeyOf = (fields: RecordReading) => string | undefined;

/** Weight of a new observation in the smoothed sampling rate (rest-api 3.6). */
const RATE_GAIN = 0.02;

/** A source of samples: how its sampling rate is estimated (rest-api 3.6), and which interfaces it has named. */
interface Sampler {
  rate: number;
  pool: number;
  readonly inputs: Set<string>;
}

/**
 * What the flows of a capture must add up to, reckoned from the independent decoder's readings alone: each sample
 * scaled by max(reported rate, smoothed rate), samples of a switch-wide source counted at their input interface, whose
 * first one is only a baseline (rest-api 3.6, 3.7). The capture must have no gaps in its sequences.
 */
export function expectedFlows(readings: readonly DatagramReading[], keyOf: KeyOf): ExpectedFlow[] {
  const samplers = new Map<string, Sampler>();
  const flows = new Map<string, ExpectedFlow>();
  for (const { agent, samples } of readings) {
    for (const sample of samples) {
      if (sample.sampleType !== 'FLOWSAMPLE') continue;
      const factor = scaleOf(samplers, agent, sample);
      const dataSource = placeOf(samplers, agent, sample);
      const fields: RecordReading = Object.assign({}, ...sample.elements);
      const key = keyOf(fields);
      if (dataSource === undefined || key === undefined) continue;
      const name = `${agent} ${dataSource} ${key}`;
      const flow = flows.get(name) ?? { agent, dataSource, key, bytes: 0, frames: 0 };
      flows.set(name, flow);
      flow.bytes += factor * Number(fields['sampledPacketSize']);
      flow.frames += factor;
    }
  }
  return [...flows.values()];
}

function scaleOf(samplers: Map<string, Sampler>, agent: string, sample: SampleReading): number {
  const source = `${agent} ${sample.sourceId}`;
  const reported = Number(sample.meanSkipCount);
  const pool = Number(sample.samplePool);
  const sampler = samplers.get(source);
  if (sampler === undefined) {
    samplers.set(source, { rate: reported, pool, inputs: new Set() });
    return reported;
  }
  sampler.rate += RATE_GAIN * (pool - sampler.pool - sampler.rate);
  sampler.pool = pool;
  return Math.max(reported, sampler.rate);
}

function placeOf(samplers: Map<string, Sampler>, agent: string, sample: SampleReading): string | undefined {
  const [sourceClass, index] = sample.sourceId.split(':');
  if (sourceClass === '0') return index;
  const inputs = samplers.get(`${agent} ${sample.sourceId}`)?.inputs;
  if (inputs?.has(sample.inputPort)) return sample.inputPort;
  inputs?.add(sample.inputPort);
  return undefined;
}

/** `ipsource,ipdestination,tcpsourceport,tcpdestinationport` */
export const TCP_KEY: KeyOf = (fields) =>
  joined(fields['srcIP'], fields['dstIP'], fields['TCPSrcPort'], fields['TCPDstPort']);

/** `ip6source,ip6destination,ip6nexthdr` */
export const IP6_KEY: KeyOf = (fields) =>
  joined(shortened(fields['srcIP6']), shortened(fields['dstIP6']), fields['IPProtocol']);

/** `macsource,macdestination` */
export const MAC_KEY: KeyOf = (fields) =>
  joined(fields['srcMAC']?.toUpperCase(), fields['dstMAC']?.toUpperCase());

function joined(...parts: readonly (string | undefined)[]): string | undefined {
  return parts.includes(undefined) ? undefined : parts.join(',');
}

/** IPv6 text in its short form; the reading writes all digits. */
function shortened(address: string | undefined): string | undefined {
  return address === undefined ? undefined : new URL(`http://[${address}]/`).hostname.slice(1, -1);
}
