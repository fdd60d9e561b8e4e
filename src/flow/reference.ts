import { LAYER_NAMES, type LayerName, PACKET_KEYS } from '../packet/index.ts';
import { structureOf } from '../sflow/index.ts';
import type { KeyFunction } from './function.ts';
import { ADDRESS_FUNCTIONS } from './functions-address.ts';
import { NUMBER_FUNCTIONS } from './functions-number.ts';
import { TEXT_FUNCTIONS } from './functions-text.ts';
import type { KeyEntry } from './key-entry.ts';
import { resolveKey } from './keys.ts';
import { APPLICATION_KEYS, TCP_INFO_KEYS } from './keys-application-records.ts';
import { FORWARDING_KEYS, TRANSIT_KEYS, WIRELESS_KEYS } from './keys-forwarding-records.ts';
import { SAMPLED_KEYS, TUNNEL_KEYS } from './keys-header-records.ts';
import { SAMPLE_KEYS } from './keys-sample.ts';
import { RECORD_FORMATS } from './sample.ts';

const KEYS_INTRODUCTION = `# Flow keys

Generated from the key lists in \`src/flow/\` and \`src/packet/keys/\` by \`npm run docs\`; change them there.

A flow key is something that a sample tells of a packet or of an operation of an application. Keys are used in \`keys\`,
\`value\`, \`values\` and \`filter\` of a [flow definition](rest.md#put-flownamejson), alone or as arguments of
[functions](flow-functions.md).

- A sample belongs to a flow only when it has every key of the definition.
- Keys marked ● are numbers: they may be a \`value\`, and arguments of \`range:\` and \`bits:\`. Every key may be counted,
  with \`count:\`.
- A layer may occur more than once, in tunnels for instance. The plain name is the outermost occurrence's; the next one
  inside has the suffix \`.1\`, then \`.2\` and \`.3\`: \`ipsource\`, \`ipsource.1\`.
- Keys of samples that bring names of their own (sample type 4300:1003) are the names the sender gives.
- \`GET /flowkeys/json\` lists the keys that were seen in the samples of this network.
`;

const FORWARDING_TEXT = `What the switch or router knew when it sent the packet on.

Where a sample has no extended_gateway, the keys \`bgp…\` come from the routes that Weir has learnt over BGP from the router of
the sample's agent, if it was told one: see [BGP tables](../explanation/bgp-tables.md).`;

/** What a layer is, for people. */
const LAYER_TITLES: Readonly<Record<LayerName, string>> = {
  eth: 'Ethernet',
  q: '802.1Q VLAN tag',
  llc: 'IEEE 802.2 LLC and SNAP',
  arp: 'ARP',
  ip: 'IPv4',
  ip6: 'IPv6',
  tcp: 'TCP',
  udp: 'UDP',
  icmp: 'ICMP',
  icmp6: 'ICMPv6',
  esp: 'IPsec ESP',
  gre: 'GRE and NVGRE',
  mpls: 'MPLS',
  pw: 'MPLS pseudowire control word',
  vxlan: 'VXLAN',
  vxlangpe: 'VXLAN-GPE',
  geneve: 'Geneve',
  gtp: 'GTP',
  dns: 'DNS',
  dhcp: 'DHCP',
  ntp: 'NTP',
  ssdp: 'SSDP',
  http: 'HTTP',
  trill: 'TRILL',
  pbb: 'Provider backbone bridging, 802.1ah',
  slow: 'Slow protocols, 802.3',
  fc: 'Fibre Channel over Ethernet',
  ibgr: 'RoCE v1 global route header',
  ibbt: 'InfiniBand base transport header (RoCE)',
  lldp: 'LLDP',
  nsh: 'Network service header',
  sctp: 'SCTP',
  ah: 'IPsec AH',
  igmp: 'IGMP',
  pppoe: 'PPPoE',
  ppp: 'PPP',
  l2tp: 'L2TP',
  erspan: 'ERSPAN',
  quic: 'QUIC',
  tls: 'TLS',
  mdns: 'Multicast DNS',
  lacp: 'LACP',
  ospf: 'OSPF',
  pim: 'PIM',
  vrrp: 'VRRP',
  macsec: 'MACsec',
  ptp: 'PTP',
  dhcp6: 'DHCPv6',
  bfd: 'BFD',
  rip: 'RIP',
};

/** Sections of keys that come from records, not from packets. */
const RECORD_SECTIONS: readonly { title: string; text: string; entries: readonly KeyEntry[] }[] = [
  {
    title: 'Forwarding',
    text: FORWARDING_TEXT,
    entries: FORWARDING_KEYS,
  },
  { title: 'Tunnels', text: 'Outer headers that the device removes or adds.', entries: TUNNEL_KEYS },
  {
    title: 'Queues, access lists and drops',
    text: 'What happened to the packet inside the device.',
    entries: TRANSIT_KEYS,
  },
  { title: 'Wireless', text: 'Frames on a wireless link.', entries: WIRELESS_KEYS },
  {
    title: 'Sockets and applications',
    text: 'Operations of applications, and the connections of hosts. An operation is no packet: it has no `frames`.',
    entries: APPLICATION_KEYS,
  },
  { title: 'TCP connections', text: 'State of the connection of a sampled packet.', entries: TCP_INFO_KEYS },
];

/** The page docs/reference/flow-keys.md. */
export function renderFlowKeysPage(): string {
  const told = new Set<string>();
  return [
    KEYS_INTRODUCTION,
    '## The sample\n',
    table(
      ['key', 'meaning'],
      rowsOf(SAMPLE_KEYS, told, () => []),
    ),
    '## The packet\n',
    'Agents send the first bytes of the packet; keys come from the layers that lie whole inside them.\n',
    ...LAYER_NAMES.flatMap((layer) => renderLayer(layer, told)),
    ...RECORD_SECTIONS.flatMap(({ title, text, entries }) => [
      `## ${title}\n`,
      `${text}\n`,
      table(
        ['key', 'record', 'meaning'],
        rowsOf(entries, told, (name) => [recordsOf(entries, name)]),
      ),
    ]),
    renderHeaderRecords(),
    renderOffsets(),
  ].join('\n');
}

function renderLayer(layer: LayerName, told: Set<string>): string[] {
  const entries = PACKET_KEYS.filter((key) => key.layer === layer && key.name !== `${layer}_offset`);
  const rows = rowsOf(entries, told, () => []);
  return rows.length === 0 ? [] : [`### ${LAYER_TITLES[layer]}\n`, table(['key', 'meaning'], rows)];
}

/** Keys that also come from records with fields of a header, for agents that send no header. */
function renderHeaderRecords(): string {
  const names = [...new Set(SAMPLED_KEYS.map(({ name }) => name))];
  return `## Agents that send no packet header

The records sampled_ethernet (0:2), sampled_ipv4 (0:3) and sampled_ipv6 (0:4) hold fields in place of the header's bytes.
These keys come from them, too: ${names.map((name) => `\`${name}\``).join(', ')}.
`;
}

function renderOffsets(): string {
  return `## Where layers begin

For each layer a key \`LAYER_offset\` ● gives the number of bytes from the start of the sampled header to the layer:
${LAYER_NAMES.map((layer) => `\`${layer}_offset\``).join(', ')}.
`;
}

/** A row for each name that no section before has told of. */
function rowsOf(
  entries: readonly { readonly name: string; readonly doc: string }[],
  told: Set<string>,
  between: (name: string) => string[],
): string[][] {
  const rows: string[][] = [];
  for (const { name, doc } of entries) {
    if (told.has(name) || doc === '') continue;
    told.add(name);
    const number = resolveKey(name)?.numeric === true ? ' ●' : '';
    rows.push([`\`${name}\`${number}`, ...between(name), doc]);
  }
  return rows;
}

/** The records a key comes from: `extended_switch 0:1001`. */
function recordsOf(entries: readonly KeyEntry[], name: string): string {
  const formats = entries.flatMap(({ name: other, source: { origin } }) =>
    other === name && origin.kind === 'record' ? [RECORD_FORMATS[origin.slot]] : [],
  );
  return [...new Set(formats)]
    .map((format) => `${structureOf('flow', 0, format)?.name} 0:${format}`)
    .join(', ');
}

const FUNCTIONS_INTRODUCTION = `# Flow functions

Generated from the function lists in \`src/flow/\` by \`npm run docs\`; change them there.

A function makes a new key of others. Where a [key](flow-keys.md) may stand in \`keys\` or in a \`filter\`, a function may:

    mask:ipsource:24
    group:ipdestination:sites
    or:[map:tcpsourceport:services]:[map:tcpdestinationport:services]

- Arguments are separated by colons. A function as an argument stands in brackets; a plain key does not.
- In text, \`\\:\` is a colon and \`\\,\` a comma.
- When an argument is absent in a sample, the result is absent, and with it the flow; \`null:\` and \`or:\` are there to
  fill gaps.
- A wrong number of arguments, an unknown function or a number that is none is refused with status 400, and the header
  \`Weir-Error\` says what is wrong, and where.

In the forms below, \`key\` is a key or a function in brackets; the other words are text. What stands in square brackets
may be left out, and \`…\` means any number of the same.
`;

const FUNCTION_SECTIONS: readonly { title: string; functions: readonly KeyFunction[] }[] = [
  { title: 'Text', functions: TEXT_FUNCTIONS },
  { title: 'Numbers', functions: NUMBER_FUNCTIONS },
  { title: 'Addresses and interfaces', functions: ADDRESS_FUNCTIONS },
];

/** The page docs/reference/flow-functions.md. */
export function renderFlowFunctionsPage(): string {
  return [
    FUNCTIONS_INTRODUCTION,
    ...FUNCTION_SECTIONS.flatMap(({ title, functions }) => [
      `## ${title}\n`,
      table(
        ['form', 'result'],
        functions.map(({ usage, doc }) => [`\`${usage.replaceAll('|', '\\|')}\``, doc]),
      ),
    ]),
    `## Groups and maps

\`group:\` looks an address up in groups: labels with prefixes. \`map:\` looks any value up in maps: labels with values.
Both are set by REST, and a change applies to running flows at once: [PUT /group](rest.md#put-groupnamejson),
[PUT /map](rest.md#put-mapnamejson). There are none at the start.
`,
  ].join('\n');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return `${[line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n')}\n`;
}
