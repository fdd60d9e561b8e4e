import {
  FAMILIES,
  type Family,
  type NeighborProfile,
  type NeighborSettings,
  PLAIN_PROFILE,
} from '../bgp/index.ts';
import { formatIPv6, parseIPv4, parseIPv6, WeirError } from '../common/index.ts';
import type { DialTarget } from './dialler.ts';
import { GREATEST_TTL, MAXIMUM_PASSWORD_BYTES } from './socket-options.ts';

/** What a neighbour is without being told: properties and the machine say it. */
export interface SpeakerDefaults {
  /** Own AS; 0 where none is set. */
  readonly as: number;
  /** BGP identifier, dotted quad. */
  readonly routerId: string;
  /** Name of the machine, for neighbours that show it. */
  readonly hostName: string;
}

/** A neighbour as it is configured: the session, and how to reach it. */
export interface NeighborDefinition {
  readonly description: string;
  readonly settings: NeighborSettings;
  readonly transport: Omit<DialTarget, 'address'>;
}

const ALL_FAMILIES = Object.keys(FAMILIES) as Family[];
const REDIRECTS = ['as-given', 'next-hop', 'community'] as const;
const LARGEST_AS = 0xffffffff;
const NEVER = Number.MAX_SAFE_INTEGER;

/**
 * Reads a neighbour as REST clients and the file of `bgp.neighbors` write it. Throws WeirError `BGP_BAD_NEIGHBOR` that
 * says which member is wrong, and how.
 */
export function parseNeighbor(json: unknown, defaults: SpeakerDefaults): NeighborDefinition {
  const members = new Members(json, 'a neighbour');
  const families = members.list('families', ALL_FAMILIES, ALL_FAMILIES);
  const profile = parseProfile(members.object('profile'));
  const password = members.text('password', '');
  if (Buffer.byteLength(password) > MAXIMUM_PASSWORD_BYTES)
    throw bad(`password is longer than ${MAXIMUM_PASSWORD_BYTES} bytes`);
  const localAs = members.integer('as', 1, LARGEST_AS, defaults.as);
  if (localAs === 0) throw bad('as is missing, and property bgp.as gives none');
  const holdTime = members.integer('holdTime', 0, 65535, 180);
  if (holdTime === 1 || holdTime === 2) throw bad('holdTime is 0, or 3 seconds and more');
  const settings: NeighborSettings = {
    localAs,
    identifier: members.address('routerId', 4, defaults.routerId),
    remoteAs: members.optionalInteger('peerAs', 1, LARGEST_AS),
    families,
    compatible: false,
    addPath: members.flag('addPath', false) ? 'receive' : 'none',
    holdTime,
    restartTime: members.integer('restartTime', 0, 4095, 120),
    longLivedTime: members.integer('longLivedTime', 0, 0xffffff, 0),
    endOfRibMs: 0,
    hostName: defaults.hostName,
    sendHoldMs: 1000 * members.integer('sendHoldTime', 1, 65535, 480),
    active: members.flag('connect', false),
    connectRetryMs: 1000 * members.integer('connectRetry', 1, 3600, 10),
    profile,
  };
  const transport = {
    port: members.integer('port', 1, 65535, 179),
    localAddress: members.address('localAddress', undefined, ''),
    password,
    ttlSecurity: members.integer('ttlSecurity', 0, GREATEST_TTL - 1, 0),
  };
  const definition = { description: members.text('description', ''), settings, transport };
  members.done();
  return definition;
}

/** Options of `bgpAddNeighbor`: families by name, and what else the contract has; other members are ignored. */
export function scriptNeighbor(
  as: number,
  routerId: string,
  options: unknown,
  defaults: SpeakerDefaults,
): NeighborDefinition {
  const given =
    typeof options === 'object' && options !== null ? (options as Readonly<Record<string, unknown>>) : {};
  const on = (name: string): boolean => given[name] === true;
  const families: Family[] = [];
  if (['ipv6', 'flowspec', 'flowspec6', 'multipath'].some(on)) families.push('ipv4-unicast');
  if (on('ipv6')) families.push('ipv6-unicast');
  if (on('flowspec')) families.push('ipv4-flowspec');
  if (on('flowspec6')) families.push('ipv6-flowspec');
  const plain = parseNeighbor({ as: Math.max(as, 1), routerId, restartTime: 0 }, defaults);
  return {
    ...plain,
    settings: {
      ...plain.settings,
      localAs: as,
      families,
      compatible: true,
      addPath: on('multipath') ? 'both' : 'none',
    },
  };
}

function parseProfile(given: unknown): NeighborProfile {
  if (given === undefined) return PLAIN_PROFILE;
  const members = new Members(given, 'profile');
  const plain = PLAIN_PROFILE;
  const [redirect] = members.list('redirect', REDIRECTS, [plain.redirect]);
  const profile = {
    flowSpecNextHop: members.address('flowSpecNextHop', undefined, plain.flowSpecNextHop),
    redirect,
    maxRules: members.integer('maxRules', 0, NEVER, plain.maxRules),
    maxRoutes: members.integer('maxRoutes', 0, NEVER, plain.maxRoutes),
    nlriPerUpdate: members.integer('nlriPerUpdate', 1, NEVER, plain.nlriPerUpdate),
    nlriPerSecond: members.integer('nlriPerSecond', 0, NEVER, plain.nlriPerSecond),
  };
  members.done();
  return profile;
}

/** The members of a JSON object, read one by one; what nobody has read in the end is a mistake. */
class Members {
  private readonly what: string;
  private readonly rest: Map<string, unknown>;

  constructor(json: unknown, what: string) {
    if (typeof json !== 'object' || json === null || Array.isArray(json))
      throw bad(`${what} is not an object`);
    this.what = what;
    this.rest = new Map(Object.entries(json));
  }

  integer(name: string, least: number, most: number, otherwise: number): number {
    return this.optionalInteger(name, least, most) ?? otherwise;
  }

  optionalInteger(name: string, least: number, most: number): number | undefined {
    const value = this.take(name);
    if (value === undefined) return undefined;
    const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
    if (typeof number !== 'number' || !Number.isInteger(number) || number < least || number > most) {
      const range = most === NEVER ? `of ${least} and more` : `from ${least} to ${most}`;
      throw bad(`${name} ${JSON.stringify(value)} is not a whole number ${range}`);
    }
    return number;
  }

  flag(name: string, otherwise: boolean): boolean {
    const value = this.take(name) ?? otherwise;
    if (typeof value !== 'boolean') throw bad(`${name} ${JSON.stringify(value)} is neither true nor false`);
    return value;
  }

  text(name: string, otherwise: string): string {
    const value = this.take(name) ?? otherwise;
    if (typeof value !== 'string') throw bad(`${name} is not a text`);
    return value;
  }

  address(name: string, version: 4 | undefined, otherwise: string): string {
    const text = this.text(name, otherwise);
    const address = text === '' ? '' : normalAddress(text);
    if (address === undefined || (version === 4 && (address.includes(':') || address === '')))
      throw bad(`${name} ${JSON.stringify(text)} is not an ${version === 4 ? 'IPv4 ' : ''}address`);
    return address;
  }

  /** One word, or a list of words, of those that there are. */
  list<Word extends string>(name: string, words: readonly Word[], otherwise: readonly Word[]): Word[] {
    const value = this.take(name);
    if (value === undefined) return [...otherwise];
    const list: unknown[] = Array.isArray(value) ? value : [value];
    return list.map((given) => {
      const word = words.find((each) => each === given);
      if (word === undefined) throw bad(`${name} ${JSON.stringify(given)} is not one of ${words.join(', ')}`);
      return word;
    });
  }

  object(name: string): unknown {
    return this.take(name);
  }

  done(): void {
    const [name] = this.rest.keys();
    if (name !== undefined) throw bad(`${this.what} has no member ${JSON.stringify(name)}`);
  }

  private take(name: string): unknown {
    const value = this.rest.get(name);
    this.rest.delete(name);
    return value ?? undefined;
  }
}

/** One spelling for each address; undefined when the text is none. */
export function normalAddress(text: string): string | undefined {
  if (parseIPv4(text) !== undefined) return text;
  const words = parseIPv6(text);
  return words === undefined ? undefined : formatIPv6(words[0], words[1], words[2], words[3]);
}

function bad(message: string): WeirError {
  return new WeirError('BGP_BAD_NEIGHBOR', message);
}
