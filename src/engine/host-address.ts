import { lookup } from 'node:dns/promises';
import { networkInterfaces } from 'node:os';
import { formatIPv4, parseIPv6 } from '../common/index.ts';
import { canonicalIp } from './destination-text.ts';

/** How long the name of a host may take to be found before it counts as unknown, ms. */
const LOOKUP_TIMEOUT_MS = 1000;

/** The address of a host by name or address; IPv4 when it has both. undefined: nobody knows it, or not in time. */
export async function resolveHost(host: string): Promise<string | undefined> {
  const address = plainAddress(host);
  if (address !== undefined) return address;
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, LOOKUP_TIMEOUT_MS, undefined);
  });
  try {
    const found = await Promise.race([lookup(host, { verbatim: false }), tooLate]);
    return found === undefined ? undefined : plainAddress(found.address);
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}

/** The canonical text of an address, an IPv4-mapped one as IPv4. */
function plainAddress(text: string): string | undefined {
  const words = text.includes(':') ? parseIPv6(text) : undefined;
  const mapped = words !== undefined && words[0] === 0 && words[1] === 0 && words[2] === 0xffff;
  return mapped ? formatIPv4(words[3]) : canonicalIp(text);
}

/**
 * Whether what is sent to an address (as `resolveHost` gives it) reaches a socket of this machine.
 * @param bound the address the socket is bound to; `0.0.0.0` and `::` for all
 */
export function reachesSocketAt(address: string, bound: string): boolean {
  // The unspecified address as a destination means this machine.
  const target = address === '0.0.0.0' ? '127.0.0.1' : address === '::' ? '::1' : address;
  if (bound !== '0.0.0.0' && bound !== '::') return target === canonicalIp(bound);
  if (target.startsWith('127.') || target === '::1') return true;
  return Object.values(networkInterfaces()).some((all) => all?.some((own) => own.address === target));
}
