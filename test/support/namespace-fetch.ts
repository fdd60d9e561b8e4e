import { type ChildProcess, spawn } from 'node:child_process';
import type { CommandPrefix } from './network-namespace.ts';
import type { Fetch } from './rest-client.ts';

/** What runs in the namespace: asks for what it is told, and tells what it got. */
const RELAY = `
process.on('message', async ({ id, url, options }) => {
  try {
    const response = await fetch(url, options);
    const headers = Object.fromEntries(response.headers);
    process.send({ id, status: response.status, headers, body: await response.text() });
  } catch (error) {
    process.send({ id, fault: String(error.cause ?? error) });
  }
});
process.on('disconnect', () => process.exit());
`;

interface Told {
  readonly id: number;
  readonly fault?: string;
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string;
}

/** `fetch` from inside a network namespace, whose loopback nobody else can reach. */
export class NamespaceFetch {
  private readonly relay: ChildProcess;
  private readonly waiting = new Map<number, (told: Told) => void>();
  private asked = 0;

  constructor([program, ...words]: CommandPrefix) {
    this.relay = spawn(program, [...words, process.execPath, '-e', RELAY], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.relay.on('message', (told: Told) => {
      this.waiting.get(told.id)?.(told);
      this.waiting.delete(told.id);
    });
    this.relay.on('exit', () => {
      for (const [id, tell] of this.waiting)
        tell({ id, fault: 'the namespace is gone', status: 0, headers: {}, body: '' });
    });
  }

  readonly fetch: Fetch = async (url, options = {}) => {
    const id = this.asked++;
    const answer = new Promise<Told>((resolve) => this.waiting.set(id, resolve));
    this.relay.send({ id, url, options });
    const { fault, status, headers, body } = await answer;
    if (fault !== undefined) throw new Error(`${url}: ${fault}`);
    return new Response(status === 204 ? null : body, { status, headers });
  };

  close(): void {
    this.relay.disconnect();
  }
}
