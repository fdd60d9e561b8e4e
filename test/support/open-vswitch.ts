import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { NetworkNamespace } from './network-namespace.ts';

const SCHEMA = '/usr/share/openvswitch/vswitch.ovsschema';
const STARTED_WITHIN_MS = 10_000;

export interface SflowExport {
  /** UDP port of loopback, in the bridge's namespace. */
  readonly port: number;
  /** One packet in so many. */
  readonly samplingRate: number;
  /** Seconds between counter samples. */
  readonly pollingInterval: number;
}

/**
 * An Open vSwitch with a database of its own in a network namespace, switching in user space: it needs no kernel module.
 * Its programs end with the namespace; `close` removes its files.
 */
export class OpenVSwitch {
  private readonly namespace: NetworkNamespace;
  private readonly folder: string;
  private readonly env: NodeJS.ProcessEnv;

  private constructor(namespace: NetworkNamespace) {
    this.namespace = namespace;
    const folder = mkdtempSync(join(tmpdir(), 'weir-ovs-'));
    this.folder = folder;
    this.env = { OVS_RUNDIR: folder, OVS_DBDIR: folder, OVS_LOGDIR: folder };
  }

  static async start(namespace: NetworkNamespace): Promise<OpenVSwitch> {
    const ovs = new OpenVSwitch(namespace);
    try {
      await ovs.startPrograms();
    } catch (error) {
      ovs.close();
      throw error;
    }
    return ovs;
  }

  addBridge(bridge: string): void {
    this.vsctl('add-br', bridge, '--', 'set', 'bridge', bridge, 'datapath_type=netdev');
  }

  addPort(bridge: string, port: string): void {
    this.vsctl('add-port', bridge, port);
  }

  exportSflow(bridge: string, { port, samplingRate, pollingInterval }: SflowExport): void {
    const settings = [
      'agent=lo',
      `target="127.0.0.1:${port}"`,
      'header=128',
      `sampling=${samplingRate}`,
      `polling=${pollingInterval}`,
    ];
    const create = ['--id=@sflow', 'create', 'sflow', ...settings];
    this.vsctl('--', ...create, '--', 'set', 'bridge', bridge, 'sflow=@sflow');
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async startPrograms(): Promise<void> {
    const { namespace, folder, env } = this;
    const database = join(folder, 'conf.db');
    namespace.run('ovsdb-tool', 'create', database, SCHEMA);
    const pidFile = (program: string): string => `--pidfile=${join(folder, `${program}.pid`)}`;
    namespace.start(['ovsdb-server', database, `--remote=p${this.socket}`, pidFile('ovsdb-server')], env);
    const until = performance.now() + STARTED_WITHIN_MS;
    while (!this.answers()) {
      if (performance.now() > until) throw new Error('ovsdb-server does not answer');
      await sleep(50);
    }
    namespace.start(['ovs-vswitchd', this.socket, pidFile('ovs-vswitchd')], env);
  }

  private answers(): boolean {
    try {
      this.vsctl('--no-wait', 'init');
      return true;
    } catch {
      return false;
    }
  }

  private get socket(): string {
    return `unix:${join(this.folder, 'db.sock')}`;
  }

  private vsctl(...words: readonly string[]): string {
    return this.namespace.run('ovs-vsctl', `--db=${this.socket}`, '--timeout=10', ...words);
  }
}
