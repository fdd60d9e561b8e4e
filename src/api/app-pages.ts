import { createHash } from 'node:crypto';
import { open, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { type Answer, refused, unroutedPage } from './answer.ts';
import type { ApiContext } from './context.ts';
import { mediaTypeOf } from './media-types.ts';
import type { RawRequest } from './raw-route.ts';

const MAX_FILE_BYTES = 64 * 2 ** 20;

/**
 * A file of the pages of an application: `/app/NAME/html/…`. A folder leads to its `index.html`. Nothing outside the
 * folder is reached, be it by the path or by a link.
 */
export async function serveAppPage(request: RawRequest, { scripts }: ApiContext): Promise<Answer> {
  const [, app, , ...rest] = request.path;
  const folder = scripts.pagesOf(app);
  if (folder === undefined) return unroutedPage();
  if (request.path.length === 3) return leadTo(request, '/');
  if (rest.some((name, i) => !isPlain(name) && !(name === '' && i === rest.length - 1))) return refused(404);
  if (rest.at(-1) === '') return leadTo(request, 'index.html');
  return (await readPage(folder, rest, request)) ?? refused(404);
}

/** To an address that starts as this one does. */
function leadTo({ target }: RawRequest, more: string): Answer {
  const [, path, query] = /^([^?]*)(.*)$/s.exec(target)!;
  return { status: 302, headers: { Location: path + more + query } };
}

function isPlain(name: string): boolean {
  return name !== '' && !name.startsWith('.') && !/[/\\\0]/.test(name);
}

async function readPage(
  folder: string,
  names: readonly string[],
  request: RawRequest,
): Promise<Answer | undefined> {
  try {
    const path = await realpath(join(folder, ...names));
    if (!path.startsWith((await realpath(folder)) + sep)) return undefined;
    const file = await open(path, 'r');
    try {
      const stat = await file.stat();
      if (stat.isDirectory()) return leadTo(request, '/');
      if (!stat.isFile() || stat.size > MAX_FILE_BYTES) return undefined;
      const body = await file.readFile();
      const etag = `W/"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
      return { status: 200, contentType: mediaTypeOf(path), body, etag };
    } finally {
      await file.close();
    }
  } catch {
    return undefined; // not there, or not to be read
  }
}
