/** What reading gives: the value, or why there is none. Nothing in this room throws on what comes from outside. */
export type Result<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly reason: string };

export function good<Value>(value: Value): { ok: true; value: Value } {
  return { ok: true, value };
}

export function bad(reason: string): { ok: false; reason: string } {
  return { ok: false, reason };
}
