import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { WeirError } from '../common/index.ts';
import { renderToken } from './token.ts';

it('prints a token, and the property that knows only its hash', () => {
  const text = renderToken(['ann', 'write']);
  const token = /^weir_[A-Za-z0-9_-]{43}$/m.exec(text)?.[0] ?? '';
  const hash = createHash('sha256').update(token).digest('hex');
  expect(text).toContain(`\nauth.tokens=ann:write:${hash}\n`);
  expect(text.split(token)).toHaveLength(2);
});

it('prints another token each time', () => {
  expect(renderToken(['ann', 'read'])).not.toBe(renderToken(['ann', 'read']));
});

it.each([
  [[], 'CLI_USAGE', 'a name and a role are needed'],
  [['ann'], 'CLI_USAGE', 'a name and a role are needed'],
  [['ann', 'read', 'x'], 'CLI_USAGE', "'x' is one argument too many"],
  [['ann', 'root'], 'AUTH_BAD_TOKEN', "'root' is no role; the roles are read, write, admin"],
  [
    ['a:b', 'read'],
    'AUTH_BAD_TOKEN',
    "'a:b' is no name for a token: up to 64 letters, digits and any of _ . @ -",
  ],
])('%j is refused', (args, code, message) => {
  expect(() => renderToken(args)).toThrow(new WeirError(code, message));
});
