import { formatJavaDouble } from '../../common/index.ts';
import type { ScriptArea, ScriptHost } from '../host.ts';
import { isAbsent, isObject, numberOf, textOf } from './arguments.ts';

/** What a datagram over IPv4 holds, less what goes before the text. */
const MAX_TEXT_BYTES = 65_000;

/** Section 10: syslog, Graphite, and the addresses of names. */
export const messageFunctions: ScriptArea = (host) => ({
  syslog(...args) {
    if (args.length < 5) return;
    const [server, port, facility, severity, members] = args;
    if (!isObject(members)) throw host.error('syslog: the fifth argument must be an object');
    const priority = number(host, 'facility', facility, 23) * 8 + number(host, 'severity', severity, 7);
    const text = pairs(members);
    if (Buffer.byteLength(text) > MAX_TEXT_BYTES)
      throw host.error(`syslog: a message has ${MAX_TEXT_BYTES} bytes at most`);
    host.call('syslog', String(server), number(host, 'port', port, 65_535), priority, text);
  },
  graphite(...args) {
    if (args.length !== 3) return;
    const [server, port, metrics] = args;
    if (!isObject(metrics)) throw host.error('graphite: the third argument must be an object');
    const seconds = Math.floor(Date.now() / 1000);
    const lines = Object.entries(metrics).flatMap(([name, value]) => {
      const sample = numberOf(value);
      return sample === undefined ? [] : `${name} ${formatJavaDouble(sample)} ${seconds}\n`;
    });
    if (lines.length > 0)
      host.call('sendLines', String(server), number(host, 'port', port, 65_535), lines.join(''));
  },
  dnsGetAllByName: (name) => (isAbsent(name) ? ['127.0.0.1'] : host.call('addressesOf', String(name))),
});

function number(host: ScriptHost, what: string, given: unknown, most: number): number {
  const value = numberOf(given);
  if (value === undefined || !Number.isInteger(value) || value < 0 || value > most)
    throw host.error(`${what} must be a number from 0 to ${most}, not ${given}`);
  return value;
}

/** `name=value`; values with blanks in quotes. Line ends would begin another message. */
function pairs(members: Record<string, unknown>): string {
  return Object.entries(members)
    .map(([name, value]) => {
      const text = (textOf(value) ?? 'null').replace(/[\r\n]+/g, ' ');
      return `${name}=${/\s/.test(text) ? `"${text}"` : text}`;
    })
    .join(' ');
}
