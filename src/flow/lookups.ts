/** Attributes of `host:k:attribute` (rest-api 5.2). */
export const HOST_ATTRIBUTES = [
  'host_name',
  'machine_type',
  'os_name',
  'os_release',
  'uuid',
  'vir_host_name',
  'vir_machine_type',
  'vir_os_name',
  'vir_os_release',
  'vir_uuid',
] as const;
export type HostAttribute = (typeof HOST_ATTRIBUTES)[number];

/**
 * What functions know beyond the sample. Every answer is immediate: what is not known now is undefined. Address words
 * are as in the packet, signed.
 */
export interface Lookups {
  /** Label of the longest prefix in the first of the groups that has one. */
  lookupIPv4(groups: readonly string[], word: number): string | undefined;
  lookupIPv6(groups: readonly string[], w0: number, w1: number, w2: number, w3: number): string | undefined;
  /** Label of a value in a map. */
  map(name: string, value: string): string | undefined;
  /** Vendor of a MAC address, twelve upper-case hex digits. */
  vendor(mac: string): string | undefined;
  /** What is known of the host with a MAC address. */
  host(mac: string, attribute: HostAttribute): string | undefined;
  /** Topology node of an agent's interface, else the agent's host name. `ifIndex` is text as keys show it. */
  node(agent: string, ifIndex: string): string | undefined;
  link(agent: string, ifIndex: string): string | undefined;
  ifName(agent: string, ifIndex: string): string | undefined;
  country(address: string): { readonly code: string; readonly name: string | undefined } | undefined;
  asn(address: string): { readonly number: number; readonly description: string | undefined } | undefined;
  /** Reverse name with its trailing dot. The first question for an address starts a query and gives undefined. */
  dnsName(address: string): string | undefined;
}

const nothing = (): undefined => undefined;

/** Knows nothing: for tests, and to build on. */
export const NO_LOOKUPS: Lookups = {
  lookupIPv4: nothing,
  lookupIPv6: nothing,
  map: nothing,
  vendor: nothing,
  host: nothing,
  node: nothing,
  link: nothing,
  ifName: nothing,
  country: nothing,
  asn: nothing,
  dnsName: nothing,
};
