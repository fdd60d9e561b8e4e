/** A rule with each component, operator and action, as it is pushed. */
export interface InteropRule {
  readonly match: Readonly<Record<string, string>>;
  readonly then: Readonly<Record<string, string>>;
}

const v4 = (i: number): string => `198.18.0.${i}/32`;
const v6 = (i: number): string => `2001:db8:18::${i}/128`;
const DROP = { 'traffic-rate': '0' };

const MATCHES4: readonly Readonly<Record<string, string>>[] = [
  { source: '203.0.113.0/24' },
  { protocol: '=17' },
  { protocol: '=6|=17' },
  { port: '=53|=80' },
  { 'destination-port': '>=1000&<=2000' },
  { 'source-port': '=53' },
  { 'source-port': '<1024' },
  { protocol: '=1', 'icmp-type': '=8', 'icmp-code': '=0' },
  { protocol: '=6', 'tcp-flags': '=SA' },
  { protocol: '=6', 'tcp-flags': 'S' },
  { length: '>1000&<1500' },
  { dscp: '=46' },
  { fragment: '=I' },
  { protocol: '=17', 'source-port': '=123', length: '>=468' },
];

const MATCHES6: readonly Readonly<Record<string, string>>[] = [
  { source: '2001:db8:f::/48' },
  { protocol: '=17', 'source-port': '=53' },
  { protocol: '=58', 'icmp-type': '=128', 'icmp-code': '=0' },
  { 'destination-port': '>=1000&<=2000' },
  { protocol: '=6', 'tcp-flags': '=S' },
  { length: '>1000&<1500' },
  { dscp: '=46' },
  { fragment: '=F' },
];

const ACTIONS: readonly Readonly<Record<string, string>>[] = [
  { 'traffic-rate': '12500' },
  { 'traffic-rate-packets': '100' },
  { 'traffic-action': 'sample' },
  { 'traffic-action': 'sampleandcontinue' },
  { 'redirect-as': '65000:666' },
  { 'redirect-as4': '4200000001:5' },
  { 'redirect-ip': '192.0.2.1:666' },
  { 'redirect-nexthop': '192.0.2.1' },
  { 'redirect-action-ip': '192.0.2.1' },
  { 'traffic-marking': 'ef' },
  { 'traffic-rate': '0', communities: '65535:666-65000:1' },
  { 'traffic-rate': '1000', 'traffic-marking': 'le', 'traffic-action': 'sample' },
];

const ACTIONS6: readonly Readonly<Record<string, string>>[] = [
  { 'traffic-rate': '12500' },
  { 'traffic-marking': 'le' },
  { 'redirect-as': '65000:666' },
  { 'redirect-nexthop': '2001:db8::1' },
  { 'redirect-action-ip': '2001:db8::1' },
  { 'traffic-rate': '0', 'large-communities': '65000:1:2' },
];

// biome-ignore-start lint/suspicious/noThenProperty: the name that clients write; nothing awaits a rule.
/** Forty rules; the destination tells them apart, rule i has .i or ::i. */
export const INTEROP_RULES: readonly InteropRule[] = [
  ...MATCHES4.map((match) => ({ version: 4, match, then: DROP })),
  ...ACTIONS.map((then) => ({ version: 4, match: {}, then })),
  ...MATCHES6.map((match) => ({ version: 6, match, then: DROP })),
  ...ACTIONS6.map((then) => ({ version: 6, match: {}, then })),
].map(({ version, match, then }, i) => ({
  match: { version: String(version), destination: version === 4 ? v4(i + 1) : v6(i + 1), ...match },
  then,
}));
// biome-ignore-end lint/suspicious/noThenProperty: see above
