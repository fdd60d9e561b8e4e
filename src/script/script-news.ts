import type { CommandResult } from './command.ts';

/** What happens elsewhere and concerns a script. */
export type ScriptNews =
  /** A BGP session has come up, or ended; `router` as the script gave it. */
  | { readonly kind: 'opened' | 'closed'; readonly router: string }
  /** A program has ended; `command` as `startCmd` gave it. */
  | { readonly kind: 'ran'; readonly command: number; readonly result: CommandResult };
