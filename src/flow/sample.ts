import { LayerTable } from '../packet/index.ts';
import type { RouteFacts } from '../rib/index.ts';

/**
 * Flow records (enterprise 0) that give keys; the position in this list is the record's slot in a SampleContext.
 * The sampled header (0:1) is not here: it becomes layers.
 */
export const RECORD_FORMATS: readonly number[] = [
  2, 3, 4, 1001, 1002, 1003, 1004, 1005, 1006, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 1015, 1016,
  1017, 1018, 1019, 1020, 1021, 1022, 1023, 1024, 1025, 1026, 1027, 1028, 1029, 1030, 1031, 1032, 1033, 1034,
  1035, 1036, 1037, 1038, 1039, 1040, 1041, 1042, 1043, 2100, 2101, 2102, 2103, 2200, 2201, 2202, 2203, 2204,
  2205, 2206, 2207, 2208, 2209, 2210,
]; // prettier-ignore

/**
 * Slots of sampled_ipv4 (0:3) and sampled_ipv6 (0:4) when they tell of a TCP or UDP packet: so that a port key reads
 * a record at a fixed place without asking for the protocol first.
 */
export const TRANSPORT_SLOT = {
  tcp4: RECORD_FORMATS.length,
  udp4: RECORD_FORMATS.length + 1,
  tcp6: RECORD_FORMATS.length + 2,
  udp6: RECORD_FORMATS.length + 3,
} as const;

/** Number of slots. */
export const RECORD_SLOTS = RECORD_FORMATS.length + 4;

const SLOTS = new Int8Array(2304).fill(-1);
RECORD_FORMATS.forEach((format, slot) => {
  SLOTS[format] = slot;
});

/** Slot of a flow record by its format word (enterprise 0 only), -1 when it gives no keys. */
export function recordSlot(format: number): number {
  return format >= 0 && format < 2304 ? SLOTS[format] : -1;
}

/** What kind of sample a context holds. Definitions with `dropped:true` see discards only, the others everything else. */
export const SAMPLE_KIND = { flow: 0, discard: 1, custom: 2 } as const;

/**
 * What an interface can be besides an ifIndex, as words that no ifIndex has (RFC 2863: 1 to 2147483647). One word per
 * printed text, so that tables can tell interfaces apart by the word alone.
 */
export const INTERFACE = {
  unknown: 0,
  discard: -2147483647,
  multiple: -2147483646,
  /** The device itself: 0x3FFFFFFF in a compact sample. */
  internal: -2147483645,
} as const;

/** What the routes to a sample's addresses tell (`SampleRoutes`); numbers are NaN, and facts undefined, where they do not. */
export interface LearntKeys {
  /** AS of the router's session. */
  peerAs(): number;
  destinationAs(): number;
  destinationPeerAs(): number;
  sourceAs(): number;
  sourcePeerAs(): number;
  localPref(): number;
  /** Of the route to the destination. */
  facts(): RouteFacts | undefined;
}

/**
 * One sample as keys see it. One context is filled again and again; nothing in it outlives the sample.
 * Numbers are signed words unless said otherwise.
 */
export class SampleContext {
  kind: number = SAMPLE_KIND.flow;
  /** The datagram. */
  bytes: Uint8Array = new Uint8Array(0);
  /** Layers of the sampled header (0:1); empty when the sample has none. */
  readonly layers = new LayerTable();
  /** Byte offset of each flow record's body by slot (RECORD_FORMATS, TRANSPORT_SLOT), -1 when absent; `recordEnds` is valid only when present. */
  readonly recordAt = new Int32Array(RECORD_SLOTS).fill(-1);
  readonly recordEnds = new Int32Array(RECORD_SLOTS);
  /** Slots set in `recordAt`, so that a reset costs what the sample had. */
  private readonly used = new Uint8Array(RECORD_SLOTS);
  private usedCount = 0;

  /** Identity for tables: one number per live data source and agent; positive, never 0. */
  dataSourceScope = 1;
  agentScope = 1;
  /** 1 when the data source is an EDGE of the topology. */
  edge = 0;

  /** Text of the agent's address. */
  agent = '';
  /** The data source as a number for `dataSourceName`; -1 when its text was set. */
  place = -1;
  /** Makes the text of a `place`: it is wanted for few samples. */
  dataSourceName: (place: number) => string = () => '';
  private dataSourceText = '';

  /** Interface formats: 0 ifIndex, 1 discarded, 2 multiple. `expanded` tells 0x3FFFFFFF `internal` from a number. */
  inputFormat = 0;
  input = 0;
  outputFormat = 0;
  output = 0;
  expanded = 0;
  /** The interfaces as keys show them: an ifIndex, or one of INTERFACE. */
  inputIfIndex = 0;
  outputIfIndex = 0;
  /** 1 ingress, 2 egress, 0 absent. */
  direction = 0;

  /** frame_length and stripped of the sampled header, or of a 0:2…0:4 record's length; -1 absent. */
  frameLength = -1;
  stripped = -1;
  /** 1 when the sample is of a packet, -1 when it is of something else (an operation of an application). */
  frames = -1;
  /** Discard reason code, -1 when the sample is no discard. */
  reason = -1;
  /** Factor that scales this sample's values (rest-api 3.6); 1 for discards. */
  samplingRate = 1;

  /** Fields of an rtflow sample by name, else null: numbers are values, text is text. */
  custom: Map<string, string | number> | null = null;

  /** Routes to the sample's addresses, of the router that belongs to its agent; null when none does. */
  routes: LearntKeys | null = null;

  /** Text of the data source (rest-api 3.7). */
  get dataSource(): string {
    return this.place < 0 ? this.dataSourceText : this.dataSourceName(this.place);
  }

  set dataSource(text: string) {
    this.place = -1;
    this.dataSourceText = text;
  }

  /** Forget the previous sample's layers and records. */
  reset(bytes: Uint8Array): void {
    this.bytes = bytes;
    this.layers.reset(bytes, 0);
    for (let i = 0; i < this.usedCount; i++) this.recordAt[this.used[i]] = -1;
    this.usedCount = 0;
    this.frameLength = -1;
    this.stripped = -1;
    this.frames = -1;
    this.reason = -1;
    this.custom = null;
    this.routes = null;
  }

  /** True when the sample has a record in one of the flagged slots. */
  hasRecord(flags: Uint8Array): boolean {
    for (let i = 0; i < this.usedCount; i++) if (flags[this.used[i]] === 1) return true;
    return false;
  }

  /** Note a record's body. The first of several records of one format counts. */
  setRecord(slot: number, start: number, end: number): void {
    if (this.recordAt[slot] >= 0) return;
    this.recordAt[slot] = start;
    this.recordEnds[slot] = end;
    this.used[this.usedCount++] = slot;
  }
}
