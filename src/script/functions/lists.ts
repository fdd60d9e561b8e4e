import type { ScriptArea, ScriptHost } from '../host.ts';
import { isAbsent, isObject, NAME, numberOf, textOf } from './arguments.ts';

/** Section 5 and 10: groups, maps, tenants and forwarding. */
export const listFunctions: ScriptArea = (host) => ({
  setGroups: (name, content) => setLabels(host, name, content, 'setGroup', 'clearGroup', addressesOf),
  setMap: (name, content) => setLabels(host, name, content, 'setMap', 'clearMap', valuesOf),
  setTenant(...args) {
    if (args.length === 0) return false;
    if (args.length < 4) throw host.error(`Index ${args.length} out of bounds for length ${args.length}`);
    const [name, collectorAddress, collectorPort, filters] = args;
    if (!isObject(filters)) return false;
    const texts = Object.entries(filters).map(([filter, values]) => [filter, addressesOf(values) ?? values]);
    return host.call('setTenant', textOf(name) ?? '', {
      collectorAddress: scalarOf(collectorAddress),
      collectorPort: numberOf(collectorPort),
      filters: Object.fromEntries(texts.filter(([, values]) => Array.isArray(values))),
    });
  },
  setForward(name, address, port, agents) {
    if (isAbsent(name) || typeof address !== 'string') return false;
    const only = isAbsent(agents) ? undefined : addressesOf(agents);
    if (!isAbsent(agents) && only === undefined) return false;
    const given = isAbsent(port) ? DEFAULT_PORT : numberOf(port);
    if (given === undefined) return false;
    return host.call('setForwarding', String(name), {
      address,
      port: given,
      ...(only === undefined ? {} : { agents: only }),
    });
  },
  clearForward(name) {
    if (!isAbsent(name)) host.call('clearForwarding', String(name));
  },
});

/** sFlow (RFC 3176). */
const DEFAULT_PORT = 6343;

/** Labels with their values: an object of arrays, or of single values. null removes them all, `{}` has none. */
function setLabels(
  host: ScriptHost,
  name: unknown,
  content: unknown,
  set: 'setGroup' | 'setMap',
  clear: 'clearGroup' | 'clearMap',
  read: (values: unknown) => string[] | undefined,
): boolean {
  const text = textOf(name) ?? '';
  if (!NAME.test(text)) return false;
  if (content === null || (isObject(content) && Object.keys(content).length === 0)) {
    host.call(clear, text);
    return true;
  }
  if (!isObject(content)) return false;
  const plain: [string, string[]][] = [];
  for (const [label, values] of Object.entries(content)) {
    const texts = read(values);
    if (texts === undefined) return false;
    plain.push([label, texts]);
  }
  return host.call(set, text, Object.fromEntries(plain));
}

/** undefined: there is something else among them. */
function addressesOf(values: unknown): string[] | undefined {
  const list: unknown[] = [values].flat();
  return list.every((value): value is string => typeof value === 'string') ? list : undefined;
}

function valuesOf(values: unknown): string[] | undefined {
  const list: unknown[] = [values].flat();
  return list.every((value) => scalarOf(value) !== undefined) ? list.map(String) : undefined;
}

function scalarOf(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}
