import {
  announceFlowSpecRule,
  announceRoute,
  encodeMessage,
  flowSpecText,
  formatFlowSpecRule,
  formatPrefix,
  formatRoute,
  hexOfBytes,
  INITIAL_CONTEXT,
  NOTATION_NAMES,
  parseFlowSpecMatch,
  parseFlowSpecRule,
  parsePrefix,
  parseRoute,
  ruleRoute,
  type UpdateMessage,
  validateFlowSpecRule,
  withdrawFlowSpecRule,
  withdrawRoute,
} from '../bgp/index.ts';
import { isWeirError, WeirError } from '../common/index.ts';
import { readInput } from './bgp-input.ts';
import { integerOption, parseOptions, usageError } from './decode-options.ts';
import type { CommandStreams } from './decode-output.ts';

const NOTATION_TITLES = {
  words: 'in words',
  arista: 'Arista EOS',
  cisco: 'Cisco IOS XR',
  juniper: 'Juniper Junos',
  frr: 'FRR',
  gobgp: 'GoBGP',
} as const;

interface EncodeOptions {
  readonly as: number;
  readonly isExternal: boolean;
  readonly withdraw: boolean;
}

/** Something to send, in bytes and in words. */
interface Encoded {
  readonly what: object;
  readonly bytes: string;
  readonly texts: Readonly<Record<string, string>> | undefined;
  /** By notation: parts of the rule that it has no words for. */
  readonly missing: Readonly<Record<string, readonly string[]>>;
  readonly warnings: readonly string[];
}

/** `weir bgp encode`. */
export async function encode(args: readonly string[], streams: CommandStreams): Promise<number> {
  const { values, positionals } = parseOptions(args, {
    as: { type: 'string' },
    internal: { type: 'boolean' },
    withdraw: { type: 'boolean' },
    text: { type: 'boolean' },
    json: { type: 'boolean' },
  });
  const [argument, ...more] = positionals;
  if (argument === undefined) throw usageError('a route or a rule as JSON, or a file, is needed');
  if (more.length > 0) throw usageError(`one argument at a time, not ${positionals.length}`);
  const options: EncodeOptions = {
    as: integerOption(values, 'as', 1, 0xffffffff) ?? 65000,
    isExternal: values['internal'] !== true,
    withdraw: values['withdraw'] === true,
  };
  const input = await readInput(argument, streams.stdin, (text) => /^\s*[{[]/.test(text));
  const list = parseList(new TextDecoder().decode(input));
  let code = 0;
  for (const [i, json] of list.entries()) {
    const where = list.length > 1 ? `item ${i + 1}: ` : '';
    try {
      const encoded = encodeOne(json, options);
      for (const warning of encoded.warnings) streams.stderr.write(`weir bgp: ${where}warning: ${warning}\n`);
      streams.stdout.write(show(encoded, values['json'] === true, values['text'] === true));
    } catch (error) {
      if (!isWeirError(error)) throw error;
      streams.stderr.write(`weir bgp: ${where}${error.message}\n`);
      code = 1;
    }
  }
  return code;
}

function parseList(text: string): unknown[] {
  try {
    const json: unknown = JSON.parse(text);
    return Array.isArray(json) ? json : [json];
  } catch (cause) {
    throw new WeirError('BGP_INPUT', `not JSON: ${cause instanceof Error ? cause.message : cause}`, {
      cause,
    });
  }
}

function encodeOne(json: unknown, options: EncodeOptions): Encoded {
  const isRule = typeof json === 'object' && json !== null && 'match' in json;
  return isRule ? encodeRule(json, options) : encodeRoute(json, options);
}

const NO_TEXTS = { texts: undefined, missing: {}, warnings: [] };

function encodeRoute(json: unknown, { as, isExternal, withdraw }: EncodeOptions): Encoded {
  if (withdraw) {
    const text = String((json as { prefix?: unknown } | null)?.prefix);
    const prefix = parsePrefix(text);
    if (prefix === undefined) throw new WeirError('BGP_INPUT', `prefix ${text} is not an address or prefix`);
    return { what: { prefix: formatPrefix(prefix) }, bytes: bytesOf(withdrawRoute(prefix)), ...NO_TEXTS };
  }
  const route = parseRoute(json);
  if (!route.ok) throw new WeirError('BGP_INPUT', route.reason);
  return {
    what: { prefix: formatPrefix(route.value.prefix), ...formatRoute(route.value) },
    bytes: bytesOf(announceRoute(route.value, as, isExternal)),
    ...NO_TEXTS,
  };
}

function encodeRule(json: unknown, { as, isExternal, withdraw }: EncodeOptions): Encoded {
  if (withdraw) {
    const match = parseFlowSpecMatch(json);
    if (!match.ok) throw new WeirError('BGP_INPUT', match.reason);
    const what = { match: formatFlowSpecRule({ ...NOTHING, ...match.value }).match };
    return { what, bytes: bytesOf(withdrawFlowSpecRule(match.value)), ...NO_TEXTS };
  }
  const parsed = parseFlowSpecRule(json);
  if (!parsed.ok) throw new WeirError('BGP_INPUT', parsed.reason);
  const { rule, ignored } = parsed.value;
  const faults = validateFlowSpecRule(rule);
  const errors = faults.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) throw new WeirError('BGP_INPUT', errors.map(({ reason }) => reason).join('; '));
  const texts = NOTATION_NAMES.map((name) => [name, flowSpecText(rule, name)] as const);
  return {
    what: formatFlowSpecRule(rule),
    bytes: bytesOf(announceFlowSpecRule(rule, ruleRoute(as, isExternal))),
    texts: Object.fromEntries(texts.map(([name, { text }]) => [name, text])),
    missing: Object.fromEntries(
      texts.filter(([, { missing }]) => missing.length > 0).map(([name, { missing }]) => [name, missing]),
    ),
    warnings: [
      ...faults.map(({ reason }) => reason),
      ...ignored.map((key) => `${key} means nothing, and is left out`),
    ],
  };
}

/** What a rule does that is only told apart from others. */
const NOTHING = { actions: [], communities: [], extendedCommunities: [], largeCommunities: [] };

function bytesOf(update: UpdateMessage): string {
  return hexOfBytes(encodeMessage(update, { ...INITIAL_CONTEXT, fourOctetAs: true }));
}

function show(
  { what, bytes, texts, missing, warnings }: Encoded,
  asJson: boolean,
  withTexts: boolean,
): string {
  if (asJson) {
    const more = { ...(texts !== undefined && { texts, missing }), ...(warnings.length > 0 && { warnings }) };
    return `${JSON.stringify({ ...what, bytes, ...more })}\n`;
  }
  if (!withTexts || texts === undefined) return `${bytes}\n`;
  const sections = Object.entries(NOTATION_TITLES).map(([name, title]) => {
    const lost = missing[name];
    const note = lost === undefined ? '' : ` (without ${lost.join(', ')})`;
    return `${title}${note}\n${indent(texts[name])}`;
  });
  return `${[...sections, `bytes\n${indent(bytes)}`].join('\n')}\n`;
}

function indent(text: string): string {
  return text
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n');
}
