import { formatCommunity } from './community.ts';
import type { FlowSpecAction } from './flowspec-action.ts';
import type { BitmaskTerm, ComponentName, FlowSpecComponent } from './flowspec-component.ts';
import { formatRange } from './flowspec-ranges.ts';
import type { FlowSpecRule } from './flowspec-rule.ts';
import { bitsOf, componentText, type RuleText, rangesOf, redirectTarget, routeTarget } from './text-parts.ts';

const KEYWORDS: Partial<Record<ComponentName, string>> = { length: 'packet-length' };
const TCP_FLAGS = ['fin', 'syn', 'rst', 'push', 'ack', 'urgent'];
const FRAGMENTS = ['dont-fragment', 'is-fragment', 'first-fragment', 'last-fragment'];

/** The statements of Junos that originate the rule: `set routing-options flow route weir …`. */
export function ruleForJuniper(rule: FlowSpecRule): RuleText {
  const missing: string[] = [];
  const table = rule.version === 4 ? '' : 'rib inet6.0 ';
  const set = `set routing-options ${table}flow route weir`;
  const lines: string[] = [];
  for (const component of rule.components) {
    const value = matchText(component);
    if (value === undefined) missing.push(component.name);
    else lines.push(`${set} match ${KEYWORDS[component.name] ?? component.name} ${value}`);
  }
  if (rule.actions.length === 0) lines.push(`${set} then accept`);
  for (const action of rule.actions) {
    const texts = actionTexts(action);
    if (texts === undefined) missing.push(action.kind);
    else lines.push(...texts.map((text) => `${set} then ${text}`));
  }
  if (rule.communities.length > 0) {
    const members = listOf(rule.communities.map(formatCommunity));
    lines.push(`set policy-options community weir members ${members}`, `${set} then community weir`);
  }
  if (rule.extendedCommunities.length > 0) missing.push('communities');
  if (rule.largeCommunities.length > 0) missing.push('large-communities');
  return { text: lines.join('\n'), missing };
}

function matchText(component: FlowSpecComponent): string | undefined {
  return componentText(component, {
    prefix: (prefix, offset) => (offset === 0 ? prefix : `${prefix} prefix-offset ${offset}`),
    numeric: (numeric) => {
      const ranges = rangesOf(numeric).map((range) => formatRange(range));
      return ranges.length === 0 ? undefined : listOf(ranges);
    },
    bitmask: (terms, name) => (name === 'tcp-flags' ? tcpFlags(terms) : fragments(terms)),
  });
}

/** An expression of names with `&`, `|` and `!`. */
function tcpFlags(terms: readonly BitmaskTerm[]): string | undefined {
  let text = '';
  for (const [i, { and, not, match, value }] of terms.entries()) {
    const names = namesOf(value, TCP_FLAGS);
    if (names === undefined) return undefined;
    const bits = names.join(match ? ' & ' : ' | ');
    text += (i === 0 ? '' : and ? ' & ' : ' | ') + (not ? '!' : '');
    text += names.length > 1 && (not || terms.length > 1) ? `(${bits})` : bits;
  }
  return `"${text}"`;
}

/** A list of which one must hold: there is no *and*, and no *not*. */
function fragments(terms: readonly BitmaskTerm[]): string | undefined {
  const all: string[] = [];
  for (const { and, not, match, value } of terms) {
    const names = namesOf(value, FRAGMENTS);
    if (names === undefined || and || not || (match && names.length > 1)) return undefined;
    all.push(...names);
  }
  return listOf(all);
}

function namesOf(value: number, names: readonly string[]): string[] | undefined {
  const known = bitsOf(value).flatMap((bit) => names[bit] ?? []);
  return value > 0 && known.length === bitsOf(value).length ? known : undefined;
}

function listOf(items: readonly string[]): string {
  return items.length === 1 ? items[0] : `[ ${items.join(' ')} ]`;
}

function actionTexts(action: FlowSpecAction): string[] | undefined {
  const target = routeTarget(action);
  if (target !== undefined) {
    // A target of an IPv6 address has no text of this form.
    const isIpv6 = action.kind === 'redirect-ip' && action.address.includes(':');
    return isIpv6 ? undefined : [`routing-instance target:${target}`];
  }
  const redirect = redirectTarget(action);
  if (redirect !== undefined) return redirect.copy ? undefined : [`redirect ${redirect.address}`];
  switch (action.kind) {
    case 'traffic-rate':
      return [action.rate === 0 ? 'discard' : `rate-limit ${Math.round(action.rate * 8)}`];
    case 'traffic-marking':
      return [`mark ${action.dscp}`];
    case 'traffic-action':
      return [...(action.sample ? ['sample'] : []), ...(action.proceed ? ['next-term'] : [])];
    default:
      return undefined;
  }
}
