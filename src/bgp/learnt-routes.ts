import type { AddPathFamilies } from './destinations.ts';
import type { Family } from './family.ts';
import type { UpdateMessage } from './update.ts';

/** What a session has agreed on, as far as keeping its routes depends on it. */
export interface LearntContext {
  /** AS and BGP identifier of the peer. */
  readonly peerAs: number;
  readonly peerIdentifier: string;
  /** The peer is in another AS. */
  readonly external: boolean;
  /** Families in which the peer sends path identifiers: several paths for one prefix. */
  readonly addPath: AddPathFamilies;
  /** Set when the routes that the message announces count as withdrawn (RFC 7606). */
  readonly treatAsWithdraw: boolean;
}

/**
 * Where the routes of one neighbour go: its Adj-RIB-In. The session hands every UPDATE to it, those of FlowSpec and the
 * End-of-RIB marks included, in the order of arrival. It must not throw, and bounds its own memory.
 */
export interface LearntRoutes {
  update(message: UpdateMessage, context: LearntContext): void;
  /** The peer begins or ends to send a family anew (RFC 7313): what has not come again by the end is gone. */
  refresh(family: Family, mark: 'begin' | 'end'): void;
  /** The session has ended: nothing is known any more. */
  clear(): void;
}
