import { readFileSync } from 'node:fs';
import { parseIPv4, parseIPv6 } from '../common/index.ts';

/**
 * Datagrams that Linux has dropped on a UDP socket of this process' network namespace because its buffer was full, from
 * its line in /proc/net/udp; 0 where that cannot be read.
 */
export function socketDrops(address: string, port: number): number {
  const local = `${addressInProc(address)}:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  for (const line of linesOf(address.includes(':') ? '/proc/self/net/udp6' : '/proc/self/net/udp')) {
    const fields = line.trim().split(/\s+/);
    if (fields[1] === local) return Number(fields.at(-1));
  }
  return 0;
}

function linesOf(file: string): string[] {
  try {
    return readFileSync(file, 'latin1').split('\n');
  } catch {
    return [];
  }
}

/** The kernel prints the words of an address, which are in network order, as numbers of the machine. */
function addressInProc(address: string): string {
  const words = parseIPv6(address) ?? [parseIPv4(address) ?? 0];
  const bytes = new DataView(new ArrayBuffer(4 * words.length));
  words.forEach((word, i) => {
    bytes.setInt32(4 * i, word);
  });
  return Array.from(new Uint32Array(bytes.buffer), (word) =>
    word.toString(16).toUpperCase().padStart(8, '0'),
  ).join('');
}
