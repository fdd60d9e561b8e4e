/** Processes that a benchmark starts, all of which end with it. */
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { openSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { processTree, udpSockets } from './proc.mjs';

const STOP_WITHIN_MS = 15_000;

const running = new Set();

process.on('exit', () => {
  for (const child of running) killTree(child);
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(130));

/** Start a program; what it prints goes to `NAME.log` in the folder, or to pipes when `output` is 'pipe'. */
export function start(name, command, args, { folder, output = 'file', env = process.env }) {
  const log = openSync(join(folder, `${name}.log`), 'a');
  const stdout = output === 'pipe' ? 'pipe' : log;
  const child = spawn(command, args, { cwd: folder, env, stdio: ['ignore', stdout, log] });
  running.add(child);
  child.ended = new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal ?? code));
  }).finally(() => running.delete(child));
  return child;
}

/** Ask a program to end, and make it when it does not. */
export async function stop(child, signal = 'SIGTERM') {
  child.kill(signal);
  const timer = setTimeout(() => killTree(child), STOP_WITHIN_MS);
  await child.ended;
  clearTimeout(timer);
}

function killTree(child) {
  if (child.pid === undefined) return;
  for (const pid of processTree(child.pid)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended since.
    }
  }
}

/** Resolve when somebody listens on the UDP port; throw when the program ends first or it takes too long. */
export async function untilBound(child, port, limitMs = 20_000) {
  let end;
  child.ended.then((how) => {
    end = how;
  });
  for (const begin = performance.now(); udpSockets(port).sockets === 0; await sleep(20)) {
    if (end !== undefined) throw new Error(`${child.spawnfile} ended (${end}) before it listened`);
    if (performance.now() - begin > limitMs)
      throw new Error(`${child.spawnfile} does not listen on port ${port}`);
  }
}

export function freeUdpPort() {
  return new Promise((resolve, reject) => {
    const socket = createSocket('udp4');
    socket.once('error', reject);
    socket.bind(0, '127.0.0.1', () => {
      const { port } = socket.address();
      socket.close(() => resolve(port));
    });
  });
}

export function freeTcpPort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
