import { eth, ip, tcp } from '../../src/packet/testing/build-packet.ts';
import {
  counterSample,
  type Datagram,
  datagram,
  encodeDatagram,
  type FlowOrCounterRecord,
  flowSample,
  type Sample,
  sampledHeader,
} from '../../src/sflow/index.ts';

export interface TcpPacket {
  readonly source: string;
  readonly destination: string;
  readonly sourcePort?: number;
  readonly destinationPort?: number;
}

/** A record of the first bytes of a TCP packet, in a frame of 1000 bytes unless told otherwise. */
export function tcpHeader(
  packet: TcpPacket,
  { frameLength = 1000, stripped = 4 }: { frameLength?: number; stripped?: number } = {},
): FlowOrCounterRecord {
  const { source, destination, sourcePort = 1000, destinationPort = 80 } = packet;
  const header = eth(0x0800, ip(6, tcp(sourcePort, destinationPort), { source, destination }));
  return sampledHeader(header, { frameLength, stripped });
}

type FlowGiven = NonNullable<Parameters<typeof flowSample>[0]>;
type CounterGiven = NonNullable<Parameters<typeof counterSample>[0]>;

/** An agent that keeps its sequence numbers and sampling pools as a good one does. */
export class SyntheticAgent {
  readonly address: string;
  readonly subAgentId: number;
  private datagrams = 0;
  private readonly sequences = new Map<string, number>();

  constructor(address: string, subAgentId = 0) {
    this.address = address;
    this.subAgentId = subAgentId;
  }

  /** The next datagram. Members of `given` take the place of the agent's own. */
  datagram(samples: readonly Sample[] = [], given: Partial<Datagram> = {}): Uint8Array {
    const sequenceNumber = ++this.datagrams;
    const { address: agentAddress, subAgentId } = this;
    return encodeDatagram(datagram({ agentAddress, subAgentId, sequenceNumber, samples, ...given }));
  }

  /** The next flow sample of its data source: one packet in 100 unless told otherwise. */
  flow(records: readonly FlowOrCounterRecord[], given: FlowGiven = {}): Sample {
    const sequenceNumber = this.next('flow', given.sourceId);
    const { samplingRate = 100 } = given;
    const samplePool = sequenceNumber * samplingRate;
    return flowSample({ sequenceNumber, samplingRate, samplePool, records, ...given });
  }

  /** The next counter sample of its data source. */
  counters(records: readonly FlowOrCounterRecord[], given: CounterGiven = {}): Sample {
    return counterSample({ sequenceNumber: this.next('counter', given.sourceId), records, ...given });
  }

  /** The next number of a data source's samples of one kind. */
  next(kind: string, sourceId: FlowGiven['sourceId'] = 1): number {
    const source = `${kind} ${JSON.stringify(sourceId)}`;
    const number = (this.sequences.get(source) ?? 0) + 1;
    this.sequences.set(source, number);
    return number;
  }
}
