import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ScriptStatus } from '../../src/script/scripts.ts';
import { type Answer, type AskOptions, WeirUnderTest } from '../contract/weir-under-test.ts';

const WITHIN_MS = 15_000;

/** A Weir in a folder of its own with scripts and applications. */
export class ScriptWeir {
  readonly folder: string;
  readonly weir: WeirUnderTest;

  private constructor(folder: string, weir: WeirUnderTest) {
    this.folder = folder;
    this.weir = weir;
  }

  /**
   * @param files text by path in the folder; those at its top whose names end in .js or .ts are scripts to be run,
   *   but for `inc-….js`
   */
  static async serve(files: Readonly<Record<string, string>>, ...properties: string[]): Promise<ScriptWeir> {
    const folder = mkdtempSync(join(tmpdir(), 'weir-scripts-'));
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(join(folder, dirname(path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    const scripts = Object.keys(files).filter((path) => /^(?!inc-)[^/]+\.[jt]s$/.test(path));
    const own = scripts.length === 0 ? [] : [`-Dscript.file=${scripts.join(',')}`];
    const weir = await WeirUnderTest.serveBy(['env', '-C', folder], '-Dapp.bundled=', ...own, ...properties);
    return new ScriptWeir(folder, weir);
  }

  write(path: string, text: string): void {
    writeFileSync(join(this.folder, path), text);
  }

  ask(method: string, path: string, options?: AskOptions): Promise<Answer> {
    return this.weir.ask(method, path, options);
  }

  /** What a script's handler answers as JSON. */
  get<T>(path: string): Promise<T> {
    return this.weir.get<T>(path);
  }

  get log(): string[] {
    return this.weir.log;
  }

  async status(key: string): Promise<ScriptStatus> {
    const all = await this.get<Record<string, ScriptStatus>>('/scripts/json');
    if (all[key] === undefined) throw new Error(`no script ${key}`);
    return all[key];
  }

  /** Asks until the answer is good, and gives it. */
  async until<T>(ask: () => Promise<T> | T, isGood: (answer: T) => boolean): Promise<T> {
    const end = Date.now() + WITHIN_MS;
    for (;;) {
      const answer = await ask();
      if (isGood(answer)) return answer;
      if (Date.now() > end) throw new Error(`still ${JSON.stringify(answer)}\n${this.log.join('\n')}`);
      await sleep(20);
    }
  }

  /** When the script has ended. */
  ended(key: string): Promise<ScriptStatus> {
    return this.until(
      () => this.status(key),
      ({ alive }) => !alive,
    );
  }

  async end(): Promise<void> {
    await this.weir.end();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
