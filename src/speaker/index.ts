/**
 * The BGP speaker: it listens and dials, holds the sessions that `bgp` describes, and keeps for each neighbour what is to be
 * announced to it (a desired set that is brought back after a loss of the session) and what has been learnt from it.
 */
export interface Speaker {
  start(): Promise<void>;
  stop(): Promise<void>;
  health(): { ok: boolean; reason?: string };
}
