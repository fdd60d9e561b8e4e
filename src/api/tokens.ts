import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { WeirError } from '../common/index.ts';

/** What a token permits, each what those before it do: to read, to change definitions, to send data elsewhere. */
export const ROLES = ['read', 'write', 'admin'] as const;
export type Role = (typeof ROLES)[number];

export function isRole(word: string): word is Role {
  return (ROLES as readonly string[]).includes(word);
}

/** Whether somebody of a role may do what asks for another. */
export function permits(role: Role, needed: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(needed);
}

/** Who a token belongs to. */
export interface TokenOwner {
  readonly name: string;
  readonly role: Role;
}

interface KnownToken extends TokenOwner {
  readonly hash: Buffer;
}

const NAME = /^[A-Za-z0-9_.@-]{1,64}$/;
const TOKEN_BYTES = 32;

/**
 * SHA-256 without salt and without stretching. Both slow down the guessing of what people choose as passwords; a token
 * is 256 random bits, which nobody guesses. And every request brings its token: a slow hash would let anybody keep the
 * collector busy by sending wrong ones.
 */
function hashToken(token: string): Buffer {
  return createHash('sha256').update(token, 'utf8').digest();
}

export interface NewToken {
  /** To be given to its user; it is kept nowhere. */
  readonly token: string;
  /** For property `auth.tokens`: NAME:ROLE:HASH. */
  readonly entry: string;
}

/** A new token. Throws WeirError `AUTH_BAD_TOKEN` for a name that cannot be written in the property, or no role. */
export function createToken(name: string, role: string): NewToken {
  checkOwner(name, role);
  // The prefix lets scanners of repositories and logs recognise it.
  const token = `weir_${randomBytes(TOKEN_BYTES).toString('base64url')}`;
  return { token, entry: `${name}:${role}:${hashToken(token).toString('hex')}` };
}

function checkOwner(name: string, role: string): Role {
  if (!NAME.test(name)) {
    throw new WeirError(
      'AUTH_BAD_TOKEN',
      `'${name}' is no name for a token: up to 64 letters, digits and any of _ . @ -`,
    );
  }
  if (!isRole(role))
    throw new WeirError('AUTH_BAD_TOKEN', `'${role}' is no role; the roles are ${ROLES.join(', ')}`);
  return role;
}

export interface TokenSet {
  readonly size: number;
  /** Whose token this is. Takes the same time whether and where it is found. */
  find(token: string): TokenOwner | undefined;
}

/** The tokens of property `auth.tokens`. Throws WeirError `AUTH_BAD_TOKEN` naming the entry that is wrong. */
export function createTokenSet(entries: readonly string[]): TokenSet {
  const known = entries.map(parseEntry);
  const twice = known.find(({ name }, i) => known.findIndex((other) => other.name === name) < i);
  if (twice !== undefined)
    throw new WeirError('AUTH_BAD_TOKEN', `auth.tokens has two tokens of the name ${twice.name}`);
  return {
    size: known.length,
    find(token) {
      const hash = hashToken(token);
      let owner: TokenOwner | undefined;
      for (const each of known) if (timingSafeEqual(each.hash, hash)) owner = each;
      return owner;
    },
  };
}

function parseEntry(entry: string): KnownToken {
  const [name, role = '', hash = '', ...more] = entry.split(':');
  if (more.length > 0 || !/^[0-9a-f]{64}$/i.test(hash)) {
    throw new WeirError(
      'AUTH_BAD_TOKEN',
      `auth.tokens holds an entry that is not NAME:ROLE:HASH (that of ${name}); weir token NAME ROLE makes one`,
    );
  }
  return { name, role: checkOwner(name, role), hash: Buffer.from(hash, 'hex') };
}
