import { setTimeout as sleep } from 'node:timers/promises';
import { ifCounters, record } from '../../src/sflow/index.ts';
import { type ServingWeir, WeirProcess } from '../e2e/weir-process.ts';
import { eventually } from './peer-process.ts';
import { type Metric, RestClient } from './rest-client.ts';
import { SyntheticAgent, tcpHeader } from './synthetic-agent.ts';
import { UdpSender } from './udp-sender.ts';

/** State of an export, as /v1/exports shows it. */
export interface ExportState {
  readonly state: string;
  readonly sent: number;
  readonly dropped: number;
  readonly failed: number;
  readonly retried: number;
  readonly queued: number;
  readonly roundsCut: number;
  readonly lastError?: string;
}

/** Names that need escaping somewhere. */
export const ODD_PORT = 'xe-0/0/1 "up,link=1"\\';

/**
 * A Weir with one switch of four ports: counters of all, and flows. The fourth port has an odd name.
 */
export class ExportingWeir {
  readonly weir: ServingWeir;
  readonly rest: RestClient;
  private readonly sender: UdpSender;
  private readonly agent = new SyntheticAgent('192.0.2.1');

  private constructor(weir: ServingWeir, sender: UdpSender) {
    this.weir = weir;
    this.rest = new RestClient(weir.url);
    this.sender = sender;
  }

  static async start(...properties: string[]): Promise<ExportingWeir> {
    const weir = await WeirProcess.serve(...properties);
    const made = new ExportingWeir(weir, await UdpSender.open(weir.sflowPort));
    await made.rest.defineFlow('pairs', {
      keys: 'ipsource,ipdestination',
      value: 'bytes',
      log: true,
      activeTimeout: 10,
      t: 60,
    });
    for (const round of [1, 2]) {
      await made.sendCounters(round);
      await sleep(300);
    }
    return made;
  }

  async sendCounters(round: number): Promise<void> {
    const samples = [1, 2, 3, 4].map((ifIndex) =>
      this.agent.counters(
        [
          ifCounters({ ifIndex, ifInOctets: BigInt(round * ifIndex * 10_000), ifSpeed: 10_000_000_000n }),
          record('port_name', { name: ifIndex === 4 ? ODD_PORT : `swp${ifIndex}` }),
        ],
        { sourceId: ifIndex },
      ),
    );
    await this.sender.send([this.agent.datagram(samples)]);
  }

  /** Flows of different hosts to one, each larger than the one before. */
  async sendFlows(count = 3): Promise<void> {
    for (let i = 1; i <= count; i++) {
      const header = tcpHeader({ source: `10.0.0.${i}`, destination: '10.0.1.1' });
      const samples = Array.from({ length: i }, () => this.agent.flow([header]));
      await this.sender.send([this.agent.datagram(samples)]);
    }
  }

  async define(name: string, definition: object): Promise<void> {
    const reply = await fetch(`${this.weir.url}v1/exports/${name}`, {
      method: 'PUT',
      body: JSON.stringify(definition),
    });
    if (!reply.ok) throw new Error(`export ${name}: ${reply.status} ${await reply.text()}`);
  }

  async remove(name: string): Promise<void> {
    await fetch(`${this.weir.url}v1/exports/${name}`, { method: 'DELETE' });
  }

  async state(name: string): Promise<ExportState> {
    return (await this.rest.json<{ status: ExportState }>(`v1/exports/${name}`)).status;
  }

  untilState(name: string, passes: (state: ExportState) => boolean, withinMs?: number): Promise<ExportState> {
    return eventually(() => this.state(name), passes, withinMs);
  }

  /** Values of a metric by data source, as REST gives them. */
  async values(metric: string): Promise<Map<string, number>> {
    const cells: Metric[] = await this.rest.dump(metric);
    return new Map(cells.map(({ dataSource = '', metricValue }) => [dataSource, Number(metricValue)]));
  }

  async end(): Promise<void> {
    this.sender.close();
    await this.weir.weir.end();
  }
}
