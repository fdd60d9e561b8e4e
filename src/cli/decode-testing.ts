import { PassThrough, type Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { eth, ip, udp } from '../packet/testing/build-packet.ts';
import type { CommandStreams } from './decode-output.ts';

/** Captures of real agents, and one with every structure; each has an independent decoder's reading beside it. */
export const CAPTURES = ['ovs', 'mininet-tree', 'hsflowd', 'structures'] as const;

export function capturePath(name: (typeof CAPTURES)[number]): string {
  return fileURLToPath(new URL(`../../test/fixtures/captures/${name}.pcap`, import.meta.url));
}

/** Streams for a command under test, and what it has written to them. */
export interface TestStreams extends CommandStreams {
  out(): string;
  errors(): string;
}

export function testStreams(stdin: Readable = new PassThrough()): TestStreams {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const out: Buffer[] = [];
  const errors: Buffer[] = [];
  stdout.on('data', (chunk: Buffer) => out.push(chunk));
  stderr.on('data', (chunk: Buffer) => errors.push(chunk));
  return {
    stdin,
    stdout,
    stderr,
    out: () => Buffer.concat(out).toString(),
    errors: () => Buffer.concat(errors).toString(),
  };
}

/** A packet of a capture under construction. */
export interface TestPacket {
  readonly payload: Uint8Array;
  /** Seconds since 1970. */
  readonly seconds?: number;
  readonly port?: number;
}

/** A classic pcap file of UDP datagrams from 127.0.0.1 to 127.0.0.1, port 6343. */
export function pcapOf(packets: readonly TestPacket[]): Uint8Array {
  const header = new DataView(new ArrayBuffer(24));
  header.setUint32(0, 0xa1b2c3d4);
  header.setUint16(4, 2);
  header.setUint16(6, 4);
  header.setUint32(16, 65535);
  header.setUint32(20, 1);
  return Buffer.concat([new Uint8Array(header.buffer), ...packets.map(pcapPacket)]);
}

function pcapPacket({ payload, seconds = 1_700_000_000, port = 6343 }: TestPacket): Uint8Array {
  const frame = frameOf(payload, port);
  const header = new DataView(new ArrayBuffer(16));
  header.setUint32(0, Math.floor(seconds));
  header.setUint32(4, Math.round((seconds % 1) * 1e6));
  header.setUint32(8, frame.length);
  header.setUint32(12, frame.length);
  return Buffer.concat([new Uint8Array(header.buffer), frame]);
}

/** A pcapng file of the same, little-endian: a section, an interface, one block per packet, and a second section. */
export function pcapngOf(packets: readonly TestPacket[]): Uint8Array {
  const half = Math.ceil(packets.length / 2);
  return Buffer.concat(
    [packets.slice(0, half), packets.slice(half)].flatMap((section) => [
      block(0x0a0d0d0a, [0x1a2b3c4d, 0x00000001, 0xffffffff, 0xffffffff]),
      block(1, [1, 65535]),
      ...section.map(enhancedPacket),
    ]),
  );
}

function enhancedPacket({ payload, seconds = 1_700_000_000, port = 6343 }: TestPacket): Uint8Array {
  const frame = frameOf(payload, port);
  const micros = seconds * 1e6;
  return block(6, [0, Math.floor(micros / 2 ** 32), micros % 2 ** 32, frame.length, frame.length], frame);
}

function block(type: number, words: readonly number[], bytes: Uint8Array = new Uint8Array(0)): Uint8Array {
  const padded = (bytes.length + 3) & ~3;
  const length = 12 + 4 * words.length + padded;
  const data = new DataView(new ArrayBuffer(length));
  [type, length, ...words].forEach((word, i) => {
    data.setUint32(4 * i, word, true);
  });
  data.setUint32(length - 4, length, true);
  const out = new Uint8Array(data.buffer);
  out.set(bytes, 8 + 4 * words.length);
  return out;
}

function frameOf(payload: Uint8Array, port: number): Uint8Array {
  return eth(0x0800, ip(17, udp(6343, port, payload), { source: '127.0.0.1', destination: '127.0.0.1' }));
}
