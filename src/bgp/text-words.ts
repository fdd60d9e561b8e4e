import { formatDscp } from './dscp.ts';
import type { FlowSpecAction } from './flowspec-action.ts';
import type {
  BitmaskTerm,
  ComponentName,
  FlowSpecComponent,
  NumericComponent,
} from './flowspec-component.ts';
import { formatRange } from './flowspec-ranges.ts';
import type { FlowSpecRule } from './flowspec-rule.ts';
import { protocolName } from './protocol-name.ts';
import { shortestSingle } from './single-precision.ts';
import { bitsOf, communityTexts, componentText, type RuleText, rangesOf } from './text-parts.ts';

const TCP_FLAGS = ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG', 'ECE', 'CWR', 'NS'];
const FRAGMENT_BITS = ['do not fragment', 'a fragment', 'first fragment', 'last fragment'];

const LABELS: Readonly<Record<ComponentName, string>> = {
  destination: 'to',
  source: 'from',
  protocol: 'protocol',
  port: 'port',
  'destination-port': 'destination port',
  'source-port': 'source port',
  'icmp-type': 'ICMP type',
  'icmp-code': 'ICMP code',
  'tcp-flags': 'TCP flags',
  length: 'length',
  dscp: 'DSCP',
  fragment: 'fragment bits',
  'flow-label': 'flow label',
};

/** One sentence: `IPv4 packets to 10.1.1.1/32, protocol UDP (17), source port 53: drop`. */
export function ruleInWords(rule: FlowSpecRule): RuleText {
  const [first, ...rest] = rule.components.map(inWords);
  const packets = `IPv${rule.version} packets`;
  // A prefix reads on from the noun, everything else is set apart from it.
  const prefixFirst = first?.startsWith('to ') || first?.startsWith('from ');
  const match = first === undefined ? [packets] : prefixFirst ? [`${packets} ${first}`] : [packets, first];
  const actions = rule.actions.map(actionInWords);
  if (actions.length === 0) actions.push('accept');
  const communities = communityTexts(rule);
  if (communities.length > 0) actions.push(`with communities ${communities.join(' ')}`);
  return { text: `${[...match, ...rest].join(', ')}: ${actions.join(', ')}`, missing: [] };
}

function inWords(component: FlowSpecComponent): string {
  const text = componentText(component, {
    prefix: (prefix, offset) => (offset === 0 ? prefix : `${prefix} from bit ${offset} on`),
    numeric: numbersInWords,
    bitmask: (terms, name) => bitsInWords(terms, name === 'tcp-flags' ? TCP_FLAGS : FRAGMENT_BITS),
  });
  return `${LABELS[component.name]} ${text}`;
}

function numbersInWords(component: NumericComponent): string {
  const ranges = rangesOf(component);
  if (ranges.length === 0) return 'none (matches nothing)';
  const texts = ranges.map(([from, to]) => {
    if (from !== to) return formatRange([from, to], ' to ');
    if (component.name === 'protocol') return protocolName(from);
    return component.name === 'dscp' ? formatDscp(from) : String(from);
  });
  return texts.join(' or ');
}

function bitsInWords(terms: readonly BitmaskTerm[], names: readonly string[]): string {
  return terms
    .map(({ and, not, match, value }, i) => {
      const bits = bitsOf(value).map((bit) => names[bit] ?? `bit ${bit}`);
      const text = bits.length === 0 ? 'none' : bits.join(match ? ' and ' : ' or ');
      const negated = not ? (bits.length > 1 ? `not (${text})` : `not ${text}`) : text;
      return (
        (i === 0 ? '' : and ? ' and ' : ' or ') +
        (terms.length > 1 && !not && bits.length > 1 ? `(${negated})` : negated)
      );
    })
    .join('');
}

function actionInWords(action: FlowSpecAction): string {
  switch (action.kind) {
    case 'traffic-rate':
      return action.rate === 0 ? 'drop' : `limit to ${shortestSingle(action.rate)} bytes/s`;
    case 'traffic-rate-packets':
      return action.rate === 0 ? 'drop' : `limit to ${shortestSingle(action.rate)} packets/s`;
    case 'traffic-action': {
      const parts = [
        ...(action.sample ? ['sample'] : []),
        action.proceed ? 'go on with later rules' : 'stop at this rule',
      ];
      return parts.join(' and ');
    }
    case 'redirect-as':
    case 'redirect-as4':
      return `redirect into the VRF of route target ${action.as}:${action.value}`;
    case 'redirect-ip':
      return `redirect into the VRF of route target ${action.address}:${action.value}`;
    case 'redirect-action-ip':
      return `${(action.value & 1) === 0 ? 'redirect' : 'copy'} to ${action.address}`;
    case 'redirect-nexthop':
      return `${action.copy ? 'copy' : 'redirect'} to next hop ${action.address}`;
    case 'traffic-marking':
      return `mark DSCP ${formatDscp(action.dscp)}`;
  }
}
