import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { connect as connectPlain } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type PeerCertificate } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startTestApi, type TestApi } from './test-api.ts';

const FIXTURES = fileURLToPath(new URL('../../test/fixtures/tls/', import.meta.url));

let folder: string;
let properties: Record<string, string>;
let open: TestApi[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'weir-tls-'));
  properties = { 'http.tls.cert': join(folder, 'cert.pem'), 'http.tls.key': join(folder, 'key.pem') };
  open = [];
  install('first');
});
afterEach(async () => {
  await Promise.all(open.map((api) => api.stop()));
  rmSync(folder, { recursive: true });
});

function install(name: 'first' | 'second', parts: readonly ('cert' | 'key')[] = ['cert', 'key']): void {
  for (const part of parts) copyFileSync(join(FIXTURES, `${name}.${part}.pem`), join(folder, `${part}.pem`));
}

async function start(): Promise<TestApi> {
  const api = await startTestApi(properties, { tlsCheckMs: 20 });
  open.push(api);
  return api;
}

/** The name in the certificate a new connection is shown. */
function shownName(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false }, () => {
      const { subject } = socket.getPeerCertificate() as PeerCertificate;
      socket.destroy();
      resolve(String(subject.CN));
    });
    socket.on('error', reject);
  });
}

const untilLogged = (api: TestApi, text: string) =>
  vi.waitFor(() => expect(api.logged.map(({ message }) => message).join('\n')).toContain(text));

describe('http.tls.cert and http.tls.key', () => {
  it('serve the API by TLS', async () => {
    const api = await start();
    const body = await new Promise<string>((resolve, reject) => {
      request(
        { host: '127.0.0.1', port: api.port, path: '/version', rejectUnauthorized: false },
        (response) => response.on('data', (chunk) => resolve(String(chunk))),
      )
        .on('error', reject)
        .end();
    });
    expect(body).toBe('1.2.3');
    const { text } = await new Promise<{ text: string }>((resolve) => {
      const socket = connectPlain(api.port, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\n\r\n'));
      let received = '';
      socket.on('data', (chunk) => {
        received += chunk.toString('latin1');
      });
      socket.on('error', () => {});
      socket.on('close', () => resolve({ text: received }));
    });
    expect(text).not.toContain('200 OK');
  });

  it('are read again when they change', async () => {
    const api = await start();
    expect(await shownName(api.port)).toBe('first');
    install('second');
    await untilLogged(api, 'the TLS certificate was renewed');
    expect(await shownName(api.port)).toBe('second');
  });

  it('stay as they were while the two do not fit together', async () => {
    const api = await start();
    install('second', ['cert']);
    await untilLogged(api, 'the TLS certificate stays as it was');
    expect(await shownName(api.port)).toBe('first');
    install('second', ['key']);
    await untilLogged(api, 'the TLS certificate was renewed');
    expect(await shownName(api.port)).toBe('second');
  });

  it('stay as they were when they go away', async () => {
    const api = await start();
    rmSync(properties['http.tls.key']);
    await untilLogged(api, 'cannot read');
    expect(await shownName(api.port)).toBe('first');
  });
});

describe('refused at start, in one line', () => {
  const refusal = async (): Promise<{ code: string; message: string }> => {
    const error = await startTestApi(properties).then(
      () => new Error('it started'),
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({ code: 'TLS_BAD_FILES', message: expect.not.stringContaining('\n') });
    return error as { code: string; message: string };
  };

  it('a certificate without a key', async () => {
    delete properties['http.tls.key'];
    expect((await refusal()).message).toContain('belong together');
  });

  it('a file that is not there', async () => {
    rmSync(properties['http.tls.cert']);
    expect((await refusal()).message).toMatch(/cannot read .*cert\.pem of http\.tls\.cert: ENOENT/);
  });

  it('a file that is no certificate', async () => {
    writeFileSync(properties['http.tls.cert'], 'hello');
    expect((await refusal()).message).toContain('are no certificate and its key');
  });

  it('a key of another certificate', async () => {
    install('second', ['key']);
    expect((await refusal()).message).toContain('are no certificate and its key');
  });
});
