/**
 * Reading the arguments of functions of the script API. Scripts pass what they have: numbers as texts, a list as an array
 * or as a text with commas, nothing at all.
 */

/** Names of flows, thresholds, groups and maps. */
export const NAME = /^[A-Za-z0-9_-]{1,1000}$/;

/** Nothing was given: undefined or null. */
export function isAbsent(value: unknown): value is undefined | null {
  return value === undefined || value === null;
}

/** An object that is neither null, an array nor a function. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Text of a value; undefined when nothing was given. */
export function textOf(value: unknown): string | undefined {
  return isAbsent(value) ? undefined : String(value);
}

/** A number, or a text that is one. undefined for anything else. */
export function numberOf(value: unknown): number | undefined {
  if (typeof value === 'string' && value.trim() === '') return undefined;
  if (typeof value !== 'number' && typeof value !== 'string') return undefined;
  const number = Number(value);
  return Number.isNaN(number) ? undefined : number;
}

/** true, `'true'`, `'yes'`, 1 and any other value that counts as true; not `'false'`, `'no'` and `'0'`. */
export function isTrue(value: unknown): boolean {
  return typeof value === 'string' ? !/^(false|no|0|)$/i.test(value.trim()) : Boolean(value);
}

/** An array of texts, or a text with commas between the items; undefined when nothing was given. */
export function listOf(value: unknown): string[] | undefined {
  return isAbsent(value) ? undefined : [value].flat().map(String).join(',').split(',');
}

/** Agents as questions take them: a list with commas. Scripts give an array, or a text with `;` or `,` between. */
export function agentsOf(value: unknown): string {
  return (listOf(value) ?? []).join(',').replaceAll(';', ',');
}

/** A metric of a data source, `DS.name`. Data sources may hold dots (`2.1`), names may not. undefined: there is none. */
export function splitMetric(value: unknown): { dataSource: string; name: string } | undefined {
  const text = textOf(value) ?? '';
  const dot = text.lastIndexOf('.');
  return dot <= 0 ? undefined : { dataSource: text.slice(0, dot), name: text.slice(dot + 1) };
}
