import { fstatSync } from 'node:fs';
import { BatchQueue, Outlet, openSource, type Source } from '../relay/index.ts';
import { parseOptions, usageError } from './decode-options.ts';
import { queueBytes, SOURCE_HELP, SOURCE_OPTIONS, sourceOptions } from './relay-options.ts';
import { Watch } from './relay-watch.ts';
import { untilStopSignal } from './stop-signal.ts';

const USAGE = `Usage: weir forward [options]

Receive sFlow and write each datagram to standard output, as one line of hexadecimal digits: for a pipe to another machine,
as in weir forward | ssh HOST weir receive --to 127.0.0.1

${SOURCE_HELP}  --weir               frames instead of lines, which only weir receive reads: half as many bytes; time and source are kept
  --compress           gzip, flushed at once; weir receive knows it by itself, others read it through zcat
  --help

Ends with Ctrl-C, or when the reader goes. The exit code is 0, or 1 when the reader went.
`;

/** How often the reader is shown that this end lives, when both are Weir, ms. */
const KEEP_ALIVE_MS = 5000;
/** Standard input that ends sooner was never open: it says nothing about the other end. */
const INPUT_OPEN_MS = 2000;

const say = (text: string): boolean => process.stderr.write(`weir forward: ${text}\n`);

/** `weir forward`. Throws a WeirError `CLI_USAGE`, `RECEIVER_PORT_IN_USE`, `RECEIVER_BIND`. */
export async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseOptions(args, {
    ...SOURCE_OPTIONS,
    weir: { type: 'boolean' },
    compress: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  });
  if (values['help'] === true) {
    process.stdout.write(USAGE);
    return 0;
  }
  if (positionals.length > 0) throw usageError(`'${positionals[0]}' is not an option`);
  const format = values['weir'] === true ? 'frames' : 'lines';
  const queue = new BatchQueue(queueBytes(values));
  let resolve: (code: number) => void = () => {};
  let reject: (error: Error) => void = () => {};
  const ended = new Promise<number>((...settle) => {
    [resolve, reject] = settle;
  });
  let outlet: Outlet | undefined;
  const source = await openSource(
    { ...sourceOptions(values), format },
    {
      batch: (batch) => {
        queue.push(batch);
        outlet?.pump();
      },
      failed: (error) => reject(error),
    },
  );
  say(listeningText(source));
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    say(error.code === 'EPIPE' ? 'the reader has gone' : `cannot write: ${error.message}`);
    outlet?.close();
    resolve(1);
  });
  outlet = new Outlet(queue, process.stdout, {
    format,
    compress: values['compress'] === true,
    acknowledged: false,
    sentBefore: 0,
  });
  outlet.pump();
  const keepAlive = setInterval(() => outlet.keepAlive(), KEEP_ALIVE_MS);
  const watch = new Watch(
    [
      {
        count: () => queue.dropped,
        text: (more) => `${more} datagrams dropped: the reader is too slow, and the queue full`,
      },
      {
        count: () => source.counts.kernelDrops,
        text: (more) => `${more} datagrams dropped by the kernel: this machine is too slow`,
      },
    ],
    say,
  );
  untilStopSignal().then(() => resolve(0));
  untilInputEnds(() => {
    say('the other end has gone');
    resolve(1);
  });
  const code = await ended;
  clearInterval(keepAlive);
  await source.stop();
  outlet.pump();
  await outlet.drained();
  watch.stop();
  say(summary(source, queue, outlet));
  outlet.end();
  // Standard input, and a reader that has gone without a word, would keep the process.
  setTimeout(() => process.exit(code), 100).unref();
  return code;
}

export function listeningText({ info }: Source): string {
  const address = info.address.includes(':') ? `[${info.address}]` : info.address;
  const buffer = `${(info.bufferGranted / 2 ** 20).toFixed(1)} MB`;
  return `listening on UDP ${address}:${info.port} (${info.kind}, socket buffer ${buffer})`;
}

/** What a source did, in words. */
export function sourceText({ counts }: Source): string {
  const parts = [`${counts.received} datagrams, ${counts.bytes} bytes received`];
  if (counts.notAllowed > 0) parts.push(`${counts.notAllowed} from addresses that are not allowed`);
  if (counts.empty > 0) parts.push(`${counts.empty} empty ones passed over`);
  if (counts.kernelDrops > 0) parts.push(`${counts.kernelDrops} dropped by the kernel`);
  return parts.join(', ');
}

function summary(source: Source, queue: BatchQueue, outlet: Outlet): string {
  const parts = [sourceText(source), `${outlet.written} written`];
  if (queue.dropped > 0) parts.push(`${queue.dropped} dropped because the queue was full`);
  if (queue.datagrams > 0) parts.push(`${queue.datagrams} waited in vain`);
  return parts.join(', ');
}

/** Run by ssh, the end of the connection shows in standard input only, as long as no datagram comes. */
function untilInputEnds(ended: () => void): void {
  const input = fstatSync(0);
  if (!input.isFIFO() && !input.isSocket()) return;
  const begin = performance.now();
  process.stdin.on('error', () => {});
  process.stdin.on('end', () => {
    if (performance.now() - begin > INPUT_OPEN_MS) ended();
  });
  process.stdin.resume();
}
