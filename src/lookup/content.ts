import { WeirError } from '../common/index.ts';

/** What is wrong with the content of a group or a map; `what` is that word. */
export function badContent(code: string, what: string, problem: string): WeirError {
  return new WeirError(code, `${what}: ${problem}`);
}

/**
 * Entries of `{"label": ["text", …], …}`: the form groups and maps share. Throws a WeirError of the code when it is
 * anything else, or has no label at all.
 */
export function labelledTexts(
  content: unknown,
  code: string,
  what: string,
): [label: string, texts: string[]][] {
  if (typeof content !== 'object' || content === null || Array.isArray(content))
    throw badContent(code, what, 'it must be an object of labels');
  const entries = Object.entries(content);
  if (entries.length === 0) throw badContent(code, what, 'it must have at least one label');
  for (const [label, texts] of entries) {
    if (!Array.isArray(texts)) throw badContent(code, what, `label ${quote(label)} must be an array`);
    for (const text of texts)
      if (typeof text !== 'string')
        throw badContent(code, what, `label ${quote(label)}: ${quote(text)} must be a string`);
  }
  return entries;
}

/** A value as JSON, shortened: it comes from outside and ends up in a message. */
export function quote(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
