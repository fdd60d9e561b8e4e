import { HostAgent } from './fabric/host-agent.ts';
import { createPlan } from './fabric/plan.ts';
import { SwitchAgent } from './fabric/switch-agent.ts';
import { createTraffic } from './fabric/traffic.ts';
import { Random } from './random.ts';

export interface FabricOptions {
  /** Equal seeds and equal times give equal datagrams. */
  readonly seed?: number;
}

/** A small data centre that exists only in its sFlow. */
export interface Fabric {
  /** Addresses of all agents: switches, then hosts. */
  readonly agents: readonly string[];
  /**
   * The datagrams that the agents send until `now`, ms on any clock; the first call sets the beginning. After a pause
   * of more than two seconds the model goes on two seconds before `now`; a clock that goes back gives nothing.
   */
  next(now: number): Uint8Array[];
}

/** The model advances in steps of this many ms. */
const STEP = 50;

/** How much one call makes up for at most, ms. */
const LONGEST_CALL = 2000;

/** Samples wait in an agent no longer than this many ms (sFlow v5, 4.3.1 asks for at most one second). */
const LONGEST_WAIT = 250;

/** How long the agents have been up when the model begins, ms. */
const UPTIME = 86_400_000;

/**
 * A leaf-spine fabric under load: packet samples and interface counters of its switches, host counters of its hosts
 * and virtual machines, all of one and the same traffic, so that they agree with each other. Large and small flows, a
 * port scan, and every minute an attack that comes and goes.
 */
export function createFabric(options: FabricOptions = {}): Fabric {
  const random = new Random(options.seed ?? 1);
  const plan = createPlan();
  const switches = new Map(
    [...plan.leaves, ...plan.spines].map((each) => [each, new SwitchAgent(each, random)]),
  );
  const hosts = plan.hosts.map((host) => new HostAgent(host, random));
  const agents = [...switches.values(), ...hosts];
  const traffic = createTraffic(plan, random);
  let begin: number | undefined;
  let simulated = 0;

  const step = (at: number): void => {
    const uptime = UPTIME + at;
    for (const source of traffic) {
      for (const stream of source.advance(at / 1000)) {
        const packets = stream.packets(STEP / 1000);
        if (packets === 0) continue;
        for (const hop of stream.path) {
          switches.get(hop.switch)?.forward(hop, stream, packets, uptime);
          if (stream.dropReason !== undefined) break;
        }
      }
    }
    for (const each of agents) {
      each.poll(uptime);
      if (at % LONGEST_WAIT === 0) each.agent.flush(uptime);
    }
  };

  return {
    agents: agents.map((each) => each.agent.address),
    next(now) {
      begin ??= now;
      const until = now - begin;
      if (until - simulated > LONGEST_CALL) begin += until - simulated - LONGEST_CALL;
      for (; simulated <= now - begin; simulated += STEP) step(simulated);
      return agents.flatMap((each) => each.agent.take());
    },
  };
}
