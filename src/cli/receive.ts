import { WeirError } from '../common/index.ts';
import { CaptureFiles, type ReceiveCounts, StreamReceiver } from '../relay/index.ts';
import type { ConnectedSender } from '../udp/index.ts';
import { numberOption, type OptionValues, parseOptions, usageError } from './decode-options.ts';
import {
  openTarget,
  parseTarget,
  SFLOW_PORT,
  sendTrouble,
  type Target,
  targetText,
} from './relay-options.ts';
import { BadLines, Watch, type WatchedCount } from './relay-watch.ts';

const USAGE = `Usage: weir receive --to HOST[:PORT] [options]

Read datagrams from standard input, as weir forward writes them, and send them. Lines of hexadecimal digits of any origin do,
upper case and blanks included; what is none is told and passed over. What weir forward --weir or --compress makes is
known by itself.

  --to HOST[:PORT]     where to (default port ${SFLOW_PORT}); an IPv6 address with a port in brackets: [::1]:6343
  --record FILE        write a pcap file as well, or instead; with the times and sources of weir forward --weir
  --rate PPS           at most so many datagrams a second
  --help

The exit code is 0, or 1 when the stream was damaged or nothing in it was a datagram.
`;

const HIGHEST_RATE = 1e7;

const say = (text: string): boolean => process.stderr.write(`weir receive: ${text}\n`);

/** `weir receive`. Throws a WeirError `CLI_USAGE`, `RELAY_NO_ADDRESS`, `UDP_TARGET`, `RECORD_EXISTS`, `RECORD_FAILED`. */
export async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseOptions(args, {
    to: { type: 'string' },
    record: { type: 'string' },
    rate: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  });
  if (values['help'] === true) {
    process.stdout.write(USAGE);
    return 0;
  }
  if (positionals.length > 0) throw usageError(`'${positionals[0]}' is not an option`);
  const { to, record } = values;
  if (to === undefined && record === undefined) throw usageError('say where to with --to HOST[:PORT]');
  const target = typeof to === 'string' ? parseTarget(to) : undefined;
  const rate = numberOption(values, 'rate', 1, HIGHEST_RATE);
  const sender = target === undefined ? undefined : await openTarget(target);
  const sink = await openRecording(values);
  const badLines = new BadLines(say);
  const receiver = new StreamReceiver({
    sender,
    sink,
    rate,
    onBadLine: (number, reason) => badLines.note(number, reason),
    acknowledge: (count) => process.stdout.write(`received ${count}\n`),
  });
  const watched = [
    badLines.watched,
    droppedThere(() => receiver.counts.dropped),
    ...(sender === undefined ? [] : watchedSender(sender, target!)),
  ];
  const watch = new Watch(watched, say);
  // Whoever wanted to hear how much has come is gone; so is, presently, the stream.
  process.stdout.on('error', () => {});
  // The end of the stream ends this; a signal to the whole pipe must not cut off what is under way.
  process.on('SIGINT', () => process.stdin.destroy());
  process.on('SIGTERM', () => process.stdin.destroy());
  let damage: string | undefined;
  try {
    await receiver.run(process.stdin);
  } catch (error) {
    if (error instanceof WeirError) damage = error.message;
    // A stream that a signal has closed ends too soon, as it should.
    else if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  } finally {
    await sink?.close();
    watch.stop();
  }
  if (damage !== undefined) say(damage);
  say(summary(receiver.counts, sender, target, sink));
  sender?.close();
  process.stdin.destroy();
  const inVain = receiver.counts.datagrams === 0 && receiver.counts.badLines > 0;
  return damage !== undefined || inVain ? 1 : 0;
}

async function openRecording(values: OptionValues): Promise<CaptureFiles | undefined> {
  const { record } = values;
  if (typeof record !== 'string') return undefined;
  const files = new CaptureFiles(
    {
      path: record,
      rotateBytes: undefined,
      rotateMs: undefined,
      keep: undefined,
      to: { words: [0, 0, 0xffff, 0], port: SFLOW_PORT },
    },
    { now: Date.now, say },
  );
  await files.start();
  return files;
}

/** What the sender of a stream says it gave up. */
export function droppedThere(count: () => number): WatchedCount {
  return { count, text: (more) => `the other end dropped ${more} datagrams because its queue was full` };
}

/** What may go wrong with sending. */
export function watchedSender({ counts }: ConnectedSender, target: Target): WatchedCount[] {
  return [
    {
      count: () => counts.refused,
      text: (more) =>
        `${targetText(target)} answered ${more} times that nobody listens there; datagrams are lost`,
    },
    {
      count: () => counts.failed,
      text: (more) => `${more} datagrams not sent: ${counts.lastFailure}`,
    },
  ];
}

function summary(
  { datagrams, bytes, badLines, dropped }: ReceiveCounts,
  sender: ConnectedSender | undefined,
  target: Target | undefined,
  recorded: CaptureFiles | undefined,
): string {
  const parts = [`${datagrams} datagrams, ${bytes} bytes came`];
  if (sender !== undefined && target !== undefined)
    parts.push(`${sender.counts.sent} sent to ${targetText(target)}${sendTrouble(sender, target)}`);
  if (recorded !== undefined) {
    parts.push(`${recorded.counts.recorded} recorded`);
    if (recorded.counts.lost > 0) parts.push(`${recorded.counts.lost} not recorded`);
  }
  if (badLines > 0) parts.push(`${badLines} lines were no datagrams`);
  if (dropped > 0) parts.push(`${dropped} were dropped at the other end`);
  return parts.join(', ');
}
