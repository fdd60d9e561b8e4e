import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Answer, PAGE_HEADERS, refused, unroutedPage } from './answer.ts';
import { mediaTypeOf } from './media-types.ts';

/** Serves what pages of applications share below `/inc/`; `name` is the rest of the path. */
export type Assets = (name: string) => Promise<Answer>;

/**
 * The files of a folder as it is now. A name is looked up among those found here, so no path of a request reaches the
 * disk. Each file is read once; browsers keep it and ask whether it has changed. Folders are 403, anything else is 404.
 */
export function createAssets(folder = fileURLToPath(new URL('./inc/', import.meta.url))): Assets {
  const files = new Map<string, Promise<Answer> | undefined>();
  const folders = new Set(['']);
  for (const entry of list(folder)) {
    const name = relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/');
    if (entry.isFile()) files.set(name, undefined);
    else if (entry.isDirectory()) folders.add(name);
  }
  return async (name) => {
    if (folders.has(name)) return refused(403);
    if (!files.has(name)) return unroutedPage();
    let answer = files.get(name);
    if (answer === undefined) {
      answer = readAnswer(join(folder, name));
      files.set(name, answer);
    }
    return answer;
  };
}

/** Before the first build there is nothing. */
function list(folder: string) {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true });
  } catch {
    return [];
  }
}

async function readAnswer(path: string): Promise<Answer> {
  const body = await readFile(path);
  const etag = `W/"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
  return { status: 200, contentType: mediaTypeOf(path), body, etag, headers: PAGE_HEADERS };
}
