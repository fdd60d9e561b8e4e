/** Who calls. */
export interface CallContext {
  /** Script key. */
  readonly script: string;
}

/** The main thread's side of some calls. */
export type FrontHandlers<C> = {
  readonly [K in keyof C]: C[K] extends (...args: infer A) => infer R
    ? (context: CallContext, ...args: A) => R | Promise<Awaited<R>>
    : never;
};
