import type { Prefix } from './prefix.ts';

/** Components by their type number (RFC 8955 4.2.2, RFC 8956 3), named as in the JSON form of a rule. */
export const COMPONENT_TYPES = {
  destination: 1,
  source: 2,
  protocol: 3,
  port: 4,
  'destination-port': 5,
  'source-port': 6,
  'icmp-type': 7,
  'icmp-code': 8,
  'tcp-flags': 9,
  length: 10,
  dscp: 11,
  fragment: 12,
  /** IPv6 only. */
  'flow-label': 13,
} as const;

export type ComponentName = keyof typeof COMPONENT_TYPES;
export type PrefixComponentName = 'destination' | 'source';
export type BitmaskComponentName = 'tcp-flags' | 'fragment';
export type NumericComponentName = Exclude<ComponentName, PrefixComponentName | BitmaskComponentName>;

/** One comparison of a numeric component (RFC 8955 4.2.1.1). None of the three set never matches, all three always. */
export interface NumericTerm {
  /** Joined to the term before it with *and* instead of *or*; false for the first. */
  readonly and: boolean;
  readonly less: boolean;
  readonly greater: boolean;
  readonly equal: boolean;
  /** Up to 2^53 - 1. */
  readonly value: number;
}

/** One comparison of a bitmask component (RFC 8955 4.2.1.2). */
export interface BitmaskTerm {
  readonly and: boolean;
  /** The outcome is negated. */
  readonly not: boolean;
  /** All bits of `value` must be set; otherwise one of them is enough. */
  readonly match: boolean;
  /** Up to 2^53 - 1. */
  readonly value: number;
}

/** Destination or source prefix. */
export interface PrefixComponent {
  readonly name: PrefixComponentName;
  readonly prefix: Prefix;
  /** IPv6: the first bit that is compared, less than the length of the prefix unless both are 0 (RFC 8956 3.1). IPv4: 0. */
  readonly offset: number;
}

export interface NumericComponent {
  readonly name: NumericComponentName;
  /** At least one. */
  readonly terms: readonly NumericTerm[];
}

export interface BitmaskComponent {
  readonly name: BitmaskComponentName;
  /** At least one. */
  readonly terms: readonly BitmaskTerm[];
}

/** What a packet must satisfy; a rule holds at most one component of each name, and all must be satisfied. */
export type FlowSpecComponent = PrefixComponent | NumericComponent | BitmaskComponent;

/** The greatest value that the field of a packet can have. */
export const GREATEST_VALUE: Readonly<Record<NumericComponentName, number>> = {
  protocol: 255,
  port: 65535,
  'destination-port': 65535,
  'source-port': 65535,
  'icmp-type': 255,
  'icmp-code': 255,
  length: 65535,
  dscp: 63,
  'flow-label': 0xfffff,
};

const NAMES = Object.keys(COMPONENT_TYPES) as ComponentName[];

/** Name of a component type in a family; undefined for one that the family does not have. */
export function componentName(type: number, version: 4 | 6): ComponentName | undefined {
  if (type === COMPONENT_TYPES['flow-label'] && version === 4) return undefined;
  return NAMES[type - 1];
}

/** Which form a component has. */
export function componentForm(name: ComponentName): 'prefix' | 'bitmask' | 'numeric' {
  if (name === 'destination' || name === 'source') return 'prefix';
  return name === 'tcp-flags' || name === 'fragment' ? 'bitmask' : 'numeric';
}

export function isPrefixComponent(component: FlowSpecComponent): component is PrefixComponent {
  return componentForm(component.name) === 'prefix';
}

export function isBitmaskComponent(component: FlowSpecComponent): component is BitmaskComponent {
  return componentForm(component.name) === 'bitmask';
}

/** A copy in the order of types, which is the one of the wire. */
export function inTypeOrder(components: readonly FlowSpecComponent[]): FlowSpecComponent[] {
  return components.toSorted((a, b) => COMPONENT_TYPES[a.name] - COMPONENT_TYPES[b.name]);
}
