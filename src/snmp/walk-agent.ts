import { WeirError } from '../common/index.ts';
import type { InterfaceNames } from '../engine/index.ts';
import type { SnmpSession } from './snmp-session.ts';

/** What an agent has said by SNMP. */
export interface WalkedNames {
  readonly hostName: string | undefined;
  /** By ifIndex. */
  readonly interfaces: Readonly<Record<string, InterfaceNames>>;
  /** Values of a type that a name or a speed cannot have: passed over. */
  readonly wrongValues: number;
}

/** RFC 3418, RFC 2863. */
const SYS_NAME = '1.3.6.1.2.1.1.5.0';
const IF_DESCR = '1.3.6.1.2.1.2.2.1.2';
const IF_NAME = '1.3.6.1.2.1.31.1.1.1.1';
const IF_HIGH_SPEED = '1.3.6.1.2.1.31.1.1.1.15';
const IF_ALIAS = '1.3.6.1.2.1.31.1.1.1.18';

/** Rows of one answer: with names of usual length it fits into one packet. */
const ROWS = 25;
/** More interfaces than this are nonsense. */
const MAX_INTERFACES = 20_000;
const MAX_TEXT = 255;
const MEGABIT = 1_000_000;

/**
 * Ask an agent for its name, and when `interfaces` is true for those of its interfaces: a column at a time, so that holes
 * in one do not matter to another. Rejects with a WeirError SNMP_… in words.
 */
export async function walkAgent(session: SnmpSession, interfaces: boolean): Promise<WalkedNames> {
  const wrong = { count: 0 };
  const hostName = text(await session.get(SYS_NAME), wrong);
  const found: Record<string, { name?: string; alias?: string; speed?: number }> = {};
  if (interfaces) {
    await column(session, IF_NAME, (index, value) => set(found, index, 'name', text(value, wrong)));
    // Agents of before RFC 2863 have a description only.
    if (Object.keys(found).length === 0)
      await column(session, IF_DESCR, (index, value) => set(found, index, 'name', text(value, wrong)));
    await column(session, IF_ALIAS, (index, value) => set(found, index, 'alias', text(value, wrong)));
    await column(session, IF_HIGH_SPEED, (index, value) => set(found, index, 'speed', speed(value, wrong)));
  }
  return { hostName, interfaces: found, wrongValues: wrong.count };
}

/** Walk one column of a table that is indexed by ifIndex. Ends at the first answer that does not go on. */
async function column(
  session: SnmpSession,
  oid: string,
  take: (ifIndex: string, value: unknown) => void,
): Promise<void> {
  let last = -1;
  for (let rows = 0; ; ) {
    const values = await session.getBulk(last < 0 ? oid : `${oid}.${last}`, ROWS);
    for (const { oid: at, value } of values) {
      const index = indexBelow(oid, at);
      if (index === undefined) return;
      if (index <= last)
        throw new WeirError(
          'SNMP_NOT_INCREASING',
          `the agent goes in circles: ${at} comes after ${oid}.${last}`,
        );
      if (++rows > MAX_INTERFACES)
        throw new WeirError(
          'SNMP_TOO_MANY',
          `the agent has more than ${MAX_INTERFACES} interfaces in ${oid}`,
        );
      last = index;
      take(String(index), value);
    }
    if (values.length === 0) return;
  }
}

/** The one number that an OID has below the column; undefined when it is none of the column's. */
function indexBelow(column: string, oid: string): number | undefined {
  if (!oid.startsWith(`${column}.`)) return undefined;
  const rest = oid.slice(column.length + 1);
  return /^\d{1,10}$/.test(rest) ? Number(rest) : undefined;
}

function set<K extends string, T>(
  found: Record<string, { [key in K]?: T }>,
  index: string,
  member: K,
  value: T | undefined,
): void {
  if (value === undefined) return;
  found[index] ??= {};
  found[index][member] = value;
}

/** Text without what does not belong into a name: control characters, blanks at its ends. undefined: none. */
function text(value: unknown, wrong: { count: number }): string | undefined {
  if (value === undefined) return undefined;
  if (!Buffer.isBuffer(value)) {
    wrong.count++;
    return undefined;
  }
  const clean = value
    .subarray(0, 4 * MAX_TEXT)
    .toString('utf8')
    .replaceAll(/\p{Cc}/gu, '')
    .trim()
    .slice(0, MAX_TEXT);
  return clean === '' ? undefined : clean;
}

/** Bits per second, from Mbit/s; 0 stands for less than one, or for nothing known. */
function speed(value: unknown, wrong: { count: number }): number | undefined {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0) {
    wrong.count++;
    return undefined;
  }
  return value === 0 ? undefined : value * MEGABIT;
}
