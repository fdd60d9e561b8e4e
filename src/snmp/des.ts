import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { Authentication, type AuthProtocols, Encryption, PrivProtocols } from 'net-snmp';

const BLOCK = 8;
/** OpenSSL 3 no longer offers DES, but triple DES with three times the same key is DES. */
const CIPHER = 'des-ede3-cbc';

type Hash = Exclude<AuthProtocols, AuthProtocols.none>;

interface SnmpEngine {
  readonly engineID: Buffer;
}

/** Has net-snmp encrypt with DES (RFC 3414 8), which by itself it cannot with the OpenSSL of today. */
export function provideDes(): void {
  Object.assign(Encryption.algorithms[PrivProtocols.des], { encryptPdu, decryptPdu });
}

function encryptPdu(
  pdu: Buffer,
  _priv: PrivProtocols,
  password: string,
  auth: Hash,
  engine: SnmpEngine,
): { encryptedPdu: Buffer; msgPrivacyParameters: Buffer } {
  const salt = randomBytes(BLOCK);
  const { key, iv } = keyAndVector(auth, password, engine, salt);
  const padded = Buffer.alloc(Math.ceil(pdu.length / BLOCK) * BLOCK);
  pdu.copy(padded);
  const cipher = createCipheriv(CIPHER, key, iv).setAutoPadding(false);
  return {
    encryptedPdu: Buffer.concat([cipher.update(padded), cipher.final()]),
    msgPrivacyParameters: salt,
  };
}

function decryptPdu(
  encrypted: Buffer,
  _priv: PrivProtocols,
  salt: Buffer,
  password: string,
  auth: Hash,
  engine: SnmpEngine,
): Buffer {
  const { key, iv } = keyAndVector(auth, password, engine, salt);
  const decipher = createDecipheriv(CIPHER, key, iv).setAutoPadding(false);
  return Buffer.concat([decipher.update(encrypted), decipher.final()]);
}

function keyAndVector(
  auth: Hash,
  password: string,
  { engineID }: SnmpEngine,
  salt: Buffer,
): { key: Buffer; iv: Buffer } {
  const localized = Authentication.passwordToKey(auth, password, engineID);
  const key = localized.subarray(0, BLOCK);
  const before = localized.subarray(BLOCK, 2 * BLOCK);
  return { key: Buffer.concat([key, key, key]), iv: before.map((byte, i) => byte ^ salt[i]) as Buffer };
}
