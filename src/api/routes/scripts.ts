import { type Answer, refused, unroutedPage } from '../answer.ts';
import { serveAppPage } from '../app-pages.ts';
import type { ApiContext } from '../context.ts';
import { parseQuery } from '../parameters.ts';
import type { RawRequest, RawRoute } from '../raw-route.ts';

/** What handlers of scripts answer, and the pages of applications (script-api sections 1 and 4). */
export const scriptRoutes: readonly RawRoute[] = [
  {
    url: '/app/:app/scripts/*',
    takesChanges: true,
    handle: async (request, context) => {
      const [, app, , file, ...rest] = request.path;
      if (!Object.hasOwn(context.scripts.apps(), app)) return unroutedPage();
      return answerOf(`${app}~${file}`, rest, request, context);
    },
  },
  {
    url: '/script/*',
    takesChanges: true,
    handle: (request, context) => {
      const [, key, ...rest] = request.path;
      return answerOf(key, rest, request, context);
    },
  },
  ...['/app/:app/html', '/app/:app/html/*'].map((url) => ({
    url,
    takesChanges: false,
    handle: serveAppPage,
  })),
];

/** @param rest the path behind the script: elements for the handler, and the format */
async function answerOf(
  key: string,
  rest: readonly string[],
  request: RawRequest,
  { scripts }: ApiContext,
): Promise<Answer> {
  const path = rest.slice(0, -1);
  const format = rest.at(-1) ?? '';
  if (format !== 'json' && format !== 'txt') return refused(404);
  const { contentType, body } = request;
  const query: Record<string, readonly string[]> = Object.create(null);
  for (const [name, values] of parseQuery(request.target)) query[name] = values;
  // HEAD is answered like GET, by a handler that knows no HEAD.
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  return scripts.request(key, { method, path, query, format, contentType, body });
}
