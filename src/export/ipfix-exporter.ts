import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { parseIPv4, parseIPv6 } from '../common/index.ts';
import { resolveHost } from '../engine/host-address.ts';
import type { EndedFlow, EndedFlows, Engine } from '../engine/index.ts';
import { IpfixTemplate } from '../flow/index.ts';

/** Where IPFIX collectors listen (RFC 7011 10.3.4). */
const IPFIX_PORT = 4739;
const FIRST_TEMPLATE_ID = 256;
const LAST_TEMPLATE_ID = 65535;
/** Templates, collectors, and agents of a collector that are remembered; there should be far fewer. */
const MAX_TEMPLATES = 1000;
const MAX_COLLECTORS = 1000;
const MAX_DOMAINS = 100_000;
/** A host's address is looked up again after so long. */
const ADDRESS_AGE_MS = 60_000;
/** Bytes that may wait in a socket; what comes beyond is lost. */
const MAX_QUEUED_BYTES = 4 << 20;
/** Messages that may wait for the address of a host. */
const MAX_WAITING = 1000;
/** How often a collector that cannot be reached is logged. */
const WARN_EVERY_MS = 60_000;

export interface IpfixExporterDependencies {
  readonly log: { warn(message: string): void };
  /** Time of day, epoch ms. */
  readonly now?: () => number;
  readonly resolve?: (host: string) => Promise<string | undefined>;
  /** UDP port of the collectors, for tests. */
  readonly port?: number;
}

export interface IpfixCounters {
  messages: number;
  records: number;
  /** Messages that could not be sent. */
  failed: number;
}

export interface IpfixExporter {
  start(): void;
  stop(): void;
  /** Ill while a collector cannot be reached. */
  health(): { ok: boolean; reason?: string };
  /** By collector. */
  counters(): Readonly<Record<string, IpfixCounters>>;
}

/** Sends the flows of definitions with `ipfixCollectors` to these, as they end (rest-api 4.1). */
export function createIpfixExporter(
  engine: Pick<Engine, 'onEndedFlows'>,
  deps: IpfixExporterDependencies,
): IpfixExporter {
  return new Exporter(engine, deps);
}

/** What is known of a collector. */
interface Collector {
  readonly host: string;
  readonly counters: IpfixCounters;
  /** Data records sent so far, by observation domain (RFC 7011 3.1). */
  readonly sequences: Map<number, number>;
  address: Promise<string | undefined>;
  /** When the address was looked up, epoch ms. */
  lookedUp: number;
  /** Messages that wait for the address. */
  waiting: number;
  /** Why the last message was not sent. */
  fault: string | undefined;
  warned: number;
}

/**
 * An agent is what metered its flows, and so an observation domain of its own (RFC 7011 3.1): its IPv4 address as a
 * number, a hash of its IPv6 address.
 */
function observationDomain(agent: string): number {
  const word = parseIPv4(agent);
  if (word !== undefined) return word >>> 0;
  let hash = 0;
  for (const part of parseIPv6(agent) ?? []) hash = Math.imul(hash ^ part, 0x9e3779b1);
  return hash >>> 0;
}

function notSent(host: string, reason: string): string {
  return `IPFIX to ${JSON.stringify(host)} is not sent: ${reason}`;
}

class Exporter implements IpfixExporter {
  private readonly engine: Pick<Engine, 'onEndedFlows'>;
  private readonly deps: IpfixExporterDependencies;
  private readonly now: () => number;
  private readonly collectors = new Map<string, Collector>();
  private readonly templates = new Map<string, IpfixTemplate>();
  private nextTemplateId = FIRST_TEMPLATE_ID;
  private readonly sockets = new Map<'udp4' | 'udp6', Socket>();
  private stopListening: (() => void) | undefined;

  constructor(engine: Pick<Engine, 'onEndedFlows'>, deps: IpfixExporterDependencies) {
    this.engine = engine;
    this.deps = deps;
    this.now = deps.now ?? Date.now;
  }

  start(): void {
    this.stopListening ??= this.engine.onEndedFlows((flows) => this.export(flows));
  }

  stop(): void {
    this.stopListening?.();
    this.stopListening = undefined;
    for (const socket of this.sockets.values()) socket.close();
    this.sockets.clear();
  }

  health(): { ok: boolean; reason?: string } {
    for (const { host, fault } of this.collectors.values())
      if (fault !== undefined) return { ok: false, reason: notSent(host, fault) };
    return { ok: true };
  }

  counters(): Record<string, IpfixCounters> {
    return Object.fromEntries([...this.collectors].map(([host, { counters }]) => [host, counters]));
  }

  private export({ collectors, keys, values, flows }: EndedFlows): void {
    const byAgent = new Map<string, EndedFlow[]>();
    for (const flow of flows) {
      const same = byAgent.get(flow.agent);
      if (same === undefined) byAgent.set(flow.agent, [flow]);
      else same.push(flow);
    }
    for (const [agent, ofAgent] of byAgent) {
      const template = this.template(keys, values, agent.includes(':'));
      for (const host of new Set(collectors))
        this.sendAll(this.collector(host), observationDomain(agent), template, ofAgent);
    }
  }

  private sendAll(
    collector: Collector,
    observationDomain: number,
    template: IpfixTemplate,
    flows: readonly EndedFlow[],
  ): void {
    const { sequences } = collector;
    let sequence = sequences.get(observationDomain) ?? 0;
    for (let i = 0; i < flows.length; i += template.capacity) {
      const some = flows.slice(i, i + template.capacity);
      const header = { exportTime: this.now(), sequence, observationDomain };
      void this.send(collector, template.encode(some, header), some.length);
      // What cannot be sent counts as well: the collector shall see that it is missing.
      sequence = (sequence + some.length) % 2 ** 32;
    }
    if (sequences.size >= MAX_DOMAINS) sequences.clear();
    sequences.set(observationDomain, sequence);
  }

  private async send(collector: Collector, message: Uint8Array, records: number): Promise<void> {
    const { counters } = collector;
    if (collector.waiting >= MAX_WAITING) {
      this.failed(collector, 'its address is still being looked up');
      return;
    }
    collector.waiting++;
    const address = await this.addressOf(collector);
    collector.waiting--;
    if (this.stopListening === undefined) return;
    if (address === undefined) {
      this.failed(collector, 'nobody knows this host');
      return;
    }
    const socket = this.socket(isIPv6(address) ? 'udp6' : 'udp4');
    if (socket.getSendQueueSize() > MAX_QUEUED_BYTES) {
      this.failed(collector, 'the system does not take so many messages');
      return;
    }
    socket.send(message, this.deps.port ?? IPFIX_PORT, address, (error) => {
      if (error !== null) {
        this.failed(collector, error.message);
        return;
      }
      collector.fault = undefined;
      counters.messages++;
      counters.records += records;
    });
  }

  private failed(collector: Collector, reason: string): void {
    collector.counters.failed++;
    collector.fault = reason;
    const now = this.now();
    if (now - collector.warned < WARN_EVERY_MS) return;
    collector.warned = now;
    this.deps.log.warn(notSent(collector.host, reason));
  }

  private addressOf(collector: Collector): Promise<string | undefined> {
    const now = this.now();
    if (now - collector.lookedUp >= ADDRESS_AGE_MS) {
      collector.lookedUp = now;
      collector.address = (this.deps.resolve ?? resolveHost)(collector.host);
    }
    return collector.address;
  }

  private collector(host: string): Collector {
    let collector = this.collectors.get(host);
    if (collector === undefined) {
      if (this.collectors.size >= MAX_COLLECTORS) this.collectors.clear();
      collector = {
        host,
        counters: { messages: 0, records: 0, failed: 0 },
        sequences: new Map(),
        address: Promise.resolve(undefined),
        lookedUp: Number.NEGATIVE_INFINITY,
        waiting: 0,
        fault: undefined,
        warned: Number.NEGATIVE_INFINITY,
      };
      this.collectors.set(host, collector);
    }
    return collector;
  }

  /** Definitions with the same keys and values share a template. An id is used again only when all others have been. */
  private template(keys: readonly string[], values: readonly string[], ipv6: boolean): IpfixTemplate {
    const layout = JSON.stringify([keys, values, ipv6]);
    let template = this.templates.get(layout);
    if (template === undefined) {
      if (this.templates.size >= MAX_TEMPLATES) this.templates.clear();
      const id = this.nextTemplateId;
      this.nextTemplateId = id === LAST_TEMPLATE_ID ? FIRST_TEMPLATE_ID : id + 1;
      template = new IpfixTemplate(id, keys, values, ipv6);
      this.templates.set(layout, template);
    }
    return template;
  }

  /** One socket for all collectors of a family: a collector knows a session by its source port. */
  private socket(type: 'udp4' | 'udp6'): Socket {
    let socket = this.sockets.get(type);
    if (socket === undefined) {
      socket = createSocket({ type });
      socket.on('error', () => undefined); // the message that failed has counted it
      socket.unref();
      socket.bind(0);
      this.sockets.set(type, socket);
    }
    return socket;
  }
}
