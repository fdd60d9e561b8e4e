import { describe, expect, it } from 'vitest';
import { createConfig } from '../config/index.ts';
import { readSnmpSettings } from './snmp-settings.ts';

const read = (given: Record<string, string>) =>
  readSnmpSettings(createConfig(Object.fromEntries(Object.entries(given).map(([k, v]) => [`snmp.${k}`, v]))));

describe('readSnmpSettings', () => {
  it('is version 2c with the community public unless told otherwise', () => {
    expect(read({})).toEqual({
      port: 161,
      timeoutMs: 3000,
      access: { version: '2c', community: 'public' },
    });
  });

  it.each([
    ['MD5', 'DES', 'md5', 'des'],
    ['SHA', 'AES', 'sha', 'aes'],
    ['SHA-256', 'aes-128', 'sha256', 'aes'],
    ['sha512', 'AES256', 'sha512', 'aes256b'],
  ])('%s and %s are known', (authprotocol, privprotocol, auth, priv) => {
    const passwords = { authpasswd: '12345678', privpasswd: '87654321' };
    expect(read({ version: '3', user: 'u', authprotocol, privprotocol, ...passwords }).access).toEqual({
      version: '3',
      name: 'u',
      auth: { protocol: auth, password: '12345678' },
      priv: { protocol: priv, password: '87654321' },
    });
  });

  it('version 3 goes without privacy, and without authentication', () => {
    expect(read({ version: '3', user: 'u' }).access).toEqual({
      version: '3',
      name: 'u',
      auth: undefined,
      priv: undefined,
    });
  });

  it.each([
    [{ version: '3' }, 'snmp.user: version 3 needs a user'],
    [{ authprotocol: 'rot13', authpasswd: '12345678' }, 'snmp.authprotocol: "rot13" is not one of md5,'],
    [{ authpasswd: '12345678' }, 'snmp.authprotocol: "" is not one of'],
    [{ authprotocol: 'sha', authpasswd: 'short' }, 'snmp.authpasswd: a password has at least 8 characters'],
    [{ privprotocol: 'aes', privpasswd: '12345678' }, 'snmp.privprotocol: privacy needs authentication'],
  ])('%o: %s', (given, message) => {
    expect(() => read({ user: 'version' in given ? '' : 'u', version: '3', ...given })).toThrow(message);
  });
});
