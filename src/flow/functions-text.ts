import type { ArgumentValue, KeyFunction } from './function.ts';
import { URI_PARTS, type UriPart, uriPart } from './uri.ts';

/** Functions over text alone. */
export const TEXT_FUNCTIONS: readonly KeyFunction[] = [
  {
    name: 'prefix',
    usage: 'prefix:key:delimiter:n',
    doc: 'The first n tokens, joined again; the whole text when it has fewer.',
    required: ['key', 'text', 'count'],
    check: atLeastOne,
    evaluate: ([text, delimiter, n]) => tokens(text, delimiter).slice(0, Number(n)).join(String(delimiter)),
  },
  {
    name: 'suffix',
    usage: 'suffix:key:delimiter:n',
    doc: 'The last n tokens, joined again; the whole text when it has fewer. An empty last token counts.',
    required: ['key', 'text', 'count'],
    check: atLeastOne,
    evaluate: ([text, delimiter, n]) => tokens(text, delimiter).slice(-Number(n)).join(String(delimiter)),
  },
  {
    name: 'first',
    usage: 'first:key:delimiter:value[:value…]',
    doc: 'The first token that is one of the values.',
    required: ['key', 'text', 'text'],
    more: 'text',
    evaluate: ([text, delimiter, ...values]) =>
      tokens(text, delimiter).find((token) => values.includes(token)),
  },
  {
    name: 'null',
    usage: 'null:key[:text]',
    doc: 'The key, or the text when the key is absent; `null` when no text is given.',
    required: ['key'],
    optional: ['text'],
    seesAbsent: true,
    evaluate: ([text, instead = 'null']) => String(text ?? instead),
  },
  {
    name: 'or',
    usage: 'or:key[:key…]',
    doc: 'The first key that is present.',
    required: ['key'],
    more: 'key',
    seesAbsent: true,
    evaluate: (texts) => texts.find((text) => text !== undefined) as string | undefined,
  },
  {
    name: 'eq',
    usage: 'eq:key:key[:key…]',
    doc: 'Whether all are equal: `true` or `false`. All must be present.',
    required: ['key'],
    more: 'key',
    evaluate: (texts) => String(texts.every((text) => text === texts[0])),
  },
  {
    name: 'if',
    usage: 'if:key:text:then[:else]',
    doc: 'The key `then` when the first key is equal to the text, and `else` when it is another; absent when the first is.',
    required: ['key', 'text', 'key'],
    optional: ['key'],
    seesAbsent: true,
    evaluate: ([text, literal, then, otherwise]) =>
      text === undefined ? undefined : ((text === literal ? then : otherwise) as string | undefined),
  },
  {
    name: 'concat',
    usage: 'concat:separator:key[:key…]',
    doc: 'The keys, joined by the separator. All must be present.',
    required: ['text', 'key'],
    more: 'key',
    evaluate: ([separator, ...texts]) => texts.join(String(separator)),
  },
  {
    name: 'hash',
    usage: 'hash:key[:key…]',
    doc: 'A 32-bit hash of the keys in hex, without leading zeros.',
    required: ['key'],
    more: 'key',
    evaluate: (texts) => {
      let hash = 1;
      for (const text of texts) hash = (Math.imul(31, hash) + textHash(String(text))) | 0;
      return (hash >>> 0).toString(16);
    },
  },
  {
    name: 'uri',
    usage: 'uri:key[:part]',
    doc: `A part of a URI: ${URI_PARTS.join(', ')}. \`user\` is the whole user information. The whole text when no part is given.`,
    required: ['key'],
    optional: ['text'],
    check: ([, part]) =>
      part === undefined || URI_PARTS.includes(part as UriPart)
        ? undefined
        : `unknown part of a URI "${part}"`,
    evaluate: ([text, part]) => (part === undefined ? String(text) : uriPart(String(text), part as UriPart)),
  },
  {
    name: 'attr',
    usage: 'attr:key:name[:name…]',
    doc: 'The value of a name in text like `a=1&b=2`; of several names, the first that is there.',
    required: ['key', 'text'],
    more: 'text',
    evaluate: ([text, ...names]) => {
      const pairs = String(text).split('&');
      for (const name of names) {
        const pair = pairs.find((candidate) => candidate.startsWith(`${name}=`));
        if (pair !== undefined) return pair.slice(String(name).length + 1);
      }
      return undefined;
    },
  },
];

function tokens(text: ArgumentValue, delimiter: ArgumentValue): string[] {
  return delimiter === '' ? [String(text)] : String(text).split(String(delimiter));
}

function atLeastOne(args: readonly unknown[]): string | undefined {
  return args[2] === 0 ? 'the number of tokens must be at least 1' : undefined;
}

/** The polynomial hash of a text's UTF-16 units with factor 31, as a signed word. */
function textHash(text: string): number {
  let hash = 0;
  for (let i = 0; i < text.length; i++) hash = (Math.imul(31, hash) + text.charCodeAt(i)) | 0;
  return hash;
}
