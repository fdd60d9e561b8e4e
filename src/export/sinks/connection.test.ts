import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { DatagramConnection, StreamConnection } from './connection.ts';

let server: Server;
let port: number;
let peers: Socket[];
let received: string;

beforeEach(async () => {
  peers = [];
  received = '';
  server = createServer((socket) => {
    peers.push(socket);
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      received += chunk;
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ({ port } = server.address() as { port: number });
});
afterEach(() => {
  for (const peer of peers) peer.destroy();
  server.close();
});

const target = () => ({ host: '127.0.0.1', port });
const soon = () => AbortSignal.timeout(5000);

it('one connection is used again and again', async () => {
  const connection = new StreamConnection(target(), undefined);
  for (const text of ['a', 'b', 'c']) await connection.write(Buffer.from(text), soon());
  await vi.waitFor(() => expect(received).toBe('abc'));
  expect(peers).toHaveLength(1);
  connection.close();
});

it('a connection that the other side has ended is made anew', async () => {
  const connection = new StreamConnection(target(), undefined);
  await connection.write(Buffer.from('a'), soon());
  await vi.waitFor(() => expect(received).toBe('a'));
  peers[0].end();
  await once(peers[0], 'close');
  await connection.write(Buffer.from('b'), soon());
  await vi.waitFor(() => expect(received).toBe('ab'));
  expect(peers).toHaveLength(2);
  connection.close();
});

it('a peer that takes nothing is given up when the signal fires', async () => {
  const connection = new StreamConnection(target(), undefined);
  await connection.write(Buffer.from('a'), soon());
  await vi.waitFor(() => expect(peers).toHaveLength(1));
  peers[0].pause();
  const much = Buffer.alloc(64 * 2 ** 20);
  await expect(connection.write(much, AbortSignal.timeout(200))).rejects.toThrow(/timeout/);
  await connection.write(Buffer.from('b'), soon());
  await vi.waitFor(() => expect(peers).toHaveLength(2));
  connection.close();
});

it('nobody there', async () => {
  server.close();
  await once(server, 'close');
  const connection = new StreamConnection(target(), undefined);
  await expect(connection.write(Buffer.from('a'), soon())).rejects.toThrow(/ECONNREFUSED/);
});

it('datagrams: the next one hears that nobody took the last', async () => {
  const connection = new DatagramConnection({ host: '127.0.0.1', port: 9 });
  await connection.send(Buffer.from('a'));
  await vi.waitFor(() => expect(connection.send(Buffer.from('b'))).rejects.toThrow(/ECONNREFUSED/));
  await expect(
    new DatagramConnection({ host: 'no.such.host.invalid', port: 9 }).send(Buffer.from('a')),
  ).rejects.toThrow('nobody knows the host no.such.host.invalid');
  connection.close();
});

it('a datagram that is too long is refused for good', async () => {
  const connection = new DatagramConnection({ host: '127.0.0.1', port });
  await expect(connection.send(Buffer.alloc(70_000))).rejects.toMatchObject({ permanent: true, refused: 1 });
  connection.close();
});
