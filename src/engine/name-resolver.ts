import { Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import { type NameAnswer, reverseName } from '../lookup/index.ts';

export interface NameResolverOptions {
  /** Addresses, with a port where that is not 53: `192.0.2.53`, `127.0.0.1:5353`, `[::1]:5353`. */
  readonly servers: readonly string[];
  /** Time for one try of one server, ms. */
  readonly timeoutMs?: number;
}

export interface NameResolverDependencies {
  /** Takes answers: one for each address asked for, in any order, several at a time. */
  readonly answer: (answers: readonly NameAnswer[]) => void;
}

const TIMEOUT_MS = 1500;
const TRIES = 2;
/** Questions under way at a time; the others wait. */
const MAX_ASKING = 32;
/** Further addresses fail at once. */
const MAX_WAITING = 10_000;
/** Answers of so long are handed over together. */
const GATHER_MS = 10;
/** What servers say of an address without a name. */
const NO_NAME = new Set(['ENOTFOUND', 'ENODATA']);

/** Asks name servers for the names of addresses (PTR records), some at a time. */
export class NameResolver {
  private readonly resolver: Resolver;
  private readonly deps: NameResolverDependencies;
  private readonly waiting: string[] = [];
  private asking = 0;
  private answers: NameAnswer[] = [];
  private closed = false;

  constructor(options: NameResolverOptions, deps: NameResolverDependencies) {
    this.deps = deps;
    this.resolver = new Resolver({ timeout: options.timeoutMs ?? TIMEOUT_MS, tries: TRIES });
    this.resolver.setServers([...options.servers]);
  }

  ask(addresses: readonly string[]): void {
    for (const address of addresses) {
      if (this.waiting.length < MAX_WAITING) this.waiting.push(address);
      else this.answer({ address, name: undefined, failed: true });
    }
    this.askWaiting();
  }

  /** What is under way is dropped without an answer. */
  close(): void {
    this.closed = true;
    this.waiting.length = 0;
    this.resolver.cancel();
  }

  private askWaiting(): void {
    while (this.asking < MAX_ASKING && this.waiting.length > 0) {
      this.asking++;
      void this.resolve(this.waiting.shift()!).then((answer) => {
        this.asking--;
        this.answer(answer);
        this.askWaiting();
      });
    }
  }

  private async resolve(address: string): Promise<NameAnswer> {
    const question = reverseName(address);
    if (question === undefined) return { address, name: undefined, failed: false };
    try {
      // Of several names the same one each time, whatever order the server gives them in.
      const [name] = (await this.resolver.resolvePtr(question)).sort();
      return { address, name: name === undefined || name.endsWith('.') ? name : `${name}.`, failed: false };
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : '';
      return { address, name: undefined, failed: !NO_NAME.has(code) };
    }
  }

  private answer(answer: NameAnswer): void {
    if (this.closed) return;
    if (this.answers.length === 0) setTimeout(() => this.handOver(), GATHER_MS);
    this.answers.push(answer);
  }

  private handOver(): void {
    const { answers } = this;
    this.answers = [];
    if (!this.closed) this.deps.answer(answers);
  }
}

/** Those of the texts that are addresses; the others are told to `refused`. */
export function validServers(servers: readonly string[], refused: (server: string) => void): string[] {
  return servers.filter((server) => {
    const valid = isIP(server) !== 0;
    if (!valid) refused(server);
    return valid;
  });
}
