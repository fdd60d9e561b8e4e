import type { ScriptNews } from '../script-news.ts';

/** Who calls. */
export interface CallContext {
  /** Script key. */
  readonly script: string;
  /** Aborted when this life of the script has ended. */
  readonly life: AbortSignal;
  /** Tells the script something. */
  tell(news: ScriptNews): void;
}

/** The main thread's side of some calls. */
export type FrontHandlers<C> = {
  readonly [K in keyof C]: C[K] extends (...args: infer A) => infer R
    ? (context: CallContext, ...args: A) => R | Promise<Awaited<R>>
    : never;
};
