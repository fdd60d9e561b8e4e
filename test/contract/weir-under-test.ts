import { Agent, type IncomingHttpHeaders, request } from 'node:http';
import { type ServingWeir, WeirProcess } from '../e2e/weir-process.ts';
import { RestClient } from '../support/rest-client.ts';
import { SyntheticAgent } from '../support/synthetic-agent.ts';
import { UdpSender } from '../support/udp-sender.ts';

/** An answer as it came over the wire. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
  readonly text: string;
}

export interface AskOptions {
  readonly body?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/**
 * A real process with its real sockets: datagrams go in by UDP, questions and definitions by HTTP. Each fact takes an
 * agent of its own, so that facts do not see each other's traffic.
 */
export class WeirUnderTest {
  private readonly client: RestClient;
  private readonly serving: ServingWeir;
  private readonly sender: UdpSender;
  private readonly connections = new Agent({ keepAlive: true, maxSockets: 8 });
  private sent = 0;
  private agents = 0;

  private constructor(serving: ServingWeir, sender: UdpSender) {
    this.serving = serving;
    this.sender = sender;
    this.client = new RestClient(serving.url);
  }

  static serve(...properties: string[]): Promise<WeirUnderTest> {
    return WeirUnderTest.serveBy([], ...properties);
  }

  /** With words before the command, such as `env -C FOLDER`. */
  static async serveBy(prefix: readonly string[], ...properties: string[]): Promise<WeirUnderTest> {
    const serving = await WeirProcess.serveBy(prefix, ...properties);
    return new WeirUnderTest(serving, await UdpSender.open(serving.sflowPort));
  }

  /** Messages of the log so far. */
  get log(): string[] {
    const lines = this.serving.weir.error.split('\n').filter((line) => line.startsWith('{'));
    return lines.map((line) => String((JSON.parse(line) as { msg: unknown }).msg));
  }

  get pid(): number {
    return this.serving.weir.child.pid ?? 0;
  }

  get sflowPort(): number {
    return this.serving.sflowPort;
  }

  get httpPort(): number {
    return Number(new URL(this.serving.url).port);
  }

  /** Where BGP is spoken. */
  async bgpPort(): Promise<number> {
    const { bgp } = (await this.serving.weir.logLine('serving')) as { bgp?: { port: number } };
    return bgp?.port ?? 0;
  }

  /** An agent that no other fact uses. */
  agent(): SyntheticAgent {
    this.agents++;
    return new SyntheticAgent(`198.18.${this.agents >> 8}.${this.agents & 255}`);
  }

  /** Sends datagrams in order, and resolves when they have been taken. */
  async deliver(...payloads: readonly Uint8Array[]): Promise<void> {
    await this.sender.send(payloads);
    this.sent += payloads.length;
    await this.client.untilReceived(this.sent);
  }

  /** Sends the path exactly as written. */
  ask(method: string, path: string, { body, headers }: AskOptions = {}): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const length = body === undefined ? {} : { 'Content-Length': Buffer.byteLength(body) };
      const asking = request(
        {
          host: '127.0.0.1',
          port: this.httpPort,
          method,
          path,
          agent: this.connections,
          headers: { ...length, ...headers },
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () => {
            const bytes = Buffer.concat(chunks);
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              bytes,
              text: bytes.toString('utf8'),
            });
          });
        },
      );
      asking.on('error', reject);
      asking.end(body);
    });
  }

  /** The document at a path. Anything but 200 is an error. */
  async get<T>(path: string): Promise<T> {
    const { status, text, headers } = await this.ask('GET', path);
    if (status !== 200) throw new Error(`GET ${path}: ${status} ${headers['weir-error'] ?? ''}`);
    return JSON.parse(text) as T;
  }

  /** PUTs a document. Anything but 204 is an error. */
  async set(path: string, document: unknown): Promise<void> {
    const { status, headers } = await this.ask('PUT', path, { body: JSON.stringify(document) });
    if (status !== 204) throw new Error(`PUT ${path}: ${status} ${headers['weir-error'] ?? ''}`);
  }

  async end(): Promise<void> {
    this.sender.close();
    this.connections.destroy();
    const { code } = await this.serving.weir.end();
    if (code !== 0) throw new Error(`Weir ended with ${code}`);
  }
}
