import { parseIPv4, parseIPv6 } from '../common/index.ts';

/**
 * IPFIX messages (RFC 7011) of flows: what keys and values are called there, and the encoding. Each message carries the
 * template of its records, so that a collector which has just started understands it.
 */

/** Longest message: fits a UDP datagram that is not fragmented on any usual path (RFC 7011 10.3.3). */
export const IPFIX_MESSAGE_BYTES = 1400;

const VERSION = 10;
const MESSAGE_HEADER_BYTES = 16;
const SET_HEADER_BYTES = 4;
const TEMPLATE_HEADER_BYTES = 4;
const FIELD_BYTES = 4;
const TEMPLATE_SET = 2;

/** How a field is written at `at`, from the text of a key. What the text does not say is written as 0. */
type WriteText = (view: DataView, at: number, text: string) => void;

/** An information element: its number in the IANA registry, and its length. */
interface Element {
  readonly id: number;
  readonly bytes: number;
}

interface KeyElement extends Element {
  readonly write: WriteText;
  /** The protocol that a packet with this key has: a port alone does not tell a collector. */
  readonly protocol?: number;
}

const TCP = 6;
const UDP = 17;

const number8: WriteText = (view, at, text) => view.setUint8(at, Number(text));
const number16: WriteText = (view, at, text) => view.setUint16(at, Number(text));
const address4: WriteText = (view, at, text) => view.setInt32(at, parseIPv4(text) ?? 0);
const address6: WriteText = (view, at, text) => {
  for (const [i, word] of (parseIPv6(text) ?? []).entries()) view.setInt32(at + 4 * i, word);
};
const mac: WriteText = (view, at, text) => {
  const digits = /^[0-9A-F]{12}$/i.test(text) ? text : '0'.repeat(12);
  view.setUint16(at, Number.parseInt(digits.slice(0, 4), 16));
  view.setUint32(at + 2, Number.parseInt(digits.slice(4), 16));
};
/** sFlow's number of the device itself; what is no single interface is 0. */
const INTERNAL = 0x3fffffff;
const interfaceIndex: WriteText = (view, at, text) =>
  view.setUint32(at, text === 'internal' ? INTERNAL : /^\d+$/.test(text) ? Number(text) : 0);

const SOURCE_PORT = { id: 7, bytes: 2, write: number16 };
const DESTINATION_PORT = { id: 11, bytes: 2, write: number16 };
const PROTOCOL = { id: 4, bytes: 1, write: number8 };

/** Keys that IPFIX can carry (rest-api 4.1), each with its element. */
export const IPFIX_KEYS: ReadonlyMap<string, KeyElement> = new Map<string, KeyElement>([
  ['macsource', { id: 56, bytes: 6, write: mac }],
  ['macdestination', { id: 80, bytes: 6, write: mac }],
  ['ethernetprotocol', { id: 256, bytes: 2, write: number16 }],
  ['vlan', { id: 58, bytes: 2, write: number16 }],
  ['priority', { id: 244, bytes: 1, write: number8 }],
  ['ipprotocol', PROTOCOL],
  ['ipsource', { id: 8, bytes: 4, write: address4 }],
  ['ipdestination', { id: 12, bytes: 4, write: address4 }],
  ['ip6source', { id: 27, bytes: 16, write: address6 }],
  ['ip6destination', { id: 28, bytes: 16, write: address6 }],
  // The protocol behind the extension headers, as element 4 has it; element 193 is the first header, whatever it is.
  ['ip6nexthdr', PROTOCOL],
  ['tcpsourceport', { ...SOURCE_PORT, protocol: TCP }],
  ['tcpdestinationport', { ...DESTINATION_PORT, protocol: TCP }],
  ['udpsourceport', { ...SOURCE_PORT, protocol: UDP }],
  ['udpdestinationport', { ...DESTINATION_PORT, protocol: UDP }],
  ['inputifindex', { id: 10, bytes: 4, write: interfaceIndex }],
  ['outputifindex', { id: 14, bytes: 4, write: interfaceIndex }],
]);

/** Values that IPFIX can carry: octetDeltaCount, packetDeltaCount. */
export const IPFIX_VALUES: ReadonlyMap<string, Element> = new Map([
  ['bytes', { id: 1, bytes: 8 }],
  ['frames', { id: 2, bytes: 8 }],
]);

const FLOW_START_MILLISECONDS = { id: 152, bytes: 8 };
const FLOW_END_MILLISECONDS = { id: 153, bytes: 8 };
/** The agent: that is where the flow was seen, though the message comes from elsewhere. */
const EXPORTER_IPV4_ADDRESS = { id: 130, bytes: 4, write: address4 };
const EXPORTER_IPV6_ADDRESS = { id: 131, bytes: 16, write: address6 };

/** A flow that has ended. */
export interface IpfixFlow {
  readonly agent: string;
  /** Text of each key, in the template's order. */
  readonly keys: readonly string[];
  /** Total of each value. */
  readonly totals: readonly number[];
  /** epoch ms */
  readonly start: number;
  readonly end: number;
}

/** What is different in every message. */
export interface IpfixMessageHeader {
  /** epoch ms */
  readonly exportTime: number;
  /** Records sent before this message, modulo 2^32 (RFC 7011 3.1). */
  readonly sequence: number;
  readonly observationDomain: number;
}

/** The layout of the records of one definition, for agents of one address family. */
export class IpfixTemplate {
  readonly id: number;
  /** Records that one message holds at most. */
  readonly capacity: number;
  private readonly keys: readonly KeyElement[];
  private readonly values: readonly Element[];
  private readonly agent: KeyElement;
  private readonly impliedProtocol: number | undefined;
  private readonly elements: readonly Element[];
  private readonly recordBytes: number;

  /**
   * @param id 256 to 65535
   * @param keys names out of `IPFIX_KEYS`; `values` out of `IPFIX_VALUES`
   * @param ipv6 the agents' addresses are IPv6
   */
  constructor(id: number, keys: readonly string[], values: readonly string[], ipv6: boolean) {
    this.id = id;
    this.keys = keys.flatMap((name) => IPFIX_KEYS.get(name) ?? []);
    this.values = values.flatMap((name) => IPFIX_VALUES.get(name) ?? []);
    this.agent = ipv6 ? EXPORTER_IPV6_ADDRESS : EXPORTER_IPV4_ADDRESS;
    this.impliedProtocol = this.keys.includes(PROTOCOL)
      ? undefined
      : this.keys.find(({ protocol }) => protocol !== undefined)?.protocol;
    this.elements = [
      ...this.keys,
      ...(this.impliedProtocol === undefined ? [] : [PROTOCOL]),
      ...this.values,
      FLOW_START_MILLISECONDS,
      FLOW_END_MILLISECONDS,
      this.agent,
    ];
    this.recordBytes = this.elements.reduce((sum, { bytes }) => sum + bytes, 0);
    this.capacity = Math.max(1, Math.floor((IPFIX_MESSAGE_BYTES - this.bytesBefore()) / this.recordBytes));
  }

  /** One message of at most `capacity` flows. */
  encode(flows: readonly IpfixFlow[], header: IpfixMessageHeader): Uint8Array {
    const dataSet = this.bytesBefore() - SET_HEADER_BYTES;
    const message = new Uint8Array(this.bytesBefore() + flows.length * this.recordBytes);
    const view = new DataView(message.buffer);
    view.setUint16(0, VERSION);
    view.setUint16(2, message.length);
    view.setUint32(4, header.exportTime / 1000);
    view.setUint32(8, header.sequence);
    view.setUint32(12, header.observationDomain);
    this.writeTemplate(view, MESSAGE_HEADER_BYTES, dataSet - MESSAGE_HEADER_BYTES);
    view.setUint16(dataSet, this.id);
    view.setUint16(dataSet + 2, message.length - dataSet);
    let at = dataSet + SET_HEADER_BYTES;
    for (const flow of flows) at = this.writeRecord(view, at, flow);
    return message;
  }

  private bytesBefore(): number {
    const template = SET_HEADER_BYTES + TEMPLATE_HEADER_BYTES + this.elements.length * FIELD_BYTES;
    return MESSAGE_HEADER_BYTES + template + SET_HEADER_BYTES;
  }

  private writeTemplate(view: DataView, start: number, bytes: number): void {
    view.setUint16(start, TEMPLATE_SET);
    view.setUint16(start + 2, bytes);
    view.setUint16(start + 4, this.id);
    view.setUint16(start + 6, this.elements.length);
    let at = start + SET_HEADER_BYTES + TEMPLATE_HEADER_BYTES;
    for (const { id, bytes: length } of this.elements) {
      view.setUint16(at, id);
      view.setUint16(at + 2, length);
      at += FIELD_BYTES;
    }
  }

  private writeRecord(view: DataView, start: number, flow: IpfixFlow): number {
    let at = start;
    for (const [i, { write, bytes }] of this.keys.entries()) {
      write(view, at, flow.keys[i] ?? '');
      at += bytes;
    }
    if (this.impliedProtocol !== undefined) view.setUint8(at++, this.impliedProtocol);
    for (const [i, { bytes }] of this.values.entries()) {
      view.setBigUint64(at, wholeNumber(flow.totals[i]));
      at += bytes;
    }
    view.setBigUint64(at, wholeNumber(flow.start));
    view.setBigUint64(at + 8, wholeNumber(flow.end));
    this.agent.write(view, at + 16, flow.agent);
    return at + 16 + this.agent.bytes;
  }
}

/** Totals are scaled by estimated rates and so may have fractions. */
function wholeNumber(value: number | undefined): bigint {
  return value !== undefined && value > 0 && Number.isFinite(value) ? BigInt(Math.round(value)) : 0n;
}
