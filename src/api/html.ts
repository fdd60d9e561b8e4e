/** Markup that is safe to put into a page as it is. */
export interface Markup {
  readonly markup: string;
}

/**
 * Template tag for markup: whatever is put in as text is escaped, markup and lists of it are kept. Text comes from
 * packets and agents, so nothing reaches a page but through here.
 */
export function html(parts: TemplateStringsArray, ...values: readonly HtmlValue[]): Markup {
  let markup = parts[0];
  for (const [i, value] of values.entries()) markup += render(value) + parts[i + 1];
  return { markup };
}

type HtmlValue = string | number | Markup | readonly Markup[];

function render(value: HtmlValue): string {
  if (typeof value === 'string' || typeof value === 'number') return escapeHtml(String(value));
  return 'markup' in value ? value.markup : value.map((one) => one.markup).join('');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character]);
}
