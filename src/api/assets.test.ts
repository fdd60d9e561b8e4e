import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAssets } from './assets.ts';
import { startTestApi, type TestApi } from './test-api.ts';
import { createToken } from './tokens.ts';

let api: TestApi;
let guarded: TestApi;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'weir-inc-'));
  mkdirSync(join(folder, 'inc/ui/images'), { recursive: true });
  writeFileSync(join(folder, 'secret.txt'), 'secret');
  writeFileSync(join(folder, 'inc/a.js'), 'var a;');
  writeFileSync(join(folder, 'inc/a.css'), 'a {}');
  writeFileSync(join(folder, 'inc/a.map'), '{}');
  writeFileSync(join(folder, 'inc/a.svg'), '<svg/>');
  writeFileSync(join(folder, 'inc/ui/images/a.png'), Buffer.from([0x89, 0x50]));
  writeFileSync(join(folder, 'inc/a.odd'), '?');
  const assets = createAssets(join(folder, 'inc'));
  api = await startTestApi({}, { assets });
  guarded = await startTestApi({ 'auth.tokens': createToken('ann', 'read').entry }, { assets });
});
afterAll(async () => {
  await Promise.all([api.stop(), guarded.stop()]);
  rmSync(folder, { recursive: true });
});

describe('what pages of applications share (script-api section 1)', () => {
  it.each([
    ['/inc/a.js', 'text/javascript;charset=utf-8'],
    ['/inc/a.css', 'text/css;charset=utf-8'],
    ['/inc/a.map', 'application/json'],
    ['/inc/a.svg', 'image/svg+xml'],
    ['/inc/ui/images/a.png', 'image/png'],
    ['/inc/a.odd', 'application/octet-stream'],
    ['/inc/a.js?version=1', 'text/javascript;charset=utf-8'],
  ])('%s is served to anybody, as %s', async (path, type) => {
    const { status, headers } = await guarded.ask('GET', path);
    expect([status, headers['content-type']]).toEqual([200, type]);
    expect(headers['x-content-type-options']).toBe('nosniff');
  });

  it('is bytes as they are', async () => {
    expect([...(await api.ask('GET', '/inc/ui/images/a.png')).bytes]).toEqual([0x89, 0x50]);
  });

  it('is kept by browsers, which ask whether it has changed', async () => {
    const { headers } = await api.ask('GET', '/inc/a.js');
    expect(headers['cache-control']).toBe('no-cache');
    const again = await api.ask('GET', '/inc/a.js', {
      headers: { 'If-None-Match': String(headers['etag']) },
    });
    expect([again.status, again.bytes.length]).toEqual([304, 0]);
  });

  it.each(['/inc/', '/inc/ui', '/inc/ui/images'])('%s is a folder: 403', async (path) => {
    const { status, bytes } = await api.ask('GET', path);
    expect([status, bytes.length]).toEqual([403, 0]);
  });

  it.each([
    '/inc/b.js',
    '/inc/a.js/',
    '/inc/a.js/b',
    '/inc//a.js',
    '/inc/__proto__',
    '/inc/ui/images/x/y/a.png',
    '/inc/../secret.txt',
    '/inc/..%2fsecret.txt',
    '/inc/%2e%2e/secret.txt',
    '/inc/..%5csecret.txt',
    '/inc/ui%2fimages%2fa.png',
    '/inc/a.js%00',
  ])('%s leads nowhere', async (path) => {
    const { status, text } = await api.ask('GET', path);
    expect(status).toBe(404);
    expect(text).not.toMatch(/secret|var a/);
  });

  it('cannot be changed', async () => {
    expect((await api.ask('PUT', '/inc/a.js', { body: '{}' })).status).toBe(405);
  });
});

it('before a build there is nothing', async () => {
  const assets = createAssets(join(folder, 'none'));
  expect((await assets('a.js')).status).toBe(404);
  expect((await assets('')).status).toBe(403);
});
