import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { compareJson, compareText } from './answer.ts';
import type { Block } from './markdown.ts';
import { root } from './pages.ts';
import { endGroup, type Ran, ShellSession } from './shell-session.ts';

const START_WITHIN_MS = 30_000;
const BLOCK_WITHIN_MS = 60_000;
/** The demo's scan and attack come once a minute. */
const ANSWER_WITHIN_MS = 75_000;
const ASK_AGAIN_MS = 500;
const END_WITHIN_MS = 5_000;

/** With this line the screen of a Weir that serves ends. */
const LAST_OF_SCREEN = 'Ctrl-C ends it.';

/** The ports that pages name. Every run has others, so that nothing else on the machine is in the way. */
const HTTP_PORT = /\b8008\b/g;
const SFLOW_PORT = /\b6343\b/g;
/** A port of another collector. */
const OTHER_PORT = /\b7343\b/g;
/** Network namespaces, which the whole machine shares. */
const NAMESPACE = /\bweir-(?=lab\b|host)/g;

/** What of a checkout the examples use: they run in a folder where it looks the same. */
const CHECKOUT = ['weir', 'test', 'apps', 'examples'];

/** A step of a page: files to write, then commands, and what they are to answer. */
export interface Step {
  readonly commands: Block;
  readonly files: readonly Block[];
  readonly answer: Block | undefined;
}

/** The steps of a page. A block with `file=` is written before the next commands; an answer belongs to those before it. */
export function stepsOf(blocks: readonly Block[]): Step[] {
  const steps: Step[] = [];
  let files: Block[] = [];
  let mayBeAnswered = false;
  for (const block of blocks) {
    if (fileOf(block) !== undefined) files.push(block);
    else if (block.language === 'sh') {
      steps.push({ commands: block, files, answer: undefined });
      files = [];
    } else if (block.marks.includes('answer')) {
      const step = mayBeAnswered ? steps.pop() : undefined;
      if (step === undefined) throw new Error(`the answer at line ${block.line} follows no commands`);
      steps.push({ ...step, answer: block });
    }
    mayBeAnswered = block.language === 'sh';
  }
  return steps;
}

function fileOf(block: Block): string | undefined {
  return block.marks.find((mark) => mark.startsWith('file='))?.slice('file='.length);
}

/** A page whose examples are being run: its folder, its shell, and the Weir it has started. */
export class ExamplePage {
  private readonly folder: string;
  private session: ShellSession | undefined;
  private server: ChildProcess | undefined;
  private ports: { readonly http: string; readonly sflow: string } | undefined;
  private readonly otherPort: string;

  /** @param name what its folder is called */
  static async open(name: string): Promise<ExamplePage> {
    return new ExamplePage(name, String(await freePort()));
  }

  private constructor(name: string, otherPort: string) {
    this.otherPort = otherPort;
    this.folder = join(root, 'tmp', 'docs', name);
    rmSync(this.folder, { recursive: true, force: true });
    mkdirSync(this.folder, { recursive: true });
    for (const entry of CHECKOUT) symlinkSync(join(root, entry), join(this.folder, entry));
  }

  /** Runs a step. Throws when a command fails, or does not answer as the page says. */
  async run({ commands, files, answer }: Step): Promise<void> {
    for (const file of files)
      writeFileSync(join(this.folder, fileOf(file)!), `${this.localised(file.text)}\n`);
    if (commands.marks.includes('server')) {
      await this.serve(commands, answer);
      return;
    }
    const text = this.localised(commands.text);
    const until = Date.now() + ANSWER_WITHIN_MS;
    for (;;) {
      const ran = await this.inShell(text);
      const complaint = this.complaintOf(ran, commands, answer);
      if (complaint === undefined) return;
      // What flows through a network is not there at once; a question may be asked again.
      if (answer === undefined || !isRepeatable(text) || Date.now() > until)
        throw new Error(`${complaint}\n\n${text}\n\n${ran.out}${ran.error}`);
      await sleep(ASK_AGAIN_MS);
    }
  }

  async close(): Promise<void> {
    await this.endServer();
    this.session?.close();
  }

  private complaintOf(ran: Ran, commands: Block, answer: Block | undefined): string | undefined {
    const fails = commands.marks.includes('fails');
    if (ran.good === fails && !commands.marks.includes('may-fail'))
      return fails ? 'this should have failed' : 'a command failed';
    if (answer === undefined) return undefined;
    const text = fails ? ran.out + ran.error : ran.out;
    const exact = answer.marks.includes('exact');
    return answer.language === 'json'
      ? compareJson(answer.text, text, exact)
      : compareText(answer.text, text, exact);
  }

  /** Starts a Weir as the page says, on free ports, in place of the one that ran before. */
  private async serve({ text, marks }: Block, screen: Block | undefined): Promise<void> {
    await this.endServer();
    const ownPorts = marks.includes('own-ports');
    const server = spawn('bash', ['-c', `exec ${this.localised(text)}`], {
      cwd: this.folder,
      env: environment(this.folder, ownPorts ? undefined : { http: '0', sflow: '0' }),
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.server = server;
    let out = '';
    let error = '';
    server.stdout?.on('data', (chunk) => {
      out += chunk;
    });
    server.stderr?.on('data', (chunk) => {
      error += chunk;
    });
    const until = Date.now() + START_WITHIN_MS;
    while (!out.includes(LAST_OF_SCREEN)) {
      if (Date.now() > until || server.exitCode !== null)
        throw new Error(`"${text}" did not come to serve:\n${out}${error}`);
      await sleep(20);
    }
    this.ports = portsOn(out);
    const complaint = screen === undefined ? undefined : compareText(screen.text, out);
    if (complaint !== undefined) throw new Error(`${complaint}\n\n${out}`);
  }

  private async endServer(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    if (server === undefined || server.exitCode !== null) return;
    const ended = once(server, 'exit');
    endGroup(server, 'SIGTERM');
    const late = setTimeout(() => endGroup(server, 'SIGKILL'), END_WITHIN_MS);
    await ended;
    clearTimeout(late);
  }

  private async inShell(commands: string): Promise<Ran> {
    this.session ??= new ShellSession(this.folder, environment(this.folder, this.ports));
    try {
      return await this.session.run(commands, BLOCK_WITHIN_MS);
    } catch (error) {
      // What hangs is not waited for again: the next commands, cleaning up perhaps, get a shell of their own.
      this.session.close();
      this.session = undefined;
      throw error;
    }
  }

  /** The text with the ports of the Weir that runs. */
  private localised(text: string): string {
    const free = text.replace(OTHER_PORT, this.otherPort).replace(NAMESPACE, `weir-docs-${process.pid}-`);
    return this.ports === undefined
      ? free
      : free.replace(HTTP_PORT, this.ports.http).replace(SFLOW_PORT, this.ports.sflow);
  }
}

/** Weir takes its ports from the environment too, so commands run as they are written. */
function environment(
  folder: string,
  ports: { readonly http: string; readonly sflow: string } | undefined,
): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'],
    HOME: process.env['HOME'],
    LANG: 'C.UTF-8',
    WEIR_LOG_FORMAT: 'pretty',
    NO_COLOR: '1',
    WEIR_STORE_DIR: join(folder, 'store'),
    ...(ports === undefined ? {} : { WEIR_HTTP_PORT: ports.http, WEIR_SFLOW_PORT: ports.sflow }),
  };
}

/** True for commands that ask or define, and nothing else: doing so again changes nothing. */
function isRepeatable(commands: string): boolean {
  return (
    /\bcurl\b/.test(commands) && !/\b(DELETE|POST)\b|>|\b(ovs-vsctl|ip netns add|ip link)\b/.test(commands)
  );
}

/** The ports that the screen tells; a Weir that plays a file has none for sFlow. */
function portsOn(screen: string): { readonly http: string; readonly sflow: string } {
  const http = /^ {2}HTTP +https?:.*:(\d+)\//m.exec(screen)?.[1];
  if (http === undefined) throw new Error(`no port on the screen:\n${screen}`);
  return { http, sflow: /^ {2}sFlow +UDP port (\d+)/m.exec(screen)?.[1] ?? '6343' };
}

/** A UDP port that nobody has at the moment. */
async function freePort(): Promise<number> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  return port;
}
