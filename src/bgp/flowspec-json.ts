import { formatMatch, parseMatch } from './flowspec-match-json.ts';
import type { FlowSpecRule } from './flowspec-rule.ts';
import { formatThen, parseThen } from './flowspec-then-json.ts';
import { bad, good, type Result } from './result.ts';

/** A rule as scripts and REST clients write it. */
export interface FlowSpecJson {
  readonly match: Readonly<Record<string, string>>;
  readonly then: Readonly<Record<string, string>>;
}

/** A rule that has been read. */
export interface ParsedRule {
  readonly rule: FlowSpecRule;
  /** Keys that mean nothing here, as `match.colour`: they were left out. */
  readonly ignored: readonly string[];
}

/**
 * Reads `{match: {...}, then: {...}}`. What cannot be understood is refused with a reason; whether the rule makes
 * sense is for `validateFlowSpecRule` to say.
 */
export function parseFlowSpecRule(json: unknown): Result<ParsedRule> {
  if (!isObject(json)) return bad('a rule is an object with match and then');
  if (!isObject(json['match'])) return bad('match is missing');
  if (!isObject(json['then'])) return bad('then is missing');
  const match = parseMatch(json['match']);
  if (!match.ok) return match;
  const then = parseThen(json['then']);
  if (!then.ok) return then;
  const { version, components } = match.value;
  const { ignored, ...what } = then.value;
  return good({
    rule: { version, components, ...what },
    ignored: [...match.value.ignored.map((key) => `match.${key}`), ...ignored.map((key) => `then.${key}`)],
  });
}

/** Reads the `match` of a rule that is to be removed; what else the object holds is irrelevant. */
export function parseFlowSpecMatch(json: unknown): Result<Pick<FlowSpecRule, 'version' | 'components'>> {
  if (!isObject(json) || !isObject(json['match'])) return bad('match is missing');
  const match = parseMatch(json['match']);
  return match.ok ? good({ version: match.value.version, components: match.value.components }) : match;
}

/** The normalised form of a rule: prefixes with their length, every value a text, `version` always there. */
export function formatFlowSpecRule(rule: FlowSpecRule): FlowSpecJson {
  // biome-ignore lint/suspicious/noThenProperty: the name clients write; it holds an object, so nothing awaits it.
  return { match: formatMatch(rule.version, rule.components), then: formatThen(rule) };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
