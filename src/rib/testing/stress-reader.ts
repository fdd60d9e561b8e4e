import type { MessagePort } from 'node:worker_threads';
import { receiveMessageOnPort, workerData } from 'node:worker_threads';
import { NODE6, RECORD4, RouteReader, SET, type SharedRoutes } from '../index.ts';
import { medOf, PERMANENT_BITS } from './stress-rule.ts';

/**
 * A thread that looks up addresses while another changes the table, and checks that each answer was true at some moment:
 * the route found covers the address, is no shorter than the one that is always there, and has its own attributes.
 */
const { port, stop, routes, seed } = workerData as {
  port: MessagePort;
  stop: SharedArrayBuffer;
  routes: SharedRoutes;
  seed: number;
};

const stopped = new Int32Array(stop);
const reader = new RouteReader(routes);
let state = seed;
const faults: string[] = [];
const seen = { lookups: 0, longer: 0, again: 0 };

while (Atomics.load(stopped, 0) === 0 && faults.length < 10) {
  const message = receiveMessageOnPort(port);
  if (message !== undefined) reader.use(message.message as SharedRoutes);
  for (let i = 0; i < 2000; i++) {
    four();
    six();
  }
}
port.postMessage({ ...seen, unsettled: reader.unsettled, faults });
port.close();

function next(): number {
  state = (Math.imul(state, 1664525) + 1013904223) | 0;
  return state >>> 8;
}

function four(): void {
  const address = 0x0a000000 | (next() & 0xffffff);
  const record = reader.lookup4(address);
  const set = reader.attributes;
  const length = reader.word4(record, RECORD4.length);
  const prefix = reader.word4(record, RECORD4.prefix);
  const med = reader.setWord(set, SET.med);
  check(record, length, prefix, med, length >= 1 && (prefix ^ address) >>> (32 - length) === 0);
}

function six(): void {
  const w1 = next() << 8;
  const node = reader.lookup6(0x20010db8, w1, 0, 0);
  const set = reader.attributes;
  const length = reader.word6(node, NODE6.length);
  const prefix = reader.word6(node, NODE6.w1);
  const med = reader.setWord(set, SET.med);
  const inside = length === 32 || (prefix ^ w1) >>> (64 - length) === 0;
  check(node, length, prefix, med, length >= 32 && inside);
}

function check(route: number, length: number, prefix: number, med: number, covers: boolean): void {
  if (!reader.isCurrent()) {
    seen.again++;
    return;
  }
  seen.lookups++;
  if (route === 0) faults.push(`no route, ${JSON.stringify(seen)}`);
  else if (!covers) faults.push(`route ${route} of ${length} bits does not cover the address`);
  else if (med !== medOf(prefix, length)) faults.push(`route ${route} of ${length} bits has MED ${med}`);
  if (length > PERMANENT_BITS) seen.longer++;
}
