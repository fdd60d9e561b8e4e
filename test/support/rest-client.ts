import { setTimeout as sleep } from 'node:timers/promises';
import type {
  ActiveFlow,
  AgentRecord,
  LoggedFlow,
  ReceivePath,
  TableReport,
} from '../../src/engine/index.ts';

const RECEIVED_WITHIN_MS = 10_000;

/** The members of /analyzer/json that tests look at. */
export interface Analyzer {
  readonly sFlowAgents: number;
  readonly sFlowDatagramsReceived: number;
  readonly sFlowBytesReceived: number;
  readonly sFlowDatagramsDiscarded: number;
  readonly sFlowDatagramsTooLarge: number;
  readonly sFlowParseErrors: number;
  readonly sFlowUnsupportedVersion: number;
  readonly sFlowDataSources: number;
  readonly sFlowFlowSamples: number;
  readonly sFlowCounterSamples: number;
  readonly sFlowDiscardSamples: number;
  readonly sFlowDatagramsLost: number;
  readonly sFlowSamplesLost: number;
  readonly sFlowKernelDrops: number;
  readonly sFlowErrors: Readonly<Record<string, number>>;
  readonly sFlowUnknownStructures: Readonly<Record<string, number>>;
  readonly sFlowAgentsRefused: number;
  readonly sFlowDataSourcesRefused: number;
  readonly flowsDropped: Readonly<Record<string, number>>;
  readonly flowTables: readonly TableReport[];
  readonly receivePath: ReceivePath;
  readonly processResidentBytes: number;
}

/** A cell of /table and /dump, or an element of /metric. */
export interface Metric {
  readonly agent?: string;
  readonly dataSource?: string;
  readonly metricName: string;
  readonly metricValue?: number | string;
  readonly metricN?: number;
  readonly lastUpdate?: number;
}

/** As the global `fetch`, as far as it is needed. */
export type Fetch = (url: string, options?: { method?: string; body?: string }) => Promise<Response>;

/** Asks a Weir over HTTP as any client does. An answer other than 2xx is an error. */
export class RestClient {
  private readonly url: string;
  private readonly fetch: Fetch;

  /** @param url ends in a slash */
  constructor(url: string, fetchFrom: Fetch = fetch) {
    this.url = url;
    this.fetch = fetchFrom;
  }

  async text(path: string): Promise<string> {
    return (await this.request(path)).text();
  }

  async json<T>(path: string): Promise<T> {
    return (await this.request(path)).json() as Promise<T>;
  }

  async defineFlow(name: string, definition: Readonly<Record<string, unknown>>): Promise<void> {
    await this.request(`flow/${name}/json`, { method: 'PUT', body: JSON.stringify(definition) });
  }

  analyzer(): Promise<Analyzer> {
    return this.json('analyzer/json');
  }

  /** Resolves when so many datagrams in all were received, the overlong ones included. */
  async untilReceived(count: number): Promise<Analyzer> {
    const until = performance.now() + RECEIVED_WITHIN_MS;
    for (;;) {
      const analyzer = await this.analyzer();
      const received = analyzer.sFlowDatagramsReceived + analyzer.sFlowDatagramsTooLarge;
      if (received >= count) return analyzer;
      if (performance.now() > until) throw new Error(`${received} datagrams were received, not ${count}`);
      await sleep(20);
    }
  }

  agents(): Promise<Readonly<Record<string, AgentRecord>>> {
    return this.json('agents/json');
  }

  /** @param query such as `maxFlows=10` */
  activeFlows(name: string, query = '', agents = 'ALL'): Promise<ActiveFlow[]> {
    return this.json(`activeflows/${agents}/${name}/json?${query}`);
  }

  /** @param query such as `name=pairs&maxFlows=10` */
  loggedFlows(query: string): Promise<LoggedFlow[]> {
    return this.json(`flows/json?${query}`);
  }

  dump(metrics: string, agents = 'ALL'): Promise<Metric[]> {
    return this.json(`dump/${agents}/${metrics}/json`);
  }

  private async request(path: string, options: Parameters<Fetch>[1] = {}): Promise<Response> {
    const response = await this.fetch(`${this.url}${path}`, options);
    if (!response.ok) {
      const reason = response.headers.get('weir-error') ?? '';
      throw new Error(`${options.method ?? 'GET'} /${path}: ${response.status} ${reason}`);
    }
    return response;
  }
}
