/*
 * Names of numbers in packets. Unnamed numbers stand for themselves.
 */

/** Differentiated services code points (rest-api 14.3). */
const DSCP: Readonly<Record<number, string>> = {
  0: 'be',
  1: 'le',
  8: 'cs1',
  10: 'af11',
  12: 'af12',
  14: 'af13',
  16: 'cs2',
  18: 'af21',
  20: 'af22',
  22: 'af23',
  24: 'cs3',
  26: 'af31',
  28: 'af32',
  30: 'af33',
  32: 'cs4',
  34: 'af41',
  36: 'af42',
  38: 'af43',
  40: 'cs5',
  44: 'voice-admit',
  46: 'ef',
  48: 'cs6',
  56: 'cs7',
};

/** DNS resource record types and query types (IANA), by number in lists that run from a start. */
const DNS_TYPES: Readonly<Record<number, string>> = numbered(
  [
    1,
    'A NS MD MF CNAME SOA MB MG MR NULL WKS PTR HINFO MINFO MX TXT RP AFSDB X25 ISDN RT NSAP NSAP-PTR SIG KEY PX GPOS ' +
      'AAAA LOC NXT EID NIMLOC SRV ATMA NAPTR KX CERT A6 DNAME SINK OPT APL DS SSHFP IPSECKEY RRSIG NSEC DNSKEY DHCID ' +
      'NSEC3 NSEC3PARAM TLSA SMIMEA',
  ],
  [55, 'HIP NINFO RKEY TALINK CDS CDNSKEY OPENPGPKEY CSYNC ZONEMD SVCB HTTPS DSYNC HHIT BRID'],
  [99, 'SPF UINFO UID GID UNSPEC NID L32 L64 LP EUI48 EUI64'],
  [128, 'NXNAME'],
  [249, 'TKEY TSIG IXFR AXFR MAILB MAILA ANY URI CAA AVC DOA AMTRELAY RESINFO WALLET CLA IPN'],
  [32768, 'TA DLV'],
);

/** DHCP message types (option 53). */
const DHCP_MESSAGES: Readonly<Record<number, string>> = numbered([
  1,
  'DISCOVER OFFER REQUEST DECLINE ACK NAK RELEASE INFORM FORCERENEW LEASEQUERY LEASEUNASSIGNED LEASEUNKNOWN LEASEACTIVE ' +
    'BULKLEASEQUERY LEASEQUERYDONE ACTIVELEASEQUERY LEASEQUERYSTATUS TLS',
]);

/** Transport services of InfiniBand operation codes, by their upper three bits. */
const IBBT_TRANSPORTS: Readonly<Record<number, string>> = numbered([0, 'RC UC RD UD CNP XRC']);

/**
 * InfiniBand operations by the lower five bits of the operation code. First, middle, last and only packets of an
 * operation have its one name, as the established engine shows it (`SEND` for the only packet of a send).
 */
const IBBT_OPERATIONS: readonly (readonly [first: number, last: number, name: string])[] = [
  [0, 5, 'SEND'],
  [6, 11, 'RDMA_WRITE'],
  [12, 12, 'RDMA_READ_REQUEST'],
  [13, 16, 'RDMA_READ_RESPONSE'],
  [17, 17, 'ACKNOWLEDGE'],
  [18, 18, 'ATOMIC_ACKNOWLEDGE'],
  [19, 19, 'COMPARE_SWAP'],
  [20, 20, 'FETCH_ADD'],
  [21, 21, 'RESYNC'],
  [22, 23, 'SEND_WITH_INVALIDATE'],
];

/** Congestion notification packets have a transport of their own and one operation. */
const IBBT_CONGESTION = 0x81;

function numbered(...runs: readonly (readonly [number, string])[]): Readonly<Record<number, string>> {
  return Object.fromEntries(
    runs.flatMap(([start, names]) => names.split(' ').map((name, i) => [start + i, name] as const)),
  );
}

function nameAndNumber(names: Readonly<Record<number, string>>): (value: number) => string {
  return (value) => {
    const name = names[value];
    return name === undefined ? String(value) : `${name}(${value})`;
  };
}

/** `ef(46)`; an unnamed code point is its number. */
export const dscpName = nameAndNumber(DSCP);

/** `AAAA(28)`; an unnamed type is its number. */
export const dnsTypeName = nameAndNumber(DNS_TYPES);

/** `DISCOVER(1)`; an unnamed type is its number. */
export const dhcpMessageName = nameAndNumber(DHCP_MESSAGES);

/** `RC`, `UC`, `RD`, `UD`, `CNP`, `XRC` of a whole operation code; others are their number. */
export function ibbtTransportName(opcode: number): string {
  return IBBT_TRANSPORTS[opcode >>> 5] ?? String(opcode >>> 5);
}

/** `SEND`, `RDMA_WRITE`, … of a whole operation code; others are the number. */
export function ibbtOperationName(opcode: number): string {
  if (opcode === IBBT_CONGESTION) return 'CNP';
  const operation = opcode & 31;
  const found = IBBT_OPERATIONS.find(([first, last]) => operation >= first && operation <= last);
  return found === undefined ? String(opcode) : found[2];
}
