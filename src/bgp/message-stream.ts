import { frameMessage, MAXIMUM_LENGTH, type MessageContext } from './messages.ts';
import type { SessionError } from './open.ts';

/**
 * Cuts a stream of bytes into messages. Keeps at most one message that is not complete yet: a header that is wrong is
 * told at once, so that a peer cannot make it grow.
 */
export class MessageStream {
  private kept: Uint8Array = new Uint8Array(MAXIMUM_LENGTH);
  private length = 0;

  /**
   * Takes bytes and hands on each message that has become complete, header included; the bytes are valid during the
   * call only. Ends early when `take` says `stop`. Gives the error of a header, after which nothing can be read.
   */
  push(
    chunk: Uint8Array,
    context: () => Pick<MessageContext, 'extendedMessage'>,
    take: (message: Uint8Array) => 'go on' | 'stop',
  ): SessionError | undefined {
    let bytes = chunk;
    if (this.length > 0) {
      bytes = this.append(chunk);
      this.length = 0;
    }
    let at = 0;
    while (at < bytes.length) {
      const framing = frameMessage(bytes, at, bytes.length, context());
      if (framing.status === 'error') return framing;
      if (framing.status === 'incomplete') break;
      const end = at + framing.length;
      if (take(bytes.subarray(at, end)) === 'stop') return undefined;
      at = end;
    }
    this.keep(bytes.subarray(at));
    return undefined;
  }

  private append(chunk: Uint8Array): Uint8Array {
    const joined = new Uint8Array(this.length + chunk.length);
    joined.set(this.kept.subarray(0, this.length));
    joined.set(chunk, this.length);
    return joined;
  }

  private keep(rest: Uint8Array): void {
    if (rest.length > this.kept.length) this.kept = new Uint8Array(rest.length);
    this.kept.set(rest);
    this.length = rest.length;
  }
}
