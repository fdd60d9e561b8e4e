import {
  type BgpMessage,
  type Family,
  familyOf,
  frameMessage,
  HEADER_LENGTH,
  INITIAL_CONTEXT,
  type MessageContext,
  type OpenMessage,
} from '../bgp/index.ts';
import { type CapturedSegment, tcpSegments } from '../packet/index.ts';

/** The bytes of one message in a capture. */
export interface CapturedMessage {
  readonly bytes: Uint8Array;
  readonly context: MessageContext;
  /** `10.0.0.1:179 > 10.0.0.2:41234`. */
  readonly direction: string;
  readonly timestampMs: number;
  readonly packetNumber: number;
  /** To be called with what the bytes say, before the next message is asked for. */
  readonly read: (message: BgpMessage) => void;
}

/** Segments ahead of a gap that are held until it is filled; then what is missing counts as lost. */
const HELD_SEGMENTS = 64;

/** One direction of a TCP connection. */
class Direction {
  /** Sequence number that comes next; undefined before the first segment. */
  private next: number | undefined;
  private bytes: Uint8Array = new Uint8Array(0);
  private readonly held = new Map<number, Uint8Array>();
  /** False until the bytes begin with a message. */
  private isAligned = false;
  open: OpenMessage | undefined;

  add({ payload, sequence, isFirst }: CapturedSegment): void {
    if (isFirst) {
      this.next = (sequence + 1) >>> 0;
      this.bytes = new Uint8Array(0);
      this.held.clear();
      this.open = undefined;
      this.isAligned = false;
      return;
    }
    if (payload.length === 0) return;
    this.next ??= sequence;
    if (this.take(sequence, payload)) this.takeHeld();
    else {
      this.held.set(sequence, payload);
      if (this.held.size > HELD_SEGMENTS) this.skip();
    }
  }

  /** The next whole message; undefined when there is none yet. */
  message(context: MessageContext): Uint8Array | undefined {
    if (!this.isAligned) this.align();
    for (;;) {
      const framing = frameMessage(this.bytes, 0, this.bytes.length, context);
      if (framing.status === 'message') {
        const bytes = this.bytes.subarray(0, framing.length);
        this.bytes = this.bytes.subarray(framing.length);
        return bytes;
      }
      if (framing.status === 'incomplete') return undefined;
      // Not BGP, or bytes were lost: what follows begins with the next marker.
      this.bytes = this.bytes.subarray(1);
      this.align();
    }
  }

  /** False when bytes before these are missing. */
  private take(sequence: number, payload: Uint8Array): boolean {
    const ahead = (sequence - (this.next ?? sequence)) | 0;
    if (ahead > 0) return false;
    const fresh = payload.subarray(Math.min(-ahead, payload.length));
    const joined = new Uint8Array(this.bytes.length + fresh.length);
    joined.set(this.bytes);
    joined.set(fresh, this.bytes.length);
    this.bytes = joined;
    this.next = ((this.next ?? sequence) + fresh.length) >>> 0;
    return true;
  }

  private takeHeld(): void {
    for (let again = true; again; ) {
      again = false;
      for (const [sequence, payload] of this.held) {
        if (!this.take(sequence, payload)) continue;
        this.held.delete(sequence);
        again = true;
      }
    }
  }

  /** Go on behind a gap. */
  private skip(): void {
    const from = this.next ?? 0;
    const [nearest] = [...this.held.keys()].sort((a, b) => ((a - from) | 0) - ((b - from) | 0));
    this.next = nearest;
    this.bytes = new Uint8Array(0);
    this.isAligned = false;
    this.takeHeld();
  }

  /** Drop what is before the first marker. */
  private align(): void {
    let run = 0;
    for (let i = 0; i < this.bytes.length; i++) {
      run = this.bytes[i] === 0xff ? run + 1 : 0;
      if (run < HEADER_LENGTH - 3) continue;
      this.bytes = this.bytes.subarray(i + 1 - run);
      this.isAligned = true;
      return;
    }
    this.bytes = this.bytes.subarray(this.bytes.length - run);
  }
}

/**
 * The BGP messages of a capture: of every TCP connection that carries some, on any port. Where a connection's OPEN messages
 * are there, they say how the others are to be read; else AS numbers have four octets.
 *
 * @throws WeirError CAPTURE_BAD when it is no capture.
 */
export function* capturedMessages(capture: Uint8Array): Generator<CapturedMessage> {
  const directions = new Map<string, Direction>();
  for (const segment of tcpSegments(capture)) {
    const source = endpoint(segment.sourceAddress, segment.sourcePort);
    const destination = endpoint(segment.destinationAddress, segment.destinationPort);
    const name = `${source} > ${destination}`;
    let direction = directions.get(name);
    if (direction === undefined) {
      direction = new Direction();
      directions.set(name, direction);
    }
    direction.add(segment);
    const other = directions.get(`${destination} > ${source}`);
    for (;;) {
      const context = contextOf(direction.open, other?.open);
      const bytes = direction.message(context);
      if (bytes === undefined) break;
      const { timestampMs, packetNumber } = segment;
      const reader = direction;
      yield {
        bytes,
        context,
        direction: name,
        timestampMs,
        packetNumber,
        read: (message) => {
          if (message.type === 'open') reader.open = message;
        },
      };
    }
  }
}

/** How a sender's messages are read. What only one OPEN offers was not agreed on. */
function contextOf(sender: OpenMessage | undefined, receiver: OpenMessage | undefined): MessageContext {
  const context = { ...INITIAL_CONTEXT, external: false, fourOctetAs: true, extendedMessage: true };
  if (sender === undefined || receiver === undefined) return context;
  const both = (kind: string): boolean =>
    [sender, receiver].every(({ capabilities }) => capabilities.some((each) => each.kind === kind));
  const addPath = new Set<Family>();
  const sent = addPathFamilies(sender, 'send');
  for (const family of addPathFamilies(receiver, 'receive')) if (sent.has(family)) addPath.add(family);
  return { ...context, fourOctetAs: both('four-octet-as'), addPath };
}

function addPathFamilies({ capabilities }: OpenMessage, mode: 'send' | 'receive'): Set<Family> {
  const families = new Set<Family>();
  for (const capability of capabilities) {
    if (capability.kind !== 'add-path') continue;
    for (const { afi, safi, mode: offered } of capability.families) {
      const family = familyOf(afi, safi);
      if (family !== undefined && (offered === mode || offered === 'both')) families.add(family);
    }
  }
  return families;
}

function endpoint(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
