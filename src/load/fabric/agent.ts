import {
  encodeDatagram,
  type FieldValue,
  type FlowOrCounterRecord,
  type Sample,
  type SourceId,
} from '../../sflow/index.ts';

/** A sample before its agent numbers it. */
export type UnnumberedSample = Sample extends infer S
  ? S extends { readonly sequenceNumber: number }
    ? Omit<S, 'sequenceNumber'>
    : never
  : never;

/** A datagram is closed when one more sample could bring it above this: with headers, an Ethernet frame's payload. */
const DATAGRAM_BYTES = 1400;

/** An sFlow agent: collects samples, numbers them, and puts them into datagrams. */
export class Agent {
  readonly address: string;
  private readonly subAgentId: number;
  private readonly sampleSequences = new Map<string, number>();
  private sequence = 0;
  private samples: Sample[] = [];
  private bytes = 0;
  private datagrams: Uint8Array[] = [];

  constructor(address: string, subAgentId = 0) {
    this.address = address;
    this.subAgentId = subAgentId;
  }

  /** Take a sample of at most `bytes` bytes; `uptime` is the agent's, ms. */
  add(sample: UnnumberedSample, bytes: number, uptime: number): void {
    if (this.bytes + bytes > DATAGRAM_BYTES) this.flush(uptime);
    const key = `${sample.kind} ${sample.sourceId.class} ${sample.sourceId.index}`;
    const sequenceNumber = (this.sampleSequences.get(key) ?? 0) + 1;
    this.sampleSequences.set(key, sequenceNumber);
    this.samples.push({ ...sample, sequenceNumber });
    this.bytes += bytes;
  }

  /** Close the datagram that is being filled. */
  flush(uptime: number): void {
    if (this.samples.length === 0) return;
    this.datagrams.push(
      encodeDatagram({
        version: 5,
        agentAddress: this.address,
        subAgentId: this.subAgentId,
        sequenceNumber: ++this.sequence,
        uptime: Math.floor(uptime),
        samples: this.samples,
      }),
    );
    this.samples = [];
    this.bytes = 0;
  }

  /** The datagrams closed since the last call. */
  take(): readonly Uint8Array[] {
    const taken = this.datagrams;
    this.datagrams = [];
    return taken;
  }
}

/** An interface as a data source. */
export function interfaceSource(index: number): SourceId {
  return { class: 0, index };
}

/** A physical entity as a data source: the switch or host itself. */
export const DEVICE_SOURCE: SourceId = { class: 2, index: 1 };

/** A record of one of the structures that the fabric sends. */
export function record(
  structure: keyof typeof STRUCTURE_NUMBERS,
  fields: { readonly [name: string]: FieldValue },
): FlowOrCounterRecord {
  const [enterprise, format] = STRUCTURE_NUMBERS[structure];
  return { enterprise, format, name: structure, fields };
}

const STRUCTURE_NUMBERS = {
  sampled_header: [0, 1],
  extended_switch: [0, 1001],
  extended_router: [0, 1002],
  if_counters: [0, 1],
  port_name: [0, 1005],
  processor: [0, 1001],
  host_descr: [0, 2000],
  host_adapters: [0, 2001],
  host_parent: [0, 2002],
  host_cpu: [0, 2003],
  host_memory: [0, 2004],
  host_disk_io: [0, 2005],
  host_net_io: [0, 2006],
  mib2_tcp_group: [0, 2009],
  mib2_udp_group: [0, 2010],
  virt_node: [0, 2100],
  virt_cpu: [0, 2101],
  virt_memory: [0, 2102],
  virt_disk_io: [0, 2103],
  virt_net_io: [0, 2104],
  nvidia_gpu: [5703, 1],
} as const satisfies Record<string, readonly [number, number]>;
