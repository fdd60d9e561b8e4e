import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { WeirProcess } from './weir-process.ts';

const MEBIBYTE = 2 ** 20;
let running: WeirProcess[] = [];

afterEach(async () => {
  await Promise.all(running.map((weir) => weir.end('SIGKILL')));
  running = [];
});

function start(args: readonly string[], env?: NodeJS.ProcessEnv): WeirProcess {
  const weir = new WeirProcess(args, env);
  running.push(weir);
  return weir;
}

async function serve(...properties: string[]) {
  const serving = await WeirProcess.serve(...properties);
  running.push(serving.weir);
  return serving;
}

describe.each(['auto', 'dgram'])('weir serve, receiver %s', (receiver) => {
  it('answers, and ends at once when asked', async () => {
    const { weir, url } = await serve(`-Dengine.receiver=${receiver}`);
    const version = await (await fetch(`${url}version`)).text();
    expect(version).toMatch(/^\d+\.\d+/);
    const analyzer = await (await fetch(`${url}analyzer/json`)).json();
    expect(analyzer).toMatchObject({ sFlowAgents: 0, sFlowDatagramsReceived: 0 });
    const asked = performance.now();
    const { code } = await weir.end('SIGTERM');
    expect(code).toBe(0);
    expect(performance.now() - asked).toBeLessThan(1000);
  });
});

describe('weir serve', () => {
  it('ends within a second also while a client waits', async () => {
    const { weir, url } = await serve();
    const waiting = fetch(`${url}flows/json?timeout=60`).catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 200));
    const asked = performance.now();
    const { code } = await weir.end('SIGINT');
    expect(code).toBe(0);
    expect(performance.now() - asked).toBeLessThan(1000);
    await waiting;
  });

  it('is small while idle', async () => {
    const { weir, url } = await serve();
    await fetch(`${url}agents/json`);
    const status = readFileSync(`/proc/${weir.child.pid}/status`, 'utf8');
    expect(Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024).toBeLessThan(120 * MEBIBYTE);
  });

  it('says on one screen where it is', async () => {
    const weir = start(['serve', '-Dlog.format=pretty', '-Dhttp.port=0', '-Dsflow.port=0']);
    while (!weir.out.includes('Ctrl-C') && weir.child.exitCode === null)
      await new Promise((resolve) => setTimeout(resolve, 20));
    expect(weir.out).toMatch(/HTTP +http:\/\/127\.0\.0\.1:\d+\//);
    expect(weir.out).toMatch(/sFlow +UDP port \d+/);
    expect(weir.out.split('\n').length).toBeLessThan(24);
  });

  it('warns of a property that looks like a slip, and goes on', async () => {
    const { weir } = await serve('-Dhtpp.port=1');
    expect(
      (await weir.logLine('htpp.port (command line) is not a property of Weir; did you mean http.port?'))[
        'level'
      ],
    ).toBe(40);
  });
});

describe('weir serve ends with one clear line and 1', () => {
  it('when the HTTP port is in use', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const { code, error } = await start(['serve', `-Dhttp.port=${port}`, '-Dsflow.port=0']).finished();
    server.close();
    expect(code).toBe(1);
    expect(error.trim().split('\n')).toEqual([expect.stringMatching(new RegExp(`^weir serve: .*${port}`))]);
  });

  it.each(['auto', 'dgram'])('when the UDP port is in use, receiver %s', async (receiver) => {
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const { port } = socket.address();
    const args = ['serve', '-Dhttp.port=0', `-Dsflow.port=${port}`, '-Dsflow.hostname=127.0.0.1'];
    const { code, error } = await start([...args, `-Dengine.receiver=${receiver}`]).finished();
    socket.close();
    expect(code).toBe(1);
    expect(error.trim().split('\n')).toEqual([expect.stringMatching(new RegExp(`^weir serve: .*${port}`))]);
  });

  it('when a property is ill-typed, wherever it was written', async () => {
    const { code, error } = await start(['serve', '-Dhttp.port=eighty']).finished();
    expect(code).toBe(1);
    expect(error).toMatch(/^weir serve: http\.port=eighty \(command line\).*0 to 65535\n$/);

    const byVariable = await start(['serve'], { WEIR_SFLOW_PORT: '-1' }).finished();
    expect(byVariable.code).toBe(1);
    expect(byVariable.error).toContain('WEIR_SFLOW_PORT=-1 (environment)');

    const folder = mkdtempSync(join(tmpdir(), 'weir-'));
    const file = join(folder, 'my.conf');
    writeFileSync(file, '# mine\nflow.memory=lots\n');
    const byFile = await start(['serve', '--config', file]).finished();
    rmSync(folder, { recursive: true });
    expect(byFile.code).toBe(1);
    expect(byFile.error).toContain(`flow.memory=lots (${file} line 2)`);
  });
});

describe('the command line', () => {
  it('knows its version', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
    expect(await start(['version']).finished()).toMatchObject({ code: 0, out: `${version}\n`, error: '' });
  });

  it('tells a command that does not exist, and wrong use, by 2', async () => {
    expect(await start(['srve']).finished()).toMatchObject({
      code: 2,
      error: expect.stringContaining('serve'),
    });
    expect(await start(['serve', '--fast']).finished()).toMatchObject({ code: 2, out: '' });
  });
});

describe('weir doctor', () => {
  it('examines a Weir that runs', async () => {
    const { url, sflowPort } = await serve();
    const port = new URL(url).port;
    const args = ['doctor', '--json', `-Dhttp.port=${port}`, `-Dsflow.port=${sflowPort}`];
    const { code, out } = await start(args).finished();
    expect(code).toBe(0);
    const findings = JSON.parse(out) as { subject: string; status: string; found: string }[];
    const found = (subject: string) => findings.find((finding) => finding.subject === subject);
    expect(found('HTTP port')).toMatchObject({ status: 'ok', found: expect.stringContaining(url) });
    expect(found('sFlow port')).toMatchObject({ status: 'ok', found: expect.stringContaining("Weir's") });
    expect(found('agents')).toMatchObject({ status: 'warn', found: expect.stringContaining('none heard') });
    expect(found('limits')).toMatchObject({ status: 'ok' });
  });

  it('fails when something would keep Weir from working', async () => {
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const { port } = socket.address();
    const args = ['doctor', '-Dhttp.port=0', `-Dsflow.port=${port}`, '-Dsflow.hostname=127.0.0.1'];
    const { code, out } = await start(args).finished();
    socket.close();
    expect(code).toBe(1);
    expect(out).toMatch(
      new RegExp(`^fail +sFlow port +UDP port ${port} is in use by .*\\(pid ${process.pid}\\)`, 'm'),
    );
    expect(out).toMatch(/→ end it, or take another with -Dsflow\.port=N/);
  });
});
