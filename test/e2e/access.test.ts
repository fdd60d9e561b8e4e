import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type ServingWeir, WeirProcess } from './weir-process.ts';

/* Who is let in, by the program as it is built. */

const get = (serving: ServingWeir, path: string, options: RequestInit = {}) =>
  fetch(`${serving.url}${path}`, options);

describe('a start that would let everybody in', () => {
  it('is refused with one line that says what to set', async () => {
    const properties = ['-Dhttp.port=0', '-Dsflow.port=0', '-Dstore.persist=no', '-Dhttp.hostname=0.0.0.0'];
    const { code, out, error } = await new WeirProcess([
      'serve',
      '-Dlog.format=json',
      ...properties,
    ]).finished();
    expect([code, out]).toEqual([1, '']);
    expect(error).toBe(
      'weir serve: http.hostname opens HTTP on 0.0.0.0 to other machines: set auth.tokens (weir token NAME ROLE ' +
        'makes one), or auth=none to let everybody do everything\n',
    );
  });

  it('is made when auth=none says so', async () => {
    const serving = await WeirProcess.serve('-Dhttp.hostname=0.0.0.0', '-Dauth=none');
    expect((await get(serving, 'version')).status).toBe(200);
    await serving.weir.end();
  });
});

describe('weir token', () => {
  async function newToken(name: string, role: string): Promise<{ token: string; entry: string }> {
    const { code, out } = await new WeirProcess(['token', name, role]).finished();
    expect(code).toBe(0);
    const [, token] = /^(weir_\S+)$/m.exec(out) ?? [];
    const [, entry] = /^auth\.tokens=(\S+)$/m.exec(out) ?? [];
    return { token, entry };
  }

  const as = ({ token }: { token: string }) => ({ headers: { Authorization: `Bearer ${token}` } });

  it('makes tokens that a serving Weir knows, and its log tells who changed what', async () => {
    const [reader, writer] = await Promise.all([newToken('ann', 'read'), newToken('bob', 'write')]);
    const serving = await WeirProcess.serve(`-Dauth.tokens=${reader.entry},${writer.entry}`);
    const change = { method: 'PUT', body: '{"value":"bytes"}' };
    expect((await get(serving, 'version')).status).toBe(401);
    expect((await get(serving, 'status')).status).toBe(200);
    expect((await get(serving, 'version', as(reader))).status).toBe(200);
    expect((await get(serving, 'flow/all/json', { ...change, ...as(reader) })).status).toBe(403);
    expect((await get(serving, 'flow/all/json', { ...change, ...as(writer) })).status).toBe(204);
    const line = await serving.weir.logLine('PUT /flow/all/json by bob: 204');
    expect(line['audit']).toEqual({
      who: 'bob',
      from: '127.0.0.1',
      method: 'PUT',
      target: '/flow/all/json',
      status: 204,
    });
    const { error } = await serving.weir.end();
    expect(error).not.toContain(writer.token);
  });

  it('what is pushed to a router carries the name of the token, also after a restart', async () => {
    const carla = await newToken('carla', 'admin');
    const folder = mkdtempSync(join(tmpdir(), 'weir-access-'));
    const properties = ['-Dbgp.start=yes', '-Dbgp.port=0', '-Dstore.persist=yes', `-Dstore.dir=${folder}`];
    const tokens = `-Dauth.tokens=${carla.entry}`;
    const put = async (serving: ServingWeir, path: string, body: unknown) => {
      const request = { method: 'PUT', body: JSON.stringify(body), ...as(carla) };
      expect((await get(serving, path, request)).status).toBe(204);
    };
    const pushers = async (serving: ServingWeir) => {
      const answer = await get(serving, 'v1/bgp/neighbors/192.0.2.9/announcements', as(carla));
      return ((await answer.json()) as { who: string }[]).map(({ who }) => who);
    };
    // biome-ignore lint/suspicious/noThenProperty: the name that clients write; nothing awaits a rule.
    const rule = { match: { destination: '203.0.113.7' }, then: { 'traffic-rate': '0' } };
    const before = await WeirProcess.serve(...properties, tokens);
    await put(before, 'v1/bgp/neighbors/192.0.2.9', { as: 65000, peerAs: 65010 });
    await put(before, 'bgp/flowspec/192.0.2.9/json', rule);
    await put(before, 'bgp/routepusher/192.0.2.9/203.0.113.8/32/json', { nexthop: '192.0.2.1' });
    expect(await pushers(before)).toEqual(['carla', 'carla']);
    await before.weir.end();

    const after = await WeirProcess.serve(...properties);
    expect(await pushers(after)).toEqual(['carla', 'carla']);
    await put(after, 'bgp/flowspec/192.0.2.9/json', { ...rule, why: 'by nobody in particular' });
    expect(await pushers(after)).toContain('rest');
    await after.weir.end();
    rmSync(folder, { recursive: true });
  });
});
