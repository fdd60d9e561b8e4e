import { createSocket, type Socket } from 'node:dgram';
import { createFabric } from './fabric.ts';

export interface FabricSourceOptions {
  /** Where the datagrams go: an IP address and a UDP port. */
  readonly address: string;
  readonly port: number;
  readonly seed?: number;
}

/** A fabric whose datagrams are sent as time goes by. */
export interface FabricSource {
  /** Resolves when the first datagrams may be under way; rejects when there is no socket to send from. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** `ok` is false when the last datagrams could not be sent. */
  health(): { ok: boolean; reason?: string };
}

/** How often the model advances, ms. */
const INTERVAL = 100;

export function createFabricSource(options: FabricSourceOptions): FabricSource {
  const fabric = createFabric(options.seed === undefined ? {} : { seed: options.seed });
  let socket: Socket | undefined;
  let timer: NodeJS.Timeout | undefined;
  let failure: Error | null = null;

  const advance = (): void => {
    for (const datagram of fabric.next(performance.now())) {
      socket?.send(datagram, options.port, options.address, (error) => {
        failure = error;
      });
    }
  };

  return {
    async start() {
      const opened = createSocket(options.address.includes(':') ? 'udp6' : 'udp4');
      await new Promise<void>((resolve, reject) => {
        opened.once('error', reject);
        opened.bind(0, resolve);
      });
      opened.on('error', (error) => {
        failure = error;
      });
      socket = opened;
      advance();
      timer = setInterval(advance, INTERVAL);
    },
    async stop() {
      clearInterval(timer);
      const open = socket;
      socket = undefined;
      if (open !== undefined) await new Promise<void>((resolve) => open.close(() => resolve()));
    },
    health: () => (failure === null ? { ok: true } : { ok: false, reason: failure.message }),
  };
}
