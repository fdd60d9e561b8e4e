import { writeFileSync } from 'node:fs';
import { freeTcpPort, PeerProcess, TemporaryFolder } from './peer-process.ts';

/** An InfluxDB 1 of its own on free ports of loopback, with the database `network`. */
export class Influx {
  readonly url: string;
  private readonly port: number;
  private readonly process: PeerProcess;
  private readonly folder: TemporaryFolder;

  private constructor(port: number, process: PeerProcess, folder: TemporaryFolder) {
    this.port = port;
    this.url = `http://127.0.0.1:${port}`;
    this.process = process;
    this.folder = folder;
  }

  static async make(): Promise<Influx> {
    const folder = new TemporaryFolder();
    const [http, rpc] = [await freeTcpPort(), await freeTcpPort()];
    const config = `reporting-disabled = true
bind-address = "127.0.0.1:${rpc}"
[meta]
  dir = "${folder.path}/meta"
[data]
  dir = "${folder.path}/data"
  wal-dir = "${folder.path}/wal"
[http]
  bind-address = "127.0.0.1:${http}"
`;
    const file = `${folder.path}/influxdb.conf`;
    writeFileSync(file, config);
    return new Influx(http, new PeerProcess(['influxd', '-config', file], folder.path), folder);
  }

  async start(): Promise<void> {
    await this.process.start(() => fetch(`${this.url}/ping`));
    await this.query('CREATE DATABASE network');
  }

  end(): Promise<void> {
    return this.process.end();
  }

  /** Ends it, and removes its files. */
  async delete(): Promise<void> {
    await this.end();
    this.folder.delete();
  }

  async query(text: string): Promise<{ columns: string[]; values: unknown[][] } | undefined> {
    const reply = await fetch(`http://127.0.0.1:${this.port}/query?db=network`, {
      method: 'POST',
      body: new URLSearchParams({ q: text }),
    });
    const { results } = (await reply.json()) as {
      results: { series?: { columns: string[]; values: unknown[][] }[] }[];
    };
    return results[0].series?.[0];
  }
}
