import { isWeirError } from '../../common/index.ts';
import type { ScriptArea, ScriptHost } from '../host.ts';
import { HttpClient, type HttpRequest, parseUrl } from '../http-client.ts';
import { isAbsent, isObject, textOf } from './arguments.ts';
import { callBack, callbackOf } from './callback.ts';

const OPERATIONS: readonly string[] = ['GET', 'POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS'];
/** Asynchronous requests of one script at a time. */
const MAX_UNDER_WAY = 100;

/** Section 11: HTTP of others. */
export const httpFunctions: ScriptArea = (host) => {
  let client: HttpClient | undefined;
  let underWay = 0;
  return {
    http(...args) {
      return host.call('http', positionalRequest(host, args)).body;
    },
    http2(options) {
      return host.call('http', requestOf(host, options));
    },
    httpAsync(options) {
      const { success, error } = isObject(options) ? options : {};
      const [succeeded, failed] = [callbackOf(success), callbackOf(error)];
      const fail = (message: string): void => callBack(host, failed, message);
      let request: HttpRequest;
      try {
        request = requestOf(host, options);
        parseUrl(request.url);
      } catch (caught) {
        return fail(messageOf(caught));
      }
      if (underWay >= MAX_UNDER_WAY) return fail('too many requests under way');
      underWay++;
      const release = host.hold();
      client ??= new HttpClient(host.call('httpSettings'));
      client
        .send(request)
        .then(
          (answer) => callBack(host, succeeded, answer),
          (caught) => fail(messageOf(caught)),
        )
        .finally(() => {
          underWay--;
          release();
        });
    },
  };
};

/** `http(url, 'get', user, password, accept)`, `http(url, 'post', type, body, user, password, accept)`. */
function positionalRequest(host: ScriptHost, [url, operation, ...rest]: readonly unknown[]): HttpRequest {
  const method = methodOf(host, operation, 'GET');
  if (method === 'POST' || method === 'PUT') {
    const [type, body, user, password, accept] = rest;
    const headers = { ...typed('Content-Type', type), ...typed('Accept', accept), ...basic(user, password) };
    return { url: urlOf(host, url), method, headers, body: isAbsent(body) ? '' : String(body) };
  }
  const [user, password, accept] = method === 'GET' ? rest : [];
  const headers = { ...typed('Accept', accept), ...basic(user, password) };
  return { url: urlOf(host, url), method, headers, body: undefined };
}

function requestOf(host: ScriptHost, options: unknown): HttpRequest {
  const given = isObject(options) ? options : {};
  const { body, user, password } = given;
  const url = urlOf(host, given['url']);
  const method = methodOf(host, given['operation'], isAbsent(body) ? 'GET' : 'POST');
  const headers = { ...headersOf(host, given['headers']), ...basic(user, password) };
  const sends = !isAbsent(body) && method !== 'GET' && method !== 'HEAD' && hasContentType(headers);
  const isEmpty = method === 'POST' || method === 'PUT';
  return { url, method, headers, body: sends ? String(body) : isEmpty ? '' : undefined };
}

function urlOf(host: ScriptHost, url: unknown): string {
  const text = textOf(url);
  if (text === undefined) throw host.error('missing URL');
  return text;
}

function methodOf(host: ScriptHost, operation: unknown, otherwise: string): string {
  const method = textOf(operation)?.toUpperCase() ?? otherwise;
  if (!OPERATIONS.includes(method)) throw host.error(`illegal http operation ${method}`);
  return method;
}

/** A header that cannot be sent is said at once. */
function headersOf(host: ScriptHost, headers: unknown): Record<string, string> {
  if (!isObject(headers)) return {};
  const entries = Object.entries(headers).filter(([, value]) => !isAbsent(value));
  return Object.fromEntries(
    entries.map(([name, value]) => {
      const text = [value].flat().map(String).join(', ');
      // RFC 9110, 5.1 and 5.5.
      if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name) || !/^[\t\x20-\x7e\x80-\xff]*$/.test(text))
        throw host.error(`bad header ${name}`);
      return [name, text];
    }),
  );
}

function hasContentType(headers: Readonly<Record<string, string>>): boolean {
  return Object.keys(headers).some((name) => name.toLowerCase() === 'content-type');
}

function typed(name: string, value: unknown): Record<string, string> {
  return isAbsent(value) ? {} : { [name]: String(value) };
}

/** RFC 7617, without being asked first. */
function basic(user: unknown, password: unknown): Record<string, string> {
  if (isAbsent(user)) return {};
  const credentials = Buffer.from(`${user}:${textOf(password) ?? ''}`).toString('base64');
  return { Authorization: `Basic ${credentials}` };
}

function messageOf(caught: unknown): string {
  return isWeirError(caught) || caught instanceof Error ? caught.message : String(caught);
}
