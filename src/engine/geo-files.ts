import { open } from 'node:fs/promises';
import { WeirError } from '../common/index.ts';
import type { GeoFile } from '../lookup/index.ts';
import { looksOf } from './file-looks.ts';

export interface GeoFilesDependencies {
  /** Put a file's content to use. Rejects when it is not usable. */
  readonly use: (file: GeoFile, bytes: Uint8Array) => Promise<void>;
  readonly log: { info(message: string): void; warn(message: string): void };
  /** How often files are looked at, ms. Default 1000. */
  readonly pollMs?: number;
}

interface Watched {
  readonly file: GeoFile;
  readonly path: string;
  /** Looks of the file as it is used, and as it was seen last. */
  used: string;
  seen: string;
}

/** The databases of countries and autonomous systems: read at start, and again whenever they change. */
export class GeoFiles {
  private readonly watched: readonly Watched[];
  private readonly deps: GeoFilesDependencies;
  private timer: NodeJS.Timeout | undefined;
  private looking = false;

  constructor(paths: ReadonlyMap<GeoFile, string>, deps: GeoFilesDependencies) {
    this.watched = [...paths].map(([file, path]) => ({ file, path, used: '', seen: '' }));
    this.deps = deps;
  }

  /** Read them all. Throws WeirError GEO_BAD_FILE that names the property and the file. */
  async start(): Promise<void> {
    for (const each of this.watched) {
      each.used = each.seen = await looksOf(each.path);
      try {
        await this.deps.use(each.file, await readShared(each.path));
      } catch (cause) {
        throw new WeirError('GEO_BAD_FILE', `geo.${each.file}=${each.path}: ${reasonOf(cause)}`, { cause });
      }
    }
    if (this.watched.length === 0) return;
    this.timer = setInterval(() => void this.look(), this.deps.pollMs ?? 1000);
    this.timer.unref();
  }

  close(): void {
    clearInterval(this.timer);
  }

  private async look(): Promise<void> {
    if (this.looking) return;
    this.looking = true;
    for (const each of this.watched) await this.lookAt(each);
    this.looking = false;
  }

  /** A changed file is read when it looks the same twice: whoever writes it has finished then. */
  private async lookAt(each: Watched): Promise<void> {
    const looks = await looksOf(each.path);
    const settled = looks === each.seen;
    each.seen = looks;
    if (!settled || looks === each.used) return;
    each.used = looks;
    const { log, use } = this.deps;
    try {
      await use(each.file, await readShared(each.path));
      log.info(`geo.${each.file}: ${each.path} has changed and was read again`);
    } catch (error) {
      log.warn(`geo.${each.file}: ${each.path} has changed; what was read before stays: ${reasonOf(error)}`);
    }
  }
}

/** In memory that all threads share, so that handing it to them copies nothing. */
async function readShared(path: string): Promise<Uint8Array> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const bytes = new Uint8Array(new SharedArrayBuffer(size));
    let at = 0;
    while (at < size) {
      const { bytesRead } = await file.read(bytes, at, size - at, at);
      if (bytesRead === 0) throw new Error('it has become shorter while it was read');
      at += bytesRead;
    }
    return bytes;
  } finally {
    await file.close();
  }
}

/** Without the call and the path that Node adds. */
function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message.replace(/, \w+( '.*')?$/, '') : String(error);
}
