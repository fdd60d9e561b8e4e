import type { Structure } from './schema.ts';
import { APPLICATION_COUNTERS } from './structures/counter-application.ts';
import { DEVICE } from './structures/counter-device.ts';
import { HOSTS } from './structures/counter-host.ts';
import { INTERFACE } from './structures/counter-interface.ts';
import { APPLICATIONS } from './structures/flow-application.ts';
import { FORWARDING, TRANSIT_AND_DROPS } from './structures/flow-forwarding.ts';
import { SAMPLED } from './structures/flow-sampled.ts';
import { TUNNEL } from './structures/flow-tunnel.ts';
import { WIRELESS } from './structures/flow-wireless.ts';

export const FLOW_STRUCTURES: readonly Structure[] = [
  ...SAMPLED,
  ...FORWARDING,
  ...WIRELESS,
  ...TUNNEL,
  ...TRANSIT_AND_DROPS,
  ...APPLICATIONS,
].sort(byNumber);

export const COUNTER_STRUCTURES: readonly Structure[] = [
  ...INTERFACE,
  ...DEVICE,
  ...HOSTS,
  ...APPLICATION_COUNTERS,
].sort(byNumber);

/** Every structure Weir knows. */
export const STRUCTURES: readonly Structure[] = [...FLOW_STRUCTURES, ...COUNTER_STRUCTURES];

const FLOW_BY_FORMAT = byFormat(FLOW_STRUCTURES);
const COUNTER_BY_FORMAT = byFormat(COUNTER_STRUCTURES);
const BY_NAME: ReadonlyMap<string, Structure> = new Map(STRUCTURES.map((each) => [each.name, each]));

/** The structure of a record, or undefined when it is unknown. */
export function structureOf(
  kind: 'flow' | 'counter',
  enterprise: number,
  format: number,
): Structure | undefined {
  return (kind === 'flow' ? FLOW_BY_FORMAT : COUNTER_BY_FORMAT).get(formatWord(enterprise, format));
}

/** The structure of that name, or undefined. Names are unique among flow and counter records together. */
export function structureNamed(name: string): Structure | undefined {
  return BY_NAME.get(name);
}

/** The word that stands before a sample or record (sFlow v5 `data_format`): enterprise in 20 bits, format in 12. Unsigned. */
export function formatWord(enterprise: number, format: number): number {
  return ((enterprise << 12) | format) >>> 0;
}

function byFormat(structures: readonly Structure[]): ReadonlyMap<number, Structure> {
  return new Map(structures.map((each) => [formatWord(each.enterprise, each.format), each]));
}

function byNumber(a: Structure, b: Structure): number {
  return formatWord(a.enterprise, a.format) - formatWord(b.enterprise, b.format);
}
