/** Datagrams carried through a stream, such as ssh, and written to capture files. */
export { type AllowedRange, parseAllowed } from './allow.ts';
export { BatchQueue } from './batch-queue.ts';
export { CaptureFiles, type CaptureFilesOptions } from './capture-files.ts';
export { Outlet } from './outlet.ts';
export { type DatagramSink, type ReceiveCounts, StreamReceiver } from './receive.ts';
export { openSource, type Source } from './source.ts';
export type { SourceCounts, SourceOptions } from './source-messages.ts';
export { StreamDecoder } from './stream-decoder.ts';
export { type Arrival, FRAMES_BEGIN, type StreamFormat } from './stream-format.ts';
export { PullTraffic, PushTraffic, Tunnel } from './tunnel.ts';
