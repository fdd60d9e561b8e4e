import type { ReceiverInfo } from '../udp/index.ts';
import type { AllowedRange } from './allow.ts';
import type { Batch } from './batch.ts';
import type { StreamFormat } from './stream-format.ts';

export interface SourceOptions {
  /** '' for all addresses. */
  readonly address: string;
  readonly port: number;
  /** Bytes of socket buffer to ask the kernel for. */
  readonly bufferBytes: number;
  /** Sources that may send; all when there is none. */
  readonly allow: readonly AllowedRange[];
  /** The form of batches. */
  readonly format: StreamFormat;
}

export interface SourceCounts {
  /** Datagrams, and their bytes. */
  received: number;
  bytes: number;
  /** Datagrams of sources that are not allowed. */
  notAllowed: number;
  /** Datagrams without a byte, which are passed over. */
  empty: number;
  /** Datagrams that the kernel dropped because this program did not fetch them in time. */
  kernelDrops: number;
}

/** From the receiving thread. */
export type WorkerMessage =
  | { readonly type: 'listening'; readonly info: ReceiverInfo }
  | { readonly type: 'failed'; readonly code: string; readonly message: string }
  | { readonly type: 'batch'; readonly batch: Batch; readonly counts: SourceCounts }
  | { readonly type: 'counts' | 'ended'; readonly counts: SourceCounts };
