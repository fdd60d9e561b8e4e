import {
  type AttributeFault,
  type BgpMessage,
  decodeMessage,
  FAMILIES,
  type Family,
  frameMessage,
  hexOfBytes,
  INITIAL_CONTEXT,
  type MessageContext,
  messageJson,
  notificationText,
} from '../bgp/index.ts';
import { WeirError } from '../common/index.ts';
import { capturedMessages } from './bgp-capture.ts';
import { bytesOfText, isHex, readInput } from './bgp-input.ts';
import { messageText } from './bgp-message-text.ts';
import { parseOptions, usageError } from './decode-options.ts';
import { type CommandStreams, TextOutput } from './decode-output.ts';

/** Where a message of a capture was. */
interface Place {
  readonly direction: string;
  readonly timestampMs: number;
  readonly packetNumber: number;
}

/** `weir bgp decode`. */
export async function decode(args: readonly string[], streams: CommandStreams): Promise<number> {
  const { values, positionals } = parseOptions(args, {
    json: { type: 'boolean' },
    'two-octet': { type: 'boolean' },
    'add-path': { type: 'string' },
  });
  const [argument, ...more] = positionals;
  if (argument === undefined) throw usageError('hexadecimal digits or a file are needed');
  // Digits typed with blanks between them are several arguments.
  const text = more.length > 0 && positionals.every(isHex) ? positionals.join(' ') : argument;
  if (text === argument && more.length > 0) throw usageError(`one file at a time, not ${positionals.length}`);
  const context: MessageContext = {
    ...INITIAL_CONTEXT,
    external: false,
    extendedMessage: true,
    fourOctetAs: values['two-octet'] !== true,
    addPath: families(values['add-path']),
  };
  const input = await readInput(text, streams.stdin, isHex);
  const run = new DecodeRun(values['json'] === true, streams);
  const digits = new TextDecoder('latin1').decode(input);
  if (isHex(digits)) await run.messages(bytesOfText(digits), context);
  else await run.capture(input, text);
  return run.end();
}

function families(text: string | boolean | undefined): ReadonlySet<Family> {
  const names = typeof text === 'string' ? text.split(',') : [];
  for (const name of names)
    if (!(name in FAMILIES)) throw usageError(`${name} is not one of ${Object.keys(FAMILIES).join(', ')}`);
  return new Set(names as Family[]);
}

class DecodeRun {
  private readonly asJson: boolean;
  private readonly streams: CommandStreams;
  private readonly output: TextOutput;
  private count = 0;
  private unreadable = 0;

  constructor(asJson: boolean, streams: CommandStreams) {
    this.asJson = asJson;
    this.streams = streams;
    this.output = new TextOutput(streams.stdout);
  }

  /** Messages one after the other. */
  async messages(bytes: Uint8Array, context: MessageContext): Promise<void> {
    for (let at = 0; at < bytes.length; ) {
      const framing = frameMessage(bytes, at, bytes.length, context);
      if (framing.status === 'incomplete') {
        this.refuse(`byte ${at}: ${bytes.length - at} bytes are not a whole message`);
        return;
      }
      if (framing.status === 'error') {
        this.refuse(`byte ${at}: ${framing.reason} (${notificationText(framing.notification)})`);
        return;
      }
      await this.message(bytes.subarray(at, at + framing.length), context, undefined);
      at += framing.length;
    }
  }

  async capture(input: Uint8Array, name: string): Promise<void> {
    for (const { bytes, context, read, ...place } of capturedMessages(input)) {
      const message = await this.message(bytes, context, place);
      if (message !== undefined) read(message);
      if (this.output.closed) return;
    }
    if (this.count === 0 && this.unreadable === 0) this.refuse(`no BGP messages in ${name}`);
  }

  async end(): Promise<number> {
    await this.output.end();
    const { failure } = this.output;
    if (failure !== undefined)
      throw new WeirError('OUTPUT_FAILED', `cannot write the output: ${failure.message}`, { cause: failure });
    return this.unreadable === 0 ? 0 : 1;
  }

  private async message(
    bytes: Uint8Array,
    context: MessageContext,
    place: Place | undefined,
  ): Promise<BgpMessage | undefined> {
    const reading = decodeMessage(bytes, context);
    if (!reading.ok) {
      const where = place === undefined ? '' : `packet ${place.packetNumber}, ${place.direction}: `;
      this.refuse(`${where}${reading.reason} (${notificationText(reading.notification)})`);
      return undefined;
    }
    this.count++;
    const { message, faults, treatAsWithdraw } = reading;
    const text = this.asJson
      ? `${JSON.stringify(jsonOf(message, bytes, faults, treatAsWithdraw, place))}\n`
      : `${textOf(message, bytes, faults, treatAsWithdraw, place)}\n`;
    const full = this.output.write(text);
    if (full !== undefined) await full;
    return message;
  }

  private refuse(reason: string): void {
    this.unreadable++;
    this.streams.stderr.write(`weir bgp: ${reason}\n`);
  }
}

function jsonOf(
  message: BgpMessage,
  bytes: Uint8Array,
  faults: readonly AttributeFault[],
  treatAsWithdraw: boolean,
  place: Place | undefined,
): object {
  return {
    ...(place !== undefined && {
      time: new Date(place.timestampMs).toISOString(),
      packet: place.packetNumber,
      direction: place.direction,
    }),
    ...messageJson(message),
    ...(treatAsWithdraw && { treatAsWithdraw }),
    ...(faults.length > 0 && { faults }),
    bytes: hexOfBytes(bytes),
  };
}

function textOf(
  message: BgpMessage,
  bytes: Uint8Array,
  faults: readonly AttributeFault[],
  treatAsWithdraw: boolean,
  place: Place | undefined,
): string {
  const head =
    place === undefined
      ? []
      : [`${new Date(place.timestampMs).toISOString()} packet ${place.packetNumber} ${place.direction}`];
  return [
    ...head,
    messageText(message, bytes.length),
    ...faults.map(({ reason, action }) => `  fault: ${reason} (${action})`),
    ...(treatAsWithdraw ? ['  what it announces counts as withdrawn (RFC 7606)'] : []),
    '',
  ].join('\n');
}
