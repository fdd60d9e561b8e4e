import type { SpeakerPlace } from './listener.ts';
import type { KeptPush, SpeakerCalls, SpeakerNews } from './protocol.ts';

export type { SpeakerPlace } from './listener.ts';
export type {
  KeptPush,
  LearntRule,
  NeighborStatus,
  PushedStatus,
  PushResult,
  SessionFacts,
  SpeakerCalls,
  SpeakerNews,
} from './protocol.ts';

/** What was defined before a restart. */
export interface KeptNeighbors {
  readonly neighbors: readonly { readonly router: string; readonly json: unknown }[];
  readonly pushes: readonly KeptPush[];
}

/**
 * The BGP speaker: it listens and dials, holds the sessions that `bgp` describes, and keeps for each neighbour what is to be
 * announced to it (a desired set that is brought back after a loss of the session) and what has been learnt from it.
 */
export interface Speaker {
  /** Listens, with everything that was kept in place. Throws WeirError `BGP_CANNOT_LISTEN`, `BGP_BAD_FILE`. */
  start(kept?: KeptNeighbors): Promise<SpeakerPlace>;
  /** Ends the sessions: in order, or in silence where the neighbour keeps our routes over a restart. */
  stop(): Promise<void>;
  health(): { ok: boolean; reason?: string };
  /** Asks the thread of the speaker. Rejects with what the call throws, or WeirError `BGP_NOT_RUNNING`. */
  call<K extends keyof SpeakerCalls>(
    name: K,
    ...args: Parameters<SpeakerCalls[K]>
  ): Promise<ReturnType<SpeakerCalls[K]>>;
  /** Gives how to end that. */
  onNews(listener: (news: SpeakerNews) => void): () => void;
}
