import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIP } from 'node:net';
import { WeirError } from '../common/index.ts';
import type { ReceivedDatagram } from './decode-source.ts';

export interface LiveOptions {
  readonly port: number;
  /** Address to listen at; undefined for every address of the machine, IPv6 and IPv4. */
  readonly bind: string | undefined;
  /** Ends the iteration: what was received before is still given. */
  readonly signal: AbortSignal;
  /** Told once, when datagrams can come. `[::]:6343` */
  readonly onListening: (endpoint: string) => void;
}

/** Datagrams that arrived while nobody took them, and could not be kept. */
export interface LiveReport {
  overflowed: number;
}

const RECEIVE_BUFFER_BYTES = 4 << 20;
/** Datagrams kept for a slow reader; more are dropped and counted. */
const QUEUE_LIMIT = 8192;

/**
 * Datagrams as they come in on a UDP port, until `signal` is aborted.
 *
 * @throws WeirError LISTEN_FAILED when the port cannot be had, or is lost.
 */
export async function* liveDatagrams(
  options: LiveOptions,
  report: LiveReport,
): AsyncGenerator<ReceivedDatagram> {
  const socket = await listen(options);
  const queue: ReceivedDatagram[] = [];
  let wake: () => void = () => {};
  let failure: Error | undefined;
  socket.on('message', (payload: Buffer, from: RemoteInfo) => {
    if (queue.length >= QUEUE_LIMIT) report.overflowed++;
    else queue.push(receivedNow(payload, from));
    wake();
  });
  socket.on('error', (error) => {
    failure = error;
    wake();
  });
  const stopped = () => wake();
  options.signal.addEventListener('abort', stopped);
  try {
    options.onListening(endpointText(socket));
    for (;;) {
      for (const datagram of queue.splice(0)) yield datagram;
      if (queue.length > 0) continue;
      if (options.signal.aborted) return;
      if (failure !== undefined)
        throw new WeirError('LISTEN_FAILED', `receiving ended: ${failure.message}`, { cause: failure });
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  } finally {
    options.signal.removeEventListener('abort', stopped);
    socket.close();
  }
}

async function listen(options: LiveOptions): Promise<Socket> {
  const { port, bind } = options;
  try {
    return bind === undefined ? await bindEverywhere(port) : await bindTo(bind, port);
  } catch (cause) {
    const where = bind === undefined ? `UDP port ${port}` : `UDP ${bind} port ${port}`;
    throw new WeirError('LISTEN_FAILED', `cannot listen on ${where}: ${reasonOf(cause)}`, { cause });
  }
}

/** One IPv6 socket hears IPv4 as well; a machine without IPv6 gets an IPv4 socket. */
async function bindEverywhere(port: number): Promise<Socket> {
  try {
    return await bindTo('::', port);
  } catch (error) {
    if (!['EAFNOSUPPORT', 'EADDRNOTAVAIL'].includes(codeOf(error))) throw error;
    return bindTo('0.0.0.0', port);
  }
}

async function bindTo(address: string, port: number): Promise<Socket> {
  const socket = createSocket({
    type: isIP(address) === 6 ? 'udp6' : 'udp4',
    recvBufferSize: RECEIVE_BUFFER_BYTES,
  });
  socket.bind(port, address);
  try {
    await once(socket, 'listening');
  } catch (error) {
    socket.close();
    throw error;
  }
  return socket;
}

function receivedNow(payload: Buffer, from: RemoteInfo): ReceivedDatagram {
  const sourceAddress = from.address.replace(/^::ffff:(?=\d+\.)/, '');
  return {
    payload,
    timeMicros: Date.now() * 1000,
    sourceAddress,
    sourcePort: from.port,
    origin: `datagram from ${sourceAddress}`,
  };
}

function endpointText(socket: Socket): string {
  const { address, port } = socket.address();
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

function reasonOf(error: unknown): string {
  switch (codeOf(error)) {
    case 'EADDRINUSE':
      return 'it is in use; another collector is running, or choose another with --port';
    case 'EACCES':
      return 'not permitted; ports below 1024 need root';
    case 'EADDRNOTAVAIL':
      return 'this machine has no such address';
    default:
      return error instanceof Error ? error.message : String(error);
  }
}
