import { createSocket, type Socket } from 'node:dgram';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createConfig } from '../config/index.ts';
import { probeClock, probeHttp, probeReceiver, probeTcpPort, probeUdpPort } from './doctor-probes.ts';

const LOOPBACK = '127.0.0.1';
let closers: (() => void)[] = [];

afterEach(() => {
  for (const close of closers) close();
  closers = [];
});

function openUdp(): Promise<number> {
  const socket: Socket = createSocket('udp4');
  closers.push(() => socket.close());
  return new Promise((resolve) => socket.bind(0, LOOPBACK, () => resolve(socket.address().port)));
}

function openHttp(answers: Readonly<Record<string, string>>): Promise<number> {
  const server: Server = createServer((request, response) => {
    const answer = answers[request.url ?? ''];
    if (answer === 'guarded') response.writeHead(401, { 'WWW-Authenticate': 'Bearer realm="Weir"' }).end();
    else response.writeHead(answer === undefined ? 404 : 200).end(answer);
  });
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return new Promise((resolve) =>
    server.listen(0, LOOPBACK, () => resolve((server.address() as AddressInfo).port)),
  );
}

describe('a port', () => {
  it('in use by this process', async () => {
    const probe = await probeUdpPort(LOOPBACK, await openUdp());
    expect(probe.outcome).toBe('in use');
    if (process.platform === 'linux') expect(probe.owner).toContain(`(pid ${process.pid})`);
    expect((await probeTcpPort(LOOPBACK, await openHttp({}))).outcome).toBe('in use');
  });

  it('free, also after it was asked for', async () => {
    const udp = await openUdp();
    const tcp = await openHttp({});
    for (const close of closers) close();
    closers = [];
    expect(await probeUdpPort(LOOPBACK, udp)).toEqual({ outcome: 'free' });
    expect(await probeTcpPort(LOOPBACK, tcp)).toEqual({ outcome: 'free' });
    expect(await probeUdpPort(LOOPBACK, udp)).toEqual({ outcome: 'free' });
  });

  it('of an address that is not here', async () => {
    expect(await probeUdpPort('192.0.2.1', 0)).toEqual({ outcome: 'no such address' });
    expect(await probeTcpPort('192.0.2.1', 0)).toEqual({ outcome: 'no such address' });
  });
});

describe('HTTP', () => {
  const probe = async (answers: Readonly<Record<string, string>>) =>
    probeHttp(`http://${LOOPBACK}:${await openHttp(answers)}/`);

  it('answered by a Weir', async () => {
    const analyzer = { uptime: 1, receivePath: { kind: 'dgram' } };
    expect(
      await probe({
        '/version': '1.2.3',
        '/analyzer/json': JSON.stringify(analyzer),
        '/agents/json': '{"192.0.2.1":{}}',
      }),
    ).toEqual({ kind: 'weir', version: '1.2.3', analyzer, agents: { '192.0.2.1': {} }, snmp: {} });
  });

  it('answered by a Weir that asks for a token', async () => {
    expect(await probe({ '/version': 'guarded' })).toEqual({ kind: 'guarded' });
  });

  it('a Weir that asks for a token tells more to who has it', async () => {
    const asked: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      asked.push(request.headers.authorization);
      response.end(request.url === '/analyzer/json' ? '{"receivePath":{}}' : '{}');
    });
    closers.push(() => server.close());
    await new Promise<void>((resolve) => server.listen(0, LOOPBACK, resolve));
    const { port } = server.address() as AddressInfo;
    expect(await probeHttp(`http://${LOOPBACK}:${port}/`, 'secret')).toMatchObject({ kind: 'weir' });
    expect(new Set(asked)).toEqual(new Set(['Bearer secret']));
  });

  it('answered by something else', async () => {
    expect(await probe({})).toEqual({ kind: 'other', answer: '404 to version' });
    expect(await probe({ '/version': '3', '/analyzer/json': '{}' })).toMatchObject({ kind: 'other' });
    expect(await probe({ '/version': '3', '/analyzer/json': '<html>' })).toMatchObject({ kind: 'other' });
  });

  it('not answered', async () => {
    const port = await openHttp({});
    for (const close of closers) close();
    closers = [];
    expect(await probeHttp(`http://${LOOPBACK}:${port}/`)).toEqual({ kind: 'silent' });
  });
});

it('a receive path tells its kind and the buffer that was granted', async () => {
  for (const receiver of ['auto', 'dgram']) {
    const probe = await probeReceiver(createConfig({ 'engine.receiver': receiver, 'sflow.buffer': '64K' }));
    expect(probe.kind).toMatch(receiver === 'auto' ? /^(recvmmsg|dgram)$/ : /^dgram$/);
    expect(probe.bufferAsked).toBe(65_536);
    expect(probe.bufferGranted).toBeGreaterThan(0);
  }
});

it('the clock is now', () => {
  expect(Math.abs(probeClock().now - Date.now())).toBeLessThan(1000);
});
