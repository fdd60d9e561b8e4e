import { escapeLabelValue, type PrometheusForm } from '../engine/index.ts';
import type { NeighborStatus } from '../speaker/index.ts';

interface Metric {
  readonly name: string;
  readonly type: 'gauge' | 'counter';
  readonly value: (neighbor: NeighborStatus) => number;
}

const METRICS: readonly Metric[] = [
  { name: 'up', type: 'gauge', value: ({ state }) => (state === 'established' ? 1 : 0) },
  { name: 'established', type: 'counter', value: ({ established }) => established },
  { name: 'pushed_routes', type: 'gauge', value: ({ routes }) => routes },
  { name: 'pushed_rules', type: 'gauge', value: ({ rules }) => rules },
  { name: 'queued_bytes', type: 'gauge', value: ({ queuedBytes }) => queuedBytes },
  { name: 'faulty_updates', type: 'counter', value: ({ faultyUpdates }) => faultyUpdates },
  { name: 'sent_bytes', type: 'counter', value: ({ sent }) => sent?.bytes ?? 0 },
  { name: 'sent_updates', type: 'counter', value: ({ sent }) => sent?.update ?? 0 },
  { name: 'received_bytes', type: 'counter', value: ({ received }) => received?.bytes ?? 0 },
  { name: 'received_updates', type: 'counter', value: ({ received }) => received?.update ?? 0 },
];

/** Prometheus text of the speaker: for each neighbour its state and, of the session there is, the messages. */
export function bgpText(neighbors: readonly NeighborStatus[], prefix: string, form: PrometheusForm): string {
  let text = '';
  for (const { name, type, value } of METRICS) {
    const whole = `${prefix}bgp_${name}`;
    // Counters of OpenMetrics must be called …_total; these have the names that they have in every form.
    const shown = form === 'openmetrics' && type === 'counter' ? 'unknown' : type;
    if (form === 'typed' || form === 'openmetrics') text += `# TYPE ${whole} ${shown}\n`;
    for (const neighbor of neighbors)
      text += `${whole}{router="${escapeLabelValue(neighbor.router)}"} ${value(neighbor)}\n`;
  }
  return form === 'openmetrics' ? `${text}# EOF\n` : text;
}
