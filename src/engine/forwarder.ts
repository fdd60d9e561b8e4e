import { i32, parseIPv4, parseIPv6 } from '../common/index.ts';
import type { Destination, SendCounts } from '../udp/sender.ts';
import type { Forwarding } from './forwarding.ts';

interface Target {
  readonly destination: Destination;
  /** undefined: all agents. */
  readonly agents: AgentFilter | undefined;
}

/** Sends received datagrams on, unchanged, whatever is in them (rest-api 12). */
export class Forwarder {
  private readonly slotBytes: number;
  private readonly targets = new Map<string, Target>();
  /** False: nothing is forwarded, and `take` need not be called. */
  active = false;

  /** @param slotBytes a datagram of so many bytes has been cut and cannot be sent unchanged */
  constructor(slotBytes = Number.POSITIVE_INFINITY) {
    this.slotBytes = slotBytes;
  }

  set(name: string, { agents }: Forwarding, destination: Destination): void {
    this.targets.set(name, {
      destination,
      agents: agents === undefined ? undefined : new AgentFilter(agents),
    });
    this.active = true;
  }

  remove(name: string): void {
    this.targets.delete(name);
    this.active = this.targets.size > 0;
  }

  /** One UDP payload, `bytes[start, end)`. */
  take(bytes: Uint8Array, start: number, end: number): void {
    for (const { destination, agents } of this.targets.values()) {
      if (agents !== undefined && !agents.includes(bytes, start, end)) continue;
      if (end - start < this.slotBytes) destination.send(bytes, start, end);
      else destination.counts.failed++;
    }
  }

  counts(): Record<string, SendCounts> {
    return Object.fromEntries([...this.targets].map(([name, { destination }]) => [name, destination.counts]));
  }
}

/** Words of a datagram's header up to the agent's address; the same in versions 2, 4 and 5. */
const AGENT_AT = 8;
const IPV4_HEADER = 12;
const IPV6_HEADER = 24;

/** Agents by the address in their datagrams. */
class AgentFilter {
  private readonly words4 = new Set<number>();
  /** By the last word. */
  private readonly words6 = new Map<number, Int32Array[]>();

  constructor(agents: readonly string[]) {
    for (const agent of agents) {
      const word = parseIPv4(agent);
      const words = parseIPv6(agent);
      if (word !== undefined) this.words4.add(word);
      else if (words !== undefined) this.words6.set(words[3], [...(this.words6.get(words[3]) ?? []), words]);
    }
  }

  /** Whether a datagram comes from one of the agents; false when it is too short to say. */
  includes(bytes: Uint8Array, start: number, end: number): boolean {
    if (end - start < IPV4_HEADER) return false;
    const version = i32(bytes, start);
    if (version !== 5 && version !== 4 && version !== 2) return false;
    const at = start + AGENT_AT;
    switch (i32(bytes, start + 4)) {
      case 1:
        return this.words4.has(i32(bytes, at));
      case 2:
        return end - start >= IPV6_HEADER && this.includes6(bytes, at);
      default:
        return false;
    }
  }

  private includes6(bytes: Uint8Array, at: number): boolean {
    const alike = this.words6.get(i32(bytes, at + 12));
    return alike?.some((words) => words.every((word, i) => word === i32(bytes, at + 4 * i))) === true;
  }
}
