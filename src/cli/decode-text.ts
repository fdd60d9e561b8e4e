import {
  type Datagram,
  type DecodeResult,
  type FieldValue,
  type FlowOrCounterRecord,
  type InterfaceId,
  type Sample,
  type SourceId,
  structureNamed,
} from '../sflow/index.ts';
import { describePacket } from './decode-packet.ts';
import { summarizePacket } from './decode-packet-summary.ts';
import type { ReceivedDatagram } from './decode-source.ts';
import { bytesText, fieldWords, printable, valueText } from './decode-words.ts';
import { DISCARD_REASONS } from './sflowtool-names.ts';

export interface TextOptions {
  readonly colour: boolean;
  /** Lines are folded at this many columns; undefined: never. */
  readonly columns: number | undefined;
}

type Style = 'strong' | 'title' | 'faint' | 'alarm';
const STYLE_CODES: Readonly<Record<Style, string>> = { strong: '1', title: '36', faint: '2', alarm: '31' };

/** A piece of a line that is not broken. */
interface Piece {
  readonly text: string;
  readonly style?: Style;
}

const RECORD_INDENT = 4;
const FOLD_INDENT = 8;

/** Datagrams for people: one block each, a line for every sample, and below it a line for every record. */
export class TextFormat {
  private readonly options: TextOptions;

  constructor(options: TextOptions) {
    this.options = options;
  }

  datagram(received: ReceivedDatagram, { datagram, error }: DecodeResult): string {
    let text = this.line(0, datagramPieces(received, datagram));
    for (const sample of datagram?.samples ?? []) {
      text += this.line(2, samplePieces(sample));
      if ('records' in sample)
        for (const record of sample.records) text += this.line(RECORD_INDENT, recordPieces(record));
    }
    if (error !== undefined) text += this.line(2, [{ text: `damaged: ${error}`, style: 'alarm' }]);
    return `${text}\n`;
  }

  private line(indent: number, pieces: readonly Piece[]): string {
    const { columns } = this.options;
    let text = ' '.repeat(indent);
    let width = indent;
    pieces.forEach((piece, i) => {
      const gap = i === 0 ? 0 : 2;
      if (columns !== undefined && i > 0 && width + gap + piece.text.length > columns) {
        text += `\n${' '.repeat(FOLD_INDENT)}`;
        width = FOLD_INDENT;
      } else {
        text += ' '.repeat(gap);
        width += gap;
      }
      text += this.styled(piece);
      width += piece.text.length;
    });
    return `${text}\n`;
  }

  private styled({ text, style }: Piece): string {
    return style === undefined || !this.options.colour ? text : `\x1b[${STYLE_CODES[style]}m${text}\x1b[0m`;
  }
}

function datagramPieces(received: ReceivedDatagram, datagram: Datagram | undefined): Piece[] {
  const from = `from ${received.sourceAddress} port ${received.sourcePort}`;
  const size = `${received.payload.length} bytes`;
  const time: Piece = { text: localTime(received.timeMicros), style: 'faint' };
  if (datagram === undefined)
    return [time, { text: 'unreadable datagram', style: 'alarm' }, { text: size }, { text: from }];
  const { version, agentAddress, subAgentId, sequenceNumber, uptime, samples } = datagram;
  return [
    time,
    { text: `agent ${agentAddress}`, style: 'strong' },
    ...when(subAgentId !== 0, `sub-agent ${subAgentId}`),
    { text: `datagram ${sequenceNumber}`, style: 'strong' },
    ...when(version !== 5, `sFlow version ${version}`),
    { text: `up ${durationText(uptime)}` },
    { text: samples.length === 1 ? '1 sample' : `${samples.length} samples` },
    { text: size },
    { text: from },
  ];
}

function samplePieces(sample: Sample): Piece[] {
  switch (sample.kind) {
    case 'flow':
      return [
        { text: `flow ${sample.sequenceNumber}`, style: 'title' },
        { text: sourceText(sample.sourceId) },
        { text: `1 in ${sample.samplingRate}` },
        { text: `${interfaceText(sample.input)} → ${interfaceText(sample.output)}` },
        { text: `pool ${sample.samplePool}` },
        { text: `drops ${sample.drops}`, ...faintZero(sample.drops) },
      ];
    case 'counter':
      return [
        { text: `counters ${sample.sequenceNumber}`, style: 'title' },
        { text: sourceText(sample.sourceId) },
      ];
    case 'discard':
      return [
        { text: `discard ${sample.sequenceNumber}`, style: 'title' },
        { text: sourceText(sample.sourceId) },
        { text: `${DISCARD_REASONS.get(sample.reason) ?? 'reason'} (${sample.reason})`, style: 'strong' },
        { text: `${ifIndexText(sample.input)} → ${ifIndexText(sample.output)}` },
        { text: `drops ${sample.drops}`, ...faintZero(sample.drops) },
      ];
    case 'rtmetric':
      return [
        { text: 'custom metrics', style: 'title' },
        { text: printable(sample.dataSource) },
        ...sample.metrics.map(namedPiece),
      ];
    case 'rtflow':
      return [
        { text: 'custom flow', style: 'title' },
        { text: printable(sample.dataSource) },
        { text: `1 in ${sample.samplingRate}` },
        ...sample.fields.map(namedPiece),
      ];
    case 'unknown':
      return [
        { text: `unknown sample ${sample.enterprise}:${sample.format}`, style: 'title' },
        { text: bytesText(sample.bytes) },
        ...alarm(sample.error),
      ];
  }
}

function recordPieces(record: FlowOrCounterRecord): Piece[] {
  const title = record.name ?? `unknown record ${record.enterprise}:${record.format}`;
  const pieces: Piece[] = [
    { text: title, style: 'title' },
    ...(packetPieces(record) ?? structurePieces(record)),
  ];
  if (record.bytes !== undefined) pieces.push({ text: bytesText(record.bytes) });
  if (record.trailing !== undefined)
    pieces.push({ text: `and ${record.trailing.length} more bytes`, style: 'faint' });
  pieces.push(...alarm(record.error));
  return pieces;
}

/** What a sampled header holds; undefined for other records. */
function packetPieces(record: FlowOrCounterRecord): Piece[] | undefined {
  const packet = describePacket(record);
  if (packet === undefined) return undefined;
  const { frameLength, protocol, header } = record.fields ?? {};
  const layers = summarizePacket(packet);
  const words = layers.length > 0 ? layers.map(printable) : [`protocol ${protocol}`, valueText(header)];
  return [`${frameLength} bytes`, ...words].map((text) => ({ text }));
}

function structurePieces({ name, fields }: FlowOrCounterRecord): Piece[] {
  const structure = name === undefined ? undefined : structureNamed(name);
  if (structure === undefined || fields === undefined) return [];
  const pieces: Piece[] = [];
  let unknown = 0;
  for (const field of structure.fields) {
    const value = fields[field.name];
    if (value === undefined) continue;
    if (structure.kind === 'counter' && UNKNOWN_COUNTERS.includes(value)) unknown++;
    else
      for (const text of fieldWords(structure.name, field, value)) pieces.push({ text, ...faintZero(value) });
  }
  if (unknown > 0) pieces.push({ text: `(${unknown} unknown)`, style: 'faint' });
  return pieces;
}

/** What an agent sends for a counter that it does not have: all ones (sFlow v5). */
const UNKNOWN_COUNTERS: readonly FieldValue[] = [0xffffffff, 0xffffffffffffffffn];

function namedPiece({ name, value }: { readonly name: string; readonly value: FieldValue }): Piece {
  return { text: `${printable(name)} ${valueText(value)}`, ...faintZero(value) };
}

const SOURCE_CLASSES = ['interface', 'VLAN', 'entity', 'logical entity'];

function sourceText({ class: kind, index }: SourceId): string {
  return `source ${SOURCE_CLASSES[kind] ?? `class ${kind}`} ${index}`;
}

/** ifIndex of packets to and from the agent itself (sFlow v5 `interface`). */
const INTERNAL = 0x3fffffff;

function interfaceText({ format, value }: InterfaceId): string {
  switch (format) {
    case 0:
      return ifIndexText(value);
    case 1:
      return `discarded (${DISCARD_REASONS.get(value) ?? value})`;
    case 2:
      return value === 0 ? 'many ports' : `${value} ports`;
    default:
      return `format ${format} ${value}`;
  }
}

function ifIndexText(ifIndex: number): string {
  if (ifIndex === 0) return 'unknown';
  return ifIndex === INTERNAL ? 'internal' : `if ${ifIndex}`;
}

function localTime(timeMicros: number): string {
  const time = new Date(Math.floor(timeMicros / 1000));
  const two = (n: number) => String(n).padStart(2, '0');
  const day = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  const seconds = `${two(time.getSeconds())}.${String(timeMicros % 1e6).padStart(6, '0')}`;
  return `${day} ${two(time.getHours())}:${two(time.getMinutes())}:${seconds}`;
}

/** `3d 04:05:06`, `4:05:06`, `5:06`, `6.0 s`. */
function durationText(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  if (seconds < 60) return `${(ms / 1000).toFixed(1)} s`;
  const two = (n: number) => String(n).padStart(2, '0');
  const [days, hours, minutes] = [
    Math.floor(seconds / 86400),
    Math.floor(seconds / 3600) % 24,
    Math.floor(seconds / 60) % 60,
  ];
  if (days > 0) return `${days}d ${two(hours)}:${two(minutes)}:${two(seconds % 60)}`;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/** Counters that stand at zero step back. */
function faintZero(value: FieldValue): { style?: Style } {
  return value === 0 || value === 0n ? { style: 'faint' } : {};
}

function when(condition: boolean, text: string): Piece[] {
  return condition ? [{ text }] : [];
}

function alarm(error: string | undefined): Piece[] {
  return error === undefined ? [] : [{ text: error, style: 'alarm' }];
}
