import { i32 } from '../common/index.ts';
import { dissect } from '../packet/index.ts';
import { type DatagramWalker, FLOW_STRUCTURES, formatWord, minimumBytes } from '../sflow/index.ts';
import {
  INTERFACE,
  RECORD_FORMATS,
  recordSlot,
  SAMPLE_KIND,
  type SampleContext,
  TRANSPORT_SLOT,
} from './sample.ts';

/** Who counts records that could not be read whole, or not at all. Formats are signed words: enterprise << 12 | format. */
export interface RecordFaults {
  /** A known record that is shorter than its structure's fixed part; what is there still gives keys. */
  shortRecord(format: number): void;
  /** A record of no known structure. */
  unknownRecord(format: number): void;
}

/** The sampled header (0:1) and the format word of a discard sample (0:5). */
const SAMPLED_HEADER = 1;
const DISCARD_SAMPLE = 5;
/** header_protocol, frame_length, stripped, header length. */
const SAMPLED_HEADER_BYTES = 16;
/** Class of switch-wide data sources (entPhysicalEntry): their samples count as taken at the input interface. */
const PHYSICAL_ENTRY = 2;
const TCP = 6;
const UDP = 17;
const COMPACT_INTERNAL = 0x3fffffff;
const INGRESS = 1;
const EGRESS = 2;

/** Bytes of each record's fixed part by slot; structures that may be empty have 0. */
const MINIMUM_BYTES = new Uint8Array(RECORD_FORMATS.length);
for (const structure of FLOW_STRUCTURES) {
  const slot = structure.enterprise === 0 ? recordSlot(structure.format) : -1;
  if (slot >= 0) MINIMUM_BYTES[slot] = minimumBytes(structure);
}

/** Format words of the structures that are known, keys or not. */
const KNOWN_FORMATS: ReadonlySet<number> = new Set(
  FLOW_STRUCTURES.map(({ enterprise, format }) => formatWord(enterprise, format)),
);

const ETHERNET_SLOT = recordSlot(2);
const IPV4_SLOT = recordSlot(3);
const IPV6_SLOT = recordSlot(4);

/**
 * Take over the flow or discard sample on which `walker` stands: its interfaces, direction (rest-api 3.7), reason,
 * sampled header and records. The texts, scopes, edge flag and (for flow samples) the sampling rate remain the
 * caller's. Returns how many records were too short. Allocates nothing and never throws.
 */
export function fillSampleContext(
  context: SampleContext,
  walker: DatagramWalker,
  faults?: RecordFaults,
): number {
  context.reset(walker.bytes);
  const discard = walker.sampleFormat === DISCARD_SAMPLE;
  context.inputFormat = walker.inputFormat;
  context.input = walker.input;
  context.outputFormat = walker.outputFormat;
  context.output = walker.output;
  context.expanded = walker.expanded ? 1 : 0;
  context.inputIfIndex = interfaceWord(walker.inputFormat, walker.input, walker.expanded);
  context.outputIfIndex = interfaceWord(walker.outputFormat, walker.output, walker.expanded);
  if (discard) {
    context.kind = SAMPLE_KIND.discard;
    context.reason = walker.reason;
    context.samplingRate = 1;
    context.direction = 0;
  } else {
    context.kind = SAMPLE_KIND.flow;
    context.direction = directionOf(walker);
  }
  const short = fillRecords(context, walker, faults);
  if (context.frameLength === -1) context.frameLength = recordedLength(context);
  if (context.frameLength !== -1) context.frames = 1;
  return short;
}

function interfaceWord(format: number, value: number, expanded: boolean): number {
  switch (format) {
    case 0:
      return value === COMPACT_INTERNAL && !expanded ? INTERFACE.internal : value;
    case 1:
      return INTERFACE.discard;
    case 2:
      return INTERFACE.multiple;
    default:
      return INTERFACE.unknown;
  }
}

function directionOf(walker: DatagramWalker): number {
  const input = walker.inputFormat === 0;
  if (walker.sourceClass === PHYSICAL_ENTRY) return input && walker.input !== 0 ? INGRESS : 0;
  if (input && walker.sourceIndex === walker.input) return INGRESS;
  return walker.outputFormat === 0 && walker.sourceIndex === walker.output ? EGRESS : 0;
}

function fillRecords(
  context: SampleContext,
  walker: DatagramWalker,
  faults: RecordFaults | undefined,
): number {
  let short = 0;
  let headerSeen = false;
  while (walker.nextRecord()) {
    const format = walker.recordFormat;
    const start = walker.recordStart;
    const end = walker.recordEnd;
    let whole = true;
    if (format === SAMPLED_HEADER) {
      if (headerSeen) continue;
      headerSeen = true;
      whole = fillHeader(context, walker.bytes, start, end);
    } else {
      const slot = recordSlot(format);
      if (slot < 0) {
        if (faults !== undefined && !KNOWN_FORMATS.has(format)) faults.unknownRecord(format);
        continue;
      }
      whole = end - start >= MINIMUM_BYTES[slot];
      context.setRecord(slot, start, end);
      if (slot === IPV4_SLOT) setTransport(context, start, end, TRANSPORT_SLOT.tcp4, TRANSPORT_SLOT.udp4);
      else if (slot === IPV6_SLOT)
        setTransport(context, start, end, TRANSPORT_SLOT.tcp6, TRANSPORT_SLOT.udp6);
    }
    if (!whole) {
      short++;
      if (faults !== undefined) faults.shortRecord(format);
    }
  }
  return short;
}

/** Note a sampled_ipv4 or sampled_ipv6 record, whose second word is the protocol, under its transport too. */
function setTransport(context: SampleContext, start: number, end: number, tcp: number, udp: number): void {
  if (end - start < 8) return;
  const protocol = i32(context.bytes, start + 4);
  if (protocol === TCP) context.setRecord(tcp, start, end);
  else if (protocol === UDP) context.setRecord(udp, start, end);
}

/** Find the layers of a sampled header. False when it, or the header it announces, reaches beyond the record. */
function fillHeader(context: SampleContext, bytes: Uint8Array, start: number, end: number): boolean {
  const header = start + SAMPLED_HEADER_BYTES;
  if (header > end) return false;
  context.frameLength = i32(bytes, start + 4);
  context.stripped = i32(bytes, start + 8);
  const length = i32(bytes, start + 12) >>> 0;
  const room = end - header;
  dissect(context.layers, bytes, header, header + Math.min(length, room), i32(bytes, start));
  return length <= room;
}

/** Packet length told by a sampled Ethernet, IPv4 or IPv6 record (0:2, 0:3, 0:4; all begin with it), -1 without one. */
function recordedLength(context: SampleContext): number {
  let at = recordWord(context, ETHERNET_SLOT);
  if (at < 0) at = recordWord(context, IPV4_SLOT);
  if (at < 0) at = recordWord(context, IPV6_SLOT);
  return at < 0 ? -1 : i32(context.bytes, at);
}

/** Byte offset of a record that has at least its first word, else -1. */
function recordWord(context: SampleContext, slot: number): number {
  const at = context.recordAt[slot];
  return at >= 0 && context.recordEnds[slot] - at >= 4 ? at : -1;
}
