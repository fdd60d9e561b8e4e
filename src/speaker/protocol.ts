import type {
  FlowSpecJson,
  HistoryEntry,
  LearntCounters,
  LearntRoute,
  NeighborState,
  Standing,
  TrafficCounters,
} from '../bgp/index.ts';
import type { SharedRoutes } from '../rib/index.ts';

/** Who defined a neighbour. */
export type Origin = 'property' | 'rest' | 'script';

/** What became of a request to push something. */
export type PushResult =
  /** `kept`: the key of what outlives sessions, and so is to outlive the program; undefined for what does not. */
  | { readonly status: 'done'; readonly kept?: { readonly router: string; readonly key: string } }
  /** There is no such neighbour, or no session with it. */
  | { readonly status: 'no-session' }
  /** It cannot be understood; `what`: where the fault is. */
  | { readonly status: 'bad'; readonly reason: string }
  /** It is understood, and refused: it makes no sense, or there is no room. */
  | { readonly status: 'refused'; readonly reason: string };

/** A neighbour, as operators see it. */
export interface NeighborStatus {
  readonly router: string;
  readonly address: string;
  readonly origin: Origin;
  readonly description: string;
  readonly state: NeighborState;
  /** Since when there is a session, epoch ms; null without one. */
  readonly startTime: number | null;
  readonly local: SideStatus;
  /** null before its OPEN. */
  readonly peer: SideStatus | null;
  /** Families that both have. */
  readonly families: readonly string[];
  /** Seconds; null before both have said theirs. */
  readonly holdTime: number | null;
  /** `signed` by TCP-MD5; `hops` at most by TTL security, 0 for any. */
  readonly transport: {
    readonly active: boolean;
    readonly port: number;
    readonly signed: boolean;
    readonly hops: number;
  };
  /** Of the session there is. */
  readonly sent: TrafficCounters | null;
  readonly received: TrafficCounters | null;
  readonly queuedBytes: number;
  /** What it has announced since the session began, by family, and what it takes to keep. */
  readonly learnt: {
    readonly ipv4: LearntCounters;
    readonly ipv6: LearntCounters;
    readonly bytes: number;
    readonly attributeSets: number;
  };
  /** What is to be announced, and what has been, since the session began. */
  readonly routes: number;
  readonly rules: number;
  /** Sessions that came up since the start, and UPDATEs with errors. */
  readonly established: number;
  readonly faultyUpdates: number;
  readonly lastError: HistoryEntry | null;
  readonly history: readonly HistoryEntry[];
}

/** What one side says in its OPEN. */
export interface SideStatus {
  readonly as: number;
  readonly identifier: string;
  readonly holdTime: number;
  readonly hostName: string;
  readonly capabilities: readonly string[];
}

/** Something that is pushed, with its origin. */
export interface PushedStatus {
  readonly kind: 'route' | 'rule';
  readonly family: string;
  /** Of a route. */
  readonly prefix?: string;
  readonly route?: Readonly<Record<string, string | number>>;
  /** Of a rule. */
  readonly rule?: FlowSpecJson;
  /** The rule in words. */
  readonly words?: string;
  /** Its match in bytes, hexadecimal. */
  readonly nlri?: string;
  readonly who: string;
  readonly why: string;
  /** Goes with the session. */
  readonly transient: boolean;
  /** epoch ms */
  readonly since: number;
  readonly changed: number;
  readonly standing: Standing;
  readonly reason?: string;
}

/** A FlowSpec rule that a router has announced. */
export interface LearntRule extends FlowSpecJson {
  readonly words: string;
}

/** Counters of one family and the peer, as /bgp/topprefixes shows them. */
export interface SessionFacts {
  readonly nPrefixes: number;
  readonly learnedPrefixesAdded: number;
  readonly learnedPrefixesRemoved: number;
  readonly pushedPrefixesAdded: number;
  readonly pushedPrefixesRemoved: number;
  readonly state: string;
  /** epoch ms */
  readonly startTime: number;
  readonly as?: number;
  readonly id?: string;
  readonly hostname?: string;
}

/** A routing push that survives: what `restore` takes back. */
export interface KeptPush {
  readonly router: string;
  readonly kind: 'route' | 'rule';
  readonly json: unknown;
  readonly who: string;
  readonly why: string;
}

/** Everything the speaker can be asked for. Arguments and answers are what structured cloning can carry. */
export interface SpeakerCalls {
  /** Defines a neighbour or changes it, for good. Throws WeirError `BGP_BAD_NEIGHBOR` or `BGP_BAD_HOST`. */
  putNeighbor(router: string, json: unknown, origin: 'property' | 'rest'): void;
  /** False when there is none. What a property or a script has defined is not removed: WeirError `BGP_NOT_YOURS`. */
  deleteNeighbor(router: string): boolean;
  neighbors(): NeighborStatus[];
  neighbor(router: string): NeighborStatus | undefined;
  /** `soft` sends everything again and asks for everything, `hard` ends the session. False without a session. */
  resetNeighbor(router: string, how: 'soft' | 'hard'): boolean;
  /** FlowSpec rules that the router has announced, or undefined for an unknown router. */
  learntRules(router: string): LearntRule[] | undefined;
  /** Everything that is pushed, or undefined for an unknown router. */
  pushed(router: string): PushedStatus[] | undefined;

  /** script-api 13. `as` and the rest are the arguments as they are. */
  addScriptNeighbor(
    script: string,
    router: string,
    as: number,
    routerId: string | undefined,
    options: unknown,
  ): void;
  removeScriptNeighbor(script: string, router: string): void;
  /** A script has ended: nobody is to be told any more. */
  forgetScript(script: string): void;

  addRoute(router: string, json: unknown, who: string, why: string): PushResult;
  removeRoute(router: string, prefix: unknown): PushResult;
  /** null: no session, or no such route. */
  getRoute(router: string, prefix: string): Record<string, string | number> | null;
  routes(router: string): string[] | null;
  /** -1 without a session. */
  routeCount(router: string): number;
  addFlow(router: string, json: unknown, who: string, why: string): PushResult;
  removeFlow(router: string, json: unknown): PushResult;
  flows(router: string): FlowSpecJson[] | null;
  flowCount(router: string): number;
  /** undefined without a session. `address`: by which the engine knows the router. */
  session(
    router: string,
    version: 4 | 6,
  ): { readonly address: string; readonly facts: SessionFacts } | undefined;
  /** Longest match among the learnt routes; undefined without a session or a match. */
  learntRoute(
    router: string,
    address: string,
  ): { readonly address: string; readonly route: LearntRoute } | undefined;
  /** The address of a router by its name. Throws WeirError `BGP_BAD_HOST`. */
  addressOf(router: string): string;
}

/** What happens by itself. */
export type SpeakerNews =
  /** For a script; `router` as it wrote it. */
  | { readonly kind: 'opened' | 'closed'; readonly router: string; readonly script: string }
  /** Where the routes of a session are; undefined when it has ended. */
  | { readonly kind: 'routes'; readonly address: string; readonly routes: SharedRoutes | undefined };

/** What the thread of the speaker is started with. */
export interface SpeakerData {
  readonly hostname: string;
  readonly port: number;
  readonly defaults: { readonly as: number; readonly routerId: string; readonly hostName: string };
  /** Neighbours of properties and those that are kept, by router. */
  readonly neighbors: readonly {
    readonly router: string;
    readonly json: unknown;
    readonly origin: 'property' | 'rest';
  }[];
  readonly pushes: readonly KeptPush[];
}

export type ToSpeaker =
  | {
      readonly kind: 'call';
      readonly id: number;
      readonly name: keyof SpeakerCalls;
      readonly args: readonly unknown[];
    }
  | { readonly kind: 'stop' };

export type FromSpeaker =
  | { readonly kind: 'ready'; readonly address: string; readonly port: number }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string }
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'refusal'; readonly id: number; readonly code: string; readonly message: string }
  | { readonly kind: 'log'; readonly level: 'info' | 'warn'; readonly line: string }
  | { readonly kind: 'news'; readonly news: SpeakerNews }
  | { readonly kind: 'stopped' };
