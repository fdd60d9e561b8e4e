import type { ReceiveCounters } from './index.ts';

/** One kind of trouble: how often so far, and how to say it. */
interface Trouble {
  readonly kind: string;
  readonly count: number;
  readonly text: (increase: number) => string;
}

/** At most one line of a kind in this time. */
const QUIET_MS = 60_000;
const NAMES_TOLD = 3;

/**
 * Says what was lost and what could not be read, when it happens: a line a minute and kind at most, with what to do where
 * there is something to do. The counts themselves are in /analyzer/json and in Prometheus.
 */
export class LossLog {
  private readonly warn: (message: string) => void;
  private readonly told = new Map<string, { count: number; at: number }>();

  constructor(warn: (message: string) => void) {
    this.warn = warn;
  }

  /** Look at the counters, at any interval. `now`: ms. */
  look(counters: ReceiveCounters, now: number): void {
    for (const { kind, count, text } of troubles(counters)) {
      const before = this.told.get(kind);
      const increase = count - (before?.count ?? 0);
      if (increase <= 0 || (before !== undefined && now - before.at < QUIET_MS)) continue;
      this.told.set(kind, { count, at: now });
      this.warn(text(increase));
    }
  }
}

function troubles(counters: ReceiveCounters): Trouble[] {
  const { kernelDrops, datagramsLost, samplesLost, tooLarge, unsupportedVersion } = counters;
  const { agentsRefused, dataSourcesRefused, discarded, errors, unknown, flowsDropped } = counters;
  return [
    trouble(
      'kernel',
      kernelDrops,
      (n) => `the kernel dropped ${n} datagrams because the socket buffer was full: see weir doctor`,
    ),
    trouble(
      'datagrams',
      datagramsLost,
      (n) => `${n} datagrams were lost on their way: see sFlowDatagramsLost of /agents/json`,
    ),
    trouble(
      'samples',
      samplesLost,
      (n) => `${n} samples are missing from the sequences of their data sources`,
    ),
    trouble('discarded', discarded, (n) => `${n} datagrams were dropped as repeated or out of order`),
    trouble('large', tooLarge, (n) => `${n} datagrams were longer than 2048 bytes and not read`),
    trouble('version', unsupportedVersion, (n) => `${n} datagrams were of no sFlow version that is known`),
    trouble(
      'agents',
      agentsRefused,
      (n) => `${n} datagrams were of agents there was no room for: see agents.max`,
    ),
    trouble(
      'sources',
      dataSourcesRefused,
      (n) => `${n} samples were of data sources there was no room for: see datasources.max`,
    ),
    ...each('error', errors, (name, n) => `${n} times could not be read: ${name}`),
    trouble(
      'unknown',
      Object.values(unknown).reduce((sum, count) => sum + count, 0),
      (n) => `${n} structures are not known and were passed over, such as ${someOf(Object.keys(unknown))}`,
    ),
    ...each(
      'flows',
      flowsDropped,
      (name, n) =>
        `the table of flow ${name} was full: ${n} of its smallest flows were dropped; see flow.memory`,
    ),
  ];
}

/** Whoever floods us with made-up structures must not fill the log with their names. */
function someOf(names: readonly string[]): string {
  return names.slice(-NAMES_TOLD).join(', ');
}

function trouble(kind: string, count: number, text: (increase: number) => string): Trouble {
  return { kind, count, text };
}

function each(
  kind: string,
  counts: Readonly<Record<string, number>>,
  text: (name: string, increase: number) => string,
): Trouble[] {
  return Object.entries(counts).map(([name, count]) =>
    trouble(`${kind} ${name}`, count, (n) => text(name, n)),
  );
}
