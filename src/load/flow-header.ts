import { type AddressWords, type FrameWriter, PROTOCOL, TCP_FLAG } from './frame.ts';
import { scramble } from './random.ts';

/**
 * What the sampled packets look like: `v4` is Ethernet, IPv4, TCP or UDP; `mix` has VLAN tags, IPv6 and VXLAN
 * tunnels among them.
 */
export type TrafficMix = 'v4' | 'mix';

/** UDP port of VXLAN (RFC 7348). */
const VXLAN_PORT = 4789;

/** Bytes of a frame's Ethernet header and frame check sequence. */
const ETHERNET_BYTES = 14 + 4;

/** Frame length of flow `flow` in bytes, with the frame check sequence: some small packets, some full, the rest between. */
export function flowFrameLength(flow: number): number {
  const hash = scramble(flow ^ 0x5eed) >>> 0;
  switch (hash % 4) {
    case 0:
      return 154 + ((hash >>> 8) % 64);
    case 1:
      return 1518;
    default:
      return 218 + ((hash >>> 8) % 1300);
  }
}

/**
 * Write the header of a packet of flow number `flow`. Different numbers below 2^24 are different 5-tuples; equal
 * numbers are equal ones.
 */
export function writeFlowHeader(frame: FrameWriter, flow: number, mix: TrafficMix): void {
  const hash = scramble(flow) >>> 0;
  let length = flowFrameLength(flow) - ETHERNET_BYTES;
  frame.macs(0x02_01_00_00_0000 + (hash & 0xffff), 0x02_00_00_00_0000 + (flow & 0xffff));
  if (mix === 'mix' && flow % 3 === 0) {
    frame.vlan(100 + (flow % 50));
    length -= 4;
  }
  if (mix === 'mix' && flow % 8 === 6) {
    frame
      .ip([0x0aff0000 | (flow & 0xff)], [0x0aff0100 | (hash & 0xff)], {
        length,
        protocol: PROTOCOL.udp,
        dscp: 0,
      })
      .udp(0xc000 | (hash & 0x3fff), VXLAN_PORT, length - 20)
      .vxlan(5000 + (flow % 100))
      .macs(0x02_02_00_00_0000 + (hash & 0xffff), 0x02_03_00_00_0000 + (flow & 0xffff));
    length -= 20 + 8 + 8 + 14;
  }
  const ip6 = mix === 'mix' && flow % 4 === 1;
  const source: AddressWords = ip6 ? [0x20010db8, 0, 0, flow] : [0x0a000000 | (flow & 0xffffff)];
  const destination: AddressWords = ip6 ? [0x20010db8, 1, 0, hash & 0xffff] : [0xc0a80000 | (hash & 0xffff)];
  const udp = (hash >>> 5) % 3 === 0;
  const sourcePort = 1024 + (hash % 60000);
  const service = hash % 7;
  const destinationPort = service === 0 ? 443 : service === 1 ? 53 : 80 + (hash % 1000);
  frame.ip(source, destination, {
    length,
    protocol: udp ? PROTOCOL.udp : PROTOCOL.tcp,
    dscp: hash % 11 === 0 ? 46 : 0,
    id: flow & 0xffff,
  });
  if (udp) frame.udp(sourcePort, destinationPort, length - (ip6 ? 40 : 20));
  else {
    frame.tcp(sourcePort, destinationPort, {
      flags: hash % 16 === 0 ? TCP_FLAG.syn : TCP_FLAG.ack | TCP_FLAG.psh,
      sequence: hash,
      acknowledgement: flow,
    });
  }
}
