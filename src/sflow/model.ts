/**
 * A decoded datagram as plain objects: for tools, tests and the encoder. The engine itself never builds these; it
 * walks the bytes in place (walk.ts).
 */

export type FieldValue =
  | number
  | bigint
  | string
  | Uint8Array
  | null
  | readonly FieldValue[]
  | { readonly [name: string]: FieldValue };

/**
 * A decoded record: known structures have `name` and `fields`, unknown ones only their `bytes`. (A type, not an
 * interface, so that it is also a `FieldValue`: some flow records contain flow records.)
 */
export type FlowOrCounterRecord = {
  readonly enterprise: number;
  readonly format: number;
  readonly name?: string;
  /** Values by field name. u64 is a bigint; addresses and MACs are text; an address of type 0 is null. */
  readonly fields?: { readonly [name: string]: FieldValue };
  /** The record's body, when it is unknown or could not be decoded. */
  readonly bytes?: Uint8Array;
  /** Why a known structure could not be decoded. */
  readonly error?: string;
  /** Bytes after the known fields: a later revision of the structure than Weir knows. */
  readonly trailing?: Uint8Array;
};

/** An interface as flow samples name it (sFlow v5, `interface`): format 0 ifIndex, 1 discarded with a reason code, 2 multiple destinations. */
export interface InterfaceId {
  readonly format: number;
  readonly value: number;
}

export interface SourceId {
  /** 0 ifIndex, 1 smonVlanDataSource, 2 entPhysicalEntry, 3 entLogicalEntry. */
  readonly class: number;
  readonly index: number;
}

export interface FlowSample {
  readonly kind: 'flow';
  readonly expanded: boolean;
  readonly sequenceNumber: number;
  readonly sourceId: SourceId;
  readonly samplingRate: number;
  readonly samplePool: number;
  readonly drops: number;
  readonly input: InterfaceId;
  readonly output: InterfaceId;
  readonly records: readonly FlowOrCounterRecord[];
}

export interface CounterSample {
  readonly kind: 'counter';
  readonly expanded: boolean;
  readonly sequenceNumber: number;
  readonly sourceId: SourceId;
  readonly records: readonly FlowOrCounterRecord[];
  /** Versions 2 and 4 only: what they say beyond version 5. */
  readonly legacy?: LegacyCounters;
}

/** What the counters sample of versions 2 and 4 has and that of version 5 has not (RFC 3176, `counters_sample`). */
export interface LegacyCounters {
  /** Seconds between samples. */
  readonly samplingInterval: number;
  /** 1 generic, 2 Ethernet, 3 token ring, 4 FDDI, 5 100BaseVG, 6 WAN, 7 VLAN. */
  readonly countersVersion: number;
}

/** A discarded packet (sample type 0:5, sFlow Dropped Packet Notification Structures). */
export interface DiscardSample {
  readonly kind: 'discard';
  readonly sequenceNumber: number;
  readonly sourceId: SourceId;
  readonly drops: number;
  /** 0 when unknown. */
  readonly input: number;
  readonly output: number;
  readonly reason: number;
  readonly records: readonly FlowOrCounterRecord[];
}

/** Sample type 4300:1002: metrics by name. `type` 0 string, 1 counter32, 2 counter64, 3 gauge32, 4 gauge64, 5 float, 6 double. */
export interface RtMetricSample {
  readonly kind: 'rtmetric';
  readonly dataSource: string;
  readonly metrics: readonly { readonly name: string; readonly type: number; readonly value: FieldValue }[];
}

/**
 * Sample type 4300:1003: a flow by names. `type` 0 string, 1 MAC, 2 IPv4, 3 IPv6, 4 int32, 5 int64 (both read as
 * unsigned), 6 float, 7 double.
 */
export interface RtFlowSample {
  readonly kind: 'rtflow';
  readonly dataSource: string;
  readonly samplingRate: number;
  readonly reserved: number;
  readonly fields: readonly { readonly name: string; readonly type: number; readonly value: FieldValue }[];
}

export interface UnknownSample {
  readonly kind: 'unknown';
  readonly enterprise: number;
  readonly format: number;
  readonly bytes: Uint8Array;
  /** Set when the type is known but the sample could not be decoded. */
  readonly error?: string;
}

export type Sample =
  | FlowSample
  | CounterSample
  | DiscardSample
  | RtMetricSample
  | RtFlowSample
  | UnknownSample;

export interface Datagram {
  readonly version: 2 | 4 | 5;
  readonly agentAddress: string;
  readonly subAgentId: number;
  readonly sequenceNumber: number;
  /** sysUpTime of the agent, ms. */
  readonly uptime: number;
  readonly samples: readonly Sample[];
}
