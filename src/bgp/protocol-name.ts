const NAMES: Readonly<Record<number, string>> = {
  1: 'ICMP',
  2: 'IGMP',
  4: 'IPv4',
  6: 'TCP',
  17: 'UDP',
  41: 'IPv6',
  47: 'GRE',
  50: 'ESP',
  51: 'AH',
  58: 'ICMPv6',
  89: 'OSPF',
  103: 'PIM',
  132: 'SCTP',
};

/** `UDP (17)`, or the number alone. */
export function protocolName(number: number): string {
  const name = NAMES[number];
  return name === undefined ? String(number) : `${name} (${number})`;
}
