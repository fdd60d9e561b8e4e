import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { type Answer, PAGE_HEADERS } from './answer.ts';
import { mediaTypeOf } from './media-types.ts';

/** The files that pages load: these and no others, by these names. */
export type PageFile =
  | 'start.css'
  | 'start.js'
  | 'icon.svg'
  | 'explorer.html'
  | 'explorer.css'
  | 'explorer.js'
  | 'swagger-ui.css'
  | 'swagger-ui-bundle.js';

/** Serves files of pages. Each is read once; browsers keep it and ask whether it has changed. */
export type Files = (name: PageFile) => Promise<Answer>;

export function createFiles(): Files {
  const known = new Map<PageFile, Promise<Answer>>();
  return (name) => {
    const answer = known.get(name) ?? readAnswer(name);
    known.set(name, answer);
    return answer;
  };
}

async function readAnswer(name: PageFile): Promise<Answer> {
  const body = await readFile(pathOf(name)).catch((error: NodeJS.ErrnoException) => {
    // Not built: what the build copies beside our own files is where the packages are.
    if (error.code !== 'ENOENT') throw error;
    return readFile(createRequire(import.meta.url).resolve(`swagger-ui-dist/${name}`));
  });
  const etag = `W/"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
  return { status: 200, contentType: mediaTypeOf(name), body, etag, headers: PAGE_HEADERS };
}

function pathOf(name: PageFile): string {
  return fileURLToPath(new URL(`./pages/${name}`, import.meta.url));
}
