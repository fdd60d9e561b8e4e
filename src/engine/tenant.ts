import { WeirError } from '../common/index.ts';
import { createGroup, type Group, parsePrefix } from '../lookup/index.ts';
import { canonicalIp, checkName, SpecificationReader } from './destination-text.ts';

/** What a tenant gets to see (rest-api 12): texts as a user wrote them. */
export interface TenantFilters {
  /** Counter samples by `agent_ifIndex`. */
  readonly ifindex?: readonly string[];
  /** Counter samples by `agent_name` of an interface. */
  readonly ifname?: readonly string[];
  /** Flow samples of the edge by source or destination address. */
  readonly cidr?: readonly string[];
  /** Flow samples of the edge by source or destination MAC address. */
  readonly mac?: readonly string[];
}

export interface Tenant {
  /** Address of the tenant's collector, or its name. */
  readonly address: string;
  readonly port: number;
  readonly filters: TenantFilters;
}

/** The filters of a tenant, ready for use. */
export interface TenantMatcher {
  /** `agent_dataSource` */
  readonly interfaces: ReadonlySet<string>;
  /** `agent_name` */
  readonly interfaceNames: ReadonlySet<string>;
  /** undefined: no flow samples by address. */
  readonly prefixes: Group | undefined;
  /** MAC addresses as 48-bit integers. */
  readonly macs: ReadonlySet<number>;
}

const FILTERS = ['ifindex', 'ifname', 'cidr', 'mac'] as const;

/** Read a tenant as a user wrote it; members of other names are ignored. Throws a WeirError TENANT_BAD. */
export function parseTenant(name: string, specification: unknown): Tenant {
  checkName(name, 'tenant', 'TENANT_BAD');
  const members = new SpecificationReader(specification, 'TENANT_BAD');
  const address = members.host('collectorAddress');
  const port = members.port('collectorPort');
  if (!members.has('filters')) throw members.bad('filters', 'is required');
  const given = new SpecificationReader(members.get('filters'), 'TENANT_BAD');
  const stranger = given.names().find((filter) => !(FILTERS as readonly string[]).includes(filter));
  if (stranger !== undefined)
    throw members.bad('filters', `has ${JSON.stringify(stranger)}, which is none of ${FILTERS.join(', ')}`);
  const filters = Object.fromEntries(given.names().map((filter) => [filter, given.texts(filter)]));
  compileTenantFilters(filters);
  return { address, port, filters };
}

/** The effective tenant as REST shows it; `address` is where its samples go. */
export function echoTenant({ port, filters }: Tenant, address: string): Record<string, unknown> {
  return { collectorAddress: address, collectorPort: port, filters };
}

/** Throws a WeirError TENANT_BAD that names the filter and the text in it that is wrong. */
export function compileTenantFilters({ ifindex, ifname, cidr, mac }: TenantFilters): TenantMatcher {
  return {
    interfaces: new Set(ifindex?.map((text) => agentInterface('ifindex', text, /^\d+(\.\d+)?$/))),
    interfaceNames: new Set(ifname?.map((text) => agentInterface('ifname', text, /./s))),
    prefixes: cidr === undefined ? undefined : prefixes(cidr),
    macs: new Set(mac?.map(macNumber)),
  };
}

/** `agent_interface` with the agent in its canonical form. */
function agentInterface(filter: string, text: string, form: RegExp): string {
  const mark = text.indexOf('_');
  const agent = canonicalIp(text.slice(0, Math.max(0, mark)));
  const name = text.slice(mark + 1);
  if (agent === undefined || !form.test(name)) throw bad(filter, text, 'is not of the form agent_interface');
  return `${agent}_${name}`;
}

function prefixes(texts: readonly string[]): Group {
  const wrong = texts.find((text) => parsePrefix(text) === undefined);
  if (wrong !== undefined) throw bad('cidr', wrong, 'is no IPv4 or IPv6 address or prefix');
  return createGroup({ tenant: texts });
}

/** Twelve hexadecimal digits; separators are ignored. */
function macNumber(text: string): number {
  const digits = text.replace(/[:.-]/g, '');
  if (!/^[0-9a-fA-F]{12}$/.test(digits)) throw bad('mac', text, 'is no MAC address');
  return Number.parseInt(digits, 16);
}

function bad(filter: string, text: string, problem: string): WeirError {
  return new WeirError('TENANT_BAD', `filter ${filter}: ${JSON.stringify(text)} ${problem}`);
}
