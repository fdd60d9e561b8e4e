import { DatagramWalker, SAMPLE } from '../walk.ts';

/** A sample as the walker sees it; records as format word and extent. */
export interface WalkedSample {
  readonly kind: number;
  readonly format: number;
  readonly start: number;
  readonly end: number;
  readonly records: readonly { readonly format: number; readonly start: number; readonly end: number }[];
}

/** All that the walker finds in a datagram, and the fault it ends with. */
export function walk(bytes: Uint8Array): { samples: WalkedSample[]; fault: number } {
  const walker = new DatagramWalker();
  const samples: WalkedSample[] = [];
  walker.begin(bytes, 0, bytes.length);
  for (let kind = walker.nextSample(); kind !== SAMPLE.end; kind = walker.nextSample()) {
    const { sampleFormat: format, sampleStart: start, sampleEnd: end } = walker;
    const records = [];
    while (walker.nextRecord()) {
      records.push({ format: walker.recordFormat, start: walker.recordStart, end: walker.recordEnd });
    }
    samples.push({ kind, format, start, end, records });
  }
  return { samples, fault: walker.fault };
}
