import { formatAsPath } from './as-path.ts';
import { attributeName, type Destinations, type PathAttributes } from './attributes.ts';
import { hexOfBytes } from './byte-writer.ts';
import type { Capability } from './capability.ts';
import { formatCommunity, formatExtendedCommunity, formatLargeCommunity } from './community.ts';
import { type AfiSafi, familyText } from './family.ts';
import { formatMatch } from './flowspec-match-json.ts';
import { rulesOfUpdate } from './flowspec-rule.ts';
import { formatThen } from './flowspec-then-json.ts';
import type { BgpMessage } from './messages.ts';
import type { UnicastNlri } from './nlri.ts';
import { notificationText } from './notification.ts';
import { formatPrefix } from './prefix.ts';
import type { UpdateMessage } from './update.ts';

/** A value that JSON can hold. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** A message for people and programs to read: prefixes, paths and communities as text, FlowSpec as match and then. */
export function messageJson(message: BgpMessage): { readonly [key: string]: Json } {
  switch (message.type) {
    case 'open':
      return { ...message, capabilities: message.capabilities.map(capabilityJson) };
    case 'update':
      return updateJson(message);
    case 'notification': {
      const { type, code, subcode, data } = message;
      return { type, code, subcode, data: hexOfBytes(data), text: notificationText(message) };
    }
    case 'keepalive':
      return { type: message.type };
    case 'route-refresh':
      return { type: message.type, family: familyText(message.afi, message.safi), subtype: message.subtype };
  }
}

function capabilityJson(capability: Capability): Json {
  switch (capability.kind) {
    case 'multiprotocol':
      return withFamily({ ...capability });
    case 'graceful-restart':
    case 'long-lived-graceful-restart':
    case 'add-path':
      return { ...capability, families: capability.families.map((family) => withFamily({ ...family })) };
    case 'unknown':
      return { ...capability, value: hexOfBytes(capability.value) };
    default:
      return { ...capability };
  }
}

/** The name of the family in place of its numbers. */
function withFamily({
  afi,
  safi,
  ...rest
}: AfiSafi & { readonly [key: string]: string | number | boolean }): Json {
  return { ...rest, family: familyText(afi, safi) };
}

function updateJson(message: UpdateMessage): { readonly [key: string]: Json } {
  const { withdrawn, announced, reach, unreach } = message;
  const rules = rulesOfUpdate(message);
  return {
    type: message.type,
    ...(withdrawn.length > 0 && { withdrawn: withdrawn.map(unicastJson) }),
    ...(announced.length > 0 && { announced: announced.map(unicastJson) }),
    attributes: attributesJson(message.attributes),
    ...(reach !== undefined && {
      reach: {
        ...destinationsJson(reach),
        ...(reach.nextHop.address !== '' && { nexthop: reach.nextHop.address }),
        ...(reach.nextHop.linkLocal !== undefined && { nexthoplinklocal: reach.nextHop.linkLocal }),
      },
    }),
    ...(rules.length > 0 && { actions: formatThen(rules[0]) }),
    ...(unreach !== undefined && { unreach: destinationsJson(unreach) }),
  };
}

function unicastJson({ prefix, pathId }: UnicastNlri): Json {
  return pathId === undefined ? formatPrefix(prefix) : { prefix: formatPrefix(prefix), pathId };
}

function destinationsJson(destinations: Destinations): { readonly [key: string]: Json } {
  switch (destinations.family) {
    case 'unknown': {
      const { afi, safi, bytes } = destinations;
      return { family: familyText(afi, safi), bytes: hexOfBytes(bytes) };
    }
    case 'ipv4-unicast':
    case 'ipv6-unicast':
      return { family: destinations.family, prefixes: destinations.nlri.map(unicastJson) };
    default: {
      const version = destinations.family === 'ipv4-flowspec' ? 4 : 6;
      const matches = destinations.nlri.map(({ components, pathId }): Json => {
        const match = formatMatch(version, components);
        return pathId === undefined ? match : { ...match, pathId };
      });
      return { family: destinations.family, matches };
    }
  }
}

function attributesJson(attributes: PathAttributes): Json {
  const { asPath, aggregator, clusterList, communities, extendedCommunities, ...others } = attributes;
  const { ipv6ExtendedCommunities, largeCommunities, unknown, ...rest } = others;
  return {
    ...rest,
    ...(asPath !== undefined && { asPath: formatAsPath(asPath) }),
    ...(aggregator !== undefined && { aggregator: { ...aggregator } }),
    ...(clusterList !== undefined && { clusterList }),
    ...(communities !== undefined && { communities: communities.map(formatCommunity) }),
    ...(extendedCommunities !== undefined && {
      extendedCommunities: extendedCommunities.map(formatExtendedCommunity),
    }),
    ...(ipv6ExtendedCommunities !== undefined && {
      ipv6ExtendedCommunities: ipv6ExtendedCommunities.map(hexOfBytes),
    }),
    ...(largeCommunities !== undefined && { largeCommunities: largeCommunities.map(formatLargeCommunity) }),
    ...(unknown !== undefined && {
      unknown: unknown.map(({ code, flags, value }) => ({
        name: attributeName(code),
        flags,
        value: hexOfBytes(value),
      })),
    }),
  };
}
