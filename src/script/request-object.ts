import type { ScriptRequest } from './http-exchange.ts';
import type { Realm } from './realm.ts';

const FORM = 'application/x-www-form-urlencoded';
const METHODS_WITH_BODY = new Set(['POST', 'PUT', 'DELETE']);

/** The argument of a handler, in the realm of its script (section 4). */
export function requestObject(request: ScriptRequest, realm: Realm): Record<string, unknown> {
  const { method, path, format, contentType, body } = request;
  const query: Record<string, string[]> = Object.create(null);
  for (const [name, values] of Object.entries(request.query)) query[name] = [...values];
  const object: Record<string, unknown> = { method };
  if (path.length > 0) object['path'] = [...path];
  object['query'] = query;
  object['format'] = format;
  const hasBody = body !== undefined && body.length > 0 && METHODS_WITH_BODY.has(method);
  if (hasBody && contentType === FORM) mergeForm(query, textOf(body));
  else if (hasBody && format === 'txt') object['body'] = `${textOf(body)}\n`;
  const given = realm.copy(object);
  if (!hasBody || contentType === FORM || format !== 'json') return given;
  try {
    given['body'] = realm.parse(textOf(body));
  } catch (error) {
    given['error'] = jsonProblem(error, textOf(body));
  }
  return given;
}

function mergeForm(query: Record<string, string[]>, form: string): void {
  for (const [name, value] of new URLSearchParams(form)) {
    query[name] ??= [];
    query[name].push(value);
  }
}

function textOf(body: Uint8Array): string {
  return new TextDecoder().decode(body);
}

/** V8's words in the form that clients know. Of a word that is none of JSON's, the first letter counts. */
function jsonProblem(error: unknown, text: string): string {
  const message = (error as { message: string }).message;
  const token =
    /^\s*(?!(?:true|false|null)\b)([A-Za-z])/.exec(text)?.[1] ??
    /^Unexpected token '?(.)'?/su.exec(message)?.[1];
  return `JSON.parse SyntaxError: ${token === undefined ? message : `Unexpected token: ${token}`}`;
}
