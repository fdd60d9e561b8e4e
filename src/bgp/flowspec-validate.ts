import { parseIPv4, parseIPv6 } from '../common/index.ts';
import { ACTION_ORDER, type FlowSpecAction } from './flowspec-action.ts';
import {
  COMPONENT_TYPES,
  type FlowSpecComponent,
  GREATEST_VALUE,
  isBitmaskComponent,
  isPrefixComponent,
} from './flowspec-component.ts';
import { encodeFlowSpecNlri } from './flowspec-nlri.ts';
import type { FlowSpecRule } from './flowspec-rule.ts';

/** Something about a rule that its author should know. */
export interface RuleFault {
  /** `error`: the rule must not be sent. `warning`: routers take it, but it may not do what is meant. */
  readonly severity: 'error' | 'warning';
  /** One sentence for who wrote the rule. */
  readonly reason: string;
}

/** Everything that is wrong or doubtful with a rule before it is sent; nothing for a good one. */
export function validateFlowSpecRule(rule: FlowSpecRule): RuleFault[] {
  const faults: RuleFault[] = [];
  const error = (reason: string): void => void faults.push({ severity: 'error', reason });
  const warn = (reason: string): void => void faults.push({ severity: 'warning', reason });
  if (rule.components.length === 0)
    error('match is empty: it would apply to all traffic, and routers refuse it');
  const seen = new Set<string>();
  for (const component of rule.components) {
    if (seen.has(component.name)) error(`${component.name} is there twice`);
    seen.add(component.name);
    checkComponent(component, rule.version, error, warn);
  }
  const nlri = encodeFlowSpecNlri(rule.components);
  if (!nlri.ok) error(nlri.reason);
  checkTogether(rule, seen, warn);
  const kinds = new Set<string>();
  for (const action of rule.actions) {
    if (kinds.has(action.kind)) error(`${action.kind} is there twice`);
    kinds.add(action.kind);
    checkAction(action, rule.version, error, warn);
  }
  const redirects = ACTION_ORDER.filter((kind) => kind.startsWith('redirect') && kinds.has(kind));
  if (redirects.length > 1) warn(`routers take one redirect of several: ${redirects.join(', ')}`);
  return faults;
}

type Say = (reason: string) => void;

function checkComponent(component: FlowSpecComponent, version: 4 | 6, error: Say, warn: Say): void {
  const { name } = component;
  if (version === 4 && COMPONENT_TYPES[name] > COMPONENT_TYPES.fragment) error(`${name} is for IPv6 only`);
  if (isPrefixComponent(component)) {
    const { prefix, offset } = component;
    if (prefix.version !== version)
      error(`${name} is an IPv${prefix.version} prefix in an IPv${version} rule`);
    const fits = offset === 0 || (prefix.version === 6 && offset > 0 && offset < prefix.length);
    if (!fits) error(`${name} has offset ${offset} in a prefix of ${prefix.length} bits`);
    return;
  }
  if (component.terms.length === 0) error(`${name} has no values`);
  if (isBitmaskComponent(component)) {
    const known = name === 'tcp-flags' ? 0x1ff : version === 4 ? 0x0f : 0x0e;
    for (const { value } of component.terms) {
      if (value === 0) warn(`${name} compares with no bits at all`);
      if (value > known || (value & ~known) !== 0) {
        const dontFragment = name === 'fragment' && version === 6 && (value & 1) !== 0;
        error(dontFragment ? 'fragment D: IPv6 has no such bit' : `${name} has bits that do not exist`);
      }
    }
    return;
  }
  const greatest = GREATEST_VALUE[component.name];
  for (const { less, greater, equal, value } of component.terms) {
    if (!Number.isSafeInteger(value) || value < 0)
      error(`${name} ${value} is not a whole number of 0 and more`);
    else if (value > greatest) error(`${name} ${value} is above ${greatest}`);
    if (!less && !greater && !equal)
      warn(`${name} ${value} has no operator and matches nothing: write =${value}`);
  }
}

/** Combinations that no packet satisfies (RFC 8955 4.2). */
function checkTogether(rule: FlowSpecRule, names: ReadonlySet<string>, warn: Say): void {
  const ports = ['port', 'destination-port', 'source-port', 'tcp-flags'].filter((name) => names.has(name));
  const icmp = ['icmp-type', 'icmp-code'].filter((name) => names.has(name));
  if (ports.length > 0 && icmp.length > 0) warn(`no packet has both ${ports[0]} and ${icmp[0]}`);
  const protocol = rule.components.find(({ name }) => name === 'protocol');
  if (protocol === undefined || isPrefixComponent(protocol) || isBitmaskComponent(protocol)) return;
  const [term] = protocol.terms;
  if (protocol.terms.length !== 1 || !term.equal || term.less || term.greater) return;
  const icmpProtocol = rule.version === 4 ? 1 : 58;
  const needed = { 'tcp-flags': 6, 'icmp-type': icmpProtocol, 'icmp-code': icmpProtocol };
  for (const [name, number] of Object.entries(needed)) {
    if (names.has(name) && term.value !== number) warn(`${name} needs protocol ${number}, not ${term.value}`);
  }
}

function checkAction(action: FlowSpecAction, version: 4 | 6, error: Say, warn: Say): void {
  const within = (what: string, value: number, most: number): void => {
    if (!Number.isInteger(value) || value < 0 || value > most)
      error(`${what} ${value} is not within 0 and ${most}`);
  };
  switch (action.kind) {
    case 'traffic-rate':
    case 'traffic-rate-packets':
      within(`AS of ${action.kind}`, action.as, 0xffff);
      if (!(action.rate >= 0) || !Number.isFinite(Math.fround(action.rate))) {
        error(`${action.kind} ${action.rate} is not a rate`);
      }
      break;
    case 'redirect-as':
      if (action.as > 0xffff) error(`redirect-as ${action.as} needs four octets: use redirect-as4`);
      else within('AS of redirect-as', action.as, 0xffff);
      within('value of redirect-as', action.value, 0xffffffff);
      break;
    case 'redirect-as4':
      within('AS of redirect-as4', action.as, 0xffffffff);
      within('value of redirect-as4', action.value, 0xffff);
      break;
    case 'redirect-ip':
    case 'redirect-action-ip': {
      within(`value of ${action.kind}`, action.value, 0xffff);
      const isAddress = parseIPv4(action.address) !== undefined || parseIPv6(action.address) !== undefined;
      if (!isAddress) error(`${action.kind} ${action.address} is not an address`);
      if (action.kind === 'redirect-action-ip') checkTarget(action.kind, action.address, version, warn);
      break;
    }
    case 'redirect-nexthop':
      if (parseIPv4(action.address) === undefined && parseIPv6(action.address) === undefined) {
        error(`redirect-nexthop ${action.address} is not an address`);
      } else checkTarget(action.kind, action.address, version, warn);
      break;
    case 'traffic-marking':
      within('traffic-marking', action.dscp, 63);
      break;
    case 'traffic-action':
      break;
  }
}

/** Few routers send packets towards an address of the other family. */
function checkTarget(kind: string, address: string, version: 4 | 6, warn: Say): void {
  if ((version === 4) !== address.includes(':')) return;
  warn(`${kind} ${address} is not an IPv${version} address, but the rule is for IPv${version}`);
}
