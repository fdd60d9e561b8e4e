import { setTimeout as sleep } from 'node:timers/promises';
import { type ServingWeir, WeirProcess } from '../e2e/weir-process.ts';
import { NamespaceFetch } from './namespace-fetch.ts';
import { NetworkNamespace } from './network-namespace.ts';

/** A session between Weir and a router, each with an address of its own for it. */
export interface Pair {
  readonly weir: string;
  readonly router: string;
  readonly version: 4 | 6;
}

/** Members of /v1/bgp/neighbors that tests look at. */
export interface SeenNeighbor {
  readonly router: string;
  readonly state: string;
  readonly families: readonly string[];
  readonly rules: number;
  readonly routes: number;
  readonly established: number;
  readonly peer: { readonly as: number; readonly capabilities: readonly string[] } | null;
  readonly lastError: { readonly event: string } | null;
  readonly history: readonly { readonly event: string }[];
  readonly received: { readonly update: number } | null;
}

export interface Answer {
  readonly status: number;
  readonly text: string;
  readonly reason: string | null;
}

/** Own AS of Weir; a router has 65000 and its number. */
export const WEIR_AS = 65000;

/** Address of Weir or of router `number` for their session `i`; each router has a network of its own. */
export function addressIn(number: number, version: 4 | 6, side: 'weir' | 'router', i: number): string {
  if (version === 4) return `10.${90 + number}.${side === 'weir' ? 0 : 1}.${i}`;
  return side === 'weir' ? `fd90:${number}::${i}` : `fd90:${number}::1:${i}`;
}

/**
 * A network namespace for Weir and one for each router, with a cable between. There are as many addresses as there are
 * sessions, for some routers know a neighbour by its address alone.
 */
export class BgpLab {
  readonly weirSide = new NetworkNamespace('weir');
  /** By number, from 1. */
  readonly routers = new Map<number, NetworkNamespace>();
  private readonly fetcher = new NamespaceFetch(this.weirSide.prefix);
  private serving: ServingWeir | undefined;
  private readonly log: string[] = [];

  /** Lays the cable to a router, with the addresses of these sessions. */
  connect(number: number, pairs: readonly Pair[]): NetworkNamespace {
    const router = new NetworkNamespace(`router${number}`);
    this.routers.set(number, router);
    this.weirSide.connect(`cable${number}`, router, 'cable');
    const add = (side: NetworkNamespace, address: string, device: string): void => {
      const isIpv6 = address.includes(':');
      const flags = isIpv6 ? ['nodad'] : [];
      side.run('ip', 'addr', 'add', `${address}/${isIpv6 ? 64 : 16}`, 'dev', device, ...flags);
    };
    for (const address of new Set(pairs.map(({ weir }) => weir)))
      add(this.weirSide, address, `cable${number}`);
    for (const address of new Set(pairs.map((each) => each.router))) add(router, address, 'cable');
    return router;
  }

  /** Starts a Weir on the side of its own. */
  async startWeir(...properties: string[]): Promise<void> {
    this.serving = await WeirProcess.serveBy(
      this.weirSide.prefix,
      '-Dbgp.start=yes',
      `-Dbgp.as=${WEIR_AS}`,
      '-Dbgp.routerid=10.90.0.1',
      ...properties,
    );
  }

  async endWeir(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const { serving } = this;
    this.serving = undefined;
    if (serving === undefined) return;
    const { error } = await serving.weir.end(signal);
    this.log.push(error);
  }

  /** Everything that Weir has logged. */
  logged(): string {
    return this.log.join('') + (this.serving?.weir.error ?? '');
  }

  async ask(method: string, path: string, body?: unknown): Promise<Answer> {
    const url = `${this.serving?.url ?? ''}${path}`;
    const options = { method, ...(body !== undefined && { body: JSON.stringify(body) }) };
    const response = await this.fetcher.fetch(url, options);
    return {
      status: response.status,
      text: await response.text(),
      reason: response.headers.get('weir-error'),
    };
  }

  /** The same; an answer that is no success is an error. */
  async change(method: 'PUT' | 'DELETE', path: string, body?: unknown): Promise<void> {
    const { status, text, reason } = await this.ask(method, path, body);
    if (status !== 204) throw new Error(`${method} ${path}: ${status} ${reason ?? text}`);
  }

  async neighbors(): Promise<SeenNeighbor[]> {
    return JSON.parse((await this.ask('GET', 'v1/bgp/neighbors')).text);
  }

  async neighbor(router: string): Promise<SeenNeighbor> {
    return JSON.parse((await this.ask('GET', `v1/bgp/neighbors/${router}`)).text);
  }

  /** Waits until these sessions, or all there are, are up. */
  async untilUp(routers?: readonly string[], ms = 30_000): Promise<void> {
    await until(
      async () => {
        const list = await this.neighbors();
        const wanted = routers === undefined ? list : list.filter(({ router }) => routers.includes(router));
        return wanted.filter(({ state }) => state !== 'established');
      },
      (down) => down.length === 0,
      ms,
      (down) =>
        down.map(({ router, state, lastError }) => `${router} ${state} ${lastError?.event}`).join('\n'),
    );
  }

  async delete(): Promise<void> {
    this.fetcher.close();
    await this.endWeir('SIGKILL');
    for (const router of this.routers.values()) await router.delete();
    await this.weirSide.delete();
  }
}

/** Asks again and again until the answer is good; throws with the last one when it takes too long. */
export async function until<Value>(
  ask: () => Value | Promise<Value>,
  isGood: (value: Value) => boolean,
  ms = 15_000,
  show: (value: Value) => string = (value) => String(value),
): Promise<Value> {
  const end = performance.now() + ms;
  for (;;) {
    const value = await ask();
    if (isGood(value)) return value;
    if (performance.now() > end) throw new Error(`not within ${ms / 1000} s:\n${show(value)}`);
    await sleep(100);
  }
}
