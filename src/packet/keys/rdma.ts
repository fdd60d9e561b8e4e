import { u16, u32 } from '../../common/index.ts';
import { ibbtOperationName, ibbtTransportName } from '../enumerations.ts';
import { flag, hexText } from '../formats.ts';
import { layerKeys, number, type PacketKey, shown, text, uint } from '../packet-key.ts';

function u24(bytes: Uint8Array, at: number): number {
  return (bytes[at] << 16) | u16(bytes, at + 1);
}

/** A global identifier in full: eight groups of four hexadecimal digits, nothing left out. */
function globalIdentifier(offset: number) {
  return text((bytes, at) => {
    let groups = hexText(bytes, at + offset, at + offset + 2);
    for (let i = 2; i < 16; i += 2) groups += `:${hexText(bytes, at + offset + i, at + offset + i + 2)}`;
    return groups;
  });
}

const BASE_HEADER = 12;
const RELIABLE_CONNECTED = 0;
const UNRELIABLE_CONNECTED = 1;
const RELIABLE_DATAGRAM = 2;
const UNRELIABLE_DATAGRAM = 3;
const EXTENDED_CONNECTED = 5;

/** Byte offset of the acknowledge header (AETH), -1 without one: read responses but the middle ones, and acknowledgements. */
function acknowledgeHeader(bytes: Uint8Array, at: number, end: number): number {
  const operation = bytes[at] & 31;
  if (operation < 13 || operation > 18 || operation === 14) return -1;
  const transport = bytes[at] >>> 5;
  const header =
    transport === RELIABLE_CONNECTED || transport === EXTENDED_CONNECTED
      ? at + BASE_HEADER
      : transport === RELIABLE_DATAGRAM
        ? at + BASE_HEADER + 4
        : end;
  return header + 4 <= end ? header : -1;
}

/** Byte offset of the RDMA header (RETH), -1 without one: the first or only packet of a write, and read requests. */
function rdmaHeader(bytes: Uint8Array, at: number, end: number): number {
  const operation = bytes[at] & 31;
  if (operation !== 6 && (operation < 10 || operation > 12)) return -1;
  const transport = bytes[at] >>> 5;
  const header =
    transport === RELIABLE_CONNECTED || transport === UNRELIABLE_CONNECTED
      ? at + BASE_HEADER
      : transport === EXTENDED_CONNECTED
        ? at + BASE_HEADER + 4
        : transport === RELIABLE_DATAGRAM
          ? at + BASE_HEADER + 12
          : end;
  return header + 16 <= end ? header : -1;
}

/** What the syndrome says in bits 6 and 5; the value 2 is reserved. */
const ACKNOWLEDGEMENTS = ['ACK', 'RNR_NAK', undefined, 'NAK'] as const;

function acknowledgement(bytes: Uint8Array, at: number, end: number): string | undefined {
  const header = acknowledgeHeader(bytes, at, end);
  return header < 0 ? undefined : ACKNOWLEDGEMENTS[(bytes[header] >>> 5) & 3];
}

function messageSequence(bytes: Uint8Array, at: number, end: number): number {
  const header = acknowledgeHeader(bytes, at, end);
  return header < 0 ? Number.NaN : u24(bytes, header + 1);
}

function rdmaWord(offset: number) {
  return number((bytes, at, end) => {
    const header = rdmaHeader(bytes, at, end);
    return header < 0 ? Number.NaN : u32(bytes, header + offset);
  });
}

function rdmaAddress(bytes: Uint8Array, at: number, end: number): string | undefined {
  const header = rdmaHeader(bytes, at, end);
  return header < 0 ? undefined : hexText(bytes, header, header + 8);
}

/** Datagrams say who sent them behind the base header. */
function sourceQueuePair(bytes: Uint8Array, at: number, end: number): number {
  const isDatagram = bytes[at] >>> 5 === UNRELIABLE_DATAGRAM && at + BASE_HEADER + 8 <= end;
  return isDatagram ? u24(bytes, at + BASE_HEADER + 5) : Number.NaN;
}

/** InfiniBand over Ethernet (RoCE): global route header of version 1, base transport header of both. */
export const RDMA_KEYS: readonly PacketKey[] = [
  ...layerKeys('ibgr', {
    ibgrsgid: [globalIdentifier(8), 'Source global identifier, in full.'],
    ibgrdgid: [globalIdentifier(24), 'Destination global identifier, in full.'],
    ibgripver: [uint(0, 1, 4), 'Version of the global route header.'],
    ibgrtclass: [uint(0, 2, 4, 0xff), 'Traffic class.'],
    ibgrlabel: [uint(1, 3, 0, 0xfffff), 'Flow label.'],
    ibgrpaylen: [uint(4, 2), 'Payload length, bytes.'],
    ibgrnxthdr: [uint(6, 1), 'Next header; 27 is the base transport header.'],
    ibgrhoplimit: [uint(7, 1), 'Hop limit.'],
  }),
  ...layerKeys('ibbt', {
    ibbtopcode: [uint(0, 1), 'Operation code.'],
    ibbtopname: [
      shown(ibbtOperationName, 0, 1),
      'Operation: `SEND`, `RDMA_WRITE`, `RDMA_READ_REQUEST` and so on.',
    ],
    ibbtoptransport: [
      shown(ibbtTransportName, 0, 1),
      'Transport service: `RC`, `UC`, `RD`, `UD`, `CNP`, `XRC`.',
    ],
    ibbtse: [shown(flag, 1, 1, 7), '`true` when the responder shall raise an event.'],
    ibbtm: [shown(flag, 1, 1, 6, 1), '`true` in the migrated state.'],
    ibbttver: [uint(1, 1, 0, 15), 'Transport header version.'],
    ibbtpkey: [uint(2, 2), 'Partition key.'],
    ibbtdestinationqp: [uint(5, 3), 'Destination queue pair.'],
    ibbtack: [shown(flag, 8, 1, 7), '`true` when an acknowledgement is asked for.'],
    ibbtpsn: [uint(9, 3), 'Packet sequence number.'],
    ibbtaethack: [text(acknowledgement), 'What is acknowledged: `ACK`, `RNR_NAK` or `NAK`.'],
    ibbtaethmsn: [number(messageSequence), 'Message sequence number acknowledged.'],
    ibbtrethva: [text(rdmaAddress), 'Virtual address of an RDMA operation, sixteen hexadecimal digits.'],
    ibbtrethrkey: [rdmaWord(8), 'Remote key of an RDMA operation.'],
    ibbtrethdmalength: [rdmaWord(12), 'Bytes of an RDMA operation.'],
    ibbtdethsourceqp: [number(sourceQueuePair), 'Source queue pair of an unreliable datagram.'],
  }),
];
