import { readFileSync } from 'node:fs';
import { udpPayloads } from '../../src/packet/index.ts';

/** The sequence numbers of the sFlow version 5 datagrams in a capture file, by agent, in the order of the file. */
export function datagramNumbers(file: string): Map<string, number[]> {
  const numbers = new Map<string, number[]>();
  for (const { payload } of udpPayloads(readFileSync(file))) {
    const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
    if (view.getUint32(0) !== 5 || view.getUint32(4) !== 1) throw new Error('not sFlow 5 of an IPv4 agent');
    const agent = `${view.getUint32(8)}`;
    const list = numbers.get(agent);
    if (list === undefined) numbers.set(agent, [view.getUint32(16)]);
    else list.push(view.getUint32(16));
  }
  return numbers;
}

/** Datagrams in all, those that are missing between the first and the last of each agent, and those out of order. */
export function orderOf(numbers: ReadonlyMap<string, readonly number[]>): {
  datagrams: number;
  missing: number;
  outOfOrder: number;
} {
  let [datagrams, missing, outOfOrder] = [0, 0, 0];
  for (const list of numbers.values()) {
    datagrams += list.length;
    for (let i = 1; i < list.length; i++) {
      if (list[i] <= list[i - 1]) outOfOrder++;
      else missing += list[i] - list[i - 1] - 1;
    }
  }
  return { datagrams, missing, outOfOrder };
}
