import type { KeyDefinition } from './key.ts';
import type { KeyEntry } from './key-entry.ts';
import { APPLICATION_KEYS, TCP_INFO_KEYS } from './keys-application-records.ts';
import { FORWARDING_KEYS, TRANSIT_KEYS, WIRELESS_KEYS } from './keys-forwarding-records.ts';
import { SAMPLED_KEYS, TUNNEL_KEYS } from './keys-header-records.ts';
import { LEARNT_ROUTE_KEYS } from './keys-learnt-routes.ts';
import { LAYER_KEYS } from './keys-packet.ts';
import { CUSTOM_SAMPLE_KEYS, SAMPLE_KEYS } from './keys-sample.ts';
import { sourceText } from './read-source.ts';
import type { SampleContext } from './sample.ts';

/** Sources of a name in the order in which they are tried: the sample, the packet, records. */
const ENTRIES: readonly KeyEntry[] = [
  ...SAMPLE_KEYS,
  ...LAYER_KEYS,
  ...SAMPLED_KEYS,
  ...FORWARDING_KEYS,
  ...LEARNT_ROUTE_KEYS,
  ...TUNNEL_KEYS,
  ...TRANSIT_KEYS,
  ...WIRELESS_KEYS,
  ...APPLICATION_KEYS,
  ...TCP_INFO_KEYS,
];

const DEFINITIONS: ReadonlyMap<string, KeyDefinition> = definitionsOf(ENTRIES);

function definitionsOf(entries: readonly KeyEntry[]): Map<string, KeyDefinition> {
  const definitions = new Map<string, KeyDefinition>();
  for (const { name, source, doc } of entries) {
    const before = definitions.get(name);
    definitions.set(name, {
      name,
      sources: [...(before?.sources ?? []), source],
      numeric: before?.numeric === true || isNumeric(source),
      doc: before?.doc || doc,
    });
  }
  return definitions;
}

function isNumeric({ field }: KeyEntry['source']): boolean {
  switch (field.kind) {
    case 'number':
    case 'sampleNumber':
      return true;
    case 'uint':
    case 'slot':
    case 'words':
      return field.numeric;
    default:
      return false;
  }
}

/**
 * The key of a name (rest-api 5.1), with or without an occurrence: `ipsource`, `ipsource.1`. Undefined when there is
 * none; definitions may name it nevertheless, since custom samples bring names of their own.
 */
export function resolveKey(name: string): KeyDefinition | undefined {
  return DEFINITIONS.get(name);
}

/** Every key but those of inner layers, with its description, in alphabetical order: for the reference. */
export function allKeyNames(): { readonly name: string; readonly numeric: boolean; readonly doc: string }[] {
  return [...DEFINITIONS.values()]
    .filter(({ doc }) => doc !== '')
    .map(({ name, numeric, doc }) => ({ name, numeric, doc }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Names of all keys that a sample has, those of inner layers too. Reads every key: for a sample now and then. */
export function presentKeys(sample: SampleContext): string[] {
  if (sample.custom !== null) return [...new Set([...sample.custom.keys(), ...CUSTOM_SAMPLE_KEYS])];
  const present: string[] = [];
  for (const [name, { sources }] of DEFINITIONS) {
    if (sources.some((source) => sourceText(source, sample) !== undefined)) present.push(name);
  }
  return present;
}
