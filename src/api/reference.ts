import type { TSchema } from '@sinclair/typebox';
import { describeRoute, errorStatuses } from './openapi.ts';
import { examplePath, isTextAnswer, type Route, type RouteGroup } from './route.ts';
import { apiRoutes } from './routes/index.ts';

const INTRODUCTION = `# REST API

Generated from the route declarations in \`src/api/routes/\` by \`npm run docs\`; change them there. The same
declarations make the OpenAPI document at \`/api-docs\`.

- Errors have a status and an empty body; the header \`Weir-Error\` says what was wrong. A percent sign in the address
  that encodes nothing is 400. Under Live and Lists in pages, errors have a problem body instead
  (\`application/problem+json\`, RFC 9457).
- PUT and DELETE answer 204. POST does what PUT does. Removing what is not there is no error.
- HEAD, OPTIONS and TRACE are answered on every path. PATCH is 501. A change of a read-only resource is 405.
- Request bodies are JSON objects of at most \`http.maxbody\` bytes (16 MB), whatever their Content-Type says.
- Answers may not be cached (\`Cache-Control: no-cache, no-store, must-revalidate\`) and are compressed when
  \`Accept-Encoding\` names gzip.
- Names of flows, thresholds, groups and maps consist of letters, digits, \`_\` and \`-\`.
- With \`http.readonly=yes\` every change is 403.

## Who may ask

- Without \`auth.tokens\` HTTP is open, but to this machine only, and under its own names: a request for another name
  is 421 (property \`http.hosts\`). A change that a browser sends from a page of another site or port is 403.
- With \`auth.tokens\` every request needs a token: \`Authorization: Bearer TOKEN\`, or the token as the password of
  Basic authentication, which browsers ask for. Without a known token the answer is 401; when its role is too small,
  403. \`weir token NAME ROLE\` makes tokens. \`/status\`, \`/api-docs\` and the explorer at \`/api/\` need none.
- The role \`read\` may ask, \`write\` may also change definitions, \`admin\` may also have data or routes sent to other
  machines.
- More than \`http.ratelimit\` requests per second of a client are 429, with the seconds to wait in \`Retry-After\`.
- The log has a line for each change: who, from where, what, and the status.
`;

/** The page docs/reference/rest.md. */
export function renderRestPage(): string {
  const shown = apiRoutes.filter((each) => !each.hidden);
  const groups = [...new Set(shown.map((each) => each.group))];
  return [INTRODUCTION, ...groups.map((group) => renderGroup(group, shown))].join('\n');
}

function renderGroup(group: RouteGroup, routes: readonly Route[]): string {
  const members = routes.filter((each) => each.group === group);
  return [`## ${group}\n`, ...members.map(renderRoute)].join('\n');
}

function renderRoute(each: Route): string {
  const parts = [`### ${each.method} ${each.path}\n`, `${each.summary}.`];
  const description = describeRoute(each);
  if (description !== undefined) parts[1] += ` ${description}`;
  parts.push(
    '',
    ...renderParameters(each),
    ...renderAnswer(each),
    ...renderErrors(each),
    renderExample(each),
  );
  return `${parts.join('\n')}\n`;
}

function renderParameters(each: Route): string[] {
  const rows = Object.entries<TSchema>(each.params.properties).map(([name, rule]) => row(name, 'path', rule));
  if ('patternProperties' in each.query) rows.push(`| *any* | query | ${each.query.description} |`);
  else
    rows.push(
      ...Object.entries<TSchema>(each.query.properties).map(([name, rule]) => row(name, 'query', rule)),
    );
  if (each.body?.['properties'] !== undefined) {
    rows.push(
      ...Object.entries<TSchema>(each.body['properties']).map(([name, rule]) => row(name, 'body', rule)),
    );
  } else if (each.body !== undefined) rows.push(`| *any* | body | ${each.body.description} |`);
  return rows.length === 0 ? [] : ['| parameter | in | meaning |', '|---|---|---|', ...rows, ''];
}

function row(name: string, place: string, rule: TSchema): string {
  const byDefault = rule.default === undefined ? '' : ` Default ${rule.default}.`;
  return `| \`${name}\` | ${place} | ${(rule.description ?? '').replaceAll('|', '\\|')}${byDefault} |`;
}

function renderAnswer({ answer }: Route): string[] {
  if (answer === 'empty') return [];
  if (isTextAnswer(answer)) return [`Text: ${answer.text}`, ''];
  const members = membersOf(answer).map(
    ([name, rule]) => `| \`${name}\` | ${(rule.description ?? '').replaceAll('|', '\\|')} |`,
  );
  return members.length === 0 ? [] : ['| member of the answer | meaning |', '|---|---|', ...members, ''];
}

/** Named members of an answer, or of the objects it lists; none when no member has a description. */
function membersOf(schema: TSchema): [string, TSchema][] {
  const inner: TSchema | undefined = schema['items'] ?? Object.values(schema['patternProperties'] ?? {})[0];
  if (inner !== undefined) return membersOf(inner);
  const members = Object.entries<TSchema>(schema['properties'] ?? {});
  return members.some(([, rule]) => rule.description !== undefined) ? members : [];
}

function renderErrors(each: Route): string[] {
  const lines = Object.entries(errorStatuses(each)).map(([status, meaning]) => `- ${status}: ${meaning}`);
  return lines.length === 0 ? [] : [...lines, ''];
}

function renderExample(each: Route): string {
  const method = each.method === 'GET' ? '' : `-X ${each.method} `;
  const body = each.example?.body === undefined ? '' : ` \\\n  -d '${JSON.stringify(each.example.body)}'`;
  const unbuffered = isTextAnswer(each.answer) && each.answer.mediaType === 'text/event-stream' ? '-N ' : '';
  return `\`\`\`sh\ncurl ${unbuffered}${method}'http://localhost:8008${examplePath(each)}'${body}\n\`\`\``;
}
