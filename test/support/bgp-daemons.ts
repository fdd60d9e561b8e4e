import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Pair, WEIR_AS } from './bgp-lab.ts';
import type { NetworkNamespace } from './network-namespace.ts';

/** How a router meets Weir. */
export interface Meeting extends Pair {
  /** Who dials. */
  readonly dials: 'router' | 'weir' | 'both';
  /** TCP-MD5; '' for none. */
  readonly password: string;
  /** TTL security (RFC 5082) on both sides. */
  readonly isNear?: boolean;
  /** More of the session, and of its IPv4 routes, in BIRD's language. */
  readonly session?: string;
  readonly ipv4?: string;
}

export interface DaemonOptions {
  readonly namespace: NetworkNamespace;
  /** AS is 65000 and this. */
  readonly number: number;
  /** On which both sides listen. */
  readonly port: number;
  readonly meetings: readonly Meeting[];
  /** More configuration, in the daemon's own language. */
  readonly extra?: string;
}

/** A routing daemon in a namespace, with a folder of its own. */
export abstract class BgpDaemon {
  readonly options: DaemonOptions;
  readonly folder = mkdtempSync(join(tmpdir(), 'weir-bgp-'));
  output = '';
  private child: ReturnType<NetworkNamespace['start']> | undefined;

  constructor(options: DaemonOptions) {
    this.options = options;
  }

  get as(): number {
    return WEIR_AS + this.options.number;
  }

  get routerId(): string {
    return `10.90.${this.options.number}.1`;
  }

  start(): void {
    this.configure();
    const child = this.options.namespace.start(this.command(), this.environment());
    this.child = child;
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk) => {
        this.output = (this.output + chunk).slice(-200_000);
      });
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const { child } = this;
    this.child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await ended;
  }

  /** Stands still after SIGSTOP, while the kernel takes connections for it, and goes on after SIGCONT. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.child?.kill(signal);
  }

  delete(): void {
    this.child?.kill('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Runs a command beside the daemon. */
  run(...command: readonly string[]): string {
    return this.options.namespace.run(...command);
  }

  protected file(name: string, text?: string): string {
    const path = join(this.folder, name);
    if (text !== undefined) writeFileSync(path, text);
    return path;
  }

  protected abstract configure(): void;
  protected abstract command(): string[];
  protected environment(): NodeJS.ProcessEnv {
    return {};
  }
  /** Everything it says about the FlowSpec rules, and about the unicast routes, that it has learnt. */
  abstract rules(version: 4 | 6): string;
  abstract routes(version: 4 | 6): string;
  /** One text for each rule, without times and places; they are told apart by their destinations. */
  abstract ruleTexts(version: 4 | 6): Map<string, string>;
}

const GOBGP_FAMILIES = ['ipv4-unicast', 'ipv6-unicast', 'ipv4-flowspec', 'ipv6-flowspec'];

export class Gobgpd extends BgpDaemon {
  private readonly apiPort = 50_051;

  protected configure(): void {
    const { port, meetings } = this.options;
    const families = GOBGP_FAMILIES.map(
      (name) => `  [[neighbors.afi-safis]]
    [neighbors.afi-safis.config]
      afi-safi-name = "${name}"
    [neighbors.afi-safis.mp-graceful-restart.config]
      enabled = true
`,
    ).join('');
    const neighbors = meetings.map(
      ({ weir, router, dials, password }) => `[[neighbors]]
  [neighbors.config]
    neighbor-address = "${weir}"
    peer-as = ${WEIR_AS}
    ${password === '' ? '' : `auth-password = "${password}"`}
  [neighbors.transport.config]
    local-address = "${router}"
    remote-port = ${port}
    passive-mode = ${dials === 'weir'}
  [neighbors.timers.config]
    connect-retry = 5
    idle-hold-time-after-reset = 1
    hold-time = 30
  [neighbors.graceful-restart.config]
    enabled = true
    restart-time = 60
${families}`,
    );
    const addresses = meetings.map(({ router }) => `"${router}"`).join(', ');
    this.file(
      'gobgpd.toml',
      `[global.config]
  as = ${this.as}
  router-id = "${this.routerId}"
  port = ${port}
  local-address-list = [${addresses}]
${neighbors.join('')}${this.options.extra ?? ''}`,
    );
  }

  protected command(): string[] {
    const api = `127.0.0.1:${this.apiPort}`;
    return ['gobgpd', '-t', 'toml', '-f', this.file('gobgpd.toml'), '--api-hosts', api, '-l', 'info'];
  }

  gobgp(...words: readonly string[]): string {
    return this.run('gobgp', '-p', String(this.apiPort), ...words);
  }

  rules(version: 4 | 6): string {
    return this.gobgp('global', 'rib', '-a', `ipv${version}-flowspec`);
  }

  routes(version: 4 | 6): string {
    return this.gobgp('global', 'rib', '-a', `ipv${version}`);
  }

  ruleTexts(version: 4 | 6): Map<string, string> {
    const texts = new Map<string, string>();
    for (const line of this.rules(version).split('\n')) {
      const [, match, nextHop, attributes] = /^S?\*> ?(\[.*?\]) +([^\s[\]]+) .*?(\[\{.*)$/.exec(line) ?? [];
      const [, destination] = /destination: ([^\]]*?)(?:\/0)?\]/.exec(match ?? '') ?? [];
      if (destination === undefined) continue;
      const hop = nextHop === 'fictitious' ? '' : `, next hop ${nextHop}`;
      texts.set(destination, `${match}${hop} ${attributes.replace('{Origin: i} ', '')}`);
    }
    return texts;
  }
}

export class Bird extends BgpDaemon {
  protected configure(): void {
    const { port, meetings } = this.options;
    const protocols = meetings.map(
      ({ weir, router, dials, password, isNear, session, ipv4 }, i) => `protocol bgp weir${i} {
  local ${router} port ${port} as ${this.as};
  neighbor ${weir} ${dials === 'weir' ? '' : `port ${port} `}as ${WEIR_AS};
  ${dials === 'weir' ? 'passive on;' : ''}
  ${isNear === true ? 'ttl security on;' : ''}
  ${password === '' ? '' : `password "${password}";`}
  strict bind on; connect delay time 1; connect retry time 1; error wait time 1, 2; hold time 30;
  graceful restart aware;
  ${session ?? ''}
  ipv4 { ${ipv4 ?? ''} import all; gateway recursive; export where source = RTS_STATIC; ${router.includes(':') ? `next hop address ${this.routerId};` : ''} };
  ipv6 { import all; gateway recursive; export where source = RTS_STATIC; ${router.includes(':') ? '' : 'next hop address fd90:3::1:1;'} };
  flow4 { table flow4tab; import all; export where source = RTS_STATIC; };
  flow6 { table flow6tab; import all; export where source = RTS_STATIC; };
}
`,
    );
    this.file(
      'bird.conf',
      `router id ${this.routerId};
log stderr all;
protocol device { }
flow4 table flow4tab;
flow6 table flow6tab;
${protocols.join('')}${this.options.extra ?? ''}`,
    );
  }

  protected command(): string[] {
    const control = this.file('bird.ctl');
    return ['bird', '-f', '-c', this.file('bird.conf'), '-s', control, '-P', this.file('bird.pid')];
  }

  birdc(...words: readonly string[]): string {
    return this.run('birdc', '-s', this.file('bird.ctl'), ...words);
  }

  rules(version: 4 | 6): string {
    return this.birdc('show', 'route', 'table', `flow${version}tab`, 'all');
  }

  routes(version: 4 | 6): string {
    return this.birdc('show', 'route', 'table', `master${version}`, 'all');
  }

  ruleTexts(version: 4 | 6): Map<string, string> {
    const texts = new Map<string, string>();
    for (const entry of this.rules(version).split(/^(?=flow)/m)) {
      const [, match] = /^(flow\d \{.*?\})/.exec(entry) ?? [];
      const [, destination] = /dst ([^;]+);/.exec(match ?? '') ?? [];
      if (destination === undefined) continue;
      const attributes = entry
        .split('\n')
        .flatMap((line) => /^\tBGP\.(?!origin|as_path|local_pref)(.*)$/.exec(line)?.[1] ?? []);
      texts.set(destination, [match, ...attributes].join(' | '));
    }
    return texts;
  }
}

export class Frr extends BgpDaemon {
  protected configure(): void {
    const { meetings, port } = this.options;
    mkdirSync(this.file('vty'), { recursive: true });
    const neighbors = meetings.map(
      ({ weir, router, dials, password, isNear }) => ` neighbor ${weir} remote-as ${WEIR_AS}
 neighbor ${weir} update-source ${router}
 neighbor ${weir} timers 10 30
 neighbor ${weir} timers connect 1
${dials === 'weir' ? ` neighbor ${weir} passive` : ` neighbor ${weir} port ${port}`}
${password === '' ? '' : ` neighbor ${weir} password ${password}`}
${isNear === true ? ` neighbor ${weir} ttl-security hops 1` : ''}
`,
    );
    const families = ['ipv4 unicast', 'ipv6 unicast', 'ipv4 flowspec', 'ipv6 flowspec'].map(
      (family) => ` address-family ${family}
${meetings.map(({ weir }) => `  neighbor ${weir} activate\n`).join('')} exit-address-family
`,
    );
    this.file(
      'bgpd.conf',
      `hostname frr
log stdout
router bgp ${this.as}
 bgp router-id ${this.routerId}
 no bgp ebgp-requires-policy
 no bgp default ipv4-unicast
 no bgp network import-check
 bgp graceful-restart
${neighbors.join('')}${families.join('')}${this.options.extra ?? ''}`,
    );
  }

  protected command(): string[] {
    return [
      ...['/usr/lib/frr/bgpd', '-p', String(this.options.port), '-f', this.file('bgpd.conf'), '-Z', '-S'],
      ...['-i', this.file('bgpd.pid'), '--vty_socket', this.file('vty')],
    ];
  }

  vtysh(command: string): string {
    return this.run('vtysh', '--vty_socket', this.file('vty'), '-c', command);
  }

  rules(version: 4 | 6): string {
    return this.vtysh(`show bgp ipv${version} flowspec detail`);
  }

  routes(version: 4 | 6): string {
    const table = JSON.parse(this.vtysh(`show bgp ipv${version} unicast json`)) as { routes?: object };
    return Object.keys(table.routes ?? {})
      .map((prefix) => this.vtysh(`show bgp ipv${version} unicast ${prefix}`))
      .join('\n');
  }

  ruleTexts(version: 4 | 6): Map<string, string> {
    const texts = new Map<string, string>();
    for (const entry of this.rules(version).split('BGP flowspec entry:').slice(1)) {
      const lines = entry.split('\n').map((line) => line.trim());
      const told = lines.filter((line) => !/^\(flags|^received for|^not installed|^Displayed|^$/.test(line));
      const [, destination] = /Destination Address (\S+?)(?:\/off 0)?$/.exec(told[0]) ?? [];
      if (destination !== undefined) texts.set(destination, told.join(' | '));
    }
    return texts;
  }
}

export class Exabgp extends BgpDaemon {
  protected configure(): void {
    const { meetings, port } = this.options;
    const received = this.file('received.json', '');
    const neighbors = meetings.map(
      ({ weir, router, dials, password }) => `neighbor ${weir} {
  router-id ${this.routerId};
  local-address ${router};
  local-as ${this.as};
  peer-as ${WEIR_AS};
  hold-time 30;
  ${dials === 'weir' ? `passive true; listen ${port};` : `connect ${port};`}
  ${password === '' ? '' : `md5-password "${password}";`}
  capability { graceful-restart 60; route-refresh enable; }
  family { ipv4 unicast; ipv6 unicast; ipv4 flow; ipv6 flow; }
  api { processes [ writer ]; receive { parsed; update; } }
  ${this.options.extra ?? ''}
}
`,
    );
    this.file(
      'exabgp.conf',
      `process writer { run /bin/sh -c "cat >> ${received}"; encoder json; }
${neighbors.join('')}`,
    );
  }

  protected command(): string[] {
    return ['exabgp', this.file('exabgp.conf')];
  }

  protected override environment(): NodeJS.ProcessEnv {
    return {
      'exabgp.tcp.port': String(this.options.port),
      'exabgp.daemon.user': 'root',
      'exabgp.daemon.drop': 'false',
      'exabgp.log.destination': 'stdout',
      'exabgp.api.cli': 'false',
    };
  }

  /** UPDATEs as it has understood them, oldest first. */
  received(): Record<string, unknown>[] {
    const path = this.file('received.json');
    if (!existsSync(path)) return [];
    const lines = readFileSync(path, 'utf8').split('\n');
    return lines.flatMap((line) => (line.startsWith('{') && line.endsWith('}') ? [JSON.parse(line)] : []));
  }

  rules(version: 4 | 6): string {
    return this.lines(`ipv${version} flow`);
  }

  routes(version: 4 | 6): string {
    return this.lines(`ipv${version} unicast`);
  }

  ruleTexts(version: 4 | 6): Map<string, string> {
    const texts = new Map<string, string>();
    for (const { neighbor } of this.received() as unknown as ExabgpUpdate[]) {
      const { attribute, announce, withdraw } = neighbor.message?.update ?? {};
      const { origin, 'as-path': path, 'confederation-path': other, ...rest } = attribute ?? {};
      const family = `ipv${version} flow`;
      for (const gone of withdraw?.[family] ?? []) texts.delete(destinationIn(gone));
      for (const [nextHop, rules] of Object.entries(announce?.[family] ?? {}))
        for (const rule of rules) {
          const hop = nextHop === 'no-nexthop' ? '' : `, next hop ${nextHop}`;
          const told = JSON.stringify(rest, (key, value) =>
            // The numbers beside the words are beyond what JSON numbers hold here.
            key === 'extended-community' ? (value as ExabgpRule[]).map(({ string }) => string) : value,
          );
          texts.set(destinationIn(rule), `${rule.string}${hop} ${told}`);
        }
    }
    return texts;
  }

  private lines(family: string): string {
    return this.received()
      .map((entry) => JSON.stringify(entry))
      .filter((line) => line.includes(`"${family}"`))
      .join('\n');
  }
}

interface ExabgpRule {
  readonly string: string;
}

interface ExabgpUpdate {
  readonly neighbor: {
    readonly message?: {
      readonly update?: {
        readonly attribute?: Readonly<Record<string, unknown>>;
        readonly announce?: Readonly<Record<string, Readonly<Record<string, readonly ExabgpRule[]>>>>;
        readonly withdraw?: Readonly<Record<string, readonly ExabgpRule[]>>;
      };
    };
  };
}

function destinationIn({ string }: ExabgpRule): string {
  return (/destination-ipv[46] (\S+)/.exec(string)?.[1] ?? string).replace(/(\/\d+)\/0$/, '$1');
}
