import { FRAME_BYTES, PROTOCOL, TCP_FLAG } from '../frame.ts';
import type { Random } from '../random.ts';
import type { Endpoint, FabricPlan, Host } from './plan.ts';
import {
  type Conversation,
  converse,
  ETHERNET_OVERHEAD,
  type Service,
  Stream,
  writePacket,
} from './stream.ts';

/** A part of the fabric's traffic. */
export interface TrafficSource {
  /** The streams that flow during the step that begins `seconds` after the start, with their rates set. */
  advance(seconds: number): Iterable<Stream>;
}

/** Everything that flows in the fabric. */
export function createTraffic(plan: FabricPlan, random: Random): readonly TrafficSource[] {
  return [
    ...elephants(plan, random),
    ...tunnels(plan),
    new Mice(plan, random),
    new PortScan(plan),
    new Amplification(plan, random),
  ];
}

/** Seconds after which the scan and the attack come again. */
export const INCIDENT_PERIOD = 60;
/** Seconds of each period in which they are there. */
export const SCAN_WINDOW = { from: 5, to: 15 } as const;
export const ATTACK_WINDOW = { from: 25, to: 45 } as const;

const MEGABIT = 1_000_000;
const SMALL_FRAME = 70;
const FULL_FRAME = FRAME_BYTES.largest;
/** A RoCEv2 frame with 4,096 bytes of data. */
const RDMA_FRAME = 4096 + 12 + 16 + 8 + 20 + ETHERNET_OVERHEAD;

const HTTPS: Service = {
  protocol: PROTOCOL.tcp,
  serverPort: 443,
  requestBytes: 118,
  responseBytes: FULL_FRAME,
};
const HTTP: Service = {
  protocol: PROTOCOL.tcp,
  serverPort: 8080,
  requestBytes: 412,
  responseBytes: FULL_FRAME,
};
const POSTGRES: Service = {
  protocol: PROTOCOL.tcp,
  serverPort: 5432,
  requestBytes: 214,
  responseBytes: 1134,
};
const NFS: Service = {
  protocol: PROTOCOL.tcp,
  serverPort: 2049,
  requestBytes: SMALL_FRAME,
  responseBytes: FULL_FRAME,
};
const RSYNC: Service = {
  protocol: PROTOCOL.tcp,
  serverPort: 873,
  requestBytes: SMALL_FRAME,
  responseBytes: FULL_FRAME,
  dscp: 8,
};
const SSH: Service = {
  protocol: PROTOCOL.tcp,
  serverPort: 22,
  requestBytes: 102,
  responseBytes: 186,
  dscp: 16,
};
const DNS: Service = {
  protocol: PROTOCOL.udp,
  serverPort: 53,
  requestBytes: 92,
  responseBytes: 168,
  freshPorts: true,
  payload: (frame, fromServer, random) =>
    frame.dns({
      id: random.below(65536),
      response: fromServer,
      name: random.pick(['www.example.com', 'api.example.com', 'db1.fabric.example', 'mail.example.net']),
      type: random.pick([1, 1, 28]),
      answers: fromServer ? 1 : 0,
    }),
};
/** RDMA writes: opcode 7 is the middle of one, 17 its acknowledgement. */
const ROCE: Service = {
  protocol: PROTOCOL.udp,
  serverPort: 4791,
  requestBytes: RDMA_FRAME,
  responseBytes: 82,
  dscp: 26,
  payload: (frame, fromServer, random) => frame.infiniBand(fromServer ? 17 : 7, 0x18, random.below(2 ** 24)),
};

/** Long-lived flows whose rate follows a curve. */
class Elephant implements TrafficSource {
  private readonly conversation: Conversation;
  private readonly bitsPerSecond: (seconds: number) => number;
  private readonly heavy: 'request' | 'response';

  /** `bitsPerSecond` is that of the heavier direction; the other one acknowledges every second packet. */
  constructor(
    conversation: Conversation,
    heavy: 'request' | 'response',
    bitsPerSecond: (seconds: number) => number,
  ) {
    this.conversation = conversation;
    this.heavy = heavy;
    this.bitsPerSecond = bitsPerSecond;
  }

  *advance(seconds: number): Iterable<Stream> {
    const rate = this.bitsPerSecond(seconds);
    if (rate <= 0) return;
    const { request, response } = this.conversation;
    const [more, less] = this.heavy === 'request' ? [request, response] : [response, request];
    more.rate = rate / 8 / more.frameBytes;
    less.rate = more.rate / 2;
    yield more;
    yield less;
  }
}

/** Around `mean` bits per second, up and down by a quarter within `period` seconds. */
function wave(mean: number, period: number): (seconds: number) => number {
  return (seconds) => mean * (1 + 0.25 * Math.sin((2 * Math.PI * seconds) / period));
}

/** `rate` bits per second during the first `on` of every `period` seconds. */
function burst(rate: number, on: number, period: number): (seconds: number) => number {
  return (seconds) => (seconds % period < on ? rate : 0);
}

function elephants(plan: FabricPlan, random: Random): TrafficSource[] {
  const host = plan.host;
  const sources: TrafficSource[] = [];
  const add = (
    client: string,
    server: string,
    service: Service,
    bitsPerSecond: (seconds: number) => number,
    options: { heavy?: 'request' | 'response'; ipVersion?: 4 | 6 } = {},
  ): void => {
    const { heavy = 'response', ipVersion = 4 } = options;
    const clientPort = random.between(32768, 60999);
    const conversation = converse(plan, host(client), host(server), service, { clientPort, ipVersion });
    sources.push(new Elephant(conversation, heavy, bitsPerSecond));
  };
  add('app1', 'nfs1', NFS, wave(1600 * MEGABIT, 40));
  add('hv1', 'nfs1', NFS, wave(600 * MEGABIT, 25));
  add('backup1', 'db1', RSYNC, burst(3000 * MEGABIT, 20, 45));
  add('app2', 'db1', POSTGRES, wave(400 * MEGABIT, 30), { ipVersion: 6 });
  add('app1', 'db2', POSTGRES, wave(200 * MEGABIT, 20));
  add('web1', 'app1', HTTP, wave(300 * MEGABIT, 35));
  add('web2', 'app2', HTTP, wave(250 * MEGABIT, 15), { ipVersion: 6 });
  for (let i = 0; i < 4; i++) {
    add(`gpu${i + 1}`, `gpu${((i + 1) % 4) + 1}`, ROCE, burst(4000 * MEGABIT, 6, 10), { heavy: 'request' });
  }
  const resolver = host('dns1');
  for (const client of plan.hosts) {
    if (client === resolver) continue;
    const conversation = converse(plan, client, resolver, DNS, { clientPort: random.between(1, 65535) });
    const rate = 400 * conversation.request.frameBytes * 8;
    sources.push(new Elephant(conversation, 'request', () => rate));
  }
  return sources;
}

/** Virtual machines of different hypervisors talk through VXLAN. */
function tunnels(plan: FabricPlan): TrafficSource[] {
  const VXLAN_PORT = 4789;
  /** Outer IPv4 and UDP headers, VXLAN header and inner Ethernet header. */
  const ENCAPSULATION = 20 + 8 + 8 + 14;
  const tunnel = (
    from: Host,
    to: Host,
    vm: number,
    vni: number,
    bits: (seconds: number) => number,
  ): TrafficSource => {
    const [client, server] = [from.virtualMachines[vm], to.virtualMachines[vm]];
    const outerPort = 0xc000 + vni + vm;
    const one = (outerFrom: Host, outerTo: Host, fromServer: boolean, frameBytes: number): Stream => {
      const [source, destination] = fromServer ? [server, client] : [client, server];
      return new Stream({
        path: plan.path(outerFrom, outerTo, outerPort),
        frameBytes,
        ttl: outerFrom.ttl,
        write: (frame, length, ttl, random) => {
          writePacket(frame, outerFrom.ip4, outerTo.ip4, outerPort, VXLAN_PORT, {
            length,
            ttl,
            protocol: PROTOCOL.udp,
            id: random.below(65536),
          });
          frame.vxlan(vni).macs(destination.mac, source.mac);
          const [sourcePort, destinationPort] = fromServer ? [3306, 40000 + vni] : [40000 + vni, 3306];
          writePacket(frame, source.ip4, destination.ip4, sourcePort, destinationPort, {
            length: length - ENCAPSULATION,
            protocol: PROTOCOL.tcp,
            sequence: random.word(),
            acknowledgement: random.word(),
          });
        },
      });
    };
    const conversation = {
      request: one(from, to, false, SMALL_FRAME + ENCAPSULATION),
      response: one(to, from, true, FULL_FRAME + ENCAPSULATION),
    };
    return new Elephant(conversation, 'response', bits);
  };
  return [
    tunnel(plan.host('hv1'), plan.host('hv2'), 0, 5001, wave(300 * MEGABIT, 30)),
    tunnel(plan.host('hv2'), plan.host('hv3'), 1, 5002, wave(150 * MEGABIT, 22)),
  ];
}

/** Short conversations that come and go: browsers from outside, logins inside. */
class Mice implements TrafficSource {
  private static readonly ARRIVALS_PER_SECOND = 10;
  private static readonly MEAN_LIFETIME = 6;

  private readonly plan: FabricPlan;
  private readonly random: Random;
  private readonly webServers: readonly Host[];
  private alive: { ends: number; conversation: Conversation }[] = [];
  private nextArrival = 0;

  constructor(plan: FabricPlan, random: Random) {
    this.plan = plan;
    this.random = random;
    this.webServers = [plan.host('web1'), plan.host('web2')];
  }

  *advance(seconds: number): Iterable<Stream> {
    for (
      ;
      this.nextArrival <= seconds;
      this.nextArrival += this.random.exponential(1 / Mice.ARRIVALS_PER_SECOND)
    ) {
      this.alive.push({
        ends: this.nextArrival + this.random.exponential(Mice.MEAN_LIFETIME),
        conversation: this.begin(),
      });
    }
    this.alive = this.alive.filter((mouse) => mouse.ends > seconds);
    for (const { conversation } of this.alive) {
      yield conversation.request;
      yield conversation.response;
    }
  }

  private begin(): Conversation {
    const { plan, random } = this;
    const clientPort = random.between(1024, 65535);
    if (random.unit() < 0.15) {
      const [client, server] = [random.pick(plan.hosts), random.pick(plan.hosts)];
      if (client !== server) {
        const login = converse(plan, client, server, SSH, { clientPort });
        login.request.rate = login.response.rate = random.between(20, 400);
        return login;
      }
    }
    const client = plan.outsider(random.pick(OUTSIDE_NETWORKS) + random.between(1, 254), random.below(65536));
    const ipVersion = random.unit() < 0.3 ? 6 : 4;
    const visit = converse(plan, client, random.pick(this.webServers), HTTPS, { clientPort, ipVersion });
    // From half a megabit to thirty per second, most of them small.
    visit.response.rate = (0.5 * MEGABIT * 60 ** random.unit()) / 8 / visit.response.frameBytes;
    visit.request.rate = visit.response.rate / 2;
    return visit;
  }
}

/** Networks for documentation (RFC 5737), as the Internet: 198.51.100.0/24 and 203.0.113.0/24. */
const OUTSIDE_NETWORKS = [0xc6336400, 0xcb007100] as const;

/** Somebody outside tries the ports of every host; the border lets nobody at the databases and the storage. */
class PortScan implements TrafficSource {
  private static readonly PROBES_PER_SECOND = 1200;
  /** Drop reason of sFlow Dropped Packet Notification Structures. */
  private static readonly ACL = 258;
  private static readonly PROTECTED = /^(db|nfs|backup)/;

  private readonly streams: readonly Stream[];

  constructor(plan: FabricPlan) {
    const scanner = plan.outsider(0xcb007142, 0x42);
    this.streams = plan.hosts.map((host) => PortScan.probe(plan, scanner, host));
  }

  private static probe(plan: FabricPlan, scanner: Endpoint, host: Host): Stream {
    const stream = new Stream({
      path: plan.path(scanner, host, host.ip4[0]),
      frameBytes: FRAME_BYTES.smallest,
      ttl: scanner.ttl,
      ...(PortScan.PROTECTED.test(host.name) ? { dropReason: PortScan.ACL } : {}),
      write: (frame, length, ttl, random) =>
        writePacket(frame, scanner.ip4, host.ip4, 54321, random.between(1, 10000), {
          length,
          ttl,
          protocol: PROTOCOL.tcp,
          flags: TCP_FLAG.syn,
          sequence: random.word(),
          window: 1024,
        }),
    });
    stream.rate = PortScan.PROBES_PER_SECOND;
    return stream;
  }

  advance(seconds: number): Iterable<Stream> {
    return inWindow(seconds, SCAN_WINDOW) ? this.streams : [];
  }
}

/** Answers that nobody in the fabric asked for, from many open resolvers to one host. */
class Amplification implements TrafficSource {
  private static readonly REFLECTORS = 60;
  /** Answers per second of one reflector. */
  private static readonly RATE = 3500;
  /** Seconds until the attack is at its height. */
  private static readonly RISE = 3;
  private static readonly FRAME = 1468;

  private readonly streams: readonly Stream[];

  constructor(plan: FabricPlan, random: Random) {
    const victim = plan.host('web1');
    this.streams = Array.from({ length: Amplification.REFLECTORS }, (_, i) => {
      const reflector = plan.outsider(OUTSIDE_NETWORKS[i % 2] + 2 + 4 * i, i);
      const victimPort = random.between(1024, 65535);
      return new Stream({
        path: plan.path(reflector, victim, i),
        frameBytes: Amplification.FRAME,
        ttl: reflector.ttl,
        write: (frame, length, ttl, packetRandom) => {
          writePacket(frame, reflector.ip4, victim.ip4, 53, victimPort, {
            length,
            ttl,
            protocol: PROTOCOL.udp,
            id: packetRandom.below(65536),
          });
          const id = packetRandom.below(65536);
          frame.dns({ id, response: true, name: 'isc.example.org', type: 255, answers: 24 });
        },
      });
    });
  }

  advance(seconds: number): Iterable<Stream> {
    if (!inWindow(seconds, ATTACK_WINDOW)) return [];
    const since = (seconds % INCIDENT_PERIOD) - ATTACK_WINDOW.from;
    const height = Math.min(1, (since + 0.5) / Amplification.RISE);
    for (const stream of this.streams) stream.rate = Amplification.RATE * height;
    return this.streams;
  }
}

function inWindow(seconds: number, window: { from: number; to: number }): boolean {
  const phase = seconds % INCIDENT_PERIOD;
  return phase >= window.from && phase < window.to;
}
