import type { SecureContextOptions } from 'node:tls';
import { createSecureContext } from 'node:tls';
import type { Members } from '../members.ts';

/** How a peer is known, and how this side shows itself. All PEM text. */
export interface TlsOptions {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  /** Name that the certificate must have, when it is not that of the host. */
  readonly servername?: string;
}

/** Reads the member `tls`. */
export function tlsOptions(members: Members): TlsOptions {
  const tls = members.object('tls');
  const options: Record<string, string> = {};
  for (const name of ['ca', 'cert', 'key', 'servername']) {
    const text = tls.optionalText(name);
    if (text !== undefined) options[name] = text;
  }
  tls.done();
  try {
    createSecureContext(options as SecureContextOptions);
  } catch (error) {
    throw members.fault('tls', `is not usable: ${error instanceof Error ? error.message : String(error)}`);
  }
  return options;
}
