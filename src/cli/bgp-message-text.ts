import {
  type BgpMessage,
  endOfRibFamily,
  flowSpecText,
  formatFlowSpecRule,
  type Json,
  messageJson,
  rulesOfUpdate,
  type UpdateMessage,
} from '../bgp/index.ts';

/** A message in words, a line for each thing it says; no line end behind the last. */
export function messageText(message: BgpMessage, length: number): string {
  const json = messageJson(message);
  const title = `${message.type.toUpperCase()}, ${length} bytes`;
  if (message.type === 'update') return [title, ...updateLines(message, json)].join('\n');
  const lines = Object.entries(json).flatMap(([name, value]) =>
    name === 'type' ? [] : memberLines(name, value),
  );
  return [title, ...lines].join('\n');
}

/** The title of each member of an UPDATE's attributes, in the order of their codes. */
const ATTRIBUTE_TITLES: Readonly<Record<string, string>> = {
  origin: 'origin',
  asPath: 'AS path',
  nextHop: 'next hop',
  med: 'MED',
  localPref: 'local preference',
  atomicAggregate: 'atomic aggregate',
  aggregator: 'aggregator',
  communities: 'communities',
  originatorId: 'originator',
  clusterList: 'clusters',
  extendedCommunities: 'extended communities',
  ipv6ExtendedCommunities: 'IPv6 extended communities',
  largeCommunities: 'large communities',
  unknown: 'unknown attributes',
};

function updateLines(message: UpdateMessage, json: { readonly [key: string]: Json }): string[] {
  const endOf = endOfRibFamily(message);
  if (endOf !== undefined) return [`  all routes of ${endOf} have been sent (End-of-RIB)`];
  const rules = rulesOfUpdate(message);
  const attributes = json['attributes'] as { readonly [key: string]: Json };
  return [
    ...destinationLines('withdraws', json['withdrawn']),
    ...familyLines('withdraws', json['unreach']),
    ...destinationLines('announces', json['announced']),
    ...(rules.length === 0 ? familyLines('announces', json['reach']) : []),
    ...rules.flatMap((rule) => [
      `  rule: ${flowSpecText(rule, 'words').text}`,
      `    ${JSON.stringify(formatFlowSpecRule(rule))}`,
    ]),
    ...Object.entries(ATTRIBUTE_TITLES).flatMap(([name, title]) => {
      const value = attributes[name];
      if (value === undefined) return [];
      return name === 'asPath' && value === '' ? [`  ${title}: empty`] : memberLines(title, value);
    }),
  ];
}

function destinationLines(verb: string, list: Json | undefined): string[] {
  return Array.isArray(list) ? list.map((item: Json) => `  ${verb} ${destination(item)}`) : [];
}

function destination(item: Json): string {
  if (typeof item === 'string') return item;
  const { prefix, pathId, ...match } = item as { readonly [key: string]: Json };
  const path = pathId === undefined ? '' : ` path ${pathId}`;
  return prefix === undefined ? `rule ${JSON.stringify(match)}${path}` : `${prefix}${path}`;
}

function familyLines(verb: string, destinations: Json | undefined): string[] {
  if (destinations === undefined) return [];
  const { family, prefixes, matches, bytes, nexthop, nexthoplinklocal } = destinations as {
    readonly [key: string]: Json;
  };
  return [
    ...destinationLines(verb, prefixes ?? matches),
    ...(bytes === undefined ? [] : [`  ${verb} ${family}: ${bytes}`]),
    ...(nexthop === undefined ? [] : memberLines('next hop', nexthop)),
    ...(nexthoplinklocal === undefined ? [] : memberLines('link-local next hop', nexthoplinklocal)),
  ];
}

function memberLines(name: string, value: Json): string[] {
  if (!Array.isArray(value)) return [`  ${name}: ${inline(value)}`];
  if (value.every((item: Json) => typeof item !== 'object')) return [`  ${name}: ${value.join(' ')}`];
  return [`  ${name}:`, ...value.map((item: Json) => `    ${inline(item)}`)];
}

/** Members of an object as `name value`, joined with commas; `kind` is a title. */
function inline(value: Json): string {
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) return value.map(inline).join('; ');
  const { kind, ...rest } = value as { readonly [key: string]: Json };
  const members = Object.entries(rest).flatMap(([name, member]) =>
    member === '' ? [] : [`${name} ${inline(member)}`],
  );
  return [...(kind === undefined ? [] : [String(kind)]), ...members].join(', ');
}
