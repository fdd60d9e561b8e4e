import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { isWeirError, parseIPv4, parseIPv6, WeirError } from '../common/index.ts';
import { type CapturedDatagrams, udpPayloads } from '../packet/index.ts';
import type { EngineClock } from './clock.ts';

/** Takes one payload; the source as in TakeDatagram. */
export type TakePayload = (
  payload: Uint8Array,
  s0: number,
  s1: number,
  s2: number,
  s3: number,
  now: number,
) => void;

/** The datagrams of a capture file. Throws a WeirError CAPTURE_UNREADABLE or CAPTURE_BAD that names the file. */
export function readCaptureFile(file: string): CapturedDatagrams {
  try {
    return udpPayloads(readFileSync(file));
  } catch (cause) {
    const code = isWeirError(cause) ? cause.code : 'CAPTURE_UNREADABLE';
    throw new WeirError(code, `${file}: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
}

/** Feed the UDP payloads of a capture at the pace at which they were captured (property sflow.file). */
export async function replayCapture(
  datagrams: CapturedDatagrams,
  clock: EngineClock,
  take: TakePayload,
): Promise<void> {
  let offset: number | undefined;
  for (const datagram of datagrams) {
    offset ??= clock.now() - datagram.timestampMs;
    const wait = datagram.timestampMs + offset - clock.now();
    if (wait >= 1) await sleep(wait);
    const word = parseIPv4(datagram.sourceAddress);
    const words = word === undefined ? parseIPv6(datagram.sourceAddress) : undefined;
    if (word !== undefined) take(datagram.payload, 0, 0, 0xffff, word, clock.now());
    else if (words !== undefined) take(datagram.payload, words[0], words[1], words[2], words[3], clock.now());
  }
}
