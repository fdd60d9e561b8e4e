import { formatJavaDouble } from '../common/index.ts';
import { escapeLabelValue, type PrometheusForm } from '../engine/index.ts';
import type { AnalyzerFigures } from './analyzer.ts';

interface Line {
  readonly name: string;
  readonly labels: string;
  readonly value: string;
}

/**
 * Prometheus text of the analyzer's state: first the lines of section 10 in its order, then our own. Every name begins
 * with `prefix` and `analyzer_`.
 */
export function analyzerText(figures: AnalyzerFigures, prefix: string, form: PrometheusForm): string {
  const lines = analyzerLines(figures);
  const start = `${prefix}analyzer_`;
  const text = ({ name, labels, value }: Line): string => `${start}${name}${labels} ${value}\n`;
  if (form === 'raw' || form === 'plain') return lines.map(text).join('');
  const families = new Map<string, string>();
  for (const line of lines) {
    const { name } = line;
    const [kind, help] = METRICS[name];
    // Counters of OpenMetrics must be called …_total; ours have the names they have.
    const type = kind === 'counter' && form === 'openmetrics' ? 'unknown' : kind;
    const head = `# HELP ${start}${name} ${help}\n# TYPE ${start}${name} ${type}\n`;
    families.set(name, (families.get(name) ?? head) + text(line));
  }
  return [...families.values()].join('') + (form === 'openmetrics' ? '# EOF\n' : '');
}

/** What each line is, for TYPE and HELP. */
const METRICS: Readonly<Record<string, readonly [type: 'gauge' | 'counter', help: string]>> = {
  uptime_ms: ['counter', 'Time since start, ms'],
  agent_count: ['gauge', 'Agents known now'],
  received_datagrams: ['counter', 'Datagrams received'],
  received_bytes: ['counter', 'Bytes of UDP payload received'],
  parse_errors: ['counter', 'Datagrams with a fault'],
  unsupported_version_datagrams: ['counter', 'Datagrams of a version that is not understood'],
  discarded_datagrams: ['counter', 'Datagrams dropped for their sequence number'],
  http_connections_current: ['gauge', 'Open HTTP connections'],
  http_connections_total: ['counter', 'HTTP connections accepted'],
  http_sent_messages: ['counter', 'HTTP responses sent'],
  http_received_messages: ['counter', 'HTTP requests received'],
  http_sent_bytes: ['counter', 'Bytes sent over HTTP connections'],
  http_received_bytes: ['counter', 'Bytes received over HTTP connections'],
  heap_max_bytes: ['gauge', 'Limit of the heap of the main thread'],
  heap_used_bytes: ['gauge', 'Heap of the main thread in use'],
  gc_time_ms: ['counter', 'Time in garbage collections of the main thread, ms'],
  gc_count: ['counter', 'Garbage collections of the main thread'],
  mem_total_bytes: ['gauge', 'Memory of the machine'],
  mem_free_bytes: ['gauge', 'Free memory of the machine'],
  cpu_time_ms: ['counter', 'Processor time of the process, ms'],
  cpu_load_system: ['gauge', 'Processor load of the machine, as a fraction of all cores'],
  cpu_load_process: ['gauge', 'Processor load of the process, as a fraction of all cores'],
  cpu_available_cores: ['gauge', 'Cores the process may use'],
  analyzer_uptime_ms: ['counter', 'Time since start, ms'],
  data_sources: ['gauge', 'Data sources known now'],
  flow_samples: ['counter', 'Flow samples taken'],
  counter_samples: ['counter', 'Counter samples taken'],
  discard_samples: ['counter', 'Discard notifications taken'],
  flows_generated: ['counter', 'Records written to the flow log'],
  kernel_drops: ['counter', 'Datagrams the kernel dropped because the socket buffer was full'],
  lost_datagrams: ['counter', 'Datagrams lost on the way, from gaps in sequence numbers'],
  lost_samples: ['counter', 'Samples lost on the way, from gaps in sequence numbers'],
  too_large_datagrams: ['counter', 'Datagrams longer than the receiver takes'],
  refused_agents: ['counter', 'Datagrams of agents beyond the limit'],
  refused_data_sources: ['counter', 'Samples of data sources beyond the limit'],
  resident_bytes: ['gauge', 'Resident memory of the process'],
  prometheus_texts: ['counter', 'Texts of counter metrics given to Prometheus'],
  prometheus_series: ['counter', 'Series in these texts'],
  prometheus_series_left_out: ['counter', 'Series left out of these texts, beyond their limit'],
  prometheus_texts_cut_off: ['counter', 'Texts that were not read to their end'],
  errors: ['counter', 'Faults in datagrams, by kind'],
  unknown_structures: ['counter', 'Samples and records whose structure is not known'],
  dropped_flows: ['counter', 'Flow entries dropped because a table was full'],
  forwarded_datagrams: ['counter', 'Datagrams sent on'],
  forwarding_failures: ['counter', 'Datagrams that could not be sent on'],
  table_entries: ['gauge', 'Entries of a flow table'],
  table_bytes: ['gauge', 'Memory of a flow table'],
  table_limit_bytes: ['gauge', 'Most memory of a flow table'],
  export_sent: ['counter', 'Messages of an export that were delivered'],
  export_dropped: ['counter', 'Messages of an export that were dropped because its queue was full'],
  export_failed: ['counter', 'Messages of an export that were refused or given up'],
  export_retried: ['counter', 'Times that a batch of an export was tried again'],
  export_queued: ['gauge', 'Messages of an export that wait'],
  table_dropped: ['counter', 'Entries that a flow table dropped because it was full'],
};

function analyzerLines({ receive, tables, http, machine, texts, exports }: AnalyzerFigures): Line[] {
  const lines: Line[] = [];
  const add = (name: string, value: number, labels = ''): void => {
    lines.push({ name, labels, value: String(value) });
  };
  const addDouble = (name: string, value: number): void => {
    lines.push({ name, labels: '', value: formatJavaDouble(value) });
  };
  const addEach = (name: string, label: string, counts: Readonly<Record<string, number>>): void => {
    for (const [key, value] of Object.entries(counts))
      add(name, value, `{${label}="${escapeLabelValue(key)}"}`);
  };

  add('uptime_ms', machine.uptime);
  add('agent_count', receive.agents);
  add('received_datagrams', receive.datagrams);
  add('received_bytes', receive.bytes);
  add('parse_errors', receive.parseErrors);
  add('unsupported_version_datagrams', receive.unsupportedVersion);
  add('discarded_datagrams', receive.discarded);
  add('http_connections_current', http.connectionsCurrent);
  add('http_connections_total', http.connectionsTotal);
  add('http_sent_messages', http.messagesSent);
  add('http_received_messages', http.messagesReceived);
  add('http_sent_bytes', http.bytesSent);
  add('http_received_bytes', http.bytesReceived);
  add('heap_max_bytes', machine.heapMax);
  add('heap_used_bytes', machine.heapUsed);
  add('gc_time_ms', machine.gcTime);
  add('gc_count', machine.gcCount);
  add('mem_total_bytes', machine.memTotal);
  add('mem_free_bytes', machine.memFree);
  add('cpu_time_ms', machine.cpuTime);
  addDouble('cpu_load_system', machine.cpuLoadSystem);
  addDouble('cpu_load_process', machine.cpuLoadProcess);
  add('cpu_available_cores', machine.availableProcessors);

  // The contract can be read as giving the first line this name; whoever asks for it shall find it.
  add('analyzer_uptime_ms', machine.uptime);
  add('data_sources', receive.dataSources);
  add('flow_samples', receive.flowSamples);
  add('counter_samples', receive.counterSamples);
  add('discard_samples', receive.discardSamples);
  add('flows_generated', receive.flowsGenerated);
  add('kernel_drops', receive.kernelDrops);
  add('lost_datagrams', receive.datagramsLost);
  add('lost_samples', receive.samplesLost);
  add('too_large_datagrams', receive.tooLarge);
  add('refused_agents', receive.agentsRefused);
  add('refused_data_sources', receive.dataSourcesRefused);
  add('resident_bytes', machine.memResident);
  add('prometheus_texts', texts.texts);
  add('prometheus_series', texts.series);
  add('prometheus_series_left_out', texts.leftOut);
  add('prometheus_texts_cut_off', texts.cutOff);
  addEach('errors', 'kind', receive.errors);
  addEach('unknown_structures', 'structure', receive.unknown);
  addEach('dropped_flows', 'flow', receive.flowsDropped);
  for (const [name, { sent, failed }] of Object.entries(receive.forwarding)) {
    const labels = `{forwarding="${escapeLabelValue(name)}"}`;
    add('forwarded_datagrams', sent, labels);
    add('forwarding_failures', failed, labels);
  }
  for (const table of tables) {
    const labels = `{table="${escapeLabelValue(table.name)}"}`;
    add('table_entries', table.entries, labels);
    add('table_bytes', table.bytes, labels);
    add('table_limit_bytes', table.limitBytes, labels);
    add('table_dropped', table.dropped, labels);
  }
  for (const [name, status] of Object.entries(exports)) {
    const labels = `{export="${escapeLabelValue(name)}"}`;
    add('export_sent', status.sent, labels);
    add('export_dropped', status.dropped, labels);
    add('export_failed', status.failed, labels);
    add('export_retried', status.retried, labels);
    add('export_queued', status.queued, labels);
  }
  return lines;
}
