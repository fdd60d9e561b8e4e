import { canonicalIp, checkName, SpecificationReader } from './destination-text.ts';

/** Where received datagrams are sent on to (rest-api 12). */
export interface Forwarding {
  /** Address, or the name of a host. */
  readonly address: string;
  readonly port: number;
  /** Only datagrams of these agents; undefined for all. */
  readonly agents: readonly string[] | undefined;
}

/** Read a forwarding as a user wrote it; members of other names are ignored. Throws a WeirError FORWARDING_BAD. */
export function parseForwarding(name: string, specification: unknown): Forwarding {
  checkName(name, 'forwarding', 'FORWARDING_BAD');
  const members = new SpecificationReader(specification, 'FORWARDING_BAD');
  const address = members.host('address');
  const port = members.port('port');
  const agents = members.texts('agents');
  const stranger = agents?.find((agent) => canonicalIp(agent) === undefined);
  if (stranger !== undefined)
    throw members.bad('agents', `has ${JSON.stringify(stranger)}, which is no address`);
  return { address, port, agents };
}

/** The effective forwarding as REST shows it; `address` is where it goes. */
export function echoForwarding({ port, agents }: Forwarding, address: string): Record<string, unknown> {
  return { address, port, ...(agents === undefined ? {} : { agents: [...agents] }) };
}
