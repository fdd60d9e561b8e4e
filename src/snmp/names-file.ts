import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { canonicalAddress, WeirError } from '../common/index.ts';
import { looksOf } from '../engine/file-looks.ts';
import type { AgentNames, InterfaceNames } from '../engine/index.ts';

/** What a file of names says, by agent address. */
export type NamesByAgent = ReadonlyMap<string, AgentNames>;

export interface NamesFileDependencies {
  /** Takes what the file says now. */
  readonly use: (names: NamesByAgent) => void;
  readonly log: { info(message: string): void; warn(message: string): void };
  /** How often the file is looked at, ms. */
  readonly lookMs?: number;
}

export interface NamesFile {
  /** Throws WeirError NAMES_BAD_FILE that says where the fault is. */
  start(): Promise<void>;
  stop(): void;
}

const LOOK_MS = 1000;

/** The file of property `names.file`: read at start, and again whenever it changes. */
export function createNamesFile(path: string, deps: NamesFileDependencies): NamesFile {
  const { use, log, lookMs = LOOK_MS } = deps;
  let timer: NodeJS.Timeout | undefined;
  let used = '';
  let seen = '';

  async function read(): Promise<NamesByAgent> {
    let content: string;
    try {
      content = await readFile(path, 'utf8');
    } catch (cause) {
      throw badFile(cause instanceof Error ? cause.message.replace(/, open .*$/, '') : String(cause));
    }
    try {
      return parseNames(content);
    } catch (cause) {
      throw badFile(cause instanceof Error ? cause.message : String(cause));
    }
  }

  function badFile(reason: string): WeirError {
    return new WeirError('NAMES_BAD_FILE', `names.file=${path}: ${reason}`);
  }

  /** A changed file is read when it looks the same twice: whoever writes it has finished then. */
  async function look(): Promise<void> {
    const looks = await looksOf(path);
    const settled = looks === seen;
    seen = looks;
    if (!settled || looks === used) return;
    used = looks;
    try {
      use(await read());
      log.info(`names.file: ${path} has changed and was read again`);
    } catch (error) {
      log.warn(`${error instanceof Error ? error.message : error}; what was read before stays`);
    }
  }

  return {
    async start() {
      used = seen = await looksOf(path);
      use(await read());
      timer = setInterval(() => void look(), lookMs);
      timer.unref();
    },
    stop() {
      clearInterval(timer);
    },
  };
}

/**
 * Names as JSON, `{"192.0.2.1": {"name": "leaf1", "interfaces": {"1": "swp1"}}}`, where an interface may also be an object
 * of name, alias and speed (bits per second); or as lines, `192.0.2.1 leaf1` and `192.0.2.1 1 swp1 to spine1`.
 * Throws WeirError NAMES_BAD that says where.
 */
export function parseNames(content: string): NamesByAgent {
  return /^\s*[{[]/.test(content) ? parseJson(content) : parseLines(content);
}

interface Building {
  hostName?: string;
  interfaces: Record<string, InterfaceNames>;
}

function agentOf(names: Map<string, Building>, text: string, where: string): Building {
  if (isIP(text) === 0) throw bad(`${where}: ${JSON.stringify(text)} is not the address of an agent`);
  const address = canonicalAddress(text);
  let agent = names.get(address);
  if (agent === undefined) names.set(address, (agent = { interfaces: {} }));
  return agent;
}

function parseLines(content: string): NamesByAgent {
  const names = new Map<string, Building>();
  for (const [i, line] of content.split('\n').entries()) {
    const words = line.replace(/(^|\s)#.*/, '').trim();
    if (words === '') continue;
    const where = `line ${i + 1}`;
    const [address, second, third, ...alias] = words.split(/\s+/);
    const agent = agentOf(names, address, where);
    if (second === undefined) throw bad(`${where}: a name is missing`);
    if (third === undefined) agent.hostName = second;
    else
      agent.interfaces[ifIndexOf(second, where)] =
        alias.length === 0 ? { name: third } : { name: third, alias: alias.join(' ') };
  }
  return names;
}

function parseJson(content: string): NamesByAgent {
  const document = objectOf(JSON.parse(content), 'the file');
  const names = new Map<string, Building>();
  for (const [address, value] of Object.entries(document)) {
    const agent = agentOf(names, address, 'the file');
    const { name, interfaces = {}, ...others } = objectOf(value, address);
    refuseOthers(others, address);
    if (name !== undefined) agent.hostName = textOf(name, `${address}: name`);
    for (const [ifIndex, named] of Object.entries(objectOf(interfaces, `${address}: interfaces`))) {
      const where = `${address}: interface ${ifIndex}`;
      agent.interfaces[ifIndexOf(ifIndex, where)] = interfaceOf(named, where);
    }
  }
  return names;
}

function interfaceOf(named: unknown, where: string): InterfaceNames {
  if (typeof named === 'string') return { name: textOf(named, where) };
  const { name, alias, speed, ...others } = objectOf(named, where);
  refuseOthers(others, where);
  if (speed !== undefined && (typeof speed !== 'number' || !(speed > 0)))
    throw bad(`${where}: speed is a number of bits per second`);
  return {
    ...(name !== undefined && { name: textOf(name, `${where}: name`) }),
    ...(alias !== undefined && { alias: textOf(alias, `${where}: alias`) }),
    ...(speed !== undefined && { speed }),
  };
}

function refuseOthers(others: object, where: string): void {
  const [other] = Object.keys(others);
  if (other !== undefined) throw bad(`${where}: ${JSON.stringify(other)} is not known`);
}

function objectOf(value: unknown, where: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw bad(`${where} is to be an object`);
  return value as Record<string, unknown>;
}

function textOf(value: unknown, where: string): string {
  if (typeof value !== 'string' || value === '' || /\p{Cc}/u.test(value))
    throw bad(`${where} is to be a text`);
  return value;
}

function ifIndexOf(text: string, where: string): string {
  if (!/^[1-9]\d{0,9}$/.test(text)) throw bad(`${where}: ${JSON.stringify(text)} is not an ifIndex`);
  return text;
}

function bad(reason: string): WeirError {
  return new WeirError('NAMES_BAD', reason);
}
