import { formatIPv6, formatJavaDouble, parseIPv4, parseIPv6 } from '../common/index.ts';
import {
  formatCommunity,
  formatExtendedCommunity,
  formatLargeCommunity,
  type LargeCommunity,
  parseCommunities,
  parseLargeCommunities,
} from './community.ts';
import { formatDscp, parseDscp } from './dscp.ts';
import type { FlowSpecAction } from './flowspec-action.ts';
import { textOf } from './flowspec-match-json.ts';
import { type FlowSpecRule, inActionOrder } from './flowspec-rule.ts';
import { bad, good, type Result } from './result.ts';
import { shortestSingle } from './single-precision.ts';

/** What a `then` object says. */
export interface ParsedThen {
  readonly actions: readonly FlowSpecAction[];
  readonly communities: readonly number[];
  readonly extendedCommunities: readonly Uint8Array[];
  readonly largeCommunities: readonly LargeCommunity[];
  /** Keys that mean nothing here and were left out. */
  readonly ignored: readonly string[];
}

type ReadAction = (text: string) => Result<FlowSpecAction>;

/** Keys of a `then` object that are actions. */
const ACTIONS: Readonly<Record<string, ReadAction>> = {
  'traffic-rate': (text) => readRate('traffic-rate', text),
  'traffic-rate-packets': (text) => readRate('traffic-rate-packets', text),
  'traffic-action': readTrafficAction,
  'redirect-as': (text) => readRouteTarget('redirect-as', text, 0xffff, 0xffffffff),
  'redirect-as4': (text) => readRouteTarget('redirect-as4', text, 0xffffffff, 0xffff),
  'redirect-ip': (text) => readAddressAction('redirect-ip', text),
  'redirect-action-ip': (text) => readAddressAction('redirect-action-ip', text),
  'redirect-nexthop': (text) => readNextHop(text, false),
  'copy-nexthop': (text) => readNextHop(text, true),
  'traffic-marking': readMarking,
};

const TRAFFIC_ACTIONS: readonly string[] = ['none', 'continue', 'sample', 'sampleandcontinue'];

/** Reads a `then` object. Values are texts or numbers; an empty object lets the packets pass. */
export function parseThen(then: Readonly<Record<string, unknown>>): Result<ParsedThen> {
  const actions: FlowSpecAction[] = [];
  const ignored: string[] = [];
  let lists: Pick<ParsedThen, 'communities' | 'extendedCommunities'> = {
    communities: [],
    extendedCommunities: [],
  };
  let largeCommunities: readonly LargeCommunity[] = [];
  for (const [key, given] of Object.entries(then)) {
    const read = Object.hasOwn(ACTIONS, key) ? ACTIONS[key] : undefined;
    if (read === undefined && key !== 'communities' && key !== 'large-communities') {
      ignored.push(key);
      continue;
    }
    const text = textOf(given);
    if (text === undefined) return bad(`${key} is neither a text nor a number`);
    if (read !== undefined) {
      const action = read(text);
      if (!action.ok) return bad(`${key}: ${action.reason}`);
      actions.push(action.value);
    } else if (key === 'communities') {
      const parsed = parseCommunities(text);
      if (!parsed.ok) return bad(`${key}: ${parsed.reason}`);
      lists = parsed.value;
    } else {
      const parsed = parseLargeCommunities(text);
      if (!parsed.ok) return bad(`${key}: ${parsed.reason}`);
      largeCommunities = parsed.value;
    }
  }
  return good({ actions: inActionOrder(actions), ...lists, largeCommunities, ignored });
}

/** The `then` object of a rule: every value a text. */
export function formatThen(rule: Omit<FlowSpecRule, 'version' | 'components'>): Record<string, string> {
  const then: Record<string, string> = {};
  for (const action of inActionOrder(rule.actions)) then[keyOf(action)] = formatAction(action);
  const communities = [
    ...rule.communities.map(formatCommunity),
    ...rule.extendedCommunities.map(formatExtendedCommunity),
  ];
  if (communities.length > 0) then['communities'] = communities.join('-');
  if (rule.largeCommunities.length > 0) {
    then['large-communities'] = rule.largeCommunities.map(formatLargeCommunity).join('-');
  }
  return then;
}

function keyOf(action: FlowSpecAction): string {
  return action.kind === 'redirect-nexthop' && action.copy ? 'copy-nexthop' : action.kind;
}

function formatAction(action: FlowSpecAction): string {
  switch (action.kind) {
    case 'traffic-rate':
    case 'traffic-rate-packets':
      return formatJavaDouble(shortestSingle(action.rate));
    case 'traffic-action':
      return TRAFFIC_ACTIONS[(action.sample ? 2 : 0) | (action.proceed ? 1 : 0)];
    case 'redirect-as':
    case 'redirect-as4':
      return action.value === 0 ? String(action.as) : `${action.as}:${action.value}`;
    case 'redirect-ip':
    case 'redirect-action-ip':
      if (action.value === 0) return action.address;
      return action.address.includes(':')
        ? `[${action.address}]:${action.value}`
        : `${action.address}:${action.value}`;
    case 'redirect-nexthop':
      return action.address;
    case 'traffic-marking':
      return formatDscp(action.dscp);
  }
}

function readRate(kind: 'traffic-rate' | 'traffic-rate-packets', text: string): Result<FlowSpecAction> {
  if (!/^\d+(\.\d*)?([eE][+-]?\d+)?$/.test(text) || !Number.isFinite(Math.fround(Number(text)))) {
    return bad(`${JSON.stringify(text)} is not a rate per second`);
  }
  return good({ kind, rate: Number(text), as: 0 });
}

function readTrafficAction(text: string): Result<FlowSpecAction> {
  const bits = TRAFFIC_ACTIONS.indexOf(text);
  if (bits < 0) return bad(`${JSON.stringify(text)} is not one of ${TRAFFIC_ACTIONS.join(', ')}`);
  return good({ kind: 'traffic-action', sample: (bits & 2) !== 0, proceed: (bits & 1) !== 0 });
}

function readRouteTarget(
  kind: 'redirect-as' | 'redirect-as4',
  text: string,
  mostAs: number,
  mostValue: number,
): Result<FlowSpecAction> {
  const [, as, value = '0'] = /^(\d{1,10})(?::(\d{1,10}))?$/.exec(text) ?? [];
  if (as === undefined || Number(as) > mostAs || Number(value) > mostValue) {
    const instead = kind === 'redirect-as' && Number(as) > mostAs ? ' (use redirect-as4)' : '';
    return bad(`${JSON.stringify(text)} is not as:value up to ${mostAs}:${mostValue}${instead}`);
  }
  return good({ kind, as: Number(as), value: Number(value) });
}

/** An address with an optional value: `192.0.2.1:666`, `2001:db8::1`, `[2001:db8::1]:666`. */
function readAddressAction(kind: 'redirect-ip' | 'redirect-action-ip', text: string): Result<FlowSpecAction> {
  const [, v6, v4, value = '0'] = /^(?:\[(.*)\]|([\d.]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const address = normalAddress(v6 ?? v4 ?? text);
  if (address === undefined || Number(value) > 0xffff) {
    return bad(`${JSON.stringify(text)} is not an address with an optional value up to 65535`);
  }
  return good({ kind, address, value: Number(value) });
}

function readNextHop(text: string, copy: boolean): Result<FlowSpecAction> {
  const address = normalAddress(text);
  if (address === undefined) return bad(`${JSON.stringify(text)} is not an address`);
  return good({ kind: 'redirect-nexthop', address, copy });
}

/** One spelling for each address, or undefined when the text is none. */
function normalAddress(text: string): string | undefined {
  if (parseIPv4(text) !== undefined) return text;
  const words = parseIPv6(text);
  return words === undefined ? undefined : formatIPv6(words[0], words[1], words[2], words[3]);
}

function readMarking(text: string): Result<FlowSpecAction> {
  const dscp = parseDscp(text);
  return dscp === undefined
    ? bad(`${JSON.stringify(text)} is neither a number up to 63 nor a name such as ef, af11, cs1, le`)
    : good({ kind: 'traffic-marking', dscp });
}
