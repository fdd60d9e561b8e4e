import { type FileHandle, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { WeirError } from '../common/index.ts';
import { CAPTURE_OVERHEAD_BYTES, captureFileHeader, type UdpEnd, writeCapturedUdp } from '../packet/index.ts';
import type { DatagramSink } from './receive.ts';
import type { Arrival } from './stream-format.ts';

export interface CaptureFilesOptions {
  /** The file; with rotation its name gets the time at which a file begins: sflow.pcap, sflow-20261127T163256Z.pcap. */
  readonly path: string;
  /** A file that has reached this is finished, and another begun; undefined for no bound. */
  readonly rotateBytes: number | undefined;
  readonly rotateMs: number | undefined;
  /** So many finished files are kept, the newest; undefined for all. */
  readonly keep: number | undefined;
  /** Where the datagrams went to. */
  readonly to: UdpEnd;
}

export interface CaptureFilesDeps {
  /** ms since 1970. */
  readonly now: () => number;
  /** Tells a person, in a line. */
  readonly say: (text: string) => void;
}

export interface CaptureFilesCounts {
  /** Datagrams in files, and the bytes of those files. */
  recorded: number;
  bytes: number;
  /** Datagrams that could not be written. */
  lost: number;
  /** Files that are finished, and have their names. */
  files: number;
}

const BUFFER_BYTES = 1 << 20;
/** After a failure, such as a full disk, it is tried again after so long, ms. */
const RETRY_MS = 1000;
/** Of a datagram that came as a line nothing else is known. */
const NOWHERE: UdpEnd = { words: [0, 0, 0xffff, 0], port: 0 };

interface OpenFile {
  readonly handle: FileHandle;
  readonly part: string;
  readonly path: string;
  readonly beginMs: number;
  /** Length up to the last whole packet. */
  bytes: number;
}

/**
 * Writes datagrams to pcap files. A file has a hidden name of its own until it is finished, so that whoever finds one by its
 * name finds it whole. When the disk is full what comes is lost and counted, until there is room again.
 */
export class CaptureFiles implements DatagramSink {
  readonly counts: CaptureFilesCounts = { recorded: 0, bytes: 0, lost: 0, files: 0 };
  private readonly options: CaptureFilesOptions;
  private readonly deps: CaptureFilesDeps;
  private readonly folder: string;
  private readonly stem: string;
  private readonly extension: string;
  private buffer = new Uint8Array(BUFFER_BYTES);
  private used = 0;
  private waiting = 0;
  private file: OpenFile | undefined;
  /** When it failed last; undefined while all is well. */
  private failedAt: number | undefined;
  private lostBefore = 0;
  /** Of the last file: its name without number, and its number. */
  private name = '';
  private number = 0;

  constructor(options: CaptureFilesOptions, deps: CaptureFilesDeps) {
    this.options = options;
    this.deps = deps;
    this.folder = dirname(options.path);
    this.extension = extname(options.path) || '.pcap';
    this.stem = basename(options.path, extname(options.path));
  }

  private get rotates(): boolean {
    return this.options.rotateBytes !== undefined || this.options.rotateMs !== undefined;
  }

  /**
   * Make the first file. What a recording that was killed has left gets its name.
   *
   * @throws WeirError `RECORD_EXISTS`, `RECORD_FAILED`
   */
  async start(): Promise<void> {
    try {
      await this.rescue();
      const path = this.nameAt(this.deps.now());
      if (!this.rotates && (await exists(path)))
        throw new WeirError('RECORD_EXISTS', `${path} is there already: name another, or let files rotate`);
      await this.begin();
    } catch (cause) {
      if (cause instanceof WeirError) throw cause;
      throw new WeirError('RECORD_FAILED', `cannot record in ${this.folder}: ${reasonOf(cause)}`, { cause });
    }
  }

  add(bytes: Uint8Array, start: number, end: number, arrival: Arrival | undefined): void {
    const length = CAPTURE_OVERHEAD_BYTES + end - start;
    if (this.used + length > this.buffer.length) {
      const grown = new Uint8Array(2 * this.buffer.length);
      grown.set(this.buffer.subarray(0, this.used));
      this.buffer = grown;
    }
    const timeMicros = arrival?.timeMicros ?? this.deps.now() * 1000;
    const from = arrival === undefined ? NOWHERE : { words: arrival.source, port: arrival.port };
    const payload = bytes.subarray(start, end);
    this.used = writeCapturedUdp(this.buffer, this.used, timeMicros, from, this.options.to, payload);
    this.waiting++;
  }

  async flush(): Promise<void> {
    const now = this.deps.now();
    try {
      if (this.failedAt !== undefined && now - this.failedAt < RETRY_MS) {
        this.counts.lost += this.waiting;
      } else {
        await this.rotateAt(now);
        if (this.waiting > 0) await this.write();
      }
    } catch (error) {
      this.counts.lost += this.waiting;
      if (this.failedAt === undefined)
        this.deps.say(
          `cannot write to ${this.folder}: ${reasonOf(error)}; datagrams are lost until it works again`,
        );
      this.failedAt = now;
    }
    this.used = 0;
    this.waiting = 0;
  }

  /** Writes what is left and gives the file its name. */
  async close(): Promise<void> {
    await this.flush();
    await this.finish();
  }

  private async write(): Promise<void> {
    this.file ?? (await this.begin());
    const file = this.file!;
    let done = 0;
    try {
      while (done < this.used) {
        const { bytesWritten } = await file.handle.write(
          this.buffer,
          done,
          this.used - done,
          file.bytes + done,
        );
        done += bytesWritten;
      }
    } catch (error) {
      // Half a packet at the end would spoil what follows.
      await file.handle.truncate(file.bytes);
      throw error;
    }
    file.bytes += this.used;
    this.counts.bytes += this.used;
    this.counts.recorded += this.waiting;
    if (this.failedAt !== undefined) {
      const lost = this.counts.lost - this.lostBefore;
      this.deps.say(`writing works again; ${lost} datagrams were not recorded`);
      this.failedAt = undefined;
    }
    this.lostBefore = this.counts.lost;
  }

  private async rotateAt(now: number): Promise<void> {
    const { file } = this;
    const { rotateBytes = Number.POSITIVE_INFINITY, rotateMs = Number.POSITIVE_INFINITY } = this.options;
    if (file === undefined) return;
    const isFull = file.bytes + this.used > rotateBytes && file.bytes > captureFileHeader().length;
    if (!isFull && now - file.beginMs < rotateMs) return;
    await this.finish();
    await this.begin();
    await this.removeOld();
  }

  private async begin(): Promise<void> {
    const beginMs = this.deps.now();
    const name = this.nameAt(beginMs);
    // Numbers of files that were removed are not used again: they tell the order.
    this.number = name === this.name ? this.number + 1 : 1;
    this.name = name;
    const { path, number } = await unused(name, this.number);
    this.number = number;
    const part = join(this.folder, `.${basename(path)}.${process.pid}.part`);
    const handle = await open(part, 'w');
    const header = captureFileHeader();
    try {
      await handle.write(header, 0, header.length, 0);
    } catch (error) {
      await handle.close();
      await rm(part, { force: true });
      throw error;
    }
    this.file = { handle, part, path, beginMs, bytes: header.length };
  }

  private async finish(): Promise<void> {
    const { file } = this;
    if (file === undefined) return;
    this.file = undefined;
    // A file system may tell only now that it had no room.
    await file.handle
      .sync()
      .catch((error) => this.deps.say(`${file.path} may lack its end: ${reasonOf(error)}`));
    await file.handle.close();
    await rename(file.part, (await unused(file.path)).path);
    this.counts.files++;
  }

  private nameAt(ms: number): string {
    const time = this.rotates ? `-${new Date(ms).toISOString().replace(/[-:]|\.\d+/g, '')}` : '';
    return join(this.folder, `${this.stem}${time}${this.extension}`);
  }

  private async removeOld(): Promise<void> {
    const { keep } = this.options;
    if (keep === undefined) return;
    const own = new RegExp(`^${escaped(this.stem)}-(\\d{8}T\\d{6}Z)(?:-(\\d+))?${escaped(this.extension)}$`);
    const found = (await readdir(this.folder)).flatMap((name) => {
      const match = own.exec(name);
      return match === null ? [] : [{ name, time: match[1], number: Number(match[2] ?? 1) }];
    });
    found.sort((a, b) => (a.time === b.time ? a.number - b.number : a.time < b.time ? -1 : 1));
    for (const { name } of found.slice(0, Math.max(0, found.length - keep)))
      await rm(join(this.folder, name), { force: true });
  }

  private async rescue(): Promise<void> {
    const part = new RegExp(`^\\.(${escaped(this.stem)}.*${escaped(this.extension)})\\.(\\d+)\\.part$`);
    for (const name of await readdir(this.folder)) {
      const match = part.exec(name);
      if (match === null || isRunning(Number(match[2]))) continue;
      const { path } = await unused(join(this.folder, match[1]));
      await rename(join(this.folder, name), path);
      this.deps.say(`an earlier recording was killed; it is in ${path}, perhaps without its end`);
    }
  }
}

/** The path, or with a number, from `first` on, where somebody has it already. */
async function unused(path: string, first = 1): Promise<{ path: string; number: number }> {
  const extension = extname(path);
  const stem = path.slice(0, path.length - extension.length);
  for (let number = first; ; number++) {
    const name = number === 1 ? path : `${stem}-${number}${extension}`;
    if (!(await exists(name))) return { path: name, number };
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC') return 'the disk is full';
  if (code === 'EDQUOT') return 'the quota is used up';
  if (code === 'ENOENT') return 'there is no such folder';
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') return 'it may not be written to';
  return message;
}
