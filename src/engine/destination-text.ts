import { formatIPv6, parseIPv4, parseIPv6, WeirError } from '../common/index.ts';

/** What forwardings and tenants have in common: reading where to send, and addresses, from what a user wrote. */

const DEFAULT_PORT = 6343;
const MAX_PORT = 65535;
/** The longest name the domain name system knows. */
const MAX_HOST_LENGTH = 255;

/** Unlike those of other resources these names may have dots; `.` and `..` would be no path of their own. */
const NAME = /^(?!\.{1,2}$)[A-Za-z0-9_.-]{1,1000}$/;

/** Throws a WeirError of the code when `name` cannot be the name of a `noun`. */
export function checkName(name: string, noun: string, code: string): void {
  if (!NAME.test(name))
    throw new WeirError(
      code,
      `a ${noun}'s name is made of letters, digits, _, - and dots, not ${JSON.stringify(name)}`,
    );
}

/** An object as a user wrote it, and the code of the complaints about it. */
export class SpecificationReader {
  private readonly members: Readonly<Record<string, unknown>>;
  private readonly code: string;

  /** Throws a WeirError of the code unless it is an object. */
  constructor(specification: unknown, code: string) {
    this.code = code;
    if (typeof specification !== 'object' || specification === null || Array.isArray(specification))
      throw new WeirError(code, 'it must be an object');
    this.members = specification as Record<string, unknown>;
  }

  bad(member: string, problem: string): WeirError {
    return new WeirError(this.code, `${member} ${problem}`);
  }

  names(): string[] {
    return Object.keys(this.members);
  }

  has(member: string): boolean {
    return Object.hasOwn(this.members, member);
  }

  get(member: string): unknown {
    return this.has(member) ? this.members[member] : undefined;
  }

  /** An address, or the name of a host. */
  host(member: string): string {
    const value = this.get(member);
    if (value === undefined) throw this.bad(member, 'is required');
    if (typeof value !== 'string' || value.trim() === '' || value.length > MAX_HOST_LENGTH)
      throw this.bad(member, 'must be an address or the name of a host');
    return value.trim();
  }

  /** A UDP port, as a number or its text; 6343 when absent. */
  port(member: string): number {
    const value = this.get(member);
    if (value === undefined) return DEFAULT_PORT;
    const port = typeof value === 'string' && /^\d{1,5}$/.test(value) ? Number(value) : value;
    if (typeof port !== 'number' || !Number.isInteger(port) || port < 1 || port > MAX_PORT)
      throw this.bad(member, `must be a port, 1 to ${MAX_PORT}`);
    return port;
  }

  /** An array of texts; undefined when absent. */
  texts(member: string): readonly string[] | undefined {
    const value = this.get(member);
    if (value === undefined) return undefined;
    if (!Array.isArray(value) || !value.every((item) => typeof item === 'string'))
      throw this.bad(member, 'must be an array of texts');
    return value;
  }
}

/** An IP address in the form in which agents are printed. undefined: the text is none. */
export function canonicalIp(text: string): string | undefined {
  if (parseIPv4(text) !== undefined) return text;
  const words = parseIPv6(text);
  return words === undefined ? undefined : formatIPv6(words[0], words[1], words[2], words[3]);
}
