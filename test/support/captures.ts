import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { type CapturedDatagram, udpPayloads } from '../../src/packet/index.ts';

const CAPTURES = new URL('../fixtures/captures/', import.meta.url);

export type CaptureName = 'ovs' | 'mininet-tree' | 'hsflowd';

/** A record as the independent decoder read it: every field is text. */
export type RecordReading = Readonly<Record<string, string>>;

export interface SampleReading {
  readonly sampleType: 'FLOWSAMPLE' | 'COUNTERSSAMPLE';
  readonly sampleSequenceNo: string;
  /** `class:index`. */
  readonly sourceId: string;
  /** Flow samples only, like the ports and the pool. */
  readonly meanSkipCount: string;
  readonly samplePool: string;
  readonly inputPort: string;
  readonly outputPort: string;
  readonly elements: readonly RecordReading[];
}

/** What the independent decoder read in one datagram (fixtures/captures/README.md). */
export interface DatagramReading {
  readonly agent: string;
  readonly agentSubId: string;
  readonly packetSequenceNo: string;
  readonly sysUpTime: string;
  readonly datagramSize: string;
  readonly samples: readonly SampleReading[];
}

export function capturePath(name: CaptureName): string {
  return fileURLToPath(new URL(`${name}.pcap`, CAPTURES));
}

/** The sFlow datagrams of a capture, in order. */
export function captureDatagrams(name: CaptureName): CapturedDatagram[] {
  return [...udpPayloads(readFileSync(capturePath(name)))];
}

/** The same datagrams as the independent decoder read them. */
export function captureReadings(name: CaptureName): DatagramReading[] {
  const text = gunzipSync(readFileSync(new URL(`${name}.sflowtool.json.gz`, CAPTURES))).toString();
  // Objects follow one another without commas.
  return JSON.parse(`[${text.replace(/^\}\s*\{/gm, '},{')}]`) as DatagramReading[];
}
