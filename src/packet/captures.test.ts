import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { ipv6At } from '../common/index.ts';
import type { LayerName, LayerTable } from './layers.ts';
import { bytes } from './testing/build-packet.ts';
import { keysOf, layersOf } from './testing/read-packet.ts';

/** A sampled header as sflowtool read it: its fields as text. */
type Reading = Readonly<Record<string, string>>;

/** Every sampled header in a capture, as the independent decoder sflowtool reads it (`sflowtool -J`). */
function* readings(name: string): Generator<Reading> {
  const file = new URL(`../../test/fixtures/captures/${name}.sflowtool.json.gz`, import.meta.url);
  // One object per datagram, one behind the other.
  const objects = gunzipSync(readFileSync(file))
    .toString()
    .trim()
    .split(/\n(?=\{)/);
  for (const object of objects) {
    const datagram = JSON.parse(object) as { samples: { elements?: Reading[] }[] };
    for (const { elements = [] } of datagram.samples) {
      for (const element of elements) if ('headerBytes' in element) yield element;
    }
  }
}

const sameText = (value: string): string => value;
const canonical6 = (value: string): string => ipv6At(bytes(value.replaceAll(':', '')), 0);
const binary8 = (value: string): string => Number(value).toString(2).padStart(8, '0');
/** sflowtool prints the identification in the byte order of its own machine, here little-endian. */
const swapped = (value: string): string => String(((Number(value) & 255) << 8) | (Number(value) >>> 8));

/** Field of sflowtool, our key for it, and how its text becomes ours. */
const LINK_FIELDS = [
  ['srcMAC', 'macsource', (value: string) => value.toUpperCase()],
  ['dstMAC', 'macdestination', (value: string) => value.toUpperCase()],
  ['ethernet_type', 'ethernetprotocol', sameText],
  ['decodedVLAN', 'vlan', sameText],
  ['decodedPriority', 'priority', sameText],
  ['decodedVLAN.1', 'vlan.1', sameText],
  ['decodedPriority.1', 'priority.1', sameText],
] as const;
const IPV4_FIELDS = [
  ['srcIP', 'ipsource', sameText],
  ['dstIP', 'ipdestination', sameText],
  ['IPProtocol', 'ipprotocol', sameText],
  ['IPTOS', 'iptos', binary8],
  ['IPTTL', 'ipttl', sameText],
  ['IPID', 'ipid', swapped],
  ['ip.tot_len', 'ipbytes', sameText],
] as const;
const IPV6_FIELDS = [
  ['srcIP6', 'ip6source', canonical6],
  ['dstIP6', 'ip6destination', canonical6],
  ['IPProtocol', 'ip6nexthdr', sameText],
  ['IPTOS', 'ip6tos', binary8],
  ['IPTTL', 'ip6ttl', sameText],
  ['IP6_label', 'ip6flowlabel', (value: string) => String(Number(value))],
  ['IPV6_payloadLen', 'ip6bytes', sameText],
  ['IP6HeaderExtension', 'ip6extensions', sameText],
] as const;
const TRANSPORT_FIELDS = [
  ['TCPSrcPort', 'tcpsourceport', sameText],
  ['TCPDstPort', 'tcpdestinationport', sameText],
  ['TCPFlags', 'tcpflags', (value: string) => Number(value).toString(2).padStart(9, '0')],
  ['UDPSrcPort', 'udpsourceport', sameText],
  ['UDPDstPort', 'udpdestinationport', sameText],
  ['UDPBytes', 'udpbytes', sameText],
] as const;
/** ICMPv6 is not read by sflowtool. */
const ICMP_FIELDS = [
  ['ICMPType', 'icmptype', sameText],
  ['ICMPCode', 'icmpcode', sameText],
] as const;

const TUNNELS: readonly LayerName[] = ['gre', 'mpls', 'vxlan', 'geneve'];
/** Reserved 0, do not fragment 0, more fragments 1. */
const MORE_FRAGMENTS = '001';

/**
 * The fields to compare. Not those behind IP in two cases where the readings differ by intent: sflowtool does not look
 * into tunnels, and it reads the transport header of a first fragment, where the contract stops at `ip`.
 */
function fieldsOf(reading: Reading, layers: LayerTable, keys: Readonly<Record<string, string>>) {
  const stopsAtIp =
    keys['ipflags'] === MORE_FRAGMENTS || layers.names().some((name) => TUNNELS.includes(name));
  return [
    ...LINK_FIELDS,
    ...('srcIP' in reading ? IPV4_FIELDS : 'srcIP6' in reading ? IPV6_FIELDS : []),
    ...(stopsAtIp ? [] : [...TRANSPORT_FIELDS, ...ICMP_FIELDS]),
  ];
}

describe('the layers of real samples', () => {
  const samples: Record<string, number> = { hsflowd: 673, 'mininet-tree': 4964, ovs: 3078, structures: 56 };
  for (const [name, count] of Object.entries(samples)) {
    it(`are as sflowtool reads them in ${name}`, () => {
      const differences: string[] = [];
      let seen = 0;
      for (const reading of readings(name)) {
        seen++;
        const layers = layersOf(
          bytes(reading['headerBytes'].replaceAll('-', '')),
          Number(reading['headerProtocol']),
        );
        const keys = keysOf(layers);
        for (const [field, key, convert] of fieldsOf(reading, layers, keys)) {
          const expected = field in reading ? convert(reading[field]) : undefined;
          if (keys[key] !== expected)
            differences.push(`${layers.stack()} ${key}: ${keys[key]}, ${field} ${reading[field]}`);
        }
        const fragmentOffset = keys['ipfragoffset'] ?? keys['ip6fragoffset'] ?? '0';
        if (fragmentOffset !== (reading['IPFragmentOffset'] ?? '0'))
          differences.push(`fragment offset ${fragmentOffset}`);
      }
      expect(seen).toBe(count);
      expect([...new Set(differences)]).toEqual([]);
    });
  }
});
