/** What is fuzzed: a whole shard with every kind of definition, and the decoder of the tools. */
import { answer, type ShardView } from '../../src/engine/answer.ts';
import { Forwarder } from '../../src/engine/forwarder.ts';
import type { PrometheusQuestion } from '../../src/engine/index.ts';
import { Shard } from '../../src/engine/shard.ts';
import { allKeyNames, IpfixTemplate, parseDefinition } from '../../src/flow/index.ts';
import { decodeDatagram } from '../../src/sflow/index.ts';
import type { Destination } from '../../src/udp/sender.ts';

/** Small bounds, so that they are reached within seconds. */
const OPTIONS = { memoryBytes: 32 << 20, maxAgents: 500, maxDataSources: 5000, seed: 1 } as const;

/** Definitions with functions, filters, windows and modes; keys one by one are added to these. */
const DEFINITIONS: Readonly<Record<string, object>> = {
  tuple: {
    keys: 'ipsource,ipdestination,or:tcpsourceport:udpsourceport,or:tcpdestinationport:udpdestinationport,ipprotocol',
    value: 'bytes',
  },
  stack: { keys: 'stack,null:vlan:none', value: 'frames', values: 'avg:bytes,max:bytes,count:ipsource' },
  network: { keys: 'mask:ipsource:24,mask:ip6source:64', value: 'bytes', filter: 'ipprotocol!=6' },
  names: { keys: 'suffix:dnsqname:.:3,dnsqtypename', value: 'requests' },
  inner: { keys: 'ipsource.1,ipdestination.1,vxlanvni', value: 'bytes', aggMode: 'AGENT' },
  pattern: { keys: 'httpurl,httphost', value: 'duration', filter: 'httpurl~/.*|httpstatus=null' },
  dropped: { keys: 'reason,ipsource,inputifindex', value: 'frames', dropped: true },
  logged: { keys: 'macsource,macdestination', value: 'bytes', log: true, activeTimeout: 10, t: 1 },
  total: { value: 'frames' },
  custom: { keys: 'service,concat:-:ip:mac', value: 'bytes' },
  exported: {
    keys: 'macsource,ipsource,udpsourceport,inputifindex,outputifindex',
    value: 'bytes',
    ipfixCollectors: ['192.0.2.9'],
    activeTimeout: 10,
  },
};

/** Every flow sample of the edge, and some counters. */
const TENANT = {
  cidr: ['0.0.0.0/0', '::/0'],
  mac: ['000000000000'],
  ifindex: ['10.0.0.1_1'],
  ifname: ['10.0.0.1_eth0'],
};

/** Keys that are defined at a time besides; the next ones follow with `rotate`. */
const KEYS_AT_A_TIME = 10;

export class FuzzTarget {
  private readonly shard: Shard;
  private readonly keys = allKeyNames();
  private readonly rotating: string[] = [];
  private nextKey = 0;
  /** Flow log records seen, so that they are made. */
  logged = 0;
  events = 0;
  /** Bytes sent to a tenant, sent on, and of IPFIX messages. */
  sent = 0;
  private readonly forwarder = new Forwarder();

  constructor() {
    this.shard = new Shard({
      ...OPTIONS,
      onLogged: () => this.logged++,
      onEvent: () => this.events++,
      onEnded: ({ keys, value }, flow) => {
        const names = keys.map(({ text }) => text);
        const template = new IpfixTemplate(256, names, [value.key.name], flow.agent.includes(':'));
        this.sent += template.encode([flow], { exportTime: 0, sequence: 0, observationDomain: 0 }).length;
      },
    });
    const sink: Destination = {
      counts: { sent: 0, failed: 0 },
      send: (bytes, start, end) => {
        this.sent += bytes.subarray(start, end).length;
      },
    };
    this.shard.tenants.set('tenant', TENANT, sink);
    this.forwarder.set('copy', { address: '192.0.2.9', port: 6343, agents: ['10.0.0.1', '::1'] }, sink);
    for (const [name, specification] of Object.entries(DEFINITIONS)) this.define(name, specification, 0);
  }

  /** Define the next keys, one by one, in place of the last ones: each has its own code to be read by. */
  rotate(now: number): void {
    for (const name of this.rotating) this.shard.flows.remove(name, now);
    this.rotating.length = 0;
    // All that is known becomes edge, so that it is the tenant's to see.
    const agents = [...this.shard.registry.agents.keys()].slice(0, 100);
    this.shard.topology.set({ nodes: Object.fromEntries(agents.map((agent) => [agent, { agent }])) });
    for (let i = 0; i < KEYS_AT_A_TIME; i++) {
      const { name: key, numeric } = this.keys[this.nextKey];
      this.nextKey = (this.nextKey + 1) % this.keys.length;
      this.rotating.push(`key-${i}`, `value-${i}`);
      this.define(`key-${i}`, { keys: `null:${key},or:[suffix:${key}:.:1]:agent`, value: 'frames' }, now);
      this.define(`value-${i}`, { keys: key, value: numeric ? key : 'bytes', filter: `${key}!=1` }, now);
    }
  }

  /** Take a datagram in, as the engine does. */
  receive(bytes: Uint8Array, length: number, now: number): void {
    this.forwarder.take(bytes, 0, length);
    this.shard.advance(now);
    this.shard.receive(bytes, 0, length, 0, 0, 0xffff, 0x7f000001, now);
  }

  tick(now: number): void {
    this.shard.tick(now);
  }

  /** Ask everything that can be asked. */
  ask(now: number): void {
    const view = { shard: this.shard, kernelDrops: 0, forwarding: {} };
    const everything = { agents: 'ALL', metrics: ['ALL'], filters: {} };
    answer(view, 'receive', undefined, now);
    answer(view, 'agents', { agents: [] }, now);
    answer(view, 'metrics', undefined, now);
    answer(view, 'flowKeys', undefined, now);
    answer(view, 'tables', undefined, now);
    answer(view, 'dump', everything, now);
    answer(
      view,
      'metric',
      { ...everything, metrics: ['max:ifinoctets', 'sum:load_one', 'med:tuple', 'any:ifname'] },
      now,
    );
    answer(view, 'table', { ...everything, metrics: ['ifname', 'sort:ifinoctets:-5'] }, now);
    for (const form of ['plain', 'openmetrics'] as const)
      readPrometheus(view, { ...everything, prefix: 'sflow_', form, maxSeries: 10_000 }, now);
    for (const name of Object.keys(DEFINITIONS)) {
      for (const aggMode of ['', 'sum']) {
        const question = { agents: 'ALL', name, maxFlows: 20, minValue: 0, aggMode, filter: undefined };
        answer(view, 'activeFlows', question, now);
      }
    }
  }

  /** The decoder of the tools, on a copy: it may keep parts of what it is given. */
  decode(bytes: Uint8Array, length: number): void {
    decodeDatagram(bytes.slice(0, length));
  }

  private define(name: string, specification: object, now: number): void {
    const definition = parseDefinition(name, specification);
    if (definition !== undefined) this.shard.define(definition, now);
  }
}

/** The whole text, page by page. */
function readPrometheus(view: ShardView, question: PrometheusQuestion, now: number): void {
  for (let first = true; ; first = false) {
    const { end } = answer(view, 'prometheus', { ...question, reader: 'fuzz', first }, now);
    if (end !== undefined) return;
  }
}
