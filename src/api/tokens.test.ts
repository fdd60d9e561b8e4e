import { describe, expect, it } from 'vitest';
import { WeirError } from '../common/index.ts';
import { createToken, createTokenSet, permits, ROLES } from './tokens.ts';

const HASH = 'a'.repeat(64);

describe('a set of tokens', () => {
  it('knows each token, and nothing else', () => {
    const ann = createToken('ann', 'read');
    const bob = createToken('bob', 'admin');
    const set = createTokenSet([ann.entry, bob.entry]);
    expect(set.size).toBe(2);
    expect(set.find(ann.token)).toMatchObject({ name: 'ann', role: 'read' });
    expect(set.find(bob.token)).toMatchObject({ name: 'bob', role: 'admin' });
    for (const wrong of [
      '',
      ann.token.slice(1),
      `${ann.token} `,
      ann.entry,
      createToken('ann', 'read').token,
    ])
      expect(set.find(wrong)).toBeUndefined();
  });

  it.each([
    [
      'ann',
      'auth.tokens holds an entry that is not NAME:ROLE:HASH (that of ann); weir token NAME ROLE makes one',
    ],
    [
      'ann:read:weir_secret',
      'auth.tokens holds an entry that is not NAME:ROLE:HASH (that of ann); weir token NAME ROLE makes one',
    ],
    [
      `ann:read:${HASH}:x`,
      'auth.tokens holds an entry that is not NAME:ROLE:HASH (that of ann); weir token NAME ROLE makes one',
    ],
    [`ann:all:${HASH}`, "'all' is no role; the roles are read, write, admin"],
    [`a n:read:${HASH}`, "'a n' is no name for a token: up to 64 letters, digits and any of _ . @ -"],
  ])('%s is refused without repeating what may be secret', (entry, message) => {
    expect(() => createTokenSet([entry])).toThrow(new WeirError('AUTH_BAD_TOKEN', message));
  });

  it('does not take a name twice', () => {
    expect(() => createTokenSet([`ann:read:${HASH}`, `ann:write:${HASH}`])).toThrow(
      'two tokens of the name ann',
    );
  });
});

it('a role permits what those before it do', () => {
  expect(ROLES.map((role) => ROLES.filter((needed) => permits(role, needed)))).toEqual([
    ['read'],
    ['read', 'write'],
    ['read', 'write', 'admin'],
  ]);
});
