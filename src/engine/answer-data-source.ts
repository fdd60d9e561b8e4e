import { canonicalAddress } from '../common/index.ts';
import { FLAG, ROW } from './data-source-rows.ts';
import type { DataSourceRecord, Questions } from './index.ts';
import type { Shard } from './shard.ts';

/** What is known of the samples of one data source. undefined: there is none of that name. */
export function dataSource(
  { registry }: Shard,
  { agent, dataSource: name }: Questions['dataSource']['question'],
): DataSourceRecord | undefined {
  const source = registry.agents
    .get(canonicalAddress(agent))
    ?.dataSources.find(({ name: known }) => known === name);
  if (source === undefined) return undefined;
  const { words, doubles } = registry.rows;
  const { row, tally } = source;
  const flags = words[row + ROW.flags];
  const began = (flags & FLAG.flow) !== 0;
  const generated = began ? (words[row + ROW.flowSequence] - tally.flowFirst) | 0 : 0;
  const flowSamples = generated - tally.flowLost;
  const drops = began ? (words[row + ROW.flowDrops] - tally.dropsFirst) >>> 0 : 0;
  const samplingRate = words[row + ROW.reportedRate] >>> 0;
  const intervals = tally.counterSamples + tally.counterLost;
  return {
    samplingDirection: direction(flags),
    samplingRate,
    effectiveSamplingRate: samplingRate === 0 ? 0 : doubles[(row + ROW.smoothedRate) >> 1],
    flowSamples,
    flowSamplesLost: tally.flowLost,
    dropProbability: drops === 0 ? 0 : drops / (drops + flowSamples),
    counterSamples: tally.counterSamples,
    counterSamplesLost: tally.counterLost,
    effectivePollingInterval:
      intervals === 0 ? 0 : (tally.counterLast - tally.counterBegan) / intervals / 1000,
  };
}

function direction(flags: number): DataSourceRecord['samplingDirection'] {
  switch (flags & (FLAG.ingress | FLAG.egress)) {
    case FLAG.ingress:
      return 'ingress';
    case FLAG.egress:
      return 'egress';
    case 0:
      return 'unknown';
    default:
      return 'bidirectional';
  }
}
