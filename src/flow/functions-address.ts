import { formatIPv4, formatIPv6, formatMac, parseIPv4, parseIPv6 } from '../common/index.ts';
import type { ArgumentValue, FunctionScope, KeyFunction } from './function.ts';
import { HOST_ATTRIBUTES, type HostAttribute } from './lookups.ts';

/** Functions of addresses and interfaces; most of them ask what is known beyond the sample. */
export const ADDRESS_FUNCTIONS: readonly KeyFunction[] = [
  {
    name: 'group',
    usage: 'group:key:group[:group…]',
    doc: 'Label of the longest prefix that holds an IPv4 or IPv6 address, in the first group that has one.',
    required: ['key', 'text'],
    more: 'text',
    evaluate: ([address, ...names], { lookups }) => {
      const text = String(address);
      const groups = names.map(String);
      const word = parseIPv4(text);
      if (word !== undefined) return lookups.lookupIPv4(groups, word);
      const words = parseIPv6(text);
      return words && lookups.lookupIPv6(groups, words[0], words[1], words[2], words[3]);
    },
  },
  {
    name: 'map',
    usage: 'map:key:map[:map…]',
    doc: 'Label of the value, in the first map that has it.',
    required: ['key', 'text'],
    more: 'text',
    evaluate: ([value, ...names], { lookups }) => {
      for (const name of names) {
        const label = lookups.map(String(name), String(value));
        if (label !== undefined) return label;
      }
      return undefined;
    },
  },
  {
    name: 'mask',
    usage: 'mask:key:bits',
    doc: 'The network of an IPv4, IPv6 or MAC address: `10.1.2.0/24`, `2001:db8::/32`, `00163E000000/24`.',
    required: ['key'],
    optional: ['count'],
    evaluate: ([address, bits]) => (bits === undefined ? undefined : masked(String(address), Number(bits))),
  },
  {
    name: 'oui',
    usage: 'oui:key[:name]',
    doc: 'The first six digits of a MAC address, or with `name` the vendor.',
    required: ['key'],
    optional: ['text'],
    evaluate: ([address, what], { lookups }) => {
      const mac = String(address);
      if (!MAC.test(mac)) return undefined;
      if (what === undefined) return mac.slice(0, 6);
      return what === 'name' ? lookups.vendor(mac) : undefined;
    },
  },
  {
    name: 'host',
    usage: 'host:key[:attribute]',
    doc: `What is known of the host with a MAC address: ${HOST_ATTRIBUTES.join(', ')}; host_name when none is given.`,
    required: ['key'],
    optional: ['text'],
    check: ([, attribute]) =>
      attribute === undefined || HOST_ATTRIBUTES.includes(attribute as HostAttribute)
        ? undefined
        : `unknown attribute of a host "${attribute}"`,
    evaluate: ([mac, attribute = 'host_name'], { lookups }) =>
      lookups.host(String(mac), attribute as HostAttribute),
  },
  {
    name: 'node',
    usage: 'node:key',
    doc: 'Name of the node that has the interface.',
    required: ['key'],
    evaluate: ([ifIndex], { agent, lookups }) => lookups.node(agent, String(ifIndex)),
  },
  {
    name: 'link',
    usage: 'link:key',
    doc: 'Name of the link at the interface.',
    required: ['key'],
    evaluate: ([ifIndex], { agent, lookups }) => lookups.link(agent, String(ifIndex)),
  },
  {
    name: 'ifname',
    usage: 'ifname:key',
    doc: 'Name of the interface.',
    required: ['key'],
    evaluate: ([ifIndex], { agent, lookups }) => lookups.ifName(agent, String(ifIndex)),
  },
  {
    name: 'country',
    usage: 'country:key[:name]',
    doc: 'Country of an address: its code, or with `name` its English name.',
    required: ['key'],
    optional: ['text'],
    evaluate: ([address, what = 'code'], { lookups }) => {
      const country = lookups.country(String(address));
      return what === 'code' ? country?.code : what === 'name' ? country?.name : undefined;
    },
  },
  {
    name: 'asn',
    usage: 'asn:key[:number|descr|both]',
    doc: 'Autonomous system of an address: `AS64500`, `Example, One AB`, or both.',
    required: ['key'],
    optional: ['text'],
    evaluate: autonomousSystem,
  },
  {
    name: 'dns',
    usage: 'dns:key',
    doc: 'Name of an address, from the DNS. Absent until the answer has come.',
    required: ['key'],
    evaluate: ([address], { lookups }) => {
      const text = String(address);
      const isAddress = parseIPv4(text) !== undefined || parseIPv6(text) !== undefined;
      return isAddress ? lookups.dnsName(text) : undefined;
    },
  },
];

const MAC = /^[0-9A-F]{12}$/;

/** The address with all but its first `bits` bits zero; a length beyond the address's leaves it whole. */
function masked(address: string, bits: number): string | undefined {
  const word = parseIPv4(address);
  if (word !== undefined) return `${formatIPv4(word & maskWord(bits, 0))}/${bits}`;
  if (MAC.test(address)) {
    const high = Number.parseInt(address.slice(0, 4), 16);
    const low = Number.parseInt(address.slice(4), 16);
    return `${formatMac(high & (maskWord(bits, 0) >>> 16), low & maskWord(bits, 16))}/${bits}`;
  }
  const w = parseIPv6(address);
  if (w === undefined) return undefined;
  const network = formatIPv6(
    w[0] & maskWord(bits, 0),
    w[1] & maskWord(bits, 32),
    w[2] & maskWord(bits, 64),
    w[3] & maskWord(bits, 96),
  );
  return `${network}/${bits}`;
}

/** Mask of the word that begins at bit `from`, when the first `bits` bits are kept. */
function maskWord(bits: number, from: number): number {
  const kept = Math.min(Math.max(bits - from, 0), 32);
  return kept === 0 ? 0 : -1 << (32 - kept);
}

function autonomousSystem(
  [address, what = 'number']: readonly ArgumentValue[],
  { lookups }: FunctionScope,
): string | undefined {
  const system = lookups.asn(String(address));
  if (system === undefined) return undefined;
  switch (what) {
    case 'number':
      return `AS${system.number}`;
    case 'descr':
      return system.description;
    case 'both':
      return [`AS${system.number}`, system.description].filter((part) => part !== undefined).join(' ');
    default:
      return undefined;
  }
}
