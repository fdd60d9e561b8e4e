import { parseIPv4, parseIPv6 } from '../common/index.ts';
import type { UdpEnd } from '../packet/index.ts';
import {
  BatchQueue,
  CaptureFiles,
  type CaptureFilesOptions,
  FRAMES_BEGIN,
  openSource,
  type Source,
  type SourceOptions,
  StreamDecoder,
} from '../relay/index.ts';
import { integerOption, numberOption, parseOptions, usageError } from './decode-options.ts';
import { listeningText, sourceText } from './forward.ts';
import { queueBytes, SOURCE_HELP, SOURCE_OPTIONS, sourceOptions } from './relay-options.ts';
import { Watch, type WatchedCount } from './relay-watch.ts';
import { untilStopSignal } from './stop-signal.ts';

const USAGE = `Usage: weir record FILE [options]

Receive sFlow and write it to a pcap file, with the time and the source of each datagram, until Ctrl-C.

  FILE                 such as sflow.pcap; while it is written it has a hidden name
${SOURCE_HELP}  --rotate-size MB     begin another file when one would become larger
  --rotate-time SECONDS
                       begin another file after so long; with either, the time at which a file begins goes into its
                       name: sflow-20261127T163256Z.pcap
  --keep N             keep the N newest finished files; with rotation only
  --seconds N          stop after N seconds
  --help

When the disk is full, datagrams are lost, counted and told, until there is room again. The exit code is 0, or 1 when
anything was not recorded.
`;

/** How often files are looked at when nothing comes, ms: for rotation by time. */
const LOOK_MS = 500;
/** What a timer can wait, in whole days. */
const LONGEST_SECONDS = 24 * 86_400;
/** Where datagrams went to when the socket has every address of the machine. */
const ANY_IPV4: UdpEnd['words'] = [0, 0, 0xffff, 0];

const say = (text: string): boolean => process.stderr.write(`weir record: ${text}\n`);

/** `weir record`. Throws a WeirError `CLI_USAGE`, `RECORD_EXISTS`, `RECORD_FAILED`, `RECEIVER_PORT_IN_USE`, `RECEIVER_BIND`. */
export async function run(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  if (options === undefined) {
    process.stdout.write(USAGE);
    return 0;
  }
  const queue = new BatchQueue(options.queueBytes);
  const files = new CaptureFiles(options.files, { now: Date.now, say });
  const stop = new AbortController();
  let wake: () => void = () => {};
  let failure: Error | undefined;
  stop.signal.addEventListener('abort', () => wake());
  const source = await openSource(
    { ...options.listen, format: 'frames' },
    {
      batch: (batch) => {
        queue.push(batch);
        wake();
      },
      failed: (error) => {
        failure = error;
        stop.abort();
      },
    },
  );
  try {
    await files.start();
  } catch (error) {
    await source.stop();
    throw error;
  }
  say(`${listeningText(source)}; recording to ${options.files.path}`);
  const watch = new Watch(watchedRecording(source, queue, files), say);
  untilStopSignal().then(() => stop.abort());
  if (options.seconds !== undefined) setTimeout(() => stop.abort(), options.seconds * 1000).unref();
  const decoder = framesDecoder(files);
  while (!stop.signal.aborted) {
    await passOn(queue, decoder, files);
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, LOOK_MS);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
      if (queue.datagrams > 0 || stop.signal.aborted) wake();
    });
  }
  if (failure === undefined) await source.stop();
  await passOn(queue, decoder, files);
  await files.close();
  watch.stop();
  const { recorded, bytes, lost } = files.counts;
  const inVain = lost + queue.dropped;
  const parts = [sourceText(source), `${recorded} recorded in ${files.counts.files} files of ${bytes} bytes`];
  if (inVain > 0) parts.push(`${inVain} not recorded`);
  say(parts.join(', '));
  if (failure !== undefined) throw failure;
  return inVain + source.counts.kernelDrops > 0 ? 1 : 0;
}

interface RecordOptions {
  readonly files: CaptureFilesOptions;
  readonly listen: Omit<SourceOptions, 'format'>;
  readonly queueBytes: number;
  /** Undefined for until a signal. */
  readonly seconds: number | undefined;
}

/** undefined: help is wanted. */
function readOptions(args: readonly string[]): RecordOptions | undefined {
  const text = { type: 'string' } as const;
  const { values, positionals } = parseOptions(args, {
    ...SOURCE_OPTIONS,
    'rotate-size': text,
    'rotate-time': text,
    keep: text,
    seconds: text,
    help: { type: 'boolean', short: 'h' },
  });
  if (values['help'] === true) return undefined;
  if (positionals.length !== 1)
    throw usageError(positionals.length === 0 ? 'which file?' : `one file, not ${positionals.length}`);
  const megabytes = numberOption(values, 'rotate-size', 0.001, 1e6);
  const rotateSeconds = numberOption(values, 'rotate-time', 1, 1e9);
  const keep = integerOption(values, 'keep', 1, 1e6);
  if (keep !== undefined && megabytes === undefined && rotateSeconds === undefined)
    throw usageError('--keep needs --rotate-size or --rotate-time');
  const listen = sourceOptions(values);
  return {
    files: {
      path: positionals[0],
      rotateBytes: megabytes === undefined ? undefined : megabytes * 2 ** 20,
      rotateMs: rotateSeconds === undefined ? undefined : rotateSeconds * 1000,
      keep,
      to: { words: wordsOf(listen.address), port: listen.port },
    },
    listen,
    queueBytes: queueBytes(values),
    seconds: numberOption(values, 'seconds', 0.1, LONGEST_SECONDS),
  };
}

function watchedRecording(source: Source, queue: BatchQueue, files: CaptureFiles): WatchedCount[] {
  return [
    { count: () => queue.dropped, text: (more) => `${more} datagrams dropped: the disk is too slow` },
    { count: () => files.counts.lost, text: (more) => `${more} datagrams could not be written` },
    {
      count: () => source.counts.kernelDrops,
      text: (more) => `${more} datagrams dropped by the kernel: this machine is too slow`,
    },
  ];
}

/** Batches are frames of a stream whose beginning has been read. */
function framesDecoder(files: CaptureFiles): StreamDecoder {
  const decoder = new StreamDecoder({
    datagram: (bytes, start, end, arrival) => files.add(bytes, start, end, arrival),
    badLine: () => {},
    dropped: () => {},
    start: () => {},
  });
  decoder.push(FRAMES_BEGIN);
  return decoder;
}

async function passOn(queue: BatchQueue, decoder: StreamDecoder, files: CaptureFiles): Promise<void> {
  for (let batch = queue.shift(); batch !== undefined; batch = queue.shift()) {
    decoder.push(batch.bytes);
    await files.flush();
  }
  // Rotation by time also when nothing comes.
  await files.flush();
}

function wordsOf(address: string): UdpEnd['words'] {
  const words = parseIPv6(address);
  if (words !== undefined) return [words[0], words[1], words[2], words[3]];
  const word = parseIPv4(address);
  return word === undefined ? ANY_IPV4 : [0, 0, 0xffff, word];
}
