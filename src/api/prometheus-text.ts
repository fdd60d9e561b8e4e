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
    const isOpenMetrics = form === 'openmetrics';
    // Counters of OpenMetrics must be called …_total; ours have the names they have.
    const type = GAUGES.has(name) ? 'gauge' : isOpenMetrics ? 'unknown' : 'counter';
    const head = `# TYPE ${start}${name} ${type}\n`;
    families.set(name, (families.get(name) ?? head) + text(line));
  }
  return [...families.values()].join('') + (form === 'openmetrics' ? '# EOF\n' : '');
}

/** What may fall as well as rise. */
const GAUGES = new Set([
  'agent_count',
  'http_connections_current',
  'heap_max_bytes',
  'heap_used_bytes',
  'mem_total_bytes',
  'mem_free_bytes',
  'cpu_load_system',
  'cpu_load_process',
  'cpu_available_cores',
  'data_sources',
  'resident_bytes',
  'table_entries',
  'table_bytes',
  'table_limit_bytes',
]);

function analyzerLines({ receive, tables, http, machine, texts }: AnalyzerFigures): Line[] {
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
  return lines;
}
