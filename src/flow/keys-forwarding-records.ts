import { hex, macAt } from '../common/index.ts';
import { aclDirection } from './enumerations.ts';
import { type KeyEntry, namedKey, numberKey, recordKey, textKey, wordKey } from './key-entry.ts';
import {
  addressAt,
  asPathAt,
  longAt,
  numberAt,
  skipAddress,
  skipAsPath,
  skipStrings,
  skipWords,
  stringAt,
  wordsAt,
} from './record-reader.ts';

/** Where the AS path of extended_gateway (1003) is: behind the next hop, the AS, the source AS and the source peer AS. */
function asPathOffset(bytes: Uint8Array, at: number, end: number): number {
  const next = skipAddress(bytes, at, end);
  return next < 0 ? -1 : next + 12;
}

function afterAddress(words: number) {
  return (bytes: Uint8Array, at: number, end: number): number => {
    const next = skipAddress(bytes, at, end);
    return next < 0 ? Number.NaN : numberAt(bytes, next + 4 * words, end);
  };
}

function community(word: number): string {
  return `${word >>> 16}:${word & 0xffff}`;
}

/** VLAN id of a tag given as TPID and TCI in one word. */
function vlanOfTag(word: number): string {
  return String(word & 0xfff);
}

/** What the switch or router did with the packet (sFlow v5, extended data). */
export const FORWARDING_KEYS: readonly KeyEntry[] = [
  wordKey('vlansource', 1001, 0, 'VLAN the packet came in on.'),
  wordKey('prioritysource', 1001, 4, '802.1p priority the packet came in with.'),
  wordKey('vlandestination', 1001, 8, 'VLAN the packet leaves on.'),
  wordKey('prioritydestination', 1001, 12, '802.1p priority the packet leaves with.'),

  textKey(
    'ipnexthoprouter',
    1002,
    (bytes, at, end) => addressAt(bytes, at, end, 4),
    'IPv4 address of the next hop.',
  ),
  textKey(
    'ip6nexthoprouter',
    1002,
    (bytes, at, end) => addressAt(bytes, at, end, 6),
    'IPv6 address of the next hop.',
  ),
  numberKey('ipsourcemaskbits', 1002, afterAddress(0), 'Prefix length of the route to the source.'),
  numberKey('ipdestinationmaskbits', 1002, afterAddress(1), 'Prefix length of the route to the destination.'),

  textKey(
    'bgpnexthop',
    1003,
    (bytes, at, end) => addressAt(bytes, at, end, 'any'),
    'Border router for the destination.',
  ),
  numberKey('bgpas', 1003, afterAddress(0), 'AS of the router.'),
  numberKey('bgpsourceas', 1003, afterAddress(1), 'AS of the source.'),
  numberKey('bgpsourcepeeras', 1003, afterAddress(2), 'Neighbour AS towards the source.'),
  numberKey(
    'bgpdestinationas',
    1003,
    (bytes, at, end) => asPathAt(bytes, asPathOffset(bytes, at, end), end)?.at(-1) ?? Number.NaN,
    'AS of the destination, the last of the path.',
  ),
  numberKey(
    'bgpdestinationpeeras',
    1003,
    (bytes, at, end) => asPathAt(bytes, asPathOffset(bytes, at, end), end)?.[0] ?? Number.NaN,
    'Neighbour AS towards the destination, the first of the path.',
  ),
  textKey(
    'bgpdestinationaspath',
    1003,
    (bytes, at, end) => asPathAt(bytes, asPathOffset(bytes, at, end), end)?.join('-'),
    'AS path to the destination: `65003-65004`.',
  ),
  textKey(
    'bgpcommunities',
    1003,
    (bytes, at, end) => wordsAt(bytes, skipAsPath(bytes, asPathOffset(bytes, at, end), end), end, community),
    'Communities of the route: `65000:666-1:2`.',
  ),
  numberKey(
    'bgplocalpref',
    1003,
    (bytes, at, end) =>
      numberAt(bytes, skipWords(bytes, skipAsPath(bytes, asPathOffset(bytes, at, end), end), end), end),
    'Local preference of the route.',
  ),

  textKey('usersrc', 1004, (bytes, at, end) => stringAt(bytes, at + 4, end), 'User at the source.'),
  textKey(
    'userdst',
    1004,
    (bytes, at, end) => {
      const charset = skipStrings(bytes, at + 4, end, 1);
      return charset < 0 ? undefined : stringAt(bytes, charset + 4, end);
    },
    'User at the destination.',
  ),

  namedKey(
    'urldirection',
    1005,
    numberAt,
    (code) => (code === 1 ? 'source' : code === 2 ? 'destination' : undefined),
    'Which address the URL belongs to: `source` or `destination`.',
  ),
  textKey('url', 1005, (bytes, at, end) => stringAt(bytes, at + 4, end), 'URL of the request.'),
  textKey(
    'urlhost',
    1005,
    (bytes, at, end) => stringAt(bytes, skipStrings(bytes, at + 4, end, 1), end),
    'Host of the request.',
  ),

  textKey(
    'mplsnexthoprouter',
    1006,
    (bytes, at, end) => addressAt(bytes, at, end, 'any'),
    'Next hop of the label switched path.',
  ),
  textKey(
    'mplsstackin',
    1006,
    (bytes, at, end) => wordsAt(bytes, skipAddress(bytes, at, end), end),
    'Label stack the packet came in with, whole entries as numbers, top first.',
  ),
  textKey(
    'mplsstackout',
    1006,
    (bytes, at, end) => wordsAt(bytes, skipWords(bytes, skipAddress(bytes, at, end), end), end),
    'Label stack the packet leaves with, whole entries as numbers, top first.',
  ),

  textKey(
    'natsrc',
    1007,
    (bytes, at, end) => addressAt(bytes, at, end, 'any'),
    'Source address after translation.',
  ),
  textKey(
    'natdst',
    1007,
    (bytes, at, end) => addressAt(bytes, skipAddress(bytes, at, end), end, 'any'),
    'Destination address after translation.',
  ),
  wordKey('natsrcport', 1020, 0, 'Source port after translation.'),
  wordKey('natdstport', 1020, 4, 'Destination port after translation.'),

  textKey('mplstunnelname', 1008, stringAt, 'Name of the MPLS tunnel.'),
  numberKey('mplstunnelid', 1008, afterString(0), 'Number of the MPLS tunnel.'),
  numberKey('mplstunnelcos', 1008, afterString(1), 'Class of service of the MPLS tunnel.'),
  textKey('mplsvcname', 1009, stringAt, 'Name of the virtual circuit instance.'),
  numberKey('mplsvcid', 1009, afterString(0), 'Number of the virtual circuit instance.'),
  numberKey('mplsvccos', 1009, afterString(1), 'Class of service of the virtual circuit label.'),
  textKey('mplsftndescr', 1010, stringAt, 'Description of the FEC-to-NHLFE entry.'),
  numberKey('mplsftnmask', 1010, afterString(0), 'Which parts of the FEC-to-NHLFE entry are matched.'),
  wordKey('mplsfecprefixbits', 1011, 0, 'Prefix length of the forwarding equivalence class.'),

  vlanStackKey(
    'vlanstripped',
    1012,
    'VLANs of the tags stripped before sampling, outermost first: `100-200`.',
  ),
  vlanStackKey('vlanin', 1034, 'VLANs of the tags the packet came in with, outermost first: `100-200`.'),
  vlanStackKey('vlanout', 1035, 'VLANs of the tags the packet leaves with, outermost first: `100-200`.'),
];

function vlanStackKey(name: string, format: number, doc: string): KeyEntry {
  return textKey(name, format, (bytes, at, end) => wordsAt(bytes, at, end, vlanOfTag), doc);
}

/** A word behind the record's first string. */
function afterString(words: number) {
  return (bytes: Uint8Array, at: number, end: number): number => {
    const next = skipStrings(bytes, at, end, 1);
    return next < 0 ? Number.NaN : numberAt(bytes, next + 4 * words, end);
  };
}

/** What happened to the packet inside the device. */
export const TRANSIT_KEYS: readonly KeyEntry[] = [
  wordKey('queueindex', 1036, 0, 'Egress queue.'),
  wordKey('aclnumber', 1037, 0, 'Number of the access list that matched.'),
  textKey(
    'aclname',
    1037,
    (bytes, at, end) => stringAt(bytes, at + 4, end),
    'Name of the access list that matched.',
  ),
  namedKey(
    'acldirection',
    1037,
    (bytes, at, end) => numberAt(bytes, skipStrings(bytes, at + 4, end, 1), end),
    aclDirection,
    'Where the access list applies: `ingress`, `egress` or `unknown`.',
  ),
  textKey('function', 1038, stringAt, 'Function of the network stack that dropped the packet.'),
  wordKey('transitdelay', 1039, 0, 'Time in the device, ns.'),
  wordKey('queuedepth', 1040, 0, 'Bytes in the egress queue.'),
  textKey('hw_trap_group', 1041, stringAt, 'Group of the hardware trap that dropped the packet.'),
  textKey(
    'hw_trap_name',
    1041,
    (bytes, at, end) => stringAt(bytes, skipStrings(bytes, at, end, 1), end),
    'Hardware trap that dropped the packet.',
  ),
  textKey('linux_drop_reason', 1042, stringAt, 'Reason the Linux kernel gives for the drop.'),
];

/** Frames on a wireless link (sFlow 802.11 Structures). */
export const WIRELESS_KEYS: readonly KeyEntry[] = [
  wordKey('ciphersuite', 1013, 0, 'Cipher suite: OUI and type, eight hex digits.', (word) => hex(word, 8)),
  wordKey('ciphersuiteoui', 1013, 0, 'Who defines the cipher suite, six hex digits.', (word) =>
    hex(word >>> 8, 6),
  ),
  recordKey(
    'ciphersuitetype',
    1013,
    4,
    { kind: 'uint', offset: 3, size: 1, format: 'decimal', numeric: true },
    'Type of the cipher suite.',
  ),
  // extended_80211_rx and _tx begin alike: SSID, BSSID, version.
  ...[1014, 1015].flatMap((format) => [
    textKey('wifissid', format, stringAt, 'SSID of the network.'),
    textKey('wifibssid', format, bssidAt, 'BSSID of the network.'),
    namedKey('wifiversion', format, radioNumber(8), wifiVersion, 'Kind of the network: `802.11n`.'),
  ]),
  numberKey('wifichannel', 1014, radioNumber(12), 'Channel.'),
  numberKey('wifichannel', 1015, radioNumber(24), ''),
  numberKey('wifispeed', 1014, radioLong(16), 'Bit rate, bits per second.'),
  numberKey('wifispeed', 1015, radioLong(28), ''),
  numberKey('wifirsni', 1014, radioNumber(24), 'Received signal to noise indicator.'),
  numberKey('wifircpi', 1014, radioNumber(28), 'Received channel power indicator.'),
  numberKey('wifiduration', 1014, radioNumber(32), 'Time on the air, µs.'),
  numberKey('wifiduration', 1015, radioNumber(16), ''),
  numberKey('wifitransmissions', 1015, radioNumber(12), 'How often the frame was sent; 0 when nobody knows.'),
  numberKey('wifiretransmissionduration', 1015, radioNumber(20), 'Time that failed attempts took, µs.'),
  numberKey('wifipower', 1015, radioNumber(36), 'Power of the sender, mW.'),
];

function bssidAt(bytes: Uint8Array, at: number, end: number): string | undefined {
  const next = skipStrings(bytes, at, end, 1);
  return next >= 0 && end - next >= 6 ? macAt(bytes, next) : undefined;
}

/** The word `offset` bytes behind the SSID. */
function radioNumber(offset: number) {
  return (bytes: Uint8Array, at: number, end: number): number => {
    const next = skipStrings(bytes, at, end, 1);
    return next < 0 ? Number.NaN : numberAt(bytes, next + offset, end);
  };
}

function radioLong(offset: number) {
  return (bytes: Uint8Array, at: number, end: number): number => {
    const next = skipStrings(bytes, at, end, 1);
    return next < 0 ? Number.NaN : longAt(bytes, next + offset, end);
  };
}

function wifiVersion(code: number): string {
  return code >= 1 && code <= 4 ? `802.11${'abgn'[code - 1]}` : `unknown(${code})`;
}
