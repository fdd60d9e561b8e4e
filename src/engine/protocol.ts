import type { MessagePort } from 'node:worker_threads';
import type { GeoFile, NameAnswer } from '../lookup/index.ts';
import type { AgentNames } from '../metric/index.ts';
import type { SharedRoutes } from '../rib/index.ts';
import type { ReceiverInfo } from '../udp/receiver.ts';
import type { BgpSource } from './bgp-routes.ts';
import type { Forwarding } from './forwarding.ts';
import type { EndedFlows, Questions } from './index.ts';
import type { Parcel } from './outbox.ts';
import type { Tenant } from './tenant.ts';
import type { Crossing } from './threshold-monitor.ts';

/** What a shard's thread is started with. */
export interface ShardData {
  readonly receiver: {
    readonly kind: 'auto' | 'recvmmsg' | 'dgram';
    readonly address: string;
    readonly port: number;
    readonly bufferBytes: number;
  };
  readonly memoryBytes: number;
  readonly maxAgents: number;
  readonly maxDataSources: number;
  /** Records of the flow log and events that are kept: more are not worth sending. */
  readonly maxFlows: number;
  readonly maxEvents: number;
  /** Origin of the engine's clock, shared by all threads. */
  readonly clockOrigin: number;
  /** An IPv4 address of this machine. */
  readonly ownAddress: string;
  /** UDP source port of the empty datagrams that wake the shard. */
  readonly wakePort: number;
  /** One word: 1 while the shard blocks for datagrams, or is about to; then whoever asks has to wake it. */
  readonly waiting: Int32Array;
  /** The IEEE list for `oui:…:name`, '' for none. */
  readonly vendorFile: string;
  /** Whether `geo` changes will come. */
  readonly geo: boolean;
  /** Whether the front answers `wanted`. */
  readonly dns: boolean;
  /** Capture to replay instead of listening, '' for none. */
  readonly captureFile: string;
}

export type QuestionKind = keyof Questions;

/** From the front to a shard. `change` messages are carried out in order with questions. */
export type ToShard =
  | { readonly kind: 'ask'; readonly id: number; readonly what: QuestionKind; readonly question: unknown }
  | { readonly kind: 'change'; readonly id: number; readonly change: Change }
  | { readonly kind: 'names'; readonly answers: readonly NameAnswer[] }
  | { readonly kind: 'connect'; readonly client: ShardClient }
  | { readonly kind: 'disconnect'; readonly id: number }
  | { readonly kind: 'stop' };

/** Another thread that asks a shard by itself, and sleeps until it has its answer. */
export interface ShardClient {
  readonly id: number;
  /** Questions come in here and answers go out: the `ask` of `ToShard`, and the `answer` and `error` of `FromShard`. */
  readonly port: MessagePort;
  /** See `SIGNAL`. */
  readonly signal: Int32Array;
  /** UDP source port of the empty datagrams by which it wakes the shard; 0 when it need not. */
  readonly wakePort: number;
}

/** Words of the shared memory of a thread that asks and one that answers. */
export const SIGNAL = {
  /** Counts questions; the asking thread adds one after it has posted one. */
  ASKED: 0,
  /** Counts answers; the answering thread adds one after it has posted one, and notifies. */
  ANSWERED: 1,
  WORDS: 2,
} as const;

export type Change =
  /** `specification` is what the user wrote; undefined removes. It has been validated by the front. */
  | {
      readonly what: 'flow' | 'group' | 'map' | 'threshold';
      readonly name: string;
      readonly content: unknown;
    }
  | { readonly what: 'topology'; readonly name: ''; readonly content: unknown }
  /** The bytes of a database, in memory that is shared. */
  | { readonly what: 'geo'; readonly name: GeoFile; readonly content: Uint8Array }
  /** What others than the agent `name` say of it; undefined removes. */
  | { readonly what: 'agentNames'; readonly name: string; readonly content: AgentNames | undefined }
  | ForwardingChange
  | TenantChange
  | BgpChange;

/** The address is an IP address here; undefined removes. */
export interface ForwardingChange {
  readonly what: 'forwarding';
  readonly name: string;
  readonly content: Forwarding | undefined;
}

export interface TenantChange {
  readonly what: 'tenant';
  readonly name: string;
  readonly content: Tenant | undefined;
}

/** `name` is a router, or an agent; undefined removes. */
export type BgpChange =
  | { readonly what: 'bgpRoutes'; readonly name: string; readonly content: SharedRoutes | undefined }
  | { readonly what: 'bgpSource'; readonly name: string; readonly content: BgpSource | undefined };

/** A record of the flow log, before it has a number. Times are epoch ms. */
export interface UnnumberedFlow {
  readonly name: string;
  readonly agent: string;
  readonly dataSource: string;
  readonly flowKeys: string;
  readonly value: number;
  readonly values: readonly number[] | undefined;
  readonly start: number;
  readonly end: number;
}

/** From a shard to the front. */
export type FromShard =
  | { readonly kind: 'ready'; readonly info: ReceiverInfo; readonly reason: string | undefined }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string }
  | { readonly kind: 'answer'; readonly id: number; readonly answer: unknown }
  | { readonly kind: 'error'; readonly id: number; readonly code: string; readonly message: string }
  | ({ readonly kind: 'logged' } & Parcel<UnnumberedFlow>)
  | ({ readonly kind: 'events' } & Parcel<Crossing>)
  | { readonly kind: 'ended'; readonly flows: readonly EndedFlows[] }
  /** Addresses whose names are asked for. */
  | { readonly kind: 'wanted'; readonly addresses: readonly string[] }
  | { readonly kind: 'stopped' };
