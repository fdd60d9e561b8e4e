import { type BgpMessage, decodeMessage, frameMessage, type MessageContext } from '../messages.ts';
import type { SessionStream } from '../session.ts';

const CONTEXT: MessageContext = {
  fourOctetAs: true,
  external: true,
  addPath: new Set(),
  extendedMessage: true,
};

/** A connection that keeps what was written to it. */
export class TestStream implements SessionStream {
  readonly sent: BgpMessage[] = [];
  /** Bytes that the other end has not read, as the test says. */
  unread = 0;
  isOver = false;

  write(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      const framing = frameMessage(bytes, at, bytes.length, CONTEXT);
      if (framing.status !== 'message') throw new Error('no message was written');
      const reading = decodeMessage(bytes.subarray(at, at + framing.length), CONTEXT);
      if (!reading.ok) throw new Error(reading.reason);
      this.sent.push(reading.message);
      at += framing.length;
    }
  }

  queued(): number {
    return this.unread;
  }

  end(): void {
    this.isOver = true;
  }

  destroy(): void {
    this.isOver = true;
  }

  /** Types of what was sent, those of KEEPALIVE left out. */
  types(): string[] {
    return this.sent.map(({ type }) => type).filter((type) => type !== 'keepalive');
  }
}
