import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freeTcpPort, PeerProcess, TemporaryFolder } from './peer-process.ts';

/** A sample of an answer to an instant query. */
export interface PromSample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [time: number, value: string];
}

/** A real Prometheus on a free port of loopback. */
export class Prometheus {
  readonly url: string;
  private readonly process: PeerProcess;
  private readonly folder: TemporaryFolder;

  private constructor(url: string, process: PeerProcess, folder: TemporaryFolder) {
    this.url = url;
    this.process = process;
    this.folder = folder;
  }

  /** @param config its configuration; JSON is YAML, too */
  static async start(config: object | string, ...options: readonly string[]): Promise<Prometheus> {
    const folder = new TemporaryFolder();
    const port = await freeTcpPort();
    const file = join(folder.path, 'prometheus.yml');
    writeFileSync(file, typeof config === 'string' ? config : JSON.stringify(config));
    const url = `http://127.0.0.1:${port}/`;
    const command = [
      ...['prometheus', `--config.file=${file}`, `--storage.tsdb.path=${join(folder.path, 'tsdb')}`],
      ...[`--web.listen-address=127.0.0.1:${port}`, ...options],
    ];
    const process = new PeerProcess(command, folder.path);
    const made = new Prometheus(url, process, folder);
    await process.start(async () => {
      const reply = await fetch(`${url}-/ready`);
      if (!reply.ok) throw new Error(`status ${reply.status}`);
    });
    return made;
  }

  /** An instant query. Throws what Prometheus says is wrong with it. */
  async query(promQl: string): Promise<PromSample[]> {
    const reply = await fetch(`${this.url}api/v1/query?query=${encodeURIComponent(promQl)}`);
    const answer = (await reply.json()) as {
      status: string;
      error?: string;
      data?: { result: PromSample[] };
    };
    if (answer.status !== 'success') throw new Error(`${promQl}: ${answer.error}`);
    return answer.data?.result ?? [];
  }

  /** What is wrong with the targets; '' for nothing. */
  async targetErrors(): Promise<string> {
    const reply = await fetch(`${this.url}api/v1/targets`);
    const { data } = (await reply.json()) as { data: { activeTargets: { lastError: string }[] } };
    return data.activeTargets.map(({ lastError }) => lastError).join('');
  }

  async end(): Promise<void> {
    await this.process.end();
    this.folder.delete();
  }
}
