import { WeirError } from '../common/index.ts';
import type { Config } from '../config/index.ts';

/** How agents are asked. */
export interface SnmpSettings {
  readonly port: number;
  /** Time for one try of one request, ms; there are two tries. */
  readonly timeoutMs: number;
  /** Community of version 2c, or the user of version 3. */
  readonly access: { readonly version: '2c'; readonly community: string } | SnmpUser;
}

export interface SnmpUser {
  readonly version: '3';
  readonly name: string;
  readonly auth: { readonly protocol: AuthProtocol; readonly password: string } | undefined;
  readonly priv: { readonly protocol: PrivProtocol; readonly password: string } | undefined;
}

/** As users and other tools write them → as net-snmp calls them. */
const AUTH_PROTOCOLS = {
  md5: 'md5',
  sha: 'sha',
  sha1: 'sha',
  sha224: 'sha224',
  sha256: 'sha256',
  sha384: 'sha384',
  sha512: 'sha512',
} as const;
const PRIV_PROTOCOLS = {
  des: 'des',
  aes: 'aes',
  aes128: 'aes',
  aes256: 'aes256b',
  aes256b: 'aes256b',
  aes256r: 'aes256r',
} as const;

export type AuthProtocol = (typeof AUTH_PROTOCOLS)[keyof typeof AUTH_PROTOCOLS];
export type PrivProtocol = (typeof PRIV_PROTOCOLS)[keyof typeof PRIV_PROTOCOLS];

/** RFC 3414 11.2 asks for passwords of at least eight characters, and agents refuse shorter ones. */
const MIN_PASSWORD = 8;

/** Throws WeirError SNMP_BAD_SETTING that names the property. */
export function readSnmpSettings(config: Config): SnmpSettings {
  const access =
    config.string('snmp.version') === '3'
      ? readUser(config)
      : ({ version: '2c', community: config.string('snmp.community') } as const);
  return { port: config.integer('snmp.port'), timeoutMs: config.integer('snmp.timeout'), access };
}

function readUser(config: Config): SnmpUser {
  const name = config.string('snmp.user');
  if (name === '') throw badSetting('snmp.user', 'version 3 needs a user');
  const auth = readSecret(
    'auth',
    config.string('snmp.authprotocol'),
    config.string('snmp.authpasswd'),
    AUTH_PROTOCOLS,
  );
  const priv = readSecret(
    'priv',
    config.string('snmp.privprotocol'),
    config.string('snmp.privpasswd'),
    PRIV_PROTOCOLS,
  );
  if (priv !== undefined && auth === undefined)
    throw badSetting('snmp.privprotocol', 'privacy needs authentication: set snmp.authprotocol, too');
  return { version: '3', name, auth, priv };
}

/** `SHA-256`, `sha256`, `SHA_256` are the same. undefined: neither protocol nor password is set. */
function readSecret<T extends string>(
  kind: 'auth' | 'priv',
  given: string,
  password: string,
  protocols: Readonly<Record<string, T>>,
): { protocol: T; password: string } | undefined {
  if (given === '' && password === '') return undefined;
  const protocol = protocols[given.toLowerCase().replaceAll(/[-_]/g, '')];
  if (protocol === undefined) {
    const known = Object.keys(protocols).join(', ');
    throw badSetting(`snmp.${kind}protocol`, `${JSON.stringify(given)} is not one of ${known}`);
  }
  if (password.length < MIN_PASSWORD)
    throw badSetting(`snmp.${kind}passwd`, `a password has at least ${MIN_PASSWORD} characters`);
  return { protocol, password };
}

function badSetting(property: string, reason: string): WeirError {
  return new WeirError('SNMP_BAD_SETTING', `${property}: ${reason}`);
}
