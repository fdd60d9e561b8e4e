import { i32, u16 } from '../common/index.ts';
import { keyPlace, type SampleContext } from '../flow/index.ts';
import type { MetricStore } from '../metric/index.ts';
import {
  describeHosts,
  type HostContext,
  type HostLocation,
  HostLocator,
  type LocatedHost,
  locatedMacs,
} from '../topology/index.ts';
import type { HostsQuestion } from './index.ts';

const SOURCE_MAC = keyPlace('macsource');
const SOURCE_IP = keyPlace('ipsource');
const SOURCE_IP6 = keyPlace('ip6source');

const DESCRIPTION = ['host_name', 'uuid', 'machine_type', 'os_name', 'os_release'] as const;

/** Which hosts are at which edge interface, by the packets that come in there (script API 12). */
export class EdgeHosts {
  private readonly metrics: MetricStore;
  private readonly seed: number;
  /** Made when the first packet comes in at an edge: without a topology there is none. */
  private locator: HostLocator | undefined;

  constructor(metrics: MetricStore, seed: number) {
    this.metrics = metrics;
    this.seed = seed;
  }

  /** A packet that was sampled where it came in, at an interface that is an edge. */
  learn(sample: SampleContext, agent: string, ifIndex: number, now: number): void {
    const { bytes } = sample;
    const mac = SOURCE_MAC(sample);
    if (mac < 0) return;
    this.locator ??= new HostLocator({ seed: this.seed });
    const entry = this.locator.learn(agent, ifIndex, u16(bytes, mac), i32(bytes, mac + 2), now);
    if (entry < 0) return;
    const ip = SOURCE_IP(sample);
    if (ip >= 0) this.locator.learnIPv4(entry, i32(bytes, ip));
    const ip6 = SOURCE_IP6(sample);
    if (ip6 >= 0)
      this.locator.learnIPv6(
        entry,
        i32(bytes, ip6),
        i32(bytes, ip6 + 4),
        i32(bytes, ip6 + 8),
        i32(bytes, ip6 + 12),
      );
  }

  expire(now: number): void {
    this.locator?.expire(now);
  }

  removeAgent(agent: string): void {
    this.locator?.removeAgent(agent);
  }

  /** Hosts as topologyLocateHostMac, …IP, …IP6, …Agent and …UUID give them. */
  locate(question: HostsQuestion, context: Omit<HostContext, 'describe'>, now: number): HostLocation[] {
    return describeHosts(this.find(question, now), {
      ...context,
      describe: (mac) => {
        const known = DESCRIPTION.map((name) => [name, this.metrics.hostText(mac, name)]);
        return Object.fromEntries(known.filter(([, value]) => value !== undefined));
      },
    });
  }

  /** MAC addresses as topologyLocatedHostMacs gives them. */
  macs(
    agent: string | undefined,
    ifIndex: string | undefined,
    context: HostContext['topology'],
    now: number,
  ) {
    return this.locator === undefined ? [] : locatedMacs(this.locator.hosts(now, agent, ifIndex), context);
  }

  private find(question: HostsQuestion, now: number): LocatedHost[] {
    const { locator } = this;
    if (locator === undefined) return [];
    if (question.by === 'place') {
      const { agent, ifIndex, limit } = question;
      const found: LocatedHost[] = [];
      for (const host of locator.hosts(now, agent, ifIndex)) {
        if (found.length >= limit) break;
        found.push(host);
      }
      return found;
    }
    const { by, value } = question;
    if (by === 'ip') return locator.locateIPv4(value, now);
    if (by === 'ip6') return locator.locateIPv6(value, now);
    const macs = by === 'mac' ? [value] : this.metrics.macsOf((source) => this.isFrom(source, by, value));
    return macs.flatMap((mac) => locator.locateMac(mac, now) ?? []);
  }

  private isFrom(
    { agent, name }: { agent: string; name: string },
    by: 'agent' | 'uuid',
    value: string,
  ): boolean {
    if (by === 'agent') return agent === value;
    return this.metrics.text(agent, name, 'uuid')?.toLowerCase() === value.toLowerCase();
  }
}
