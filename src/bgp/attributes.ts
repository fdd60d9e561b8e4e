import type { AsPath } from './as-path.ts';
import type { LargeCommunity } from './community.ts';
import type { FlowSpecComponent } from './flowspec-component.ts';
import type { UnicastNlri } from './nlri.ts';
import type { Prefix } from './prefix.ts';

/** Codes of the path attributes known here. */
export const ATTRIBUTE = {
  origin: 1,
  asPath: 2,
  nextHop: 3,
  med: 4,
  localPref: 5,
  atomicAggregate: 6,
  aggregator: 7,
  communities: 8,
  originatorId: 9,
  clusterList: 10,
  mpReach: 14,
  mpUnreach: 15,
  extendedCommunities: 16,
  as4Path: 17,
  as4Aggregator: 18,
  ipv6ExtendedCommunities: 25,
  largeCommunities: 32,
} as const;

const NAMES: Readonly<Record<number, string>> = {
  1: 'ORIGIN',
  2: 'AS_PATH',
  3: 'NEXT_HOP',
  4: 'MULTI_EXIT_DISC',
  5: 'LOCAL_PREF',
  6: 'ATOMIC_AGGREGATE',
  7: 'AGGREGATOR',
  8: 'COMMUNITIES',
  9: 'ORIGINATOR_ID',
  10: 'CLUSTER_LIST',
  14: 'MP_REACH_NLRI',
  15: 'MP_UNREACH_NLRI',
  16: 'EXTENDED_COMMUNITIES',
  17: 'AS4_PATH',
  18: 'AS4_AGGREGATOR',
  25: 'IPV6_EXTENDED_COMMUNITIES',
  32: 'LARGE_COMMUNITY',
};

/** Name of an attribute as in its RFC; `attribute 99` for an unknown one. */
export function attributeName(code: number): string {
  return NAMES[code] ?? `attribute ${code}`;
}

/** Bits of the flags of an attribute (RFC 4271 4.3). */
export const FLAG = { optional: 0x80, transitive: 0x40, partial: 0x20, extendedLength: 0x10 } as const;

export type Origin = 'IGP' | 'EGP' | 'INCOMPLETE';

/** ORIGIN by number. */
export const ORIGINS: readonly Origin[] = ['IGP', 'EGP', 'INCOMPLETE'];

/** The router that formed an aggregate. */
export interface Aggregator {
  readonly as: number;
  /** Dotted quad. */
  readonly address: string;
}

/** A transitive attribute that is not known here, passed on as it came with the Partial bit set (RFC 4271 5). */
export interface UnknownAttribute {
  readonly code: number;
  /** Optional, transitive and partial bits; the one of extended length is set by need. */
  readonly flags: number;
  readonly value: Uint8Array;
}

/** What a route has besides its destination. An absent member is an absent attribute. */
export interface PathAttributes {
  readonly origin?: Origin;
  /** Always four octets: AS4_PATH has been merged, and is written by need. */
  readonly asPath?: AsPath;
  /** NEXT_HOP of IPv4 unicast, dotted quad. */
  readonly nextHop?: string;
  readonly med?: number;
  readonly localPref?: number;
  readonly atomicAggregate?: true;
  readonly aggregator?: Aggregator;
  /** 32 bits each. */
  readonly communities?: readonly number[];
  /** Dotted quad (RFC 4456). */
  readonly originatorId?: string;
  /** Dotted quads, the nearest cluster first. */
  readonly clusterList?: readonly string[];
  /** Eight bytes each (RFC 4360). */
  readonly extendedCommunities?: readonly Uint8Array[];
  /** Twenty bytes each (RFC 5701). */
  readonly ipv6ExtendedCommunities?: readonly Uint8Array[];
  readonly largeCommunities?: readonly LargeCommunity[];
  readonly unknown?: readonly UnknownAttribute[];
}

/** Next hop in MP_REACH_NLRI. */
export interface MpNextHop {
  /** IPv4 or IPv6 text; empty for none, as FlowSpec usually has it. */
  readonly address: string;
  /** Link-local address beside a global one (RFC 2545). */
  readonly linkLocal?: string;
}

/** What a FlowSpec NLRI matches. */
export interface FlowSpecNlri {
  readonly components: readonly FlowSpecComponent[];
  /** Path identifier, where ADD-PATH is in use for the family. */
  readonly pathId: number | undefined;
}

/** Destinations of one family. Those of families not known here stay bytes. */
export type Destinations =
  | { readonly family: 'ipv4-unicast' | 'ipv6-unicast'; readonly nlri: readonly UnicastNlri[] }
  | { readonly family: 'ipv4-flowspec' | 'ipv6-flowspec'; readonly nlri: readonly FlowSpecNlri[] }
  | { readonly family: 'unknown'; readonly afi: number; readonly safi: number; readonly bytes: Uint8Array };

/** MP_REACH_NLRI (RFC 4760 3). */
export type MpReach = Destinations & { readonly nextHop: MpNextHop };

/** MP_UNREACH_NLRI (RFC 4760 4). Without destinations it is the End-of-RIB of its family (RFC 4724 2). */
export type MpUnreach = Destinations;

/** A unicast destination without a path identifier. */
export function destination(prefix: Prefix): UnicastNlri {
  return { prefix, pathId: undefined };
}
