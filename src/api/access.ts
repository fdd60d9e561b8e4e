import type { IncomingHttpHeaders } from 'node:http';
import { hostname } from 'node:os';
import { WeirError } from '../common/index.ts';
import type { Config } from '../config/index.ts';
import { type Answer, refused } from './answer.ts';
import { createTokenSet, permits, type Role, type TokenOwner, type TokenSet } from './tokens.ts';

/** Who may do what: by token, or everybody. */
export interface Access {
  /** Names the client of a request; undefined when it brings no token, or none that is known. */
  identify(headers: IncomingHttpHeaders): TokenOwner | undefined;
  /** The name of the client's token; undefined where none is asked for. */
  tokenName(headers: IncomingHttpHeaders): string | undefined;
  /** The refusal of a client that may not do what asks for a role; undefined when it may. */
  refusal(client: TokenOwner | undefined, needed: Role): Answer | undefined;
  /** The refusal of a request for another server than this one; undefined when it is for this one. */
  misdirected(host: string | undefined): Answer | undefined;
}

/** Everybody, where no tokens are asked for. */
const ANYBODY: TokenOwner = { name: 'anybody', role: 'admin' };

const CHALLENGE = 'Bearer realm="Weir", Basic realm="Weir", charset="UTF-8"';

/**
 * Access as the properties ask for it. Throws WeirError `AUTH_MISSING` when other machines could do everything and
 * nobody has said that they may, `AUTH_BAD_SETTING` for properties that contradict each other, `AUTH_BAD_TOKEN`.
 */
export function createAccess(config: Config): Access {
  const open = config.string('auth') === 'none';
  const tokens = createTokenSet(config.list('auth.tokens'));
  const host = config.string('http.hostname');
  if (open && tokens.size > 0)
    throw new WeirError(
      'AUTH_BAD_SETTING',
      'auth=none and auth.tokens contradict each other: unset one of them',
    );
  if (open || tokens.size > 0)
    return { ...(open ? openAccess : tokenAccess(tokens)), misdirected: () => undefined };
  if (!isLoopbackHost(host)) {
    const address = host === '' ? 'every address' : host;
    throw new WeirError(
      'AUTH_MISSING',
      `http.hostname opens HTTP on ${address} to other machines: set auth.tokens (weir token NAME ROLE makes one), ` +
        'or auth=none to let everybody do everything',
    );
  }
  const names = new Set(
    [...config.list('http.hosts'), 'localhost', hostname(), host].map((name) => name.toLowerCase()),
  );
  return { ...openAccess, misdirected: (given) => misdirectedTo(given, names) };
}

const openAccess = { identify: () => ANYBODY, tokenName: () => undefined, refusal: () => undefined };

function tokenAccess(tokens: TokenSet): Omit<Access, 'misdirected'> {
  const identify = (headers: IncomingHttpHeaders): TokenOwner | undefined => {
    const token = tokenOf(headers.authorization);
    return token === undefined ? undefined : tokens.find(token);
  };
  return {
    identify,
    tokenName: (headers) => identify(headers)?.name,
    refusal(client, needed) {
      if (client === undefined) {
        return {
          ...refused(401, 'a token is needed', 'AUTH_MISSING'),
          headers: { 'WWW-Authenticate': CHALLENGE },
        };
      }
      if (permits(client.role, needed)) return undefined;
      const scope = `Bearer realm="Weir", error="insufficient_scope", scope="${needed}"`;
      return {
        ...refused(
          403,
          `the token of ${client.name} does not permit this: it needs the role ${needed}`,
          'AUTH_ROLE',
        ),
        headers: { 'WWW-Authenticate': scope },
      };
    },
  };
}

/** The token of an Authorization header: `Bearer TOKEN`, or as the password of `Basic`, which browsers can ask for. */
function tokenOf(header: string | undefined): string | undefined {
  const [, scheme, value] = /^(bearer|basic) +(\S+)\s*$/i.exec(header ?? '') ?? [];
  if (scheme === undefined) return undefined;
  if (scheme.toLowerCase() === 'bearer') return value;
  const pair = Buffer.from(value, 'base64').toString('utf8');
  return pair.slice(pair.indexOf(':') + 1);
}

/** Whether only this machine reaches a server that listens there. */
function isLoopbackHost(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

/**
 * A server that asks for no token answers only to addresses and to names that are its own. A page from elsewhere
 * whose name was made to point to this machine (DNS rebinding) would otherwise count as a page of this server.
 */
function misdirectedTo(host: string | undefined, names: ReadonlySet<string>): Answer | undefined {
  const name = (host ?? '').replace(/:\d*$/, '').toLowerCase();
  if (name === '' || /^\[[0-9a-f:.]+\]$|^\d{1,3}(\.\d{1,3}){3}$/.test(name)) return undefined;
  if (names.has(name) || names.has('*') || name.endsWith('.localhost')) return undefined;
  return refused(
    421,
    `this server is not called ${name}; property http.hosts may say that it is`,
    'HTTP_HOST',
  );
}
