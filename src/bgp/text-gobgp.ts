import type { FlowSpecAction } from './flowspec-action.ts';
import type { BitmaskTerm, ComponentName, NumericTerm } from './flowspec-component.ts';
import type { FlowSpecRule } from './flowspec-rule.ts';
import { flagLetters, operatorText } from './flowspec-terms.ts';
import { shortestSingle } from './single-precision.ts';
import { bitsOf, componentText, type RuleText, routeTarget } from './text-parts.ts';

const KEYWORDS: Partial<Record<ComponentName, string>> = { length: 'packet-length', 'flow-label': 'label' };
const FRAGMENTS = ['dont-fragment', 'is-fragment', 'first-fragment', 'last-fragment'];

/** The command that originates the rule: `gobgp global rib add -a ipv4-flowspec match … then …`. */
export function ruleForGobgp(rule: FlowSpecRule): RuleText {
  const missing: string[] = [];
  const words: string[] = [`gobgp global rib add -a ipv${rule.version}-flowspec match`];
  for (const component of rule.components) {
    const value = componentText(component, {
      prefix: (prefix, offset) => (offset === 0 ? prefix : `${prefix} ${offset}`),
      numeric: ({ terms }) => numbers(terms),
      bitmask: (terms, name) => bits(terms, name),
    });
    if (value === undefined) missing.push(component.name);
    else words.push(`${KEYWORDS[component.name] ?? component.name} ${value}`);
  }
  const actions: string[] = [];
  for (const action of rule.actions) {
    const text = actionText(action);
    if (text === undefined) missing.push(action.kind);
    else actions.push(text);
  }
  words.push('then', ...(actions.length === 0 ? ['accept'] : actions));
  if (rule.communities.length > 0) {
    words.push(`community ${rule.communities.map((value) => `${value >>> 16}:${value & 0xffff}`).join(',')}`);
  }
  if (rule.largeCommunities.length > 0) {
    words.push(`large-community ${rule.largeCommunities.map((parts) => parts.join(':')).join(',')}`);
  }
  if (rule.extendedCommunities.length > 0) missing.push('communities');
  return { text: words.join(' '), missing };
}

function numbers(terms: readonly NumericTerm[]): string | undefined {
  // Terms that never or always match have no operator of their own there.
  if (terms.some((term) => ['', '<=>'].includes(operatorText(term)))) return undefined;
  return quoted(terms, (term) => {
    const operator = operatorText(term);
    return `${operator === '=' ? '==' : operator}${term.value}`;
  });
}

function bits(terms: readonly BitmaskTerm[], name: 'tcp-flags' | 'fragment'): string | undefined {
  const known = name === 'tcp-flags' ? 0xff : 0x0f;
  if (terms.some(({ value }) => value === 0 || (value & ~known) !== 0)) return undefined;
  return quoted(terms, ({ not, match, value }) => {
    const flags =
      name === 'tcp-flags'
        ? flagLetters(value, name)
        : bitsOf(value)
            .map((bit) => FRAGMENTS[bit])
            .join('+');
    return `${not ? '!' : ''}${match ? '=' : ''}${flags}`;
  });
}

function quoted<Term extends { readonly and: boolean }>(
  terms: readonly Term[],
  textOf: (term: Term) => string,
): string {
  const text = terms.map((term, i) => (i === 0 ? '' : term.and ? '&' : ' ') + textOf(term)).join('');
  return `'${text}'`;
}

function actionText(action: FlowSpecAction): string | undefined {
  switch (action.kind) {
    case 'traffic-rate':
      return action.rate === 0 ? 'discard' : `rate-limit ${shortestSingle(action.rate)}`;
    case 'traffic-action':
      if (!action.sample && !action.proceed) return undefined;
      return `action ${[action.sample ? 'sample' : '', action.proceed ? 'terminal' : ''].filter(Boolean).join('-')}`;
    case 'traffic-marking':
      return `mark ${action.dscp}`;
    default: {
      const target = routeTarget(action);
      return target === undefined ? undefined : `redirect ${target}`;
    }
  }
}
