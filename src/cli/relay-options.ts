import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { WeirError } from '../common/index.ts';
import { type AllowedRange, parseAllowed, type SourceOptions } from '../relay/index.ts';
import { type ConnectedSender, createConnectedSender } from '../udp/index.ts';
import { integerOption, listOption, type OptionValues, portOption, usageError } from './decode-options.ts';

export const SFLOW_PORT = 6343;

/** Socket buffer that is asked for: a second of 1,000 byte datagrams at 32,000/s. */
const SOCKET_BUFFER_BYTES = 32 << 20;
const DEFAULT_QUEUE_MB = 64;

/** Options of every command that receives datagrams. */
export const SOURCE_OPTIONS = {
  port: { type: 'string', short: 'p' },
  bind: { type: 'string' },
  allow: { type: 'string', multiple: true },
  queue: { type: 'string' },
} as const;

export const SOURCE_HELP = `  --port N             UDP port to listen on (default ${SFLOW_PORT}); 0: any that is free
  --bind ADDRESS       listen on this address of the machine only
  --allow CIDR         take datagrams from these addresses only; may be given again
  --queue MB           most that may wait when they cannot be passed on; then the oldest are dropped (default ${DEFAULT_QUEUE_MB})
`;

/** Where to listen. Throws `CLI_USAGE`. */
export function sourceOptions(values: OptionValues): Omit<SourceOptions, 'format'> {
  const { bind } = values;
  if (typeof bind === 'string' && isIP(bind) === 0)
    throw usageError(`--bind takes an IPv4 or IPv6 address, not '${bind}'`);
  return {
    address: typeof bind === 'string' ? bind : '',
    port: portOption(values, 'port') ?? SFLOW_PORT,
    bufferBytes: SOCKET_BUFFER_BYTES,
    allow: listOption(values, 'allow').map(allowedRange),
  };
}

export function queueBytes(values: OptionValues): number {
  return (integerOption(values, 'queue', 1, 4096) ?? DEFAULT_QUEUE_MB) << 20;
}

function allowedRange(text: string): AllowedRange {
  const range = parseAllowed(text);
  if (range === undefined)
    throw usageError(`--allow takes an address or a CIDR prefix such as 192.0.2.0/24, not '${text}'`);
  return range;
}

export interface Target {
  readonly host: string;
  readonly port: number;
}

/** `HOST`, `HOST:PORT`, an IPv6 address, or `[IPv6]:PORT`; the port is 6343 unless it is said. Throws `CLI_USAGE`. */
export function parseTarget(text: string): Target {
  if (isIP(text) !== 0) return { host: text, port: SFLOW_PORT };
  const match = /^(?:\[([^\]]+)\]|([^:[\]\s]+))(?::(\d{1,5}))?$/.exec(text);
  const port = match?.[3] === undefined ? SFLOW_PORT : Number(match[3]);
  if (match === null || port < 1 || port > 65535)
    throw usageError(
      `'${text}' is not HOST or HOST:PORT (an IPv6 address with a port goes in brackets: [::1]:6343)`,
    );
  return { host: match[1] ?? match[2], port };
}

/** Throws a WeirError `RELAY_NO_ADDRESS` when nobody knows the host, `UDP_TARGET` when it cannot be reached at all. */
export async function openTarget({ host, port }: Target): Promise<ConnectedSender> {
  const { address } = await lookup(host).catch((cause: Error) => {
    throw new WeirError('RELAY_NO_ADDRESS', `no address found for ${host}: ${cause.message}`, { cause });
  });
  return createConnectedSender(address, port);
}

export function targetText({ host, port }: Target): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** What was not passed on, for a summary; '' for nothing. */
export function sendTrouble(sender: ConnectedSender, target: Target): string {
  const { failed, refused, lastFailure } = sender.counts;
  const parts: string[] = [];
  if (refused > 0) parts.push(`${refused} times ${targetText(target)} answered that nobody listens there`);
  if (failed > 0) parts.push(`${failed} not sent: ${lastFailure}`);
  return parts.map((part) => `, ${part}`).join('');
}
