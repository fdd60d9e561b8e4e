import type { Readable, Writable } from 'node:stream';

/** The streams of a command; a terminal has `isTTY` and `columns`. */
export interface CommandStreams {
  readonly stdin: Readable;
  readonly stdout: Terminal;
  readonly stderr: Terminal;
}

export type Terminal = Writable & { readonly isTTY?: boolean; readonly columns?: number };

const CHUNK_CHARACTERS = 1 << 16;

/**
 * Text towards a stream: in large pieces when there is much, at once when there is little, and no faster than the
 * stream takes it. When the reader at the other end is gone (`| head`), `closed` becomes true and all further text
 * is dropped; when that is for another reason (a full disk), `failure` has it.
 */
export class TextOutput {
  closed = false;
  failure: Error | undefined;
  private readonly stream: Writable;
  private pending = '';
  private scheduled = false;
  private blocked: Promise<void> | undefined;
  private unblock: (() => void) | undefined;

  constructor(stream: Writable) {
    this.stream = stream;
    const release = () => {
      this.blocked = undefined;
      this.unblock?.();
    };
    const close = () => {
      this.closed = true;
      release();
    };
    stream.on('drain', release);
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') this.failure = error;
      close();
    });
    stream.on('close', close);
  }

  /** Adds text. Returns a promise when the stream has to be waited for before more is written. */
  write(text: string): Promise<void> | undefined {
    this.pending += text;
    if (this.pending.length >= CHUNK_CHARACTERS) this.flush();
    else if (!this.scheduled) {
      this.scheduled = true;
      setImmediate(() => {
        this.scheduled = false;
        this.flush();
      });
    }
    return this.blocked;
  }

  /** Resolves when the stream has taken everything, or its reader is gone. */
  async end(): Promise<void> {
    this.flush();
    await this.blocked;
    if (this.closed || this.stream.writableLength === 0) return;
    await new Promise<void>((resolve) => {
      this.unblock = resolve;
      this.stream.write('', () => resolve());
    });
  }

  private flush(): void {
    const text = this.pending;
    this.pending = '';
    if (this.closed || text === '' || this.stream.write(text)) return;
    this.blocked ??= new Promise((resolve) => {
      this.unblock = resolve;
    });
  }
}
