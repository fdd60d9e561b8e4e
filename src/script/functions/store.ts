import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { ScriptArea, ScriptHost } from '../host.ts';

/** Ending of a file that is being written. */
const TEMPORARY_ENDING = '.bld';
/** What file systems take, less the ending. */
const MAX_NAME_BYTES = 255 - TEMPORARY_ENDING.length;

/** Section 9: values that survive, a file of JSON for each, in a folder of the script's own. */
export const storeFunctions: ScriptArea = (host) => {
  const folder = join(host.storeFolder, host.key);
  makeFolder(host, folder);
  const pathOf = (key: unknown): string => {
    const name = String(key);
    const problem = problemOf(name);
    if (problem !== undefined)
      throw host.error(`IO error ${join(host.storeFolder, host.key)}/${name} (${problem})`);
    return join(folder, name);
  };
  const remove = (path: string): void => attempt(host, path, () => rmSync(path, { force: true }));
  return {
    storeSet(key, value) {
      const path = pathOf(key);
      const text = value === undefined || value === null ? undefined : host.formatJson(value);
      if (text === undefined) remove(path);
      else attempt(host, path, () => writeWhole(path, text));
    },
    storeGet(key) {
      const path = pathOf(key);
      const text = attempt(host, path, () => readIfThere(path));
      return text === undefined ? undefined : host.parseJson(text);
    },
    storeDelete: (key) => remove(pathOf(key)),
    storeKeys: () =>
      attempt(host, folder, () =>
        readdirSync(folder, { withFileTypes: true })
          .filter((entry) => entry.isFile() && !entry.name.endsWith(TEMPORARY_ENDING))
          .map(({ name }) => name),
      ),
  };
};

/** A script that keeps nothing works without its folder, too. */
function makeFolder(host: ScriptHost, folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    host.log('warning', `the folder ${folder} cannot be made: ${reasonOf(error)}`);
  }
}

/** Why a name cannot be that of a file in the folder; undefined when it can. */
function problemOf(name: string): string | undefined {
  if (name === '' || name === '.' || name === '..') return 'Is a directory';
  if (name.includes('/')) return 'No such file or directory';
  if (name.includes('\0')) return 'Invalid file path';
  if (name.endsWith(TEMPORARY_ENDING)) return `keys may not end in ${TEMPORARY_ENDING}`;
  if (Buffer.byteLength(name) > MAX_NAME_BYTES) return 'File name too long';
  return undefined;
}

/** Under another name first, and on the disk before it is renamed: whole or not at all. */
function writeWhole(path: string, text: string): void {
  const temporary = path + TEMPORARY_ENDING;
  const file = openSync(temporary, 'w', 0o600);
  try {
    const bytes = Buffer.from(text, 'utf8');
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(temporary, path);
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function attempt<T>(host: ScriptHost, path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw host.error(`IO error ${path} (${reasonOf(error)})`);
  }
}

/** `EACCES: permission denied`, without the call and the path that Node adds. */
function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message.replace(/, .*$/, '') : String(error);
}
