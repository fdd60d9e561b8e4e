import { flowFrameLength, type TrafficMix, writeFlowHeader } from './flow-header.ts';
import { FrameWriter } from './frame.ts';
import { Random } from './random.ts';

/** How samples are drawn from the flows: `zipf` has a heavy head and a long tail; `sequential` takes each flow once, in turn. */
export type FlowOrder = 'zipf' | 'sequential';

export interface LoadOptions {
  /** Agents, 1 to 16,000: 10.100.0.1 and up. */
  readonly agents: number;
  /** Interfaces of each agent, 1 to 1,024; each is a data source. At most 2^20 in all. */
  readonly ports: number;
  /** 5-tuples to draw from, 1 to 2^24. */
  readonly flows: number;
  /** Packet samples in a datagram, 1 to 7. */
  readonly samples: number;
  readonly mix: TrafficMix;
  readonly order: FlowOrder;
  readonly seed: number;
}

export const LOAD_DEFAULTS: LoadOptions = {
  agents: 64,
  ports: 48,
  flows: 100_000,
  samples: 6,
  mix: 'v4',
  order: 'zipf',
  seed: 1,
};

/** Bounds of the numbers in LoadOptions. */
export const LOAD_LIMITS = {
  agents: 16_000,
  ports: 1_024,
  dataSources: 2 ** 20,
  flows: 2 ** 24,
  samples: 7,
} as const;

/** Packets per sample that every data source reports. */
export const LOAD_SAMPLING_RATE = 1000;

/** One datagram in this many carries interface counters instead of packet samples. */
export const COUNTER_INTERVAL = 50;

/** Interface counter samples in one datagram. */
const COUNTER_SAMPLES = 6;

/** About how many datagrams are kept ready; a multiple of COUNTER_INTERVAL. */
const RING_SLOTS = 16_400;

const AGENT_BASE = 0x0a640001;
const HEADER_BYTES = 128;
const INTERFACE_SPEED = 10_000_000_000;

/* Offsets in a datagram (sFlow v5, sample_datagram_v5 with an IPv4 agent address). */
const AGENT_AT = 8;
const SEQUENCE_AT = 16;
const UPTIME_AT = 20;
const FIRST_SAMPLE_AT = 28;

/* Offsets in a compact flow_sample, from its data_format word. */
const FLOW_SAMPLE_BYTES = 40 + 8 + 16 + HEADER_BYTES;
const SAMPLE_SEQUENCE = 8;
const SAMPLE_SOURCE = 12;
const SAMPLE_POOL = 20;
const SAMPLE_HEADER = 64;

/* Offsets in a compact counters_sample with one if_counters record, from its data_format word. */
const COUNTER_SAMPLE_BYTES = 20 + 8 + 88;
const COUNTER_IF_INDEX = 28;
const COUNTER_IN_OCTETS = 52;
const COUNTER_IN_PACKETS = 60;
const COUNTER_OUT_OCTETS = 84;
const COUNTER_OUT_PACKETS = 92;

/**
 * A ring of sFlow version 5 datagrams, made once and brought up to date in place before each is sent. Every agent
 * owns a datagram sequence, every data source its sample sequences and sample pool, so that a collector sees no gap:
 * what it does not count, it lost. Interface counters grow by exactly what the packet samples stand for.
 *
 * Nothing is sent here: slots are taken by `prepare` and read from `memory`, slot `i` being the `lengths[i]` bytes
 * from `i * slotBytes`.
 */
export class LoadGenerator {
  readonly memory: ArrayBuffer;
  readonly slotBytes: number;
  readonly slots = RING_SLOTS;
  readonly lengths: Uint16Array;
  /** First slot of the last `prepare`. */
  first = 0;

  /** Totals of all prepared datagrams. */
  datagrams = 0;
  samples = 0;
  bytes = 0;

  private readonly options: LoadOptions;
  private readonly raw: Uint8Array;
  private readonly view: DataView;
  private cursor = 0;
  private nextFlow = 0;
  /** The next counters to be reported: of this interface and this agent. */
  private counterAgent = 0;
  private readonly counterPort: Uint16Array;
  private readonly agentSequence: Uint32Array;
  /* By data source: agent * ports + port - 1. */
  private readonly flowSequence: Uint32Array;
  private readonly counterSequence: Uint32Array;
  private readonly pool: Uint32Array;
  private readonly inOctets: Float64Array;
  private readonly inPackets: Float64Array;
  private readonly outOctets: Float64Array;
  private readonly outPackets: Float64Array;

  constructor(options: LoadOptions) {
    this.options = options;
    const flowDatagram = FIRST_SAMPLE_AT + options.samples * FLOW_SAMPLE_BYTES;
    const counterDatagram = FIRST_SAMPLE_AT + COUNTER_SAMPLES * COUNTER_SAMPLE_BYTES;
    this.slotBytes = (Math.max(flowDatagram, counterDatagram) + 7) & ~7;
    this.memory = new ArrayBuffer(this.slotBytes * RING_SLOTS);
    this.raw = new Uint8Array(this.memory);
    this.view = new DataView(this.memory);
    this.lengths = new Uint16Array(RING_SLOTS);
    this.agentSequence = new Uint32Array(options.agents);
    this.counterPort = new Uint16Array(options.agents);
    const sources = options.agents * options.ports;
    this.flowSequence = new Uint32Array(sources);
    this.counterSequence = new Uint32Array(sources);
    this.pool = new Uint32Array(sources);
    this.inOctets = new Float64Array(sources);
    this.inPackets = new Float64Array(sources);
    this.outOctets = new Float64Array(sources);
    this.outPackets = new Float64Array(sources);

    const random = new Random(options.seed);
    for (let slot = 0, flowSlot = 0; slot < RING_SLOTS; slot++) {
      if (isCounterSlot(slot)) this.writeCounterDatagram(slot);
      else this.writeFlowDatagram(slot, flowSlot++, random);
    }
  }

  /**
   * Bring the next datagrams up to date: `count` of them, or fewer at the end of the ring, never none. Returns how
   * many; they are in slots that follow each other, from `first` on. `uptime` is what the agents report, ms.
   */
  prepare(count: number, uptime: number): number {
    const first = this.cursor;
    const ready = Math.min(count, RING_SLOTS - first);
    for (let slot = first; slot < first + ready; slot++) {
      if (isCounterSlot(slot)) this.refreshCounters(slot, uptime);
      else this.refreshFlows(slot, uptime);
      this.bytes += this.lengths[slot];
    }
    this.datagrams += ready;
    this.cursor = (first + ready) % RING_SLOTS;
    this.first = first;
    return ready;
  }

  private writeDatagramHeader(at: number, agent: number, samples: number): void {
    const view = this.view;
    view.setUint32(at, 5);
    view.setUint32(at + 4, 1);
    view.setUint32(at + AGENT_AT, AGENT_BASE + agent);
    view.setUint32(at + FIRST_SAMPLE_AT - 4, samples);
  }

  private writeFlowDatagram(slot: number, ordinal: number, random: Random): void {
    const { agents, ports, samples, flows, mix } = this.options;
    const view = this.view;
    const start = slot * this.slotBytes;
    const agent = ordinal % agents;
    this.lengths[slot] = FIRST_SAMPLE_AT + samples * FLOW_SAMPLE_BYTES;
    this.writeDatagramHeader(start, agent, samples);
    for (let i = 0; i < samples; i++) {
      const at = start + FIRST_SAMPLE_AT + i * FLOW_SAMPLE_BYTES;
      const port = 1 + ((Math.floor(ordinal / agents) * samples + i) % ports);
      const flow = random.zipf(flows);
      view.setUint32(at, 1);
      view.setUint32(at + 4, FLOW_SAMPLE_BYTES - 8);
      view.setUint32(at + SAMPLE_SOURCE, port);
      view.setUint32(at + 16, LOAD_SAMPLING_RATE);
      view.setUint32(at + 28, port);
      view.setUint32(at + 32, 1 + (port % ports));
      view.setUint32(at + 36, 1);
      // sampled_header: Ethernet, frame length, bytes stripped, header
      view.setUint32(at + 40, 1);
      view.setUint32(at + 44, 16 + HEADER_BYTES);
      view.setUint32(at + 48, 1);
      view.setUint32(at + 52, flowFrameLength(flow));
      view.setUint32(at + 56, 4);
      view.setUint32(at + 60, HEADER_BYTES);
      this.writeHeader(at + SAMPLE_HEADER, flow, mix);
    }
  }

  private writeHeader(at: number, flow: number, mix: TrafficMix): void {
    const frame = new FrameWriter(this.raw, at, at + HEADER_BYTES);
    writeFlowHeader(frame, flow, mix);
    frame.pad(at + HEADER_BYTES);
  }

  private writeCounterDatagram(slot: number): void {
    const view = this.view;
    const start = slot * this.slotBytes;
    this.lengths[slot] = FIRST_SAMPLE_AT + COUNTER_SAMPLES * COUNTER_SAMPLE_BYTES;
    this.writeDatagramHeader(start, 0, COUNTER_SAMPLES);
    for (let i = 0; i < COUNTER_SAMPLES; i++) {
      const at = start + FIRST_SAMPLE_AT + i * COUNTER_SAMPLE_BYTES;
      view.setUint32(at, 2);
      view.setUint32(at + 4, COUNTER_SAMPLE_BYTES - 8);
      view.setUint32(at + 16, 1);
      // if_counters: ethernetCsmacd, speed, full duplex, up and up
      view.setUint32(at + 20, 1);
      view.setUint32(at + 24, 88);
      view.setUint32(at + 32, 6);
      setUint64(view, at + 36, INTERFACE_SPEED);
      view.setUint32(at + 44, 1);
      view.setUint32(at + 48, 3);
    }
  }

  private refreshFlows(slot: number, uptime: number): void {
    const { samples, ports, order } = this.options;
    const view = this.view;
    const start = slot * this.slotBytes;
    const agent = view.getUint32(start + AGENT_AT) - AGENT_BASE;
    view.setUint32(start + SEQUENCE_AT, ++this.agentSequence[agent]);
    view.setUint32(start + UPTIME_AT, uptime);
    const base = agent * ports - 1;
    for (let i = 0, at = start + FIRST_SAMPLE_AT; i < samples; i++, at += FLOW_SAMPLE_BYTES) {
      if (order === 'sequential') this.writeNextFlow(at);
      const source = base + view.getUint32(at + SAMPLE_SOURCE);
      const output = base + view.getUint32(at + 32);
      view.setUint32(at + SAMPLE_SEQUENCE, ++this.flowSequence[source]);
      view.setUint32(at + SAMPLE_POOL, (this.pool[source] += LOAD_SAMPLING_RATE));
      const octets = view.getUint32(at + 52) * LOAD_SAMPLING_RATE;
      this.inOctets[source] += octets;
      this.inPackets[source] += LOAD_SAMPLING_RATE;
      this.outOctets[output] += octets;
      this.outPackets[output] += LOAD_SAMPLING_RATE;
    }
    this.samples += samples;
  }

  /** Put the next flow into the sample at `at`. */
  private writeNextFlow(at: number): void {
    const flow = this.nextFlow;
    this.nextFlow = (flow + 1) % this.options.flows;
    this.writeHeader(at + SAMPLE_HEADER, flow, this.options.mix);
    this.view.setUint32(at + 52, flowFrameLength(flow));
  }

  private refreshCounters(slot: number, uptime: number): void {
    const { agents, ports } = this.options;
    const view = this.view;
    const start = slot * this.slotBytes;
    const agent = this.counterAgent;
    this.counterAgent = (agent + 1) % agents;
    view.setUint32(start + AGENT_AT, AGENT_BASE + agent);
    view.setUint32(start + SEQUENCE_AT, ++this.agentSequence[agent]);
    view.setUint32(start + UPTIME_AT, uptime);
    for (let i = 0, at = start + FIRST_SAMPLE_AT; i < COUNTER_SAMPLES; i++, at += COUNTER_SAMPLE_BYTES) {
      const port = this.counterPort[agent];
      this.counterPort[agent] = (port + 1) % ports;
      const source = agent * ports + port;
      view.setUint32(at + SAMPLE_SEQUENCE, ++this.counterSequence[source]);
      view.setUint32(at + SAMPLE_SOURCE, port + 1);
      view.setUint32(at + COUNTER_IF_INDEX, port + 1);
      setUint64(view, at + COUNTER_IN_OCTETS, this.inOctets[source]);
      view.setUint32(at + COUNTER_IN_PACKETS, this.inPackets[source]);
      setUint64(view, at + COUNTER_OUT_OCTETS, this.outOctets[source]);
      view.setUint32(at + COUNTER_OUT_PACKETS, this.outPackets[source]);
    }
    this.samples += COUNTER_SAMPLES;
  }
}

function isCounterSlot(slot: number): boolean {
  return slot % COUNTER_INTERVAL === COUNTER_INTERVAL - 1;
}

/** Write an integer from 0 to 2^53 - 1 as 64 bits. DataView takes each word modulo 2^32. */
function setUint64(view: DataView, at: number, value: number): void {
  view.setUint32(at, value / 4294967296);
  view.setUint32(at + 4, value);
}
