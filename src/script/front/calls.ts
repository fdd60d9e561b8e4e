/**
 * What scripts may call on the main thread, by name. Each area of the API declares its calls in a module of this folder
 * and this type gathers them, so that both sides agree. Arguments and answers are what structured cloning can carry.
 *
 * The first argument that an implementation gets is the caller's context; scripts do not pass it.
 */
export interface FrontCalls {
  /** Declared so that the type is not empty before the areas are: whether the main thread answers at all. */
  ping(): boolean;
}

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
