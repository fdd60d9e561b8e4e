import type { TakeDatagram } from '../udp/index.ts';
import { AllowList } from './allow.ts';
import { BatchWriter } from './batch.ts';
import type { SourceCounts, SourceOptions } from './source-messages.ts';

/** What happens to each datagram that comes in: allowed or not, counted, put into the batch. */
export class Intake {
  readonly writer: BatchWriter;
  readonly counts: SourceCounts = { received: 0, bytes: 0, notAllowed: 0, empty: 0, kernelDrops: 0 };
  /** When what is taken now came in, µs since 1970. */
  timeMicros = 0;
  private readonly allow: AllowList;

  constructor({ format, allow }: Pick<SourceOptions, 'format' | 'allow'>) {
    this.writer = new BatchWriter(format);
    this.allow = new AllowList(allow);
  }

  get bytes(): number {
    return this.writer.used;
  }

  readonly take: TakeDatagram = (bytes, start, end, s0, s1, s2, s3, port) => {
    const { counts } = this;
    if (!this.allow.permits(s0, s1, s2, s3)) counts.notAllowed++;
    else if (end === start) counts.empty++;
    else {
      counts.received++;
      counts.bytes += end - start;
      this.writer.add(bytes, start, end, s0, s1, s2, s3, port, this.timeMicros);
    }
  };
}

/** The time, µs since 1970. */
export function nowMicros(): number {
  return Math.round((performance.timeOrigin + performance.now()) * 1000);
}
