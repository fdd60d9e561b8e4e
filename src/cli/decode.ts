import { u32, WeirError } from '../common/index.ts';
import { type DecodeResult, decodeDatagram } from '../sflow/index.ts';
import { type CaptureReport, captureDatagrams, newCaptureReport } from './decode-capture.ts';
import { jsonLine } from './decode-json.ts';
import { type LiveReport, liveDatagrams } from './decode-live.ts';
import { integerOption, parseOptions, portOption, usageError } from './decode-options.ts';
import { type CommandStreams, type Terminal, TextOutput } from './decode-output.ts';
import type { ReceivedDatagram } from './decode-source.ts';
import { TextFormat } from './decode-text.ts';
import { SflowtoolFormat } from './sflowtool-format.ts';

const USAGE = `Usage: weir decode [FILE | --port N] [options]

Print the sFlow datagrams of a capture, or those that come in on a UDP port.

  FILE               pcap or pcapng file; - is standard input
  --port N           listen on UDP port N (6343 without FILE); with FILE: only datagrams to this port
  --bind ADDRESS     listen on this address instead of all
  --json             one line of JSON per datagram
  --sflowtool        what 'sflowtool -J' prints
  --count N          stop after N datagrams
  --help

Without --json and --sflowtool the output is for reading. Messages and counts go to standard error. The exit code is
0 when something could be decoded or listening was ended, 1 when nothing could be, 2 for wrong use.
`;

const DEFAULT_PORT = 6343;
/** Messages about single datagrams that are shown; the counts at the end tell of all. */
const MESSAGES_SHOWN = 20;

type Format = (received: ReceivedDatagram, result: DecodeResult) => string;

interface DecodeOptions {
  readonly file: string | undefined;
  readonly port: number | undefined;
  readonly bind: string | undefined;
  readonly format: 'text' | 'json' | 'sflowtool';
  readonly count: number;
}

/**
 * The command `weir decode`. Resolves to the exit code; throws a WeirError `CLI_USAGE` for wrong arguments,
 * `CAPTURE_BAD`, `CAPTURE_UNREADABLE` or `LISTEN_FAILED` when there is nothing to decode, `OUTPUT_FAILED`.
 */
export async function run(args: readonly string[], streams: CommandStreams = process): Promise<number> {
  const options = readOptions(args);
  if (options !== undefined) return new DecodeRun(options, streams).run();
  streams.stdout.write(USAGE);
  return 0;
}

/** undefined: help is wanted. */
function readOptions(args: readonly string[]): DecodeOptions | undefined {
  const { values, positionals } = parseOptions(args, {
    port: { type: 'string' },
    bind: { type: 'string' },
    json: { type: 'boolean' },
    sflowtool: { type: 'boolean' },
    count: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  });
  if (values['help'] === true) return undefined;
  if (positionals.length > 1) throw usageError(`one file at a time, not ${positionals.length}`);
  if (values['json'] === true && values['sflowtool'] === true)
    throw usageError('--json and --sflowtool exclude each other');
  const [file] = positionals;
  const bind = typeof values['bind'] === 'string' ? values['bind'] : undefined;
  if (file !== undefined && bind !== undefined) throw usageError('--bind is for listening, not for a file');
  return {
    file,
    bind,
    port: portOption(values, 'port'),
    format: values['json'] === true ? 'json' : values['sflowtool'] === true ? 'sflowtool' : 'text',
    count: integerOption(values, 'count', 1) ?? Number.POSITIVE_INFINITY,
  };
}

/** One run of the command, and what it counts. */
class DecodeRun {
  private readonly options: DecodeOptions;
  private readonly streams: CommandStreams;
  private readonly output: TextOutput;
  private readonly format: Format;
  private readonly capture: CaptureReport = newCaptureReport();
  private readonly live: LiveReport = { overflowed: 0 };
  /** Datagrams of which at least the header could be read, and those of which it could not. */
  private decoded = 0;
  private unreadable = 0;
  /** Datagrams in which something was wrong. */
  private damaged = 0;
  private foreign = 0;
  private messages = 0;

  constructor(options: DecodeOptions, streams: CommandStreams) {
    this.options = options;
    this.streams = streams;
    this.output = new TextOutput(streams.stdout);
    this.format = formatOf(options, streams.stdout);
  }

  async run(): Promise<number> {
    const interrupt = new AbortController();
    const stop = () => interrupt.abort();
    process.once('SIGINT', stop);
    process.once('SIGTERM', stop);
    try {
      await this.decodeAll(this.datagrams(interrupt.signal));
    } finally {
      process.off('SIGINT', stop);
      process.off('SIGTERM', stop);
      await this.output.end();
    }
    const { failure } = this.output;
    if (failure !== undefined)
      throw new WeirError('OUTPUT_FAILED', `cannot write the output: ${failure.message}`, { cause: failure });
    // A reader that went away (`| head`) has what it wanted.
    if (this.output.closed) return 0;
    this.sayCounts();
    return this.options.file === undefined || this.decoded > 0 ? 0 : 1;
  }

  private datagrams(signal: AbortSignal): AsyncGenerator<ReceivedDatagram> {
    const { file, port, bind } = this.options;
    if (file !== undefined) return captureDatagrams(file, this.streams.stdin, { port, signal }, this.capture);
    const onListening = (endpoint: string) => this.say(`listening on UDP ${endpoint}`);
    return liveDatagrams({ port: port ?? DEFAULT_PORT, bind, signal, onListening }, this.live);
  }

  private async decodeAll(datagrams: AsyncIterable<ReceivedDatagram>): Promise<void> {
    for await (const received of datagrams) {
      const text = this.decode(received);
      const full = text === '' ? undefined : this.output.write(text);
      if (full !== undefined) await full;
      if (this.output.closed || this.decoded + this.unreadable >= this.options.count) return;
    }
  }

  private decode(received: ReceivedDatagram): string {
    if (!isSflow(received.payload)) {
      this.foreign++;
      this.complain(`${received.origin}: ${received.payload.length} bytes of UDP that are not sFlow`);
      return '';
    }
    const result = decodeDatagram(received.payload);
    if (result.datagram === undefined) this.unreadable++;
    else this.decoded++;
    if (result.error !== undefined) {
      this.damaged++;
      this.complain(`${received.origin}: ${result.error}`);
    }
    return this.format(received, result);
  }

  private complain(message: string): void {
    if (++this.messages <= MESSAGES_SHOWN) this.say(message);
    else if (this.messages === MESSAGES_SHOWN + 1) this.say('more of these are counted, not shown');
  }

  private sayCounts(): void {
    const { capture, live } = this;
    if (capture.damagedAt !== undefined)
      this.say(
        `${this.options.file} is damaged or cut at byte ${capture.damagedAt}; nothing behind it could be read`,
      );
    const counts = [plural(this.decoded, 'datagram')];
    if (this.damaged > 0) counts.push(`${this.damaged} damaged`);
    if (this.foreign > 0) counts.push(`${this.foreign} not sFlow`);
    if (live.overflowed > 0) counts.push(`${live.overflowed} lost because the output was too slow`);
    if (this.options.file !== undefined) counts.push(`${plural(capture.packets, 'packet')} read`);
    for (const [reason, count] of capture.skipped) counts.push(`${count} ${reason}`);
    this.say(counts.join(', '));
  }

  private say(message: string): void {
    this.streams.stderr.write(`weir decode: ${message}\n`);
  }
}

function formatOf(options: DecodeOptions, stdout: Terminal): Format {
  switch (options.format) {
    case 'json':
      return jsonLine;
    case 'sflowtool': {
      const sflowtool = new SflowtoolFormat(options.file === undefined ? 'network' : 'file');
      return (received, { datagram }) =>
        datagram === undefined ? '' : sflowtool.datagram(received, datagram);
    }
    case 'text': {
      const terminal = stdout.isTTY === true;
      const text = new TextFormat({
        colour: terminal && !process.env['NO_COLOR'],
        columns: terminal ? stdout.columns : undefined,
      });
      return (received, result) => text.datagram(received, result);
    }
  }
}

const VERSIONS: ReadonlySet<number> = new Set([2, 4, 5]);

/** A datagram begins with its version. */
function isSflow(payload: Uint8Array): boolean {
  return payload.length >= 4 && VERSIONS.has(u32(payload, 0));
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
