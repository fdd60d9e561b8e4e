import type { FlowSpecAction } from './flowspec-action.ts';
import type { ComponentName, FlowSpecComponent, NumericComponent } from './flowspec-component.ts';
import { formatRange } from './flowspec-ranges.ts';
import type { FlowSpecRule } from './flowspec-rule.ts';
import {
  bitsOf,
  communityTexts,
  componentText,
  plainMask,
  type RuleText,
  rangesOf,
  redirectTarget,
  routeTarget,
} from './text-parts.ts';

const KEYWORDS: Partial<Record<ComponentName, string>> = {
  destination: 'destination-address',
  source: 'source-address',
  protocol: 'protocol',
  'destination-port': 'destination-port',
  'source-port': 'source-port',
  length: 'packet length',
  dscp: 'dscp',
};

const FRAGMENTS = ['dont-fragment', 'is-fragment', 'first-fragment', 'last-fragment'];

/** The configuration of IOS XR that originates the rule: a class map of type traffic and a policy map of type pbr. */
export function ruleForCisco(rule: FlowSpecRule): RuleText {
  const missing: string[] = [];
  const lines: string[] = ['class-map type traffic match-all WEIR'];
  for (const component of rule.components) {
    const text = matchText(component, rule.version);
    if (text === undefined) missing.push(component.name);
    else lines.push(` match ${text}`);
  }
  lines.push(' end-class-map', '!', 'policy-map type pbr WEIR', ' class type traffic WEIR');
  const actions: string[] = [];
  for (const action of rule.actions) {
    const text = actionText(action, rule.version);
    if (text === undefined) missing.push(action.kind);
    else actions.push(`  ${text}`);
  }
  lines.push(...(actions.length === 0 ? ['  transmit'] : actions), ' !', ' end-policy-map');
  if (communityTexts(rule).length > 0) missing.push('communities');
  return { text: lines.join('\n'), missing };
}

function matchText(component: FlowSpecComponent, version: 4 | 6): string | undefined {
  const { name } = component;
  const isIcmp = name === 'icmp-type' || name === 'icmp-code';
  const keyword = isIcmp ? `ipv${version} ${name}` : KEYWORDS[name];
  return componentText(component, {
    prefix: (prefix, offset) => (offset === 0 ? `${keyword} ipv${version} ${prefix}` : undefined),
    numeric: (numeric) => numbers(keyword, numeric),
    bitmask: (terms) => {
      const mask = plainMask(terms);
      if (mask === undefined) return undefined;
      if (name === 'tcp-flags') return `tcp-flag ${mask} bit-mask ${mask}`;
      const [bit, ...others] = bitsOf(mask);
      return others.length === 0 && FRAGMENTS[bit] !== undefined
        ? `fragment-type ${FRAGMENTS[bit]}`
        : undefined;
    },
  });
}

function numbers(keyword: string | undefined, component: NumericComponent): string | undefined {
  const ranges = rangesOf(component).map((range) => formatRange(range));
  return keyword === undefined || ranges.length === 0 ? undefined : `${keyword} ${ranges.join(' ')}`;
}

function actionText(action: FlowSpecAction, version: 4 | 6): string | undefined {
  const redirect = redirectTarget(action);
  if (redirect !== undefined) {
    const family = redirect.address.includes(':') ? 6 : 4;
    return redirect.copy || family !== version
      ? undefined
      : `redirect ipv${version} nexthop ${redirect.address}`;
  }
  switch (action.kind) {
    case 'traffic-rate':
      return action.rate === 0 ? 'drop' : `police rate ${Math.round(action.rate * 8)} bps`;
    case 'traffic-rate-packets':
      return action.rate === 0 ? 'drop' : `police rate ${Math.round(action.rate)} pps`;
    case 'traffic-marking':
      return `set dscp ${action.dscp}`;
    default: {
      const target = routeTarget(action);
      return target === undefined ? undefined : `redirect ipv${version} extcommunity rt ${target}`;
    }
  }
}
