import type { Batch } from './batch.ts';

/** Batches that wait to be written: when there are too many bytes the oldest go, since the newest are worth most. */
export class BatchQueue {
  /** Datagrams that were given up because the queue was full. */
  dropped = 0;
  /** Datagrams and bytes that wait. */
  datagrams = 0;
  bytes = 0;
  private readonly limitBytes: number;
  private batches: (Batch | undefined)[] = [];
  private first = 0;
  private unreported = 0;

  constructor(limitBytes: number) {
    this.limitBytes = limitBytes;
  }

  push(batch: Batch): void {
    this.batches.push(batch);
    this.datagrams += batch.datagrams;
    this.bytes += batch.bytes.length;
    // The newest stays, whatever its size.
    while (this.bytes > this.limitBytes && this.batches.length - this.first > 1) {
      const count = this.shift()!.datagrams;
      this.dropped += count;
      this.unreported += count;
    }
  }

  shift(): Batch | undefined {
    const batch = this.batches[this.first];
    if (batch === undefined) return undefined;
    this.batches[this.first++] = undefined;
    if (this.first > 1024 && this.first * 2 > this.batches.length) {
      this.batches = this.batches.slice(this.first);
      this.first = 0;
    }
    this.datagrams -= batch.datagrams;
    this.bytes -= batch.bytes.length;
    return batch;
  }

  /** Datagrams dropped before the batch that `shift` gives next, and not asked for before. */
  takeDropped(): number {
    const count = this.unreported;
    this.unreported = 0;
    return count;
  }
}
