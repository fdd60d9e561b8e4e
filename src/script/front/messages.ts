import { createSocket, type Socket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { connect } from 'node:net';
import { hostname } from 'node:os';
import { WeirError } from '../../common/index.ts';
import type { FrontHandlers } from './handlers.ts';

/** Short messages to others that nobody waits for, and the names of hosts. */
export interface MessageCalls {
  /** One UDP datagram of RFC 3164, 4.1, with this text. What goes wrong is in the log. */
  syslog(host: string, port: number, priority: number, text: string): void;
  /** A TCP connection with this text. What goes wrong is in the log. */
  sendLines(host: string, port: number, text: string): void;
  /** Throws WeirError SCRIPT_UNKNOWN_HOST. */
  addressesOf(name: string): string[];
}

/** Connections of all scripts at a time. */
const MAX_CONNECTIONS = 200;
const CONNECTION_TIMEOUT_MS = 5_000;
/** The same fault is not told again within. */
const QUIET_MS = 60_000;
const MAX_FAULTS = 1000;

/** @param tag program name in syslog messages */
export function messageCalls(tag: string, log: { warn(message: string): void }): FrontHandlers<MessageCalls> {
  const told = new Map<string, number>();
  const warn = (message: string): void => {
    const now = Date.now();
    if (now - (told.get(message) ?? Number.NEGATIVE_INFINITY) < QUIET_MS) return;
    if (told.size >= MAX_FAULTS) told.clear();
    told.set(message, now);
    log.warn(message);
  };
  const sockets = new Map<'udp4' | 'udp6', Socket>();
  const socketFor = (family: 'udp4' | 'udp6'): Socket => {
    let socket = sockets.get(family);
    if (socket === undefined) {
      socket = createSocket(family);
      socket.on('error', (error) => warn(`syslog: ${error.message}`));
      socket.unref();
      sockets.set(family, socket);
    }
    return socket;
  };
  let connections = 0;
  return {
    syslog({ script }, host, port, priority, text) {
      const message = `<${priority}>${timestamp(new Date())} ${hostname()} ${tag}: ${text}`;
      lookup(host)
        .then(({ address, family }) => {
          socketFor(family === 6 ? 'udp6' : 'udp4').send(message, port, address, (error) => {
            if (error !== null) warn(`${script}: syslog to ${host}: ${error.message}`);
          });
        })
        .catch((error) => warn(`${script}: syslog to ${host}: ${error.message}`));
    },
    sendLines({ script }, host, port, text) {
      if (connections >= MAX_CONNECTIONS)
        return warn(`${script}: graphite to ${host}: too many connections, what was to be sent is lost`);
      connections++;
      const socket = connect({ host, port, timeout: CONNECTION_TIMEOUT_MS });
      socket.on('timeout', () => socket.destroy(new Error('no progress for 5 s')));
      socket.on('error', (error) => warn(`${script}: graphite to ${host}: ${error.message}`));
      socket.on('close', () => connections--);
      socket.on('data', () => undefined);
      socket.end(text);
    },
    async addressesOf(_context, name) {
      try {
        return (await lookup(name, { all: true })).map(({ address }) => address);
      } catch (cause) {
        throw new WeirError('SCRIPT_UNKNOWN_HOST', `${name}: Name or service not known`, { cause });
      }
    },
  };
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** RFC 3164, 4.1.2. */
function timestamp(date: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = String(date.getDate()).padStart(2, ' ');
  return `${MONTHS[date.getMonth()]} ${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}
