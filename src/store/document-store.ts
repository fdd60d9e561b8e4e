import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { WeirError } from '../common/index.ts';
import { replaceFile, syncFolder, TEMPORARY_ENDING } from './durable-file.ts';
import { fileNameOf } from './file-name.ts';
import { type FolderLock, lockFolder } from './folder-lock.ts';

export interface StoredDocument {
  readonly name: string;
  /** Time of the last `put`, epoch ms. */
  readonly saved: number;
  readonly content: unknown;
}

/**
 * Named JSON documents that survive the process: a folder for each kind, a file for each document. What `put` and
 * `remove` have resolved is on the disk, whatever happens then; before, the document is as it was or as it will be, never
 * in between.
 */
export interface DocumentStore {
  /** Make the folder, lock it, and clear what was left half done. Throws WeirError STORE_IN_USE, STORE_UNAVAILABLE. */
  start(): Promise<void>;
  /** Resolves when everything is on the disk. */
  stop(): Promise<void>;
  health(): { ok: boolean; reason?: string };
  /** In the order of their files' names. A file that is no document is set aside, with a warning. */
  documents(kind: string): AsyncIterable<StoredDocument>;
  /** Save or replace. Resolves to the time of saving, epoch ms. Throws WeirError STORE_WRITE. */
  put(kind: string, name: string, content: unknown): Promise<number>;
  /** Remove, if it is there. Throws WeirError STORE_WRITE. */
  remove(kind: string, name: string): Promise<void>;
  /** Take a document out without losing it: its file gets another name. */
  setAside(kind: string, name: string, reason: string): Promise<void>;
}

export interface DocumentStoreOptions {
  readonly folder: string;
  readonly kinds: readonly string[];
}

export interface DocumentStoreDependencies {
  readonly log: { warn(message: string): void };
}

const ENDING = '.json';
const SET_ASIDE_ENDING = '.set-aside';
/** Documents written together, and so files open at a time. */
const MAX_BATCH = 64;

/** What is to become of a file. */
interface Change {
  readonly kind: string;
  readonly name: string;
  /** undefined removes it. */
  readonly text: string | undefined;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export function createDocumentStore(
  options: DocumentStoreOptions,
  deps: DocumentStoreDependencies,
): DocumentStore {
  return new FileStore(options, deps);
}

class FileStore implements DocumentStore {
  private readonly options: DocumentStoreOptions;
  private readonly deps: DocumentStoreDependencies;
  private lock: FolderLock | undefined;
  private waiting: Change[] = [];
  private writing: Promise<void> | undefined;
  private failure: string | undefined;

  constructor(options: DocumentStoreOptions, deps: DocumentStoreDependencies) {
    this.options = options;
    this.deps = deps;
  }

  async start(): Promise<void> {
    const { folder, kinds } = this.options;
    try {
      await makeFolder(folder);
      this.lock = await lockFolder(folder);
      for (const kind of kinds) await mkdir(this.folderOf(kind), { recursive: true, mode: 0o700 });
      await syncFolder(folder);
      await Promise.all(kinds.map((kind) => this.clean(kind)));
    } catch (error) {
      await this.lock?.release();
      this.lock = undefined;
      if (error instanceof WeirError) throw error;
      throw new WeirError(
        'STORE_UNAVAILABLE',
        `the folder ${folder} cannot be used: ${reasonOf(error)}; set store.dir to another folder, or store.persist=no`,
        { cause: error },
      );
    }
  }

  async stop(): Promise<void> {
    const { lock } = this;
    this.lock = undefined;
    await this.writing;
    await lock?.release();
  }

  health(): { ok: boolean; reason?: string } {
    return this.failure === undefined ? { ok: true } : { ok: false, reason: this.failure };
  }

  async *documents(kind: string): AsyncIterable<StoredDocument> {
    const folder = this.folderOf(kind);
    const files = (await readdir(folder)).filter((file) => file.endsWith(ENDING));
    for (const file of files.sort()) {
      let bytes: Uint8Array;
      try {
        bytes = await readFile(join(folder, file));
      } catch (error) {
        this.deps.log.warn(`${join(folder, file)} cannot be read: ${reasonOf(error)}`);
        continue;
      }
      const document = parseDocument(bytes);
      if (document !== undefined && fileNameOf(document.name) === file) yield document;
      else
        await this.setFileAside(kind, file, document === undefined ? 'it is damaged' : 'it has another name');
    }
  }

  async put(kind: string, name: string, content: unknown): Promise<number> {
    const saved = Date.now();
    await this.change(kind, name, `${JSON.stringify({ name, saved, content })}\n`);
    return saved;
  }

  remove(kind: string, name: string): Promise<void> {
    return this.change(kind, name, undefined);
  }

  setAside(kind: string, name: string, reason: string): Promise<void> {
    return this.setFileAside(kind, fileNameOf(name), reason);
  }

  private async setFileAside(kind: string, file: string, reason: string): Promise<void> {
    const path = join(this.folderOf(kind), file);
    const aside = path + SET_ASIDE_ENDING;
    try {
      await rename(path, aside);
      this.deps.log.warn(`${path} was set aside as ${aside}: ${reason}`);
    } catch (error) {
      this.deps.log.warn(`${path} is not used: ${reason}; nor can it be renamed: ${reasonOf(error)}`);
    }
  }

  private folderOf(kind: string): string {
    return join(this.options.folder, kind);
  }

  private async clean(kind: string): Promise<void> {
    const folder = this.folderOf(kind);
    for (const file of await readdir(folder))
      if (file.endsWith(TEMPORARY_ENDING)) await rm(join(folder, file), { recursive: true, force: true });
  }

  private change(kind: string, name: string, text: string | undefined): Promise<void> {
    if (this.lock === undefined)
      return Promise.reject(new WeirError('STORE_STOPPED', 'the store is not running'));
    return new Promise((resolve, reject) => {
      this.waiting.push({ kind, name, text, resolve, reject });
      this.writing ??= this.writeAll();
    });
  }

  /** Whatever comes while a batch is written makes the next one: many changes share the cost of bringing a folder to the disk. */
  private async writeAll(): Promise<void> {
    while (this.waiting.length > 0) {
      const batch = this.takeBatch();
      const outcomes = await Promise.all(batch.map((change) => this.failureOf(this.write(change))));
      const folders = new Map<string, Error | undefined>();
      for (const { kind } of batch)
        if (!folders.has(kind)) folders.set(kind, await this.failureOf(syncFolder(this.folderOf(kind))));
      this.failure = undefined;
      for (const [i, { kind, name, resolve, reject }] of batch.entries()) {
        const cause = outcomes[i] ?? folders.get(kind);
        if (cause === undefined) resolve();
        else {
          this.failure = `${kind} ${name} cannot be saved: ${reasonOf(cause)}`;
          reject(new WeirError('STORE_WRITE', this.failure, { cause }));
        }
      }
    }
    this.writing = undefined;
  }

  /** The first changes that are waiting, no two of the same document. */
  private takeBatch(): Change[] {
    const batch = new Map<string, Change>();
    const left: Change[] = [];
    for (const change of this.waiting) {
      const key = `${change.kind}/${change.name}`;
      if (batch.size < MAX_BATCH && !batch.has(key)) batch.set(key, change);
      else left.push(change);
    }
    this.waiting = left;
    return [...batch.values()];
  }

  private async write({ kind, name, text }: Change): Promise<void> {
    const path = join(this.folderOf(kind), fileNameOf(name));
    if (text === undefined) await rm(path, { force: true });
    else await replaceFile(path, text);
  }

  private failureOf(work: Promise<void>): Promise<Error | undefined> {
    return work.then(
      () => undefined,
      (error) => (error instanceof Error ? error : new Error(String(error))),
    );
  }
}

/** With the folders above it; their names are on the disk then. */
async function makeFolder(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  for (let made = resolve(folder); made.length >= resolve(first).length; made = dirname(made))
    await syncFolder(dirname(made));
}

/** undefined when the bytes are not what `put` writes. */
function parseDocument(bytes: Uint8Array): StoredDocument | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    if (typeof value !== 'object' || value === null) return undefined;
    const { name, saved, content } = value as Partial<StoredDocument>;
    if (typeof name !== 'string' || typeof saved !== 'number' || content === undefined) return undefined;
    return { name, saved, content };
  } catch {
    return undefined;
  }
}

/** `EACCES: permission denied`, without the call and the path that Node adds. */
function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message.replace(/, .*$/, '') : String(error);
}
