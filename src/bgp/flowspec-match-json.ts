import {
  COMPONENT_TYPES,
  type ComponentName,
  type FlowSpecComponent,
  inTypeOrder,
  isBitmaskComponent,
  isPrefixComponent,
  type PrefixComponent,
} from './flowspec-component.ts';
import {
  formatBitmaskTerms,
  formatNumericTerms,
  parseBitmaskTerms,
  parseNumericTerms,
} from './flowspec-terms.ts';
import { formatPrefix, formatPrefixAddress, makePrefix, parsePrefix } from './prefix.ts';
import { bad, good, type Result } from './result.ts';

/** What a `match` object says. */
export interface ParsedMatch {
  readonly version: 4 | 6;
  readonly components: readonly FlowSpecComponent[];
  /** Keys that mean nothing here and were left out. */
  readonly ignored: readonly string[];
}

/**
 * Reads a `match` object. Values are texts or numbers. `version` is 4 or 6; without it the prefixes tell, and without
 * those it is 4.
 */
export function parseMatch(match: Readonly<Record<string, unknown>>): Result<ParsedMatch> {
  const components: FlowSpecComponent[] = [];
  const ignored: string[] = [];
  for (const [name, given] of Object.entries(match)) {
    if (name === 'version') continue;
    if (!Object.hasOwn(COMPONENT_TYPES, name)) {
      ignored.push(name);
      continue;
    }
    const text = textOf(given);
    if (text === undefined) return bad(`${name} is neither a text nor a number`);
    const component = parseComponent(name as ComponentName, text);
    if (!component.ok) return bad(`${name}: ${component.reason}`);
    components.push(component.value);
  }
  const version = parseVersion(match['version'], components);
  if (version === undefined) return bad(`version ${JSON.stringify(match['version'])} is neither 4 nor 6`);
  return good({ version, components: inTypeOrder(components), ignored });
}

/** The `match` object of a rule: every value a text, `version` always there. */
export function formatMatch(
  version: 4 | 6,
  components: readonly FlowSpecComponent[],
): Record<string, string> {
  const match: Record<string, string> = {};
  for (const component of inTypeOrder(components)) match[component.name] = formatComponent(component);
  match['version'] = String(version);
  return match;
}

/** Value of a component as in a `match` object. */
export function formatComponent(component: FlowSpecComponent): string {
  if (isPrefixComponent(component)) return formatPrefixComponent(component);
  if (isBitmaskComponent(component)) return formatBitmaskTerms(component.terms, component.name);
  return formatNumericTerms(component.terms);
}

/** Text of a value that is one, or of a number. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' && Number.isFinite(value) ? String(value) : undefined;
}

function parseComponent(name: ComponentName, text: string): Result<FlowSpecComponent> {
  if (name === 'destination' || name === 'source') return parsePrefixComponent(name, text);
  if (name === 'tcp-flags' || name === 'fragment') {
    const terms = parseBitmaskTerms(text, name);
    return terms.ok ? good({ name, terms: terms.value }) : terms;
  }
  const terms = parseNumericTerms(text);
  return terms.ok ? good({ name, terms: terms.value }) : terms;
}

/** A prefix, or for IPv6 with the first bit that counts: `::1234:5678:9a00:0/64-104` (RFC 8956 3.8). */
function parsePrefixComponent(name: PrefixComponent['name'], text: string): Result<PrefixComponent> {
  const [, address, first, length] = /^(.*)\/(\d{1,3})-(\d{1,3})$/.exec(text) ?? [];
  const prefix = parsePrefix(address === undefined ? text : `${address}/${length}`);
  if (prefix === undefined) return bad(`${JSON.stringify(text)} is not an address or prefix`);
  const offset = address === undefined ? 0 : Number(first);
  if (offset === 0) return good({ name, prefix, offset });
  if (prefix.version === 4 || offset >= prefix.length) {
    return bad(`${JSON.stringify(text)}: only IPv6 has an offset, and it is less than the length`);
  }
  const { w0, w1, w2, w3 } = prefix;
  const before = makePrefix(6, offset, w0, w1, w2, w3);
  // Bits before the offset do not count: they are zero in every spelling of the same component.
  const rest = makePrefix(6, prefix.length, w0 ^ before.w0, w1 ^ before.w1, w2 ^ before.w2, w3 ^ before.w3);
  return good({ name, prefix: rest, offset });
}

function formatPrefixComponent({ prefix, offset }: PrefixComponent): string {
  return offset === 0 ? formatPrefix(prefix) : `${formatPrefixAddress(prefix)}/${offset}-${prefix.length}`;
}

function parseVersion(given: unknown, components: readonly FlowSpecComponent[]): 4 | 6 | undefined {
  if (given === undefined) {
    for (const component of components) if (isPrefixComponent(component)) return component.prefix.version;
    return 4;
  }
  const text = textOf(given);
  if (text === '4') return 4;
  return text === '6' ? 6 : undefined;
}
