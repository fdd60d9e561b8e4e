import { formatMac } from '../../common/index.ts';
import type { FlowOrCounterRecord } from '../../sflow/index.ts';
import { FrameWriter } from '../frame.ts';
import type { Random } from '../random.ts';
import { Agent, DEVICE_SOURCE, interfaceSource, record } from './agent.ts';
import type { Hop, Port, SwitchPlan } from './plan.ts';
import { PollTimer } from './poll-timer.ts';
import { ETHERNET_OVERHEAD, type Stream } from './stream.ts';

/** One packet in this many is sampled where it comes in. */
export const FABRIC_SAMPLING_RATE = 2000;

/** Bytes of a frame that a sample holds, at most. */
const HEADER_BYTES = 128;
/** Bytes that a frame loses before its header is taken: the frame check sequence. */
const STRIPPED = 4;
/** Most notifications of dropped packets in one step (sFlow Dropped Packet Notification Structures, rate limit). */
const DROP_NOTIFICATIONS = 2;

/* Bytes of samples in a datagram, at most. */
const FLOW_SAMPLE_BYTES = 40 + 24 + HEADER_BYTES + 24 + 24;
const DROP_SAMPLE_BYTES = 36 + 24 + HEADER_BYTES;
const INTERFACE_SAMPLE_BYTES = 20 + 96 + 24;
const DEVICE_SAMPLE_BYTES = 20 + 80 + 36;

/** A switch: counts and samples what passes through it. */
export class SwitchAgent {
  readonly agent: Agent;
  private readonly plan: SwitchPlan;
  private readonly random: Random;
  private readonly header = new Uint8Array(HEADER_BYTES);
  private readonly portTimers: readonly PollTimer[];
  private readonly deviceTimer: PollTimer;
  private drops = 0;
  private packets = 0;

  constructor(plan: SwitchPlan, random: Random) {
    this.plan = plan;
    this.random = random;
    this.agent = new Agent(plan.address);
    this.portTimers = plan.ports.map(() => new PollTimer(random));
    this.deviceTimer = new PollTimer(random);
  }

  /** `count` packets of a stream pass this hop; `uptime` in ms. */
  forward(hop: Hop, stream: Stream, count: number, uptime: number): void {
    const { input, output } = hop;
    input.inOctets += count * stream.frameBytes;
    input.inPackets += count;
    this.packets += count;
    if (stream.dropReason === undefined) {
      output.outOctets += count * stream.frameBytes;
      output.outPackets += count;
    } else {
      input.inDiscards += count;
      this.notify(hop, stream, count, uptime);
    }
    this.sample(hop, stream, count, uptime);
  }

  /** Send the counters that are due. */
  poll(uptime: number): void {
    for (const [i, port] of this.plan.ports.entries()) {
      if (!this.portTimers[i].due(uptime)) continue;
      this.agent.add(
        {
          kind: 'counter',
          expanded: false,
          sourceId: interfaceSource(port.index),
          records: [interfaceRecord(port.index, port.speed, port), record('port_name', { name: port.name })],
        },
        INTERFACE_SAMPLE_BYTES,
        uptime,
      );
    }
    if (this.deviceTimer.due(uptime)) this.pollDevice(uptime);
  }

  private pollDevice(uptime: number): void {
    // The control plane is idle; a little work goes with the traffic.
    const load =
      300 + Math.round(this.random.unit() * 200) + Math.min(2000, Math.round(this.packets / 100_000));
    this.packets = 0;
    this.agent.add(
      {
        kind: 'counter',
        expanded: false,
        sourceId: DEVICE_SOURCE,
        records: [
          record('host_descr', {
            hostname: this.plan.name,
            uuid: uuidOf(this.plan.mac),
            machineType: 3,
            osName: 2,
            osRelease: '6.1.0',
          }),
          record('processor', {
            cpu5s: load,
            cpu1m: load,
            cpu5m: load,
            totalMemory: 8n << 30n,
            freeMemory: 5n << 30n,
          }),
        ],
      },
      DEVICE_SAMPLE_BYTES,
      uptime,
    );
  }

  private sample(hop: Hop, stream: Stream, count: number, uptime: number): void {
    const port = hop.input;
    let left = count;
    while (left > 0) {
      if (port.skip === 0) port.skip = this.random.between(1, 2 * FABRIC_SAMPLING_RATE - 1);
      const step = Math.min(left, port.skip);
      left -= step;
      port.skip -= step;
      port.samplePool = (port.samplePool + step) % 4294967296;
      if (port.skip === 0) this.addFlowSample(hop, stream, uptime);
    }
  }

  private addFlowSample(hop: Hop, stream: Stream, uptime: number): void {
    const { input, output } = hop;
    const records = [
      this.sampledHeader(hop, stream),
      record('extended_switch', {
        sourceVlan: input.vlan,
        sourcePriority: 0,
        destinationVlan: output.vlan,
        destinationPriority: 0,
      }),
    ];
    if (hop.nextHop !== undefined && stream.ipVersion === 4) {
      records.push(
        record('extended_router', { nextHop: hop.nextHop, sourceMaskLength: 24, destinationMaskLength: 24 }),
      );
    }
    const dropped = stream.dropReason !== undefined;
    this.agent.add(
      {
        kind: 'flow',
        expanded: false,
        sourceId: interfaceSource(input.index),
        samplingRate: FABRIC_SAMPLING_RATE,
        samplePool: input.samplePool,
        drops: 0,
        input: { format: 0, value: input.index },
        output: dropped ? { format: 1, value: stream.dropReason ?? 0 } : { format: 0, value: output.index },
        records,
      },
      FLOW_SAMPLE_BYTES,
      uptime,
    );
  }

  private notify(hop: Hop, stream: Stream, count: number, uptime: number): void {
    const notified = Math.min(count, DROP_NOTIFICATIONS);
    this.drops = (this.drops + count - notified) % 4294967296;
    for (let i = 0; i < notified; i++) {
      this.agent.add(
        {
          kind: 'discard',
          sourceId: interfaceSource(hop.input.index),
          drops: this.drops,
          input: hop.input.index,
          output: 0,
          reason: stream.dropReason ?? 0,
          records: [this.sampledHeader(hop, stream)],
        },
        DROP_SAMPLE_BYTES,
        uptime,
      );
    }
  }

  private sampledHeader(hop: Hop, stream: Stream): FlowOrCounterRecord {
    const { header } = this;
    const captured = Math.min(HEADER_BYTES, stream.frameBytes - STRIPPED);
    const frame = new FrameWriter(header, 0, captured);
    frame.macs(hop.destinationMac, hop.sourceMac);
    stream.write(frame, stream.frameBytes - ETHERNET_OVERHEAD, stream.ttl - hop.routed, this.random);
    frame.pad(captured);
    return record('sampled_header', {
      protocol: 1,
      frameLength: stream.frameBytes,
      stripped: STRIPPED,
      header: header.slice(0, captured),
    });
  }
}

/** What an interface counted, as seen from its own end. */
export type InterfaceCounters = Pick<
  Port,
  'inOctets' | 'inPackets' | 'inDiscards' | 'outOctets' | 'outPackets'
>;

/** An if_counters record of an Ethernet interface that is up. */
export function interfaceRecord(
  index: number,
  speed: number,
  counters: InterfaceCounters,
): FlowOrCounterRecord {
  return record('if_counters', {
    ifIndex: index,
    ifType: 6,
    ifSpeed: BigInt(speed),
    ifDirection: 1,
    ifStatus: 3,
    ifInOctets: BigInt(counters.inOctets),
    ifInUcastPkts: counters.inPackets % 4294967296,
    ifInMulticastPkts: 0,
    ifInBroadcastPkts: 0,
    ifInDiscards: counters.inDiscards % 4294967296,
    ifInErrors: 0,
    ifInUnknownProtos: 0,
    ifOutOctets: BigInt(counters.outOctets),
    ifOutUcastPkts: counters.outPackets % 4294967296,
    ifOutMulticastPkts: 0,
    ifOutBroadcastPkts: 0,
    ifOutDiscards: 0,
    ifOutErrors: 0,
    ifPromiscuousMode: 2,
  });
}

/** A UUID made from a MAC address (the form of RFC 9562 version 8). */
export function uuidOf(mac: number): string {
  return `7e112000-0000-8000-8000-${formatMac(Math.floor(mac / 4294967296), mac).toLowerCase()}`;
}
