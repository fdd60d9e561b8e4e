import { readFile } from 'node:fs/promises';
import { WeirError } from '../../common/index.ts';
import { type HttpAnswer, HttpClient, type HttpRequest, type HttpSettings } from '../http-client.ts';
import type { FrontHandlers } from './handlers.ts';

/** HTTP for threads that wait for it. */
export interface HttpCalls {
  http(request: HttpRequest): HttpAnswer;
  /** For requests that a script's thread makes itself. */
  httpSettings(): HttpSettings;
}

/** Files, '' for none. */
export interface HttpFiles {
  /** Certificates of authorities to be trusted besides those of the system. */
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** Where systems keep the authorities that they trust. */
const SYSTEM_CA_FILES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/cert.pem',
];

/** Requests of all scripts at a time: each waits for one at most. */
const MAX_REQUESTS = 500;

export function httpCalls(version: string, files: HttpFiles): FrontHandlers<HttpCalls> {
  let settings: Promise<HttpSettings> | undefined;
  let client: HttpClient | undefined;
  let underWay = 0;
  const read = (): Promise<HttpSettings> => {
    settings ??= readSettings(version, files).catch((cause) => {
      settings = undefined; // the file may be there next time
      throw new WeirError('SCRIPT_HTTP', `script.https.ca, cert or key: ${cause.message}`, { cause });
    });
    return settings;
  };
  return {
    async http(_context, request) {
      if (underWay >= MAX_REQUESTS) throw new WeirError('SCRIPT_HTTP', 'too many requests under way');
      underWay++;
      try {
        client ??= new HttpClient(await read());
        return await client.send(request);
      } finally {
        underWay--;
      }
    },
    httpSettings: () => read(),
  };
}

async function readSettings(version: string, { ca, cert, key }: HttpFiles): Promise<HttpSettings> {
  const system = await Promise.all(SYSTEM_CA_FILES.map((file) => readFile(file, 'utf8').catch(() => '')));
  const own = ca === '' ? '' : await readFile(ca, 'utf8');
  return {
    userAgent: `Weir/${version} (${process.platform}; ${process.arch}) Node/${process.versions.node}`,
    ca: [system.find((text) => text !== '') ?? '', own].join('\n').trim(),
    cert: cert === '' ? '' : await readFile(cert, 'utf8'),
    key: key === '' ? '' : await readFile(key, 'utf8'),
  };
}
