import type { FlowOrCounterRecord, RtMetricSample, SourceId } from '../../sflow/index.ts';
import { counterSample, DatagramWalker, datagram, encodeDatagram, SAMPLE } from '../../sflow/index.ts';
import type { FlowMetrics, FlowMetricValue } from '../flow-metrics.ts';
import { NO_FLOW_METRICS } from '../flow-metrics.ts';
import { dataSourceName } from '../label.ts';
import type { QueryContext } from '../query-context.ts';
import { MetricStore, type MetricStoreOptions } from '../store.ts';

/** Unsupported, in fields of 32 and 64 bits. */
export const NONE_32 = 0xffffffff;
export const NONE_64 = 0xffffffffffffffffn;

/** Feeds a store with encoded datagrams, as an engine would, on a clock that tests set. */
export class Feed {
  readonly store: MetricStore;
  /** ms */
  now = 1_000_000;

  constructor(options: Partial<MetricStoreOptions> = {}) {
    this.store = new MetricStore({ maxSources: 1000, ...options });
  }

  /** A counter sample now. A number as source is an ifIndex. Returns what `record` said of each record. */
  counters(
    agentAddress: string,
    source: SourceId | number,
    records: readonly FlowOrCounterRecord[],
    baseline = false,
  ): boolean[] {
    const bytes = encodeDatagram(
      datagram({ agentAddress, samples: [counterSample({ sourceId: source, records })] }),
    );
    const walker = new DatagramWalker();
    walker.begin(bytes, 0, bytes.length);
    if (walker.nextSample() !== SAMPLE.counter) throw new Error('no counter sample');
    const target = this.store.source(agentAddress, dataSourceName(walker.sourceClass, walker.sourceIndex));
    target?.beginSample(this.now, baseline);
    const accepted: boolean[] = [];
    while (walker.nextRecord()) {
      const { recordFormat, recordStart, recordEnd } = walker;
      accepted.push(target?.record(recordFormat, bytes, recordStart, recordEnd, this.now) ?? false);
    }
    return accepted;
  }

  /** A sample of custom metrics now. */
  custom(agentAddress: string, dataSource: string, metrics: RtMetricSample['metrics']): boolean {
    const bytes = encodeDatagram(
      datagram({ agentAddress, samples: [{ kind: 'rtmetric', dataSource, metrics }] }),
    );
    const walker = new DatagramWalker();
    walker.begin(bytes, 0, bytes.length);
    if (walker.nextSample() !== SAMPLE.rtmetric) throw new Error('no sample of custom metrics');
    return this.store.rtmetric(agentAddress, bytes, walker.sampleStart, walker.sampleEnd, this.now);
  }

  context(given: Partial<QueryContext> = {}): QueryContext {
    return { store: this.store, flows: NO_FLOW_METRICS, topology: undefined, now: this.now, ...given };
  }

  /** All metrics of a data source. */
  metrics(agent: string, dataSource: string): Record<string, number | string> {
    const metrics: Record<string, number | string> = {};
    this.store
      .agent(agent)
      ?.sources.get(dataSource)
      ?.visit((name, { value }) => {
        metrics[name] = value;
      });
    return metrics;
  }
}

/** Flow metrics with given values by name. */
export function flowMetrics(values: Readonly<Record<string, readonly FlowMetricValue[]>>): FlowMetrics {
  return {
    names: () => Object.keys(values),
    values: (name, include) =>
      (values[name] ?? []).filter(({ agent, dataSource }) => include(agent, dataSource)),
  };
}
