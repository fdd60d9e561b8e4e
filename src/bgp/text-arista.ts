import type { FlowSpecAction } from './flowspec-action.ts';
import type { ComponentName } from './flowspec-component.ts';
import { formatRange } from './flowspec-ranges.ts';
import type { FlowSpecRule } from './flowspec-rule.ts';
import { formatBitmaskTerms } from './flowspec-terms.ts';
import { shortestSingle } from './single-precision.ts';
import {
  communityTexts,
  componentText,
  type RuleText,
  rangesOf,
  redirectTarget,
  routeTarget,
} from './text-parts.ts';

const LABELS: Readonly<Record<ComponentName, string>> = {
  destination: 'Destination',
  source: 'Source',
  protocol: 'IP protocol',
  port: 'Port',
  'destination-port': 'Destination port',
  'source-port': 'Source port',
  'icmp-type': 'ICMP type',
  'icmp-code': 'ICMP code',
  'tcp-flags': 'TCP flags',
  length: 'Packet length',
  dscp: 'DSCP',
  fragment: 'Fragment',
  'flow-label': 'Flow label',
};

/** The rule in the manner of `show bgp flow-spec ipv4 detail` of EOS, which learns rules from its peers. */
export function ruleForArista(rule: FlowSpecRule): RuleText {
  const lines = [`BGP Flow Specification rule, ipv${rule.version}`, '  Matching Rule:'];
  for (const component of rule.components) {
    const text = componentText(component, {
      prefix: (prefix, offset) => (offset === 0 ? prefix : `${prefix} offset ${offset}`),
      numeric: (numeric) =>
        rangesOf(numeric)
          .map((range) => formatRange(range))
          .join(', ') || 'none',
      bitmask: (terms, name) => formatBitmaskTerms(terms, name),
    });
    lines.push(`    ${LABELS[component.name]}: ${text}`);
  }
  const actions = rule.actions.map(actionText);
  lines.push(`  Actions: ${actions.length === 0 ? 'Permit' : actions.join(', ')}`);
  const communities = communityTexts(rule);
  if (communities.length > 0) lines.push(`  Communities: ${communities.join(' ')}`);
  return { text: lines.join('\n'), missing: [] };
}

function actionText(action: FlowSpecAction): string {
  const target = routeTarget(action);
  if (target !== undefined) return `Redirect: VRF route target ${target}`;
  const redirect = redirectTarget(action);
  if (redirect !== undefined) return `${redirect.copy ? 'Copy' : 'Redirect'}: ${redirect.address}`;
  switch (action.kind) {
    case 'traffic-rate':
      return action.rate === 0 ? 'Drop' : `Police: ${shortestSingle(action.rate)} bytes/s`;
    case 'traffic-rate-packets':
      return action.rate === 0 ? 'Drop' : `Police: ${shortestSingle(action.rate)} packets/s`;
    case 'traffic-marking':
      return `Set DSCP: ${action.dscp}`;
    default:
      return `Traffic action: ${actionWords(action)}`;
  }
}

function actionWords(action: FlowSpecAction): string {
  if (action.kind !== 'traffic-action') return action.kind;
  return [...(action.sample ? ['sample'] : []), action.proceed ? 'continue' : 'terminate'].join(', ');
}
