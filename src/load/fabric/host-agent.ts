import { formatMac } from '../../common/index.ts';
import type { FlowOrCounterRecord } from '../../sflow/index.ts';
import type { Random } from '../random.ts';
import { Agent, DEVICE_SOURCE, interfaceSource, record } from './agent.ts';
import type { Host, VirtualMachine } from './plan.ts';
import { PollTimer } from './poll-timer.ts';
import { type InterfaceCounters, interfaceRecord, uuidOf } from './switch-agent.ts';

const HOST_SUB_AGENT = 100_000;
const ETH0 = 2;
const PROCESSORS = 16;
const GIBIBYTE = 2 ** 30;
const MEMORY = 64 * GIBIBYTE;
const DISK = 2000 * GIBIBYTE;
/** Milliseconds of processor time for one packet, and for one byte. */
const PACKET_COST = 0.004;
const BYTE_COST = 2e-6;
/** Class of data sources that are logical entities: virtual machines (sFlow v5, entLogicalEntry). */
const VIRTUAL_MACHINE_CLASS = 3;
const FIRST_VIRTUAL_MACHINE = 10_001;

/* Bytes of samples in a datagram, at most. */
const INTERFACE_SAMPLE_BYTES = 20 + 96 + 24;
const HOST_SAMPLE_BYTES = 1000;
const VIRTUAL_MACHINE_SAMPLE_BYTES = 400;

/** How a host uses its disk and its accelerators, as a share of its traffic. */
interface Role {
  /** Bytes read from disk for each byte sent, and written for each byte received. */
  readonly disk: number;
  readonly gpus: number;
}

/**
 * The agent of a host. It sends no packet samples: its interface counters are the other end of its switch port's, and
 * processor, memory and disk follow from the traffic.
 */
export class HostAgent {
  readonly agent: Agent;
  private readonly host: Host;
  private readonly random: Random;
  private readonly role: Role;
  private readonly interfaceTimer: PollTimer;
  private readonly hostTimer: PollTimer;
  private readonly machineTimers: readonly PollTimer[];
  private last = { uptime: 0, packets: 0, octets: 0 };
  private busy = 0;
  private gpuTime = 0;
  private load = [0, 0, 0];

  constructor(host: Host, random: Random) {
    this.host = host;
    this.random = random;
    this.agent = new Agent(host.address, HOST_SUB_AGENT);
    this.role = {
      disk: /^(db|nfs|backup)/.test(host.name) ? 0.8 : 0,
      gpus: host.name.startsWith('gpu') ? 8 : 0,
    };
    this.interfaceTimer = new PollTimer(random);
    this.hostTimer = new PollTimer(random);
    this.machineTimers = host.virtualMachines.map(() => new PollTimer(random));
  }

  /** Send the counters that are due; `uptime` in ms. */
  poll(uptime: number): void {
    const counters = this.counters();
    if (this.interfaceTimer.due(uptime)) this.pollInterface(counters, uptime);
    if (this.hostTimer.due(uptime)) this.pollHost(counters, uptime);
    for (const [i, machine] of this.host.virtualMachines.entries()) {
      if (this.machineTimers[i].due(uptime)) this.pollVirtualMachine(machine, i, counters, uptime);
    }
  }

  /** What eth0 counted: the switch port's counters, seen from the other end. */
  private counters(): InterfaceCounters {
    const { port } = this.host;
    return {
      inOctets: port.outOctets,
      inPackets: port.outPackets,
      inDiscards: 0,
      outOctets: port.inOctets,
      outPackets: port.inPackets,
    };
  }

  private pollInterface(counters: InterfaceCounters, uptime: number): void {
    this.agent.add(
      {
        kind: 'counter',
        expanded: false,
        sourceId: interfaceSource(ETH0),
        records: [
          interfaceRecord(ETH0, this.host.port.speed, counters),
          record('port_name', { name: 'eth0' }),
        ],
      },
      INTERFACE_SAMPLE_BYTES,
      uptime,
    );
  }

  private pollHost(counters: InterfaceCounters, uptime: number): void {
    this.work(counters, uptime);
    const { host, role } = this;
    const records = [
      hostDescription(host.name, host.mac),
      record('host_adapters', {
        adapters: [{ ifIndex: ETH0, macAddresses: [macText(host.mac)] }],
      }),
      this.processors(uptime),
      this.memory(),
      record('host_disk_io', diskFields(role.disk, counters)),
      record('host_net_io', networkFields(counters)),
      record('mib2_tcp_group', tcpFields(counters)),
      record('mib2_udp_group', udpFields(counters)),
    ];
    if (host.virtualMachines.length > 0) {
      records.push(
        record('virt_node', {
          mhz: 2400,
          cpus: PROCESSORS,
          memory: BigInt(MEMORY),
          memoryFree: BigInt(MEMORY / 2),
          domains: host.virtualMachines.length,
        }),
      );
    }
    if (role.gpus > 0) records.push(this.accelerators());
    this.agent.add(
      { kind: 'counter', expanded: false, sourceId: DEVICE_SOURCE, records },
      HOST_SAMPLE_BYTES,
      uptime,
    );
  }

  /** Turn the traffic since the last time into processor time and load. */
  private work(counters: InterfaceCounters, uptime: number): void {
    const packets = counters.inPackets + counters.outPackets;
    const octets = counters.inOctets + counters.outOctets;
    const elapsed = Math.max(1, uptime - this.last.uptime);
    const traffic = (packets - this.last.packets) * PACKET_COST + (octets - this.last.octets) * BYTE_COST;
    const background = elapsed * PROCESSORS * (0.01 + 0.01 * this.random.unit());
    const busy = Math.min(elapsed * PROCESSORS, traffic + background);
    this.busy += busy;
    if (this.role.gpus > 0 && octets > this.last.octets) this.gpuTime += elapsed * 0.9;
    const running = busy / elapsed;
    this.load = this.load.map((value, i) => {
      const decay = Math.exp(-elapsed / (60_000 * [1, 5, 15][i]));
      return value * decay + running * (1 - decay);
    });
    this.last = { uptime, packets, octets };
  }

  private processors(uptime: number): FlowOrCounterRecord {
    const word = (value: number): number => Math.floor(value) % 4294967296;
    return record('host_cpu', {
      loadOne: this.load[0],
      loadFive: this.load[1],
      loadFifteen: this.load[2],
      processesRunning: 1 + Math.round(this.load[0]),
      processesTotal: 310,
      cpuNumber: PROCESSORS,
      cpuSpeed: 2400,
      uptime: word(uptime / 1000),
      cpuUser: word(this.busy * 0.55),
      cpuNice: 0,
      cpuSystem: word(this.busy * 0.3),
      cpuIdle: word(uptime * PROCESSORS - this.busy),
      cpuWaitIo: 0,
      cpuInterrupt: 0,
      cpuSoftInterrupt: word(this.busy * 0.15),
      interrupts: word(this.last.packets / 8),
      contextSwitches: word(this.last.packets / 4),
      cpuSteal: 0,
      cpuGuest: 0,
      cpuGuestNice: 0,
    });
  }

  private memory(): FlowOrCounterRecord {
    const free = Math.round(MEMORY * (0.3 + 0.05 * this.random.unit()));
    return record('host_memory', {
      memoryTotal: BigInt(MEMORY),
      memoryFree: BigInt(free),
      memoryShared: 0n,
      memoryBuffers: BigInt(GIBIBYTE),
      memoryCached: BigInt(MEMORY / 4),
      swapTotal: BigInt(8 * GIBIBYTE),
      swapFree: BigInt(8 * GIBIBYTE),
      pageIn: 0,
      pageOut: 0,
      swapIn: 0,
      swapOut: 0,
    });
  }

  private accelerators(): FlowOrCounterRecord {
    return record('nvidia_gpu', {
      deviceCount: this.role.gpus,
      processes: this.role.gpus,
      gpuTime: Math.floor(this.gpuTime) % 4294967296,
      memoryTime: Math.floor(this.gpuTime / 2) % 4294967296,
      memoryTotal: BigInt(this.role.gpus * 80 * GIBIBYTE),
      memoryFree: BigInt(this.role.gpus * 20 * GIBIBYTE),
      eccErrors: 0,
      energy: Math.floor(this.gpuTime * 600) % 4294967296,
      temperature: 61 + this.random.below(4),
      fanSpeed: 0,
    });
  }

  private pollVirtualMachine(
    machine: VirtualMachine,
    i: number,
    host: InterfaceCounters,
    uptime: number,
  ): void {
    // The guests share the host's work and traffic evenly.
    const share = 1 / this.host.virtualMachines.length / 2;
    const counters: InterfaceCounters = {
      inOctets: Math.floor(host.inOctets * share),
      inPackets: Math.floor(host.inPackets * share),
      inDiscards: 0,
      outOctets: Math.floor(host.outOctets * share),
      outPackets: Math.floor(host.outPackets * share),
    };
    this.agent.add(
      {
        kind: 'counter',
        expanded: false,
        sourceId: { class: VIRTUAL_MACHINE_CLASS, index: FIRST_VIRTUAL_MACHINE + i },
        records: [
          hostDescription(machine.name, machine.mac),
          record('host_adapters', { adapters: [{ ifIndex: 0, macAddresses: [macText(machine.mac)] }] }),
          record('host_parent', { containerType: DEVICE_SOURCE.class, containerIndex: DEVICE_SOURCE.index }),
          record('virt_cpu', {
            state: 1,
            cpuTime: Math.floor(this.busy * share) % 4294967296,
            virtualCpus: 4,
          }),
          record('virt_memory', { memory: BigInt(6 * GIBIBYTE), maxMemory: BigInt(8 * GIBIBYTE) }),
          record('virt_net_io', networkFields(counters)),
        ],
      },
      VIRTUAL_MACHINE_SAMPLE_BYTES,
      uptime,
    );
  }
}

function hostDescription(hostname: string, mac: number): FlowOrCounterRecord {
  return record('host_descr', { hostname, uuid: uuidOf(mac), machineType: 3, osName: 2, osRelease: '6.1.0' });
}

function macText(mac: number): string {
  return formatMac(Math.floor(mac / 4294967296), mac);
}

function networkFields(counters: InterfaceCounters) {
  return {
    bytesIn: BigInt(counters.inOctets),
    packetsIn: counters.inPackets % 4294967296,
    errorsIn: 0,
    dropsIn: 0,
    bytesOut: BigInt(counters.outOctets),
    packetsOut: counters.outPackets % 4294967296,
    errorsOut: 0,
    dropsOut: 0,
  };
}

function diskFields(share: number, counters: InterfaceCounters) {
  const BLOCK = 65_536;
  const read = Math.floor(counters.outOctets * share);
  const written = Math.floor(counters.inOctets * share);
  return {
    diskTotal: BigInt(DISK),
    diskFree: BigInt(DISK / 2),
    partitionMaxUsed: 5000,
    reads: Math.floor(read / BLOCK) % 4294967296,
    bytesRead: BigInt(read),
    readTime: Math.floor(read / BLOCK / 4) % 4294967296,
    writes: Math.floor(written / BLOCK) % 4294967296,
    bytesWritten: BigInt(written),
    writeTime: Math.floor(written / BLOCK / 3) % 4294967296,
  };
}

/** Most packets are TCP. */
const TCP_SHARE = 0.9;

function tcpFields(counters: InterfaceCounters) {
  const received = Math.floor(counters.inPackets * TCP_SHARE);
  const sent = Math.floor(counters.outPackets * TCP_SHARE);
  return {
    tcpRtoAlgorithm: 1,
    tcpRtoMin: 200,
    tcpRtoMax: 120_000,
    tcpMaxConn: 4294967295,
    tcpActiveOpens: Math.floor(sent / 5000) % 4294967296,
    tcpPassiveOpens: Math.floor(received / 5000) % 4294967296,
    tcpAttemptFails: 0,
    tcpEstabResets: 0,
    tcpCurrEstab: 40,
    tcpInSegs: received % 4294967296,
    tcpOutSegs: sent % 4294967296,
    tcpRetransSegs: Math.floor(sent / 20_000) % 4294967296,
    tcpInErrs: 0,
    tcpOutRsts: 0,
    tcpInCsumErrors: 0,
  };
}

function udpFields(counters: InterfaceCounters) {
  return {
    udpInDatagrams: Math.floor(counters.inPackets * (1 - TCP_SHARE)) % 4294967296,
    udpNoPorts: 0,
    udpInErrors: 0,
    udpOutDatagrams: Math.floor(counters.outPackets * (1 - TCP_SHARE)) % 4294967296,
    udpRcvbufErrors: 0,
    udpSndbufErrors: 0,
    udpInCsumErrors: 0,
  };
}
