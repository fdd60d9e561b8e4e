import { once } from 'node:events';
import { connect } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WeirError } from '../common/index.ts';
import { prometheusPage } from './fake-engine.ts';
import { startTestApi, type TestApi } from './test-api.ts';

const ALL = '/prometheus/metrics/ALL/ALL/txt';
const LINE = 'sflow_x{agent="192.0.2.1"} 1.0\n';

let api: TestApi;
beforeEach(async () => {
  api = await startTestApi({}, { limits: { stallMs: 300 } });
});
afterEach(() => api.stop());

/** The engine gives so many pages of so many lines, and notes what was asked. */
function givePages(count: number, lines = 1): { asked: boolean[]; ended: string[] } {
  const seen = { asked: [] as boolean[], ended: [] as string[] };
  api.engine.answer('prometheus', ({ first }) => {
    seen.asked.push(first);
    const last = seen.asked.length % count === 0;
    return prometheusPage(LINE.repeat(lines), last ? { series: count * lines, leftOut: 7 } : undefined);
  });
  api.engine.answer('prometheusEnd', ({ reader }) => {
    seen.ended.push(reader);
    return undefined;
  });
  return seen;
}

const analyzer = async (): Promise<string> => (await api.ask('GET', '/prometheus/analyzer/txt')).text;

describe('texts of many pages', () => {
  it('are sent page by page, and counted', async () => {
    const seen = givePages(5, 10);
    const { text, headers } = await api.ask('GET', ALL);
    expect(text).toBe(LINE.repeat(50));
    expect(headers['transfer-encoding']).toBe('chunked');
    expect(seen).toEqual({ asked: [true, false, false, false, false], ended: [] });
    expect(await analyzer()).toMatch(/^sflow_analyzer_prometheus_series 50$/m);
    expect(await analyzer()).toMatch(/^sflow_analyzer_prometheus_series_left_out 7$/m);
  });

  it('are compressed for those who take it', async () => {
    givePages(50, 100);
    const { bytes, headers } = await api.ask('GET', ALL, { headers: { 'Accept-Encoding': 'gzip' } });
    expect(headers['content-encoding']).toBe('gzip');
    expect(gunzipSync(bytes).toString()).toBe(LINE.repeat(5000));
  });

  it('are given up for HEAD', async () => {
    const seen = givePages(5);
    const { status, bytes } = await api.ask('HEAD', ALL);
    expect([status, bytes.length]).toEqual([200, 0]);
    expect(seen.ended).toHaveLength(1);
  });

  it('end in the middle, visibly, when the engine fails', async () => {
    const seen = givePages(2);
    api.engine.answer('prometheus', ({ first }) => {
      if (!first) throw new WeirError('ENGINE_FAULT', 'gone');
      return prometheusPage(LINE);
    });
    await expect(api.ask('GET', ALL)).rejects.toThrow('aborted');
    await vi.waitFor(() => expect(seen.ended).toHaveLength(1));
    expect(await analyzer()).toMatch(/^sflow_analyzer_prometheus_texts_cut_off 1$/m);
  });

  it('are made no faster than they are read, and cut off when they are not read at all', async () => {
    const seen = givePages(1e9, 10_000);
    const socket = connect(api.port, '127.0.0.1');
    socket.on('error', () => {});
    socket.pause();
    socket.write(`GET ${ALL} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    await vi.waitFor(() => expect(seen.ended).toHaveLength(1), 8000);
    // 300 kB each: what the kernel buffers, not more.
    expect(seen.asked.length).toBeLessThan(100);
    socket.destroy();
  });

  it('end when the client goes', async () => {
    const seen = givePages(1e9, 10_000);
    const socket = connect(api.port, '127.0.0.1');
    socket.write(`GET ${ALL} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    await once(socket, 'data');
    socket.destroy();
    await vi.waitFor(() => expect(seen.ended).toHaveLength(1));
  });

  it('too many at a time: 503', async () => {
    api.engine.answer('prometheus', () => {
      throw new WeirError('ENGINE_BUSY', 'too many');
    });
    expect((await api.ask('GET', ALL)).status).toBe(503);
  });
});

describe('forms', () => {
  const PROMETHEUS =
    'application/openmetrics-text;version=1.0.0;q=0.75,application/openmetrics-text;version=0.0.1;q=0.65,' +
    'text/plain;version=0.0.4;q=0.5,*/*;q=0.1';

  it.each([
    [undefined, '', 'plain', 'text/plain;charset=utf-8'],
    ['*/*', '', 'plain', 'text/plain;charset=utf-8'],
    ['text/html', '', 'plain', 'text/plain;charset=utf-8'],
    ['text/plain; version=0.0.4', '', 'typed', 'text/plain; version=0.0.4; charset=utf-8'],
    [PROMETHEUS, '', 'openmetrics', 'application/openmetrics-text; version=1.0.0; charset=utf-8'],
    [
      'application/openmetrics-text;q=0.1,text/plain;version=0.0.4',
      '',
      'typed',
      'text/plain; version=0.0.4; charset=utf-8',
    ],
    [undefined, '?format=typed', 'typed', 'text/plain; version=0.0.4; charset=utf-8'],
    [PROMETHEUS, '?format=text', 'plain', 'text/plain;charset=utf-8'],
  ])('Accept %s, parameters %s: %s', async (accept, query, form, type) => {
    const headers = accept === undefined ? {} : { Accept: accept };
    const { headers: got } = await api.ask('GET', `${ALL}${query}`, { headers });
    expect(got['content-type']).toBe(type);
    expect(api.engine.asked.at(-1)?.question).toMatchObject({ form, filters: {} });
    const state = await api.ask('GET', `/prometheus/analyzer/txt${query}`, { headers });
    expect(state.headers['content-type']).toBe(type);
    expect(state.text.includes('# TYPE sflow_analyzer_uptime_ms')).toBe(form !== 'plain');
    expect(state.text.endsWith('# EOF\n')).toBe(form === 'openmetrics');
  });

  it('an unknown one is refused', async () => {
    expect((await api.ask('GET', `${ALL}?format=xml`)).status).toBe(400);
  });

  it('with prometheus.compat there is one', async () => {
    const old = await startTestApi({ 'prometheus.compat': 'yes' });
    await old.ask('GET', `${ALL}?format=typed`, { headers: { Accept: PROMETHEUS } });
    expect(old.engine.asked[0].question).toMatchObject({ form: 'raw', filters: { format: ['typed'] } });
    await old.stop();
  });

  it('the state of the analyzer: each metric in one piece', async () => {
    for (const name of ['one', 'two'])
      await api.ask('PUT', `/v1/exports/${name}`, {
        body: JSON.stringify({
          source: { type: 'events' },
          sink: { type: 'http', url: 'http://127.0.0.1:9/' },
        }),
      });
    const { text } = await api.ask('GET', '/prometheus/analyzer/txt?format=openmetrics');
    const families = text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => line.split(/[{ ]/)[0]);
    const runs = families.filter((name, i) => name !== families[i - 1]);
    expect(new Set(runs).size).toBe(runs.length);
    expect(text).toContain('sflow_analyzer_export_sent{export="two"} 0\n');
  });
});
