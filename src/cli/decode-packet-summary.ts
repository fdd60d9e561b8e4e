import type { LayerName } from '../packet/index.ts';
import type { PacketDescription } from './decode-packet.ts';

/**
 * What is worth a word of each layer, in the keys of the layer; a part whose keys are not there is left out. Layers
 * that are not listed are shown by name.
 */
const LAYER_WORDS: Readonly<Partial<Record<LayerName, readonly string[]>>> = {
  eth: ['{macsource} → {macdestination}'],
  q: ['{vlan}', 'priority {priority}'],
  llc: ['{llcssap} → {llcdsap}'],
  arp: ['{arpipsender} → {arpiptarget}', 'operation {arpoperation}'],
  ip: ['{ipsource} → {ipdestination}', 'ttl {ipttl}', 'dscp {ipdscpname}', 'fragment {ipfragoffset}'],
  ip6: ['{ip6source} → {ip6destination}', 'hops {ip6ttl}', 'dscp {ip6dscpname}', 'fragment {ip6fragoffset}'],
  tcp: ['{tcpsourceport} → {tcpdestinationport}', '{tcpflags}'],
  udp: ['{udpsourceport} → {udpdestinationport}'],
  sctp: ['{sctpsourceport} → {sctpdestinationport}'],
  icmp: ['type {icmptype} code {icmpcode}'],
  icmp6: ['type {icmp6type} code {icmp6code}'],
  mpls: ['{mplslabels}'],
  gre: ['protocol {greprotocoltype}', 'network {grevsid}'],
  vxlan: ['vni {vxlanvni}'],
  geneve: ['vni {genevevni}'],
  dns: ['{dnsqname}', '{dnsqtypename}'],
  esp: ['spi {espspi}'],
};

/** Values that say nothing: left out with their word. */
const COMMONPLACE = new Set(['priority 0', 'dscp be(0)', 'dscp cs0(0)', 'dscp default(0)', 'fragment 0']);

const TCP_FLAG_NAMES = ['ns', 'cwr', 'ece', 'urg', 'ack', 'psh', 'rst', 'syn', 'fin'];

/** A few words for each layer of a packet, outermost first: `ip 10.0.0.1 → 10.0.0.2 ttl 64`. */
export function summarizePacket({ layers, keys }: PacketDescription): string[] {
  const occurrences = new Map<string, number>();
  return layers.map(({ name }) => {
    const occurrence = occurrences.get(name) ?? 0;
    occurrences.set(name, occurrence + 1);
    const suffix = occurrence === 0 ? '' : `.${occurrence}`;
    const words = (LAYER_WORDS[name as LayerName] ?? [])
      .map((template) => fill(template, (key) => keys[key + suffix]))
      .filter((text) => text !== undefined && !COMMONPLACE.has(text));
    return [name === 'q' ? 'vlan' : name, ...words].join(' ');
  });
}

function fill(template: string, textOf: (key: string) => string | undefined): string | undefined {
  let complete = true;
  const text = template.replaceAll(/\{(\w+)\}/g, (_, key: string) => {
    const value = textOf(key);
    if (value === undefined) complete = false;
    return key === 'tcpflags' ? flagNames(value ?? '') : (value ?? '');
  });
  return complete && text !== '' ? text : undefined;
}

/** `000010010` (the nine flags, NS first) in words. */
function flagNames(bits: string): string {
  return TCP_FLAG_NAMES.filter((_, i) => bits[i] === '1').join('+');
}
