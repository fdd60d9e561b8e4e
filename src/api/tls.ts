import { readFileSync, statSync } from 'node:fs';
import type { Server as HttpsServer } from 'node:https';
import { createSecureContext } from 'node:tls';
import { WeirError } from '../common/index.ts';
import type { Config } from '../config/index.ts';
import type { ApiLog } from './context.ts';

/** Certificate (with the chain) and key, as PEM. */
export interface KeyPair {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** The files of properties `http.tls.cert` and `http.tls.key`. */
export interface KeyFiles {
  readonly cert: string;
  readonly key: string;
}

/** undefined when HTTP is to be plain. Throws WeirError `TLS_BAD_FILES` when only one of the two is set. */
export function keyFiles(config: Config): KeyFiles | undefined {
  const files = { cert: config.string('http.tls.cert'), key: config.string('http.tls.key') };
  if (files.cert === '' && files.key === '') return undefined;
  if (files.cert !== '' && files.key !== '') return files;
  throw new WeirError('TLS_BAD_FILES', 'http.tls.cert and http.tls.key belong together: set both, or none');
}

/** Reads a pair that fits together. Throws WeirError `TLS_BAD_FILES` with one line. */
export function readKeyPair(files: KeyFiles): KeyPair {
  const pair = { cert: read(files.cert, 'http.tls.cert'), key: read(files.key, 'http.tls.key') };
  try {
    createSecureContext(pair);
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new WeirError(
      'TLS_BAD_FILES',
      `${files.cert} and ${files.key} are no certificate and its key: ${problem}`,
      {
        cause,
      },
    );
  }
  return pair;
}

function read(file: string, property: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    const problem = cause instanceof Error && 'code' in cause ? cause.code : cause;
    throw new WeirError('TLS_BAD_FILES', `cannot read ${file} of ${property}: ${problem}`, { cause });
  }
}

/**
 * Looks at the files every so often, and gives a server the new pair when they have changed; connections that are open
 * keep the old one. A pair that does not fit together is not taken: the two files are rarely written at one moment.
 * Returns how to stop.
 */
export function reloadKeyPair(
  server: HttpsServer,
  files: KeyFiles,
  everyMs: number,
  log: ApiLog,
): () => void {
  let seen = stateOf(files);
  const timer = setInterval(() => {
    const state = stateOf(files);
    if (state === seen) return;
    seen = state;
    try {
      server.setSecureContext(readKeyPair(files));
      log.info('the TLS certificate was renewed');
    } catch (error) {
      log.warn(`the TLS certificate stays as it was: ${error instanceof Error ? error.message : error}`);
    }
  }, everyMs);
  timer.unref();
  return () => clearInterval(timer);
}

/** Text that changes with the files. */
function stateOf({ cert, key }: KeyFiles): string {
  return [cert, key]
    .map((file) => {
      try {
        const { ino, size, mtimeMs } = statSync(file);
        return `${ino} ${size} ${mtimeMs}`;
      } catch {
        return 'none';
      }
    })
    .join(', ');
}
