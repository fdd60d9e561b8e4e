import {
  type AddressWords,
  type FrameWriter,
  type IpOptions,
  PROTOCOL,
  TCP_FLAG,
  type TcpOptions,
} from '../frame.ts';
import type { Random } from '../random.ts';
import type { Endpoint, FabricPlan, Hop } from './plan.ts';

/** Bytes of a frame besides its IP packet: Ethernet header and frame check sequence. */
export const ETHERNET_OVERHEAD = 18;

/** Writes a packet behind the MAC addresses: `length` bytes from the IP header on. */
export type PacketWriter = (frame: FrameWriter, length: number, ttl: number, random: Random) => void;

/** Packets of one kind on one path, in one direction. */
export class Stream {
  readonly path: readonly Hop[];
  /** Bytes of each frame, with frame check sequence. */
  readonly frameBytes: number;
  readonly write: PacketWriter;
  /** Time to live at the first hop. */
  readonly ttl: number;
  readonly ipVersion: 4 | 6;
  /** Why the first hop drops the packets (sFlow drop reason codes), undefined when it does not. */
  readonly dropReason: number | undefined;
  /** Packets per second, now. */
  rate = 0;
  /** The part of a packet left over from the last step. */
  private rest = 0;

  constructor(options: {
    path: readonly Hop[];
    frameBytes: number;
    ttl: number;
    write: PacketWriter;
    ipVersion?: 4 | 6;
    dropReason?: number;
  }) {
    this.path = options.path;
    this.frameBytes = options.frameBytes;
    this.ttl = options.ttl;
    this.write = options.write;
    this.ipVersion = options.ipVersion ?? 4;
    this.dropReason = options.dropReason;
  }

  /** Whole packets in the next `seconds`. */
  packets(seconds: number): number {
    const exact = this.rate * seconds + this.rest;
    const whole = Math.floor(exact);
    this.rest = exact - whole;
    return whole;
  }
}

/** What runs over a conversation. */
export interface Service {
  readonly protocol: number;
  readonly serverPort: number;
  /** Bytes of a frame to the server, and of one from it. */
  readonly requestBytes: number;
  readonly responseBytes: number;
  readonly dscp?: number;
  /** Writes what follows the transport header. */
  readonly payload?: (frame: FrameWriter, fromServer: boolean, random: Random) => void;
  /** Every packet has its own client port: many short exchanges seen as one stream. */
  readonly freshPorts?: boolean;
}

/** Both directions between a client and a server. */
export interface Conversation {
  readonly request: Stream;
  readonly response: Stream;
}

export function converse(
  plan: FabricPlan,
  client: Endpoint,
  server: Endpoint,
  service: Service,
  options: { clientPort: number; ipVersion?: 4 | 6 },
): Conversation {
  const { clientPort, ipVersion = 4 } = options;
  const one = (from: Endpoint, to: Endpoint, fromServer: boolean): Stream =>
    new Stream({
      path: plan.path(from, to, clientPort * 65536 + service.serverPort),
      frameBytes: fromServer ? service.responseBytes : service.requestBytes,
      ttl: from.ttl,
      ipVersion,
      write: transportPacket(
        ipVersion === 4 ? from.ip4 : from.ip6,
        ipVersion === 4 ? to.ip4 : to.ip6,
        service,
        clientPort,
        fromServer,
      ),
    });
  return { request: one(client, server, false), response: one(server, client, true) };
}

function transportPacket(
  source: AddressWords,
  destination: AddressWords,
  service: Service,
  clientPort: number,
  fromServer: boolean,
): PacketWriter {
  return (frame, length, ttl, random) => {
    const port = service.freshPorts ? random.between(32768, 60999) : clientPort;
    const [from, to] = fromServer ? [service.serverPort, port] : [port, service.serverPort];
    writePacket(frame, source, destination, from, to, {
      length,
      ttl,
      protocol: service.protocol,
      dscp: service.dscp ?? 0,
      id: random.below(65536),
      sequence: random.word(),
      acknowledgement: random.word(),
      flags: TCP_FLAG.ack | (length > 100 ? TCP_FLAG.psh : 0),
    });
    service.payload?.(frame, fromServer, random);
  };
}

/** An IP packet with its TCP or UDP header. */
export function writePacket(
  frame: FrameWriter,
  source: AddressWords,
  destination: AddressWords,
  sourcePort: number,
  destinationPort: number,
  options: IpOptions & TcpOptions,
): void {
  frame.ip(source, destination, options);
  if (options.protocol === PROTOCOL.tcp) frame.tcp(sourcePort, destinationPort, options);
  else frame.udp(sourcePort, destinationPort, options.length - (source.length === 1 ? 20 : 40));
}
