import { type FileHandle, open, readFile, readlink, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { WeirError } from '../common/index.ts';

/** Held by one process at a time, for as long as it lives. */
export interface FolderLock {
  release(): Promise<void>;
}

/** Who holds a lock. Texts are empty where the system does not tell. */
interface Holder {
  readonly pid: number;
  /** When the process was started, in the kernel's ticks: numbers of processes are used again. */
  readonly started: string;
  /** The run of the kernel. */
  readonly boot: string;
  /** The namespace in which `pid` is meant: containers have their own. */
  readonly namespace: string;
}

const LOCK_NAME = 'lock';
const BEAT_MS = 1000;
/** A holder that has not touched its lock for so long is gone. */
const SILENCE_MS = 3500;
/** Between the making of a lock and the writing of its holder. */
const WRITING_MS = 100;
const MAX_ATTEMPTS = 10;

/**
 * Lock a folder by a file in it that names this process. A lock whose process has ended is taken over, at once where
 * processes can be seen; the lock of another container's process, which cannot be seen, is watched for a few seconds.
 * Throws WeirError STORE_IN_USE.
 */
export async function lockFolder(folder: string): Promise<FolderLock> {
  const path = join(folder, LOCK_NAME);
  const own = JSON.stringify(await thisProcess());
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const file = await create(path, own);
    if (file !== undefined) return heldLock(path, file);
    const text = await readText(path);
    if (text === undefined) continue;
    if (text === '' && attempt < MAX_ATTEMPTS / 2) await sleep(WRITING_MS);
    else if (await isHeld(path, text)) throw inUse(folder, holderOf(text));
    else await removeStale(path, text);
  }
  throw inUse(folder, undefined);
}

/** undefined: there is one already. */
async function create(path: string, text: string): Promise<FileHandle | undefined> {
  let file: FileHandle;
  try {
    file = await open(path, 'wx', 0o600);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return undefined;
    throw error;
  }
  await file.writeFile(text);
  return file;
}

function heldLock(path: string, file: FileHandle): FolderLock {
  const beat = setInterval(() => {
    const now = new Date();
    // A failure only makes the lock look abandoned to other containers.
    file.utimes(now, now).catch(() => undefined);
  }, BEAT_MS);
  beat.unref();
  return {
    async release() {
      clearInterval(beat);
      await file.close();
      await rm(path, { force: true });
    },
  };
}

async function isHeld(path: string, text: string): Promise<boolean> {
  const holder = holderOf(text);
  if (holder === undefined) return false;
  const own = await thisProcess();
  if (holder.boot !== own.boot) return false;
  if (holder.namespace !== own.namespace) return beats(path);
  return (await startOf(holder.pid)) === holder.started && isAlive(holder.pid);
}

async function beats(path: string): Promise<boolean> {
  const touched = async (): Promise<number> =>
    stat(path).then(
      ({ mtimeMs }) => mtimeMs,
      () => 0,
    );
  const before = await touched();
  const until = performance.now() + SILENCE_MS;
  while (performance.now() < until) {
    await sleep(WRITING_MS);
    const now = await touched();
    if (now !== before) return now !== 0;
  }
  return false;
}

/** Only what was found stale: somebody else may have taken the lock over meanwhile. */
async function removeStale(path: string, text: string): Promise<void> {
  const aside = `${path}.${process.pid}`;
  try {
    await rename(path, aside);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return;
    throw error;
  }
  if ((await readText(aside)) === text) await rm(aside, { force: true });
  else await rename(aside, path);
}

async function thisProcess(): Promise<Holder> {
  const [started, boot, namespace] = await Promise.all([
    startOf(process.pid),
    readText('/proc/sys/kernel/random/boot_id'),
    readlink('/proc/self/ns/pid').catch(() => ''),
  ]);
  return { pid: process.pid, started, boot: boot?.trim() ?? '', namespace };
}

/** The 22nd word of the process' line; the second, its name in brackets, may have blanks. */
async function startOf(pid: number): Promise<string> {
  const line = (await readText(`/proc/${pid}/stat`)) ?? '';
  return line.slice(line.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

function holderOf(text: string): Holder | undefined {
  try {
    const { pid, started, boot, namespace } = JSON.parse(text) as Partial<Record<keyof Holder, unknown>>;
    if (typeof pid !== 'number' || !Number.isSafeInteger(pid) || pid <= 0) return undefined;
    return { pid, started: String(started), boot: String(boot), namespace: String(namespace) };
  } catch {
    return undefined;
  }
}

function inUse(folder: string, holder: Holder | undefined): WeirError {
  const by = holder === undefined ? 'another process' : `process ${holder.pid}`;
  return new WeirError(
    'STORE_IN_USE',
    `the folder ${folder} is in use by ${by}; end it, or set store.dir to another folder, or store.persist=no`,
  );
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes(codeOf(error))) return undefined;
    throw error;
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
