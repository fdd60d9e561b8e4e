import { WeirError } from '../common/index.ts';
import { reachesSocketAt, resolveHost } from './host-address.ts';

/** How often hosts that nobody knew are asked for again. */
const RETRY_MS = 30_000;

/** Something that is sent to a place. */
export interface Addressed {
  /** Address, or the name of a host. */
  readonly address: string;
  readonly port: number;
}

export interface BookDependencies<T extends Addressed> {
  /** Of the errors: `FORWARDING_BAD`. */
  readonly code: string;
  /** Carry out: `content` has an IP address now; undefined ends it. */
  readonly apply: (name: string, content: T | undefined) => Promise<void>;
  /** Address and port of the socket that receives. */
  readonly socket: () => Addressed;
  readonly warn: (message: string) => void;
  /** Instead of the system's resolver. */
  readonly resolve?: (host: string) => Promise<string | undefined>;
}

interface Entry<T> {
  readonly content: T;
  /** The host's address, once it is known. */
  address: string | undefined;
  /** How often it was asked for in vain. */
  attempts: number;
}

/**
 * What is sent elsewhere, by name. Hosts are looked up when an entry is set; one that is not found is kept and asked
 * for again. Nothing is ever sent to the socket that receives: it would go round for ever.
 */
export class DestinationBook<T extends Addressed> {
  private readonly deps: BookDependencies<T>;
  private readonly entries = new Map<string, Entry<T>>();
  /** The last call for each name that is still at work. Calls for one name are carried out one after the other. */
  private readonly turns = new Map<string, Promise<void>>();
  private timer: NodeJS.Timeout | undefined;

  constructor(deps: BookDependencies<T>) {
    this.deps = deps;
  }

  /** Set or replace. Throws a WeirError when the place is this collector itself, or out of reach. */
  set(name: string, content: T): Promise<void> {
    return this.inTurn(name, async () => {
      const before = this.entries.get(name);
      if (before !== undefined && JSON.stringify(before.content) === JSON.stringify(content)) return;
      const address = await this.resolve(content);
      await this.deps.apply(name, address === undefined ? undefined : { ...content, address });
      this.entries.set(name, { content, address, attempts: address === undefined ? 1 : 0 });
      if (address === undefined) {
        this.deps.warn(
          `${name}: nobody knows the host ${JSON.stringify(content.address)}; it is asked for again`,
        );
        this.timer ??= setInterval(() => void this.retry(), RETRY_MS).unref();
      }
    });
  }

  clear(name: string): Promise<void> {
    return this.inTurn(name, async () => {
      if (this.entries.delete(name)) await this.deps.apply(name, undefined);
    });
  }

  /** Each entry with where it goes: the host's address, or its name while that is unknown. */
  all(): { name: string; content: T; address: string }[] {
    return [...this.entries].map(([name, { content, address }]) => ({
      name,
      content,
      address: address ?? content.address,
    }));
  }

  /** How often the host of an entry was asked for in vain; 0 once it is known. */
  attempts(name: string): number {
    const entry = this.entries.get(name);
    return entry === undefined || entry.address !== undefined ? 0 : entry.attempts;
  }

  close(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private async resolve({ address: host, port }: T): Promise<string | undefined> {
    const address = await (this.deps.resolve ?? resolveHost)(host);
    const socket = this.deps.socket();
    if (address !== undefined && port === socket.port && reachesSocketAt(address, socket.address))
      throw new WeirError(this.deps.code, `${address} port ${port} is this collector itself`);
    return address;
  }

  /** Ask again for the hosts that are unknown. */
  private async retry(): Promise<void> {
    const unknown = [...this.entries].filter(([, { address }]) => address === undefined);
    if (unknown.length === 0) this.close();
    await Promise.all(unknown.map(([name, entry]) => this.inTurn(name, () => this.retryEntry(name, entry))));
  }

  private async retryEntry(name: string, entry: Entry<T>): Promise<void> {
    if (this.entries.get(name) !== entry) return;
    entry.attempts++;
    try {
      const address = await this.resolve(entry.content);
      if (address === undefined) return;
      await this.deps.apply(name, { ...entry.content, address });
      entry.address = address;
    } catch (error) {
      this.deps.warn(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  private async inTurn(name: string, work: () => Promise<void>): Promise<void> {
    const before = this.turns.get(name) ?? Promise.resolve();
    const turn = before.catch(() => undefined).then(work);
    this.turns.set(name, turn);
    try {
      await turn;
    } finally {
      if (this.turns.get(name) === turn) this.turns.delete(name);
    }
  }
}
