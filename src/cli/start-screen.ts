import type { Config } from '../config/index.ts';
import type { ReceivePath } from '../engine/index.ts';

/** Where HTTP listens, and whether by TLS. */
export interface HttpPlace {
  readonly address: string;
  readonly port: number;
  readonly secure?: boolean;
}

/** What the start of a server leads to. */
export interface Started {
  readonly version: string;
  /** Where HTTP listens. */
  readonly http: HttpPlace;
  readonly receive: ReceivePath;
  /** Where BGP is spoken. */
  readonly bgp?: { readonly address: string; readonly port: number };
}

/** One screen that says where everything is, what the kernel did not grant, and who may change what. */
export function startScreen(started: Started, config: Config): string {
  const { http, receive, bgp } = started;
  const rows: [string, string][] = [
    ['HTTP', `${httpUrl(http)}${isEveryAddress(http.address) ? ', on every address of this machine' : ''}`],
    ['', `${httpUrl(http)}api/ describes the API, to be tried in a browser`],
    ...exposure(started, config).map((note): [string, string] => ['', note]),
    ...inputRows(receive),
    ...(bgp === undefined ? [] : [bgpRow(bgp)]),
    ['Flows', `up to ${sizeText(config.integer('flow.memory'))} of memory`],
  ];
  const lines = rows.map(([name, text]) => `  ${name.padEnd(10)}${text}`);
  return `\nWeir ${started.version}\n\n${lines.join('\n')}\n\n  Ctrl-C ends it.\n\n`;
}

/** What of the screen somebody should know who sees only the log, as lines for it. */
export function startWarnings(started: Started, config: Config): string[] {
  const { receive } = started;
  const warnings = exposure(started, config);
  if (receive.reason !== undefined) warnings.push(`receiving by ${receiverLine(receive)}`);
  if (receive.bufferGranted < receive.bufferAsked) warnings.push(`socket buffer: ${bufferLine(receive)}`);
  return warnings;
}

/** A line when others than this machine's users may change definitions, or overhear how. */
function exposure({ http }: Started, config: Config): string[] {
  if (isLoopback(http.address)) return [];
  if (config.list('auth.tokens').length > 0)
    return http.secure === true
      ? []
      : ['tokens cross the network readably; -Dhttp.tls.cert=FILE and -Dhttp.tls.key=FILE prevent it'];
  if (config.boolean('http.readonly')) return [];
  return [
    `whoever reaches port ${http.port} may change definitions; -Dauth.tokens, -Dhttp.readonly=yes or -Dhttp.hostname=127.0.0.1 prevents it`,
  ];
}

function inputRows(receive: ReceivePath): [string, string][] {
  if (receive.kind === 'file') return [['sFlow', `from the file ${receive.address}`]];
  return [
    ['sFlow', `UDP port ${receive.port}${isEveryAddress(receive.address) ? '' : ` of ${receive.address}`}`],
    ['Receiver', receiverLine(receive)],
    ['Buffer', bufferLine(receive)],
  ];
}

function bgpRow({ address, port }: NonNullable<Started['bgp']>): [string, string] {
  return ['BGP', `TCP port ${port}${isEveryAddress(address) ? '' : ` of ${address}`}`];
}

function receiverLine({ kind, reason }: ReceivePath): string {
  return reason === undefined ? kind : `${kind}, because ${reason.split('\n')[0]}`;
}

/** The address to type into a browser on this machine. */
export function httpUrl({ address, port, secure = false }: HttpPlace): string {
  const host = isEveryAddress(address) ? '127.0.0.1' : address;
  return `http${secure ? 's' : ''}://${host.includes(':') ? `[${host}]` : host}:${port}/`;
}

/** What the kernel must be told so that it grants a socket buffer of these bytes. */
export function raiseBufferLimit(bytes: number): string {
  return `sysctl -w net.core.rmem_max=${bytes}`;
}

/** Bytes for people: `64 MB`, `208 KB`. */
export function sizeText(bytes: number): string {
  for (const [unit, size] of [
    ['GB', 2 ** 30],
    ['MB', 2 ** 20],
    ['KB', 2 ** 10],
  ] as const)
    if (bytes >= size) return `${Number((bytes / size).toPrecision(3))} ${unit}`;
  return `${bytes} bytes`;
}

function bufferLine({ bufferAsked, bufferGranted }: ReceivePath): string {
  if (bufferGranted >= bufferAsked) return sizeText(bufferGranted);
  return `${sizeText(bufferGranted)} of ${sizeText(bufferAsked)}; for more: ${raiseBufferLimit(bufferAsked)}`;
}

function isEveryAddress(address: string): boolean {
  return address === '' || address === '0.0.0.0' || address === '::';
}

function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.') || address.startsWith('::ffff:127.');
}
