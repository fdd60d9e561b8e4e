import type { FlowSpecAction } from './flowspec-action.ts';
import type { ComponentName } from './flowspec-component.ts';
import type { FlowSpecRule } from './flowspec-rule.ts';
import { formatBitmaskTerms, operatorText } from './flowspec-terms.ts';
import { communityTexts, componentText, type RuleText, redirectTarget, routeTarget } from './text-parts.ts';

const LABELS: Readonly<Record<ComponentName, string>> = {
  destination: 'Destination Address',
  source: 'Source Address',
  protocol: 'IP Protocol',
  port: 'Port',
  'destination-port': 'Destination Port',
  'source-port': 'Source Port',
  'icmp-type': 'ICMP Type',
  'icmp-code': 'ICMP Code',
  'tcp-flags': 'TCP Flags',
  length: 'Packet Length',
  dscp: 'Packet DSCP',
  fragment: 'Packet Fragment',
  'flow-label': 'Flow Label',
};

/** What FRR shows of the rule with `show bgp ipv4 flowspec detail`; it originates none itself. */
export function ruleForFrr(rule: FlowSpecRule): RuleText {
  const missing: string[] = [];
  const lines = ['BGP flowspec entry:'];
  for (const component of rule.components) {
    const text = componentText(component, {
      prefix: (prefix, offset) => (offset === 0 ? prefix : `${prefix}/${offset}`),
      numeric: ({ terms }) =>
        terms
          .map(
            (term, i) => `${i === 0 ? '' : term.and ? ', and ' : ', or '}${operatorText(term)} ${term.value}`,
          )
          .join(' '),
      bitmask: (terms, name) => formatBitmaskTerms(terms, name),
    });
    lines.push(`\t${LABELS[component.name]} ${text}`);
  }
  for (const action of rule.actions) {
    const text = actionText(action);
    if (text === undefined) missing.push(action.kind);
    else lines.push(`\t${text}`);
  }
  if (communityTexts(rule).length > 0) missing.push('communities');
  return { text: lines.join('\n'), missing };
}

function actionText(action: FlowSpecAction): string | undefined {
  const target = routeTarget(action);
  if (target !== undefined) return `FS:redirect VRF ${target}`;
  const redirect = redirectTarget(action);
  if (redirect !== undefined) return redirect.copy ? undefined : `FS:redirect IP ${redirect.address}`;
  switch (action.kind) {
    case 'traffic-rate':
      return `FS:rate ${action.rate.toFixed(6)}`;
    case 'traffic-marking':
      return `FS:marking ${action.dscp}`;
    case 'traffic-action':
      return `FS:action ${action.proceed ? 'terminate (apply)' : 'eval stops'}${action.sample ? ', sample' : ''}`;
    default:
      return undefined;
  }
}
