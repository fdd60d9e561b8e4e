import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** IPFIX collectors listen here; tests that run at once tell theirs apart by the loopback address. */
const IPFIX_PORT = 4739;
const START_WITHIN_MS = 20_000;
/** pmacct writes every second. */
const WRITTEN_WITHIN_MS = 5000;
const PROTOCOLS: Readonly<Record<string, number>> = { tcp: 6, udp: 17 };

/** A flow as a collector understood it. Addresses and MACs as it prints them; fields it was not given are 0. */
export interface DecodedFlow {
  readonly source: string;
  readonly destination: string;
  readonly protocol: number;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly input: number;
  readonly output: number;
  readonly vlan: number;
  readonly sourceMac: string;
  readonly destinationMac: string;
  readonly bytes: number;
  readonly packets: number;
  /** epoch ms */
  readonly start: number;
  readonly end: number;
}

/** A collector's process with a folder of its own. */
class CollectorProcess {
  readonly folder = mkdtempSync(join(tmpdir(), 'weir-ipfix-'));
  output = '';
  private child: ChildProcess | undefined;

  async start(program: string, args: readonly string[], ready: string): Promise<void> {
    const child = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, TZ: 'UTC' },
    });
    this.child = child;
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => {
        this.output += chunk;
      });
    const kill = (): boolean => child.kill('SIGKILL');
    process.once('exit', kill);
    child.once('exit', () => process.removeListener('exit', kill));
    const until = performance.now() + START_WITHIN_MS;
    while (!this.output.includes(ready)) {
      if (child.exitCode !== null || performance.now() > until)
        throw new Error(`${program} did not start:\n${this.output}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    const { child } = this;
    if (child === undefined || child.exitCode !== null) return;
    child.kill(signal);
    await once(child, 'exit');
  }

  delete(): void {
    this.child?.kill('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** nfcapd of nfdump, which writes flows to files that nfdump reads. */
export class Nfcapd {
  private readonly process = new CollectorProcess();

  async start(address: string): Promise<void> {
    const args = ['-b', address, '-p', String(IPFIX_PORT), '-w', this.process.folder, '-t', '3600'];
    await this.process.start('nfcapd', args, 'Startup');
  }

  /** Ends it, and gives what it got and what it says about that. */
  async finish(): Promise<{ flows: DecodedFlow[]; summary: string }> {
    await this.process.end('SIGTERM');
    const options = { env: { ...process.env, TZ: 'UTC' }, maxBuffer: 1 << 28 };
    const text = execFileSync('nfdump', ['-R', this.process.folder, '-o', 'json'], options).toString();
    const records = JSON.parse(text) as Record<string, string & number>[];
    const flows = records.map((record) => ({
      source: record['src4_addr'] ?? record['src6_addr'],
      destination: record['dst4_addr'] ?? record['dst6_addr'],
      protocol: record['proto'],
      sourcePort: record['src_port'] ?? 0,
      destinationPort: record['dst_port'] ?? 0,
      input: record['input_snmp'] ?? 0,
      output: record['output_snmp'] ?? 0,
      vlan: record['src_vlan'] ?? 0,
      sourceMac: record['in_src_mac'] ?? '',
      destinationMac: record['in_dst_mac'] ?? '',
      bytes: record['in_bytes'],
      packets: record['in_packets'],
      start: Date.parse(`${record['first']}Z`),
      end: Date.parse(`${record['last']}Z`),
    }));
    return { flows, summary: /Flows: .*/.exec(this.process.output)?.[0] ?? '' };
  }

  delete(): void {
    this.process.delete();
  }
}

/** What pmacct understands and nfdump does not. */
export interface PmacctFlow extends DecodedFlow {
  readonly etherType: number;
  readonly priority: number;
  /** The agent, of IPv4. */
  readonly agent: string;
}

/** nfacctd of pmacct, whose print plug-in writes JSON. */
export class Nfacctd {
  private readonly process = new CollectorProcess();

  async start(address: string): Promise<void> {
    const { folder } = this.process;
    const primitives = join(folder, 'primitives');
    // exporterIPv4Address; pmacct has no primitive of its own for it.
    writeFileSync(primitives, 'name=agent field_type=130 len=4 semantics=ip\n');
    const config = join(folder, 'nfacctd.conf');
    writeFileSync(
      config,
      [
        'daemonize: false',
        `nfacctd_ip: ${address}`,
        `nfacctd_port: ${IPFIX_PORT}`,
        `aggregate_primitives: ${primitives}`,
        'plugins: print[out]',
        'aggregate[out]: src_mac, dst_mac, vlan, cos, etype, src_host, dst_host, src_port, dst_port, proto, in_iface, out_iface, timestamp_start, timestamp_end, agent',
        'print_output[out]: json',
        `print_output_file[out]: ${folder}/flows.json`,
        'print_output_file_append[out]: true',
        'print_refresh_time[out]: 1',
        'timestamps_since_epoch[out]: true',
        '',
      ].join('\n'),
    );
    await this.process.start('nfacctd', ['-f', config], 'waiting for NetFlow/IPFIX data');
  }

  /** Waits for so many flows, ends it, and gives what it got. */
  async finish(count: number): Promise<PmacctFlow[]> {
    const until = performance.now() + WRITTEN_WITHIN_MS;
    while (this.lines().length < count && performance.now() < until)
      await new Promise((resolve) => setTimeout(resolve, 50));
    await this.process.end('SIGINT');
    return this.flows();
  }

  delete(): void {
    this.process.delete();
  }

  /** What the plug-in, a process of its own, has written until now. */
  private lines(): string[] {
    const file = join(this.process.folder, 'flows.json');
    return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
  }

  private flows(): PmacctFlow[] {
    return this.lines().map((line) => {
      const record = JSON.parse(line) as Record<string, string & number>;
      return {
        source: record['ip_src'],
        destination: record['ip_dst'],
        protocol: PROTOCOLS[record['ip_proto']] ?? Number(record['ip_proto']),
        sourcePort: record['port_src'],
        destinationPort: record['port_dst'],
        input: record['iface_in'],
        output: record['iface_out'],
        vlan: record['vlan'],
        sourceMac: record['mac_src'],
        destinationMac: record['mac_dst'],
        bytes: record['bytes'] ?? 0,
        packets: record['packets'] ?? 0,
        start: Math.round(Number(record['timestamp_start']) * 1000),
        end: Math.round(Number(record['timestamp_end']) * 1000),
        etherType: Number.parseInt(record['etype'], 16),
        priority: record['cos'],
        agent: record['agent'],
      };
    });
  }
}
