import { formatCommunity, formatExtendedCommunity, formatLargeCommunity } from './community.ts';
import type { FlowSpecAction } from './flowspec-action.ts';
import {
  type BitmaskTerm,
  type FlowSpecComponent,
  GREATEST_VALUE,
  isBitmaskComponent,
  isPrefixComponent,
  type NumericComponent,
} from './flowspec-component.ts';
import { type Range, rangesOfTerms } from './flowspec-ranges.ts';
import type { FlowSpecRule } from './flowspec-rule.ts';
import { formatPrefix } from './prefix.ts';

/** A rule as somebody else writes it. */
export interface RuleText {
  /** Lines joined with newlines, none at the end. */
  readonly text: string;
  /** Parts of the rule, named as in match/then, for which the notation has no words: they are not in the text. */
  readonly missing: readonly string[];
}

/** What a notation makes of a rule. */
export type Notation = (rule: FlowSpecRule) => RuleText;

/** Ranges of a numeric component. */
export function rangesOf(component: NumericComponent): Range[] {
  return rangesOfTerms(component.terms, GREATEST_VALUE[component.name]);
}

/** One text for each component, by its form. */
export function componentText<Text>(
  component: FlowSpecComponent,
  forms: {
    readonly prefix: (prefix: string, offset: number) => Text;
    readonly numeric: (component: NumericComponent) => Text;
    readonly bitmask: (terms: readonly BitmaskTerm[], name: 'tcp-flags' | 'fragment') => Text;
  },
): Text {
  if (isPrefixComponent(component)) return forms.prefix(formatPrefix(component.prefix), component.offset);
  if (isBitmaskComponent(component)) return forms.bitmask(component.terms, component.name);
  return forms.numeric(component);
}

/** The numbers of the bits that are set. */
export function bitsOf(value: number): number[] {
  return Array.from({ length: 16 }, (_, bit) => bit).filter((bit) => (value & (1 << bit)) !== 0);
}

/** The mask of a component that is one plain test of it: all of its bits, or any of one. */
export function plainMask(terms: readonly BitmaskTerm[]): number | undefined {
  const [term] = terms;
  const plain = terms.length === 1 && !term.not && (term.match || bitsOf(term.value).length === 1);
  return plain ? term.value : undefined;
}

/** `as:value` or `address:value` of a redirect into a VRF. */
export function routeTarget(action: FlowSpecAction): string | undefined {
  if (action.kind === 'redirect-as' || action.kind === 'redirect-as4') return `${action.as}:${action.value}`;
  return action.kind === 'redirect-ip' ? `${action.address}:${action.value}` : undefined;
}

/** Address and manner of a redirect towards one. */
export function redirectTarget(action: FlowSpecAction): { address: string; copy: boolean } | undefined {
  if (action.kind === 'redirect-nexthop') return { address: action.address, copy: action.copy };
  if (action.kind === 'redirect-action-ip')
    return { address: action.address, copy: (action.value & 1) !== 0 };
  return undefined;
}

/** The communities of a rule, all kinds, as texts. */
export function communityTexts(rule: FlowSpecRule): string[] {
  return [
    ...rule.communities.map(formatCommunity),
    ...rule.extendedCommunities.map(formatExtendedCommunity),
    ...rule.largeCommunities.map(formatLargeCommunity),
  ];
}
