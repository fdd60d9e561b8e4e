import { macAt, u32 } from '../../common/index.ts';
import { questionClass, questionName, questionType } from '../dns-name.ts';
import { dhcpMessageName, dnsTypeName } from '../enumerations.ts';
import { flag, hexText, safeText } from '../formats.ts';
import { layerKeys, number, type PacketKey, shown, text, uint } from '../packet-key.ts';
import { tlsServerName } from '../tls-server-name.ts';

const BOOTP_HEADER = 236;
const DHCP_MAGIC = 0x63825363;
const DHCP_PAD = 0;
const DHCP_END = 255;
const DHCP_HOST_NAME = 12;
const DHCP_MESSAGE_TYPE = 53;

/** Byte offset of the length field of a DHCP option that is wholly captured, -1 when there is none. */
function dhcpOption(bytes: Uint8Array, at: number, end: number, code: number): number {
  let next = at + BOOTP_HEADER;
  if (next + 4 > end || u32(bytes, next) !== DHCP_MAGIC) return -1;
  next += 4;
  while (next + 2 <= end && bytes[next] !== DHCP_END) {
    if (bytes[next] === DHCP_PAD) next++;
    else {
      const after = next + 2 + bytes[next + 1];
      if (after > end) return -1;
      if (bytes[next] === code) return next + 1;
      next = after;
    }
  }
  return -1;
}

function dhcpMessageType(bytes: Uint8Array, at: number, end: number): number {
  const option = dhcpOption(bytes, at, end, DHCP_MESSAGE_TYPE);
  return option < 0 || bytes[option] !== 1 ? Number.NaN : bytes[option + 1];
}

function dhcpHostName(bytes: Uint8Array, at: number, end: number): string | undefined {
  const option = dhcpOption(bytes, at, end, DHCP_HOST_NAME);
  return option < 0 ? undefined : safeText(bytes, option + 1, option + 1 + bytes[option]);
}

/** The client's address, when hardware type and address length are Ethernet's. */
function dhcpClientMac(bytes: Uint8Array, at: number, end: number): string | undefined {
  return at + 34 <= end && bytes[at + 1] === 1 && bytes[at + 2] === 6 ? macAt(bytes, at + 28) : undefined;
}

/** Only long headers (RFC 9000 17.2) have a version and say how long their connection identifiers are. */
function quicVersion(bytes: Uint8Array, at: number, end: number): number {
  return bytes[at] >= 0x80 && at + 5 <= end ? u32(bytes, at + 1) : Number.NaN;
}

function quicDestination(bytes: Uint8Array, at: number, end: number): string | undefined {
  if (bytes[at] < 0x80 || at + 6 > end) return undefined;
  const length = bytes[at + 5];
  return length === 0 || at + 6 + length > end ? undefined : hexText(bytes, at + 6, at + 6 + length);
}

function named(
  name: (value: number) => string,
  read: (bytes: Uint8Array, at: number, end: number) => number,
) {
  return text((bytes, at, end) => {
    const value = read(bytes, at, end);
    return Number.isNaN(value) ? undefined : name(value);
  });
}

/** What TCP and UDP carry. */
export const APPLICATION_KEYS: readonly PacketKey[] = [
  ...layerKeys('dns', {
    dnsid: [uint(0, 2), 'DNS message identifier.'],
    dnsqr: [shown(flag, 2, 1, 7), '`true` in a response.'],
    dnsopcode: [uint(2, 1, 3, 15), 'Kind of query; 0 is a standard query.'],
    dnsaa: [shown(flag, 2, 1, 2, 1), '`true` in an authoritative answer.'],
    dnstc: [shown(flag, 2, 1, 1, 1), '`true` when the message was truncated.'],
    dnsrd: [shown(flag, 2, 1, 0, 1), '`true` when recursion is desired.'],
    dnsra: [shown(flag, 3, 1, 7), '`true` when recursion is available.'],
    dnsz: [uint(3, 1, 4, 7), 'The three bits behind `dnsra`: reserved, authentic data, checking disabled.'],
    dnsrcode: [uint(3, 1, 0, 15), 'Response code: 0 no error, 2 server failure, 3 no such name, 5 refused.'],
    dnsqdcount: [uint(4, 2), 'Questions.'],
    dnsancount: [uint(6, 2), 'Answers.'],
    dnsnscount: [uint(8, 2), 'Authority records.'],
    dnsarcount: [uint(10, 2), 'Additional records.'],
    dnsqname: [text(questionName), 'Name in the first question, with its final dot.'],
    dnsqtype: [number(questionType), 'Type in the first question.'],
    dnsqtypename: [named(dnsTypeName, questionType), 'Its name and number: `A(1)`.'],
    dnsqclass: [number(questionClass), 'Class in the first question; 1 is Internet.'],
  }),
  ...layerKeys('mdns', {
    mdnsqr: [shown(flag, 2, 1, 7), '`true` in a response.'],
    mdnsqname: [text(questionName), 'Name in the first question, with its final dot.'],
    mdnsqtypename: [named(dnsTypeName, questionType), 'Type in the first question: `PTR(12)`.'],
  }),
  ...layerKeys('dhcp', {
    dhcpmessagetype: [number(dhcpMessageType), 'DHCP message type (option 53).'],
    dhcpmessagetypename: [named(dhcpMessageName, dhcpMessageType), 'Its name and number: `DISCOVER(1)`.'],
    dhcpclientmac: [text(dhcpClientMac), 'MAC address of the client.'],
    dhcphostname: [text(dhcpHostName), 'Name the client gives itself (option 12).'],
  }),
  ...layerKeys('dhcp6', {
    dhcp6messagetype: [uint(0, 1), 'DHCPv6 message: 1 solicit, 2 advertise, 3 request, 7 reply.'],
  }),
  ...layerKeys('ntp', {
    ntpmode: [uint(0, 1, 0, 7), 'NTP mode: 3 client, 4 server, 6 control, 7 private.'],
    ntpversion: [uint(0, 1, 3, 7), 'NTP version.'],
  }),
  ...layerKeys('tls', {
    tlscontenttype: [
      uint(0, 1),
      'TLS record: 20 change cipher, 21 alert, 22 handshake, 23 application data.',
    ],
    tlsservername: [text(tlsServerName), 'Server name in a ClientHello, when the header holds it.'],
  }),
  ...layerKeys('quic', {
    quicversion: [number(quicVersion), 'Version in a long header; 0 is version negotiation.'],
    quicdcid: [
      text(quicDestination),
      'Destination connection identifier in a long header, lower-case hexadecimal.',
    ],
  }),
  ...layerKeys('bfd', {
    bfdstate: [uint(1, 1, 6), 'BFD state: 0 administratively down, 1 down, 2 init, 3 up.'],
    bfddiscriminator: [uint(4, 4), 'Discriminator of the sender.'],
  }),
  ...layerKeys('rip', { ripcommand: [uint(0, 1), 'RIP command: 1 request, 2 response.'] }),
];
