import { type ChildProcess, spawn } from 'node:child_process';
import type { CommandPrefix } from './network-namespace.ts';

const RELAY = `
const socket = require('node:dgram').createSocket('udp4');
process.on('message', ({ port, bytes }) => socket.send(Buffer.from(bytes, 'base64'), port, '127.0.0.1'));
process.on('disconnect', () => process.exit());
`;

/** Sends datagrams to ports of a network namespace's loopback, from inside it. */
export class NamespaceSender {
  private readonly relay: ChildProcess;

  constructor([program, ...words]: CommandPrefix) {
    this.relay = spawn(program, [...words, process.execPath, '-e', RELAY], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
  }

  send(port: number, datagram: Uint8Array): void {
    this.relay.send({ port, bytes: Buffer.from(datagram).toString('base64') });
  }

  close(): void {
    this.relay.disconnect();
  }
}
