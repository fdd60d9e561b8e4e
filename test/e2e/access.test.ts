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

  it('makes tokens that a serving Weir knows, and its log tells who changed what', async () => {
    const [reader, writer] = await Promise.all([newToken('ann', 'read'), newToken('bob', 'write')]);
    const serving = await WeirProcess.serve(`-Dauth.tokens=${reader.entry},${writer.entry}`);
    const as = ({ token }: { token: string }) => ({ headers: { Authorization: `Bearer ${token}` } });
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
});
