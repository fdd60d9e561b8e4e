import { formatIPv4, formatIPv6, formatMac, parseIPv4, parseIPv6 } from '../common/index.ts';
import { MAX_OCCURRENCES, SLOT, type UintFormat } from '../packet/index.ts';
import { evaluateFilter, evaluateKey, evaluateNumber } from './evaluate.ts';
import type {
  FilterExpression,
  FilterTest,
  FlowDefinition,
  KeyCall,
  KeyExpression,
  KeyReference,
} from './expression.ts';
import type { Interner } from './interner.ts';
import { formatWord, type KeySource } from './key.ts';
import { resolveKey } from './keys.ts';
import type { Lookups } from './lookups.ts';
import { RECORD_SLOTS, type SampleContext } from './sample.ts';
import { type FlowTable, NETWORK_SCOPE, SCOPE_BITS, type TableShape } from './table.ts';
import type { FlowWatch } from './watch.ts';

/**
 * Compiles flow definitions. All definitions of a shard become one generated function: what several of them read is
 * read once per sample, hashing and comparing are unrolled, and an update is a few additions into typed arrays.
 *
 * The generated text is made of offsets, masks and numbers of the parsed form only; text that came from a user
 * reaches it as an element of a constants array, never as source. What has no fixed place in the bytes (names, URLs,
 * most functions) is evaluated by the reference interpreter and interned, lazily and once per sample.
 */

/** A part of a key as a table keeps it. */
interface Piece {
  readonly bits: number;
  /** Expression that gives the unsigned or signed word. */
  readonly code: string;
}

/** Where a piece lies in an entry's key words. */
interface PieceSlot {
  readonly word: number;
  readonly shift: number;
  readonly bits: number;
}

interface CompiledKey {
  /** Condition for the key to be there; '' when it always is. Evaluated before anything lazy. */
  readonly present: string;
  /** Statements that must run before `lazyPresent` and the pieces are used; '' when none. */
  readonly lazy: string;
  readonly lazyPresent: string;
  readonly pieces: readonly Piece[];
  readonly format: (values: readonly number[], interner: Interner) => string;
  /** Pieces that are interner ids, so that a sweep can mark them. */
  readonly interned: boolean;
}

/** How the entries of one definition's table look, and how their keys become text. */
export interface KeyLayout {
  readonly keyWords: number;
  /** True when some key words are ids of interned texts. */
  readonly holdsText: boolean;
  /** Text of the key words at `words[at …]`, fields joined by the definition's separator. */
  format(words: Int32Array, at: number): string;
  /** The fields of the key, for wildcard filters. */
  fields(words: Int32Array, at: number): string[];
  /** Interner ids in the key words at `words[at …]`. */
  markInterned(words: Int32Array, at: number): void;
}

/** One definition as the generator needs it. */
export interface CompileUnit {
  readonly definition: FlowDefinition;
  readonly table: FlowTable;
  /** Called after the entry at word offset `entry` was updated, when the definition keeps windows or a log. */
  readonly afterUpdate?: ((entry: number, sample: SampleContext, now: number) => void) | undefined;
  /** Somebody watches the main value: when it is a rate the update itself compares, and calls only when it has to. */
  readonly watch?: FlowWatch | undefined;
  /** Called for watched updates. */
  readonly afterWatched?: (entry: number, now: number) => void;
}

/** Updates every table for one sample. */
export type Program = (sample: SampleContext, now: number) => void;

/** Layout of a definition's key, and the shape of the table it needs. */
export function layoutOf(
  definition: FlowDefinition,
  interner: Interner,
  lookups: Lookups,
): { layout: KeyLayout; shape: TableShape } {
  const plan = planKeys(definition, new Generator(interner, lookups, undefined));
  const rates = rateIndexes(definition).length;
  return {
    layout: new PlannedLayout(plan, definition.fs, interner),
    shape: { keyWords: plan.keyWords, rates, attachment: needsAttachment(definition) },
  };
}

/** Positions (0 main value, 1… of `values`) of the values that are kept as decaying accumulators. */
export function rateIndexes(definition: FlowDefinition): number[] {
  return [definition.value, ...definition.values].flatMap((value, i) => (isRate(value) ? [i] : []));
}

/** `samplingrate` is a gauge: kept as a windowed mean, never scaled (rest-api 6.1). */
export function isRate(value: FlowDefinition['value']): boolean {
  return value.statistic === 'rate' && value.key.name !== 'samplingrate';
}

/** True when entries need more than accumulators: sliding windows, or a record of the flow log. */
export function needsAttachment(definition: FlowDefinition): boolean {
  const windowed = [definition.value, ...definition.values].some((value) => !isRate(value));
  return windowed || keepsRecords(definition);
}

/** True when flows keep a record of what they carried, for the flow log or for IPFIX collectors. */
export function keepsRecords({ log, ipfixCollectors, value }: FlowDefinition): boolean {
  return (log || ipfixCollectors.length > 0) && isRate(value);
}

/** Definitions in one generated function: more, and the optimising compiler would leave it to the interpreter. */
const UNITS_PER_FUNCTION = 16;

/** The function that updates all tables of `units` for a sample. */
export function compile(units: readonly CompileUnit[], interner: Interner, lookups: Lookups): Program {
  const programs: Program[] = [];
  const active = units.filter((unit) => !unit.definition.never);
  for (let i = 0; i < active.length; i += UNITS_PER_FUNCTION) {
    programs.push(generate(active.slice(i, i + UNITS_PER_FUNCTION), interner, lookups));
  }
  if (programs.length === 1) return programs[0];
  return (sample, now) => {
    for (const program of programs) program(sample, now);
  };
}

/**
 * Two functions are made of the same definitions. Many keys may come from a layer or, failing that, from a flow record
 * (`ipsource` from the IPv4 header or from a sampled IPv4 record). Samples with such records are rare, so the first
 * function reads first places only, and samples that do have one of them go to the second.
 */
function generate(units: readonly CompileUnit[], interner: Interner, lookups: Lookups): Program {
  const whole = new Generator(interner, lookups, undefined);
  const general = build(units, whole);
  if (whole.fallbacks.size === 0) return general;
  const usual = build(units, new Generator(interner, lookups, whole));
  const flags = new Uint8Array(RECORD_SLOTS);
  for (const slot of whole.fallbacks) flags[slot] = 1;
  return (sample, now) => {
    if (sample.hasRecord(flags)) general(sample, now);
    else usual(sample, now);
  };
}

function build(units: readonly CompileUnit[], g: Generator): Program {
  const body = units.map((unit) => generateUnit(unit, g));
  const source = [...g.declarations(), 'return function run(s, now) {', ...g.prelude(), ...body, '};'].join(
    '\n',
  );
  const make = new Function('C', source) as (constants: readonly unknown[]) => Program;
  return make(g.constants);
}

// ---------------------------------------------------------------------------------------------------------------
// Generation

/** Names values once, collects the code that reads them, and holds what the code refers to. */
class Generator {
  readonly constants: unknown[] = [];
  private readonly reads: string[] = [];
  private readonly names = new Map<string, string>();
  private readonly constantNames = new Map<unknown, string>();
  readonly interner: Interner;
  readonly lookups: Lookups;
  /** Set when only first places are to be read: the generator that reads them all, whose words have the same layout. */
  readonly whole: Generator | undefined;
  /** Slots of records that are second or later places of keys. */
  readonly fallbacks = new Set<number>();

  constructor(interner: Interner, lookups: Lookups, whole: Generator | undefined) {
    this.interner = interner;
    this.lookups = lookups;
    this.whole = whole;
  }

  /** The places of a key that this generator reads. */
  sources(reference: KeyReference): readonly KeySource[] {
    const sources = resolveKey(reference.name)?.sources ?? [];
    return sources.filter(({ origin }, i) => {
      if (i === 0 || origin.kind !== 'record') return true;
      this.fallbacks.add(origin.slot);
      return this.whole === undefined;
    });
  }

  /** Names for the constants; outside the function, so that the compiler knows them for what they are. */
  declarations(): string[] {
    return ['"use strict";', ...this.constants.map((_, i) => `const c${i} = C[${i}];`)];
  }

  prelude(): string[] {
    return [
      'const b = s.bytes, A = s.layers.at, S = s.layers.slots, R = s.recordAt, E = s.recordEnds;',
      ...this.reads,
    ];
  }

  /** Name of a value that is read at the top of the function. */
  read(code: string): string {
    return this.once(code, 'v', (name) => `const ${name} = ${code};`);
  }

  /** Name of a variable that is set at first use, once per sample. */
  lazy(identity: string, unset: string): string {
    return this.once(identity, 'l', (name) => `let ${name} = ${unset};`);
  }

  /** Name of an object the code refers to. */
  constant(value: unknown): string {
    const known = this.constantNames.get(value);
    if (known !== undefined) return known;
    const name = `c${this.constants.push(value) - 1}`;
    this.constantNames.set(value, name);
    return name;
  }

  /** Variable with the id of an expression's text, -1 when absent, and the statement that evaluates it at first use. */
  internedText(expression: KeyExpression): { name: string; ensure: string } {
    const { interner, lookups } = this;
    const name = this.lazy(`text ${expression.text}`, '-2');
    const evaluate = (sample: SampleContext): number => {
      const text = evaluateKey(expression, sample, lookups);
      return text === undefined ? -1 : interner.intern(text);
    };
    return { name, ensure: `if (${name} === -2) ${name} = ${this.constant(evaluate)}(s);` };
  }

  private once(identity: string, prefix: string, declare: (name: string) => string): string {
    const known = this.names.get(identity);
    if (known !== undefined) return known;
    const name = `${prefix}${this.names.size}`;
    this.names.set(identity, name);
    this.reads.push(declare(name));
    return name;
  }
}

/** Code that reads one source of a key: condition, words and their widths. Undefined when it has no fixed place. */
interface SourceCode {
  readonly present: string;
  readonly words: readonly string[];
  readonly bits: readonly number[];
  readonly format: (values: readonly number[]) => string;
  /** Tells apart sources whose text forms differ. */
  readonly form: unknown;
  readonly numeric: boolean;
}

function sourceCode(source: KeySource, g: Generator): SourceCode | undefined {
  const { field, origin } = source;
  if (field.kind === 'words') {
    const words = field.words.map((word) => g.read(`s.${word}`));
    const present = field.absent === undefined ? '' : `${words[0]} !== ${Number(field.absent)}`;
    const bits = words.map(() => 32);
    return { present, words, bits, format: field.format, form: field.format, numeric: field.numeric };
  }
  const place = placeOf(source, g);
  if (place === undefined) return undefined;
  const { at, present } = place;
  const read = (code: string): string => g.read(`${present} ? ${code} : 0`);
  switch (field.kind) {
    case 'uint': {
      const width = field.size * 8 - (field.shift ?? 0);
      const bits = field.mask === undefined ? width : Math.min(width, 32 - Math.clz32(field.mask));
      let code = bigEndian(at, field.offset, field.size);
      if (field.shift !== undefined && field.shift !== 0) code = `(${code} >>> ${Number(field.shift)})`;
      if (field.mask !== undefined) code = `(${code} & ${Number(field.mask)})`;
      return {
        present,
        words: [read(code)],
        bits: [bits],
        ...uintForm(field.format),
        numeric: field.numeric,
      };
    }
    case 'mac': {
      const words = [read(bigEndian(at, field.offset, 2)), read(bigEndian(at, field.offset + 2, 4))];
      const format = (values: readonly number[]): string => formatMac(values[0], values[1]);
      return { present, words, bits: [16, 32], format, form: 'mac', numeric: false };
    }
    case 'ipv6': {
      const words = [0, 4, 8, 12].map((o) => read(bigEndian(at, field.offset + o, 4)));
      const format = (v: readonly number[]): string => formatIPv6(v[0], v[1], v[2], v[3]);
      return { present, words, bits: [32, 32, 32, 32], format, form: 'ipv6', numeric: false };
    }
    case 'slot': {
      if (origin.kind !== 'layer') return undefined;
      const word = read(`S[${SLOT[field.slot] * MAX_OCCURRENCES + origin.occurrence}]`);
      return { present, words: [word], bits: [32], ...uintForm(field.format), numeric: field.numeric };
    }
    default:
      return undefined;
  }
}

function placeOf(source: KeySource, g: Generator): { at: string; present: string } | undefined {
  const { origin } = source;
  if (origin.kind === 'layer') {
    const at = g.read(`A[${Number(origin.layer) * MAX_OCCURRENCES + Number(origin.occurrence)}]`);
    return { at, present: `${at} >= 0` };
  }
  if (origin.kind === 'record') {
    const slot = Number(origin.slot);
    const at = g.read(
      `R[${slot}] >= 0 && E[${slot}] - R[${slot}] >= ${Number(origin.minimum)} ? R[${slot}] : -1`,
    );
    return { at, present: `${at} >= 0` };
  }
  return undefined;
}

function bigEndian(at: string, offset: number, size: number): string {
  const bytes: string[] = [];
  for (let i = 0; i < size; i++) {
    const byte = `b[${at} + ${Number(offset) + i}]`;
    const shift = (size - 1 - i) * 8;
    bytes.push(shift === 0 ? byte : `(${byte} << ${shift})`);
  }
  return bytes.length === 1 ? bytes[0] : `(${bytes.join(' | ')})`;
}

function uintForm(format: UintFormat): Pick<SourceCode, 'format' | 'form'> {
  return { format: (values) => formatWord(format, values[0], formatIPv4), form: format };
}

/** Code of a plain key all of whose places are fixed and alike in form; undefined otherwise. */
function fixedKey(reference: KeyReference, g: Generator): SourceCode | undefined {
  const code = fixedSources(g.sources(reference), g);
  if (code === undefined || g.whole === undefined) return code;
  // Both functions write the same table: where all places together are not fixed, neither is the first alone.
  const whole = fixedKey(reference, g.whole);
  return whole === undefined ? undefined : { ...code, bits: whole.bits };
}

function fixedSources(places: readonly KeySource[], g: Generator): SourceCode | undefined {
  const sources = places.map((source) => sourceCode(source, g));
  const first = sources[0];
  if (first === undefined) return undefined;
  let merged = first;
  for (const next of sources.slice(1)) {
    if (next === undefined || next.form !== first.form || next.words.length !== first.words.length)
      return undefined;
    if (merged.present === '') break;
    const before = merged;
    merged = {
      ...first,
      present: `(${before.present} || ${next.present === '' ? 'true' : next.present})`,
      words: first.words.map((_, i) => g.read(`${before.present} ? ${before.words[i]} : ${next.words[i]}`)),
      bits: first.bits.map((bits, i) => Math.max(bits, before.bits[i], next.bits[i])),
    };
  }
  return merged;
}

function compileKey(expression: KeyExpression, g: Generator): CompiledKey {
  const fixed = fixedExpression(expression, g);
  if (fixed !== undefined) {
    return {
      present: fixed.present,
      lazy: '',
      lazyPresent: '',
      pieces: fixed.words.map((code, i) => ({ code, bits: fixed.bits[i] })),
      format: (values) => fixed.format(values),
      interned: false,
    };
  }
  const text = groupLabel(expression, g) ?? g.internedText(expression);
  return {
    present: '',
    lazy: text.ensure,
    lazyPresent: `${text.name} !== -1`,
    pieces: [{ code: text.name, bits: 32 }],
    format: (values, interner) => interner.text(values[0]),
    interned: true,
  };
}

/** Code of an expression that is made of words alone: plain keys, and the functions that have a direct form. */
function fixedExpression(expression: KeyExpression, g: Generator): SourceCode | undefined {
  if (expression.kind === 'key') return fixedKey(expression, g);
  switch (expression.name) {
    case 'mask':
      return fixedMask(expression, g);
    case 'or':
      return fixedOr(expression, g);
    case 'null':
      return fixedNull(expression, g);
    default:
      return undefined;
  }
}

/** `mask:` of an IPv4 key. */
function fixedMask({ args: [key, bits] }: KeyCall, g: Generator): SourceCode | undefined {
  if (typeof key !== 'object' || key.kind !== 'key' || bits === undefined) return undefined;
  const length = Number(bits);
  const source = fixedKey(key, g);
  if (source?.form !== 'ipv4' || !Number.isInteger(length) || length < 0 || length > 32) return undefined;
  const mask = length === 0 ? 0 : -1 << (32 - length);
  return {
    ...source,
    words: [g.read(`${source.words[0]} & ${mask}`)],
    format: (values) => `${formatIPv4(values[0])}/${length}`,
    form: `ipv4/${length}`,
    numeric: false,
  };
}

/** `or:` of expressions made of words: the first that is there. */
function fixedOr({ args }: KeyCall, g: Generator): SourceCode | undefined {
  const choices = args.map((arg) => (typeof arg === 'object' ? fixedExpression(arg, g) : undefined));
  return choices.every((choice) => choice !== undefined) ? choose(choices, g) : undefined;
}

/** `null:k:text`: the text when the key is absent. */
function fixedNull({ args: [key, text] }: KeyCall, g: Generator): SourceCode | undefined {
  const source = typeof key === 'object' ? fixedExpression(key, g) : undefined;
  if (source === undefined || source.present === '') return source;
  const literal = text === undefined ? 'null' : String(text);
  // The literal may be what the key itself would print: then it is that value, not another text.
  const same = parseWords(source, literal);
  if (same === 'unknown') return undefined;
  const constant: SourceCode =
    same === undefined
      ? { present: '', words: [], bits: [], format: () => literal, form: `text ${literal}`, numeric: false }
      : { ...source, present: '', words: same.map((word) => String(word | 0)) };
  return choose([source, constant], g);
}

/**
 * The first of several that is there. Where their texts differ in form one more piece tells which form it is. Forms
 * with a name never print the same text; of those made by functions nobody knows, so two of them are left to the
 * interpreter: equal texts have to be one flow.
 */
function choose(choices: readonly SourceCode[], g: Generator): SourceCode | undefined {
  const forms = [...new Set(choices.map(({ form }) => form))];
  if (forms.length > 1 && !forms.every((form) => typeof form === 'string')) return undefined;
  const width = Math.max(...choices.map(({ words }) => words.length));
  const words = Array.from({ length: width }, (_, w) =>
    g.read(pickCode(choices, ({ words }) => words[w] ?? '0')),
  );
  const bits = Array.from({ length: width }, (_, w) => Math.max(...choices.map(({ bits }) => bits[w] ?? 0)));
  const present = choices.some((choice) => choice.present === '')
    ? ''
    : `(${choices.map((choice) => choice.present).join(' || ')})`;
  if (forms.length === 1) return { ...choices[0], present, words, bits };
  const formats = forms.map((form) => choices.find((choice) => choice.form === form)?.format);
  return {
    present,
    words: [...words, g.read(pickCode(choices, ({ form }) => String(forms.indexOf(form))))],
    bits: [...bits, 32 - Math.clz32(forms.length - 1)],
    format: (values) => formats[values[width]]?.(values) ?? '',
    form: undefined,
    numeric: false,
  };
}

/** Code of the first choice that is there; of the last one when none is. */
function pickCode(choices: readonly SourceCode[], codeOf: (choice: SourceCode) => string): string {
  const [first, ...rest] = choices;
  if (rest.length === 0 || first.present === '') return codeOf(first);
  return `(${first.present} ? ${codeOf(first)} : ${pickCode(rest, codeOf)})`;
}

/** `group:` of an IPv4 key: looked up by the word, the label interned. */
function groupLabel(expression: KeyExpression, g: Generator): { name: string; ensure: string } | undefined {
  const group = groupOfIPv4(expression, g);
  if (group === undefined) return undefined;
  const { interner, lookups } = g;
  const name = g.lazy(`text ${expression.text}`, '-2');
  const lookup = (word: number): number => {
    const label = lookups.lookupIPv4(group.names, word);
    return label === undefined ? -1 : interner.intern(label);
  };
  return {
    name,
    ensure: `if (${name} === -2) ${name} = ${group.present} ? ${g.constant(lookup)}(${group.word}) : -1;`,
  };
}

interface KeyPlan {
  readonly keys: readonly CompiledKey[];
  /** Where each piece of each key lies. */
  readonly slots: readonly (readonly PieceSlot[])[];
  readonly keyWords: number;
}

/** Pack the pieces of all keys into words: word 0 holds the scope and up to eight bits more. */
function planKeys(definition: FlowDefinition, g: Generator): KeyPlan {
  const keys = definition.keys.map((expression) => compileKey(expression, g));
  const free = [32 - SCOPE_BITS];
  const slots: PieceSlot[][] = keys.map(() => []);
  const pieces = keys.flatMap((key, k) => key.pieces.map((piece, p) => ({ k, p, bits: piece.bits })));
  // Wide pieces first: the narrow ones fill what is left.
  for (const { k, p, bits } of pieces.sort((a, b) => b.bits - a.bits)) {
    let word = free.findIndex((left) => left >= bits);
    if (word < 0) word = free.push(32) - 1;
    slots[k][p] = { word, shift: 32 - free[word], bits };
    free[word] -= bits;
  }
  return { keys, slots, keyWords: free.length };
}

class PlannedLayout implements KeyLayout {
  readonly keyWords: number;
  readonly holdsText: boolean;
  private readonly plan: KeyPlan;
  private readonly separator: string;
  private readonly interner: Interner;

  constructor(plan: KeyPlan, separator: string, interner: Interner) {
    this.plan = plan;
    this.keyWords = plan.keyWords;
    this.holdsText = plan.keys.some((key) => key.interned);
    this.separator = separator;
    this.interner = interner;
  }

  format(words: Int32Array, at: number): string {
    return this.fields(words, at).join(this.separator);
  }

  fields(words: Int32Array, at: number): string[] {
    return this.plan.keys.map((key, k) => {
      const values = this.plan.slots[k].map(({ word, shift, bits }) =>
        extract(words[at + word], shift, bits),
      );
      return key.format(values, this.interner);
    });
  }

  markInterned(words: Int32Array, at: number): void {
    this.plan.keys.forEach((key, k) => {
      if (!key.interned) return;
      for (const { word, shift, bits } of this.plan.slots[k])
        this.interner.mark(extract(words[at + word], shift, bits));
    });
  }
}

function extract(word: number, shift: number, bits: number): number {
  return bits === 32 ? word : (word >>> shift) & (2 ** bits - 1);
}

interface NumberCode {
  /** Expression for the number; NaN when the sample has none. */
  readonly code: string;
  /** Statement that must run first; '' when none. */
  readonly ensure: string;
  /** Condition for the number to be there, usable before `ensure`; '' when `code` has to be looked at. */
  readonly present: string;
}

function numberCode(key: KeyReference, g: Generator): NumberCode {
  const places = g.sources(key);
  const fixed = fixedSources(places, g);
  if (fixed?.numeric === true) {
    const present = fixed.present === '' ? 'true' : fixed.present;
    return { code: `(${fixed.words[0]} >>> 0)`, ensure: '', present };
  }
  const name = g.lazy(`number ${key.name}`, 'NaN');
  const evaluate = g.constant((sample: SampleContext) => evaluateNumber(key, sample));
  return { code: name, ensure: `if (${name} !== ${name}) ${name} = ${evaluate}(s);`, present: '' };
}

/** Code of one definition: conditions, key words, entry, additions. */
function generateUnit(unit: CompileUnit, g: Generator): string {
  const { definition } = unit;
  const plan = planKeys(definition, g);
  const numbers = [definition.value, ...definition.values].map((value) => numberCode(value.key, g));
  // `count:` looks at any key, numeric or not; the interpreter sees to it in afterUpdate.
  const counts = definition.value.statistic === 'count';
  const isDiscard = g.read('s.kind === 1');
  const cheap = [
    definition.dropped ? isDiscard : `!${isDiscard}`,
    definition.aggMode === 'EDGE' ? g.read('s.edge === 1') : '',
    ...plan.keys.map((key) => key.present),
    counts ? keyPresent(definition.value.key, g) : numbers[0].present,
    filterCode(definition.filter, g),
  ];
  const lazy = [
    ...plan.keys.map((key) => key.lazyPresent),
    counts || numbers[0].present !== '' ? '' : `${numbers[0].code} === ${numbers[0].code}`,
  ];
  const rates = rateIndexes(definition).map((i) => ({ number: numbers[i], certain: i === 0 }));
  return [
    `if (${conjunction(cheap)}) {`,
    ...new Set([
      ...plan.keys.map((key) => key.lazy),
      ...rates.map(({ number }) => number.ensure),
      counts ? '' : numbers[0].ensure,
    ]),
    `if (${conjunction(lazy)}) {`,
    ...updateCode(unit, plan, rates, g),
    '}}',
  ].join('\n');
}

function conjunction(conditions: readonly string[]): string {
  const needed = [...new Set(conditions)].filter((condition) => condition !== '' && condition !== 'true');
  return needed.length === 0 ? 'true' : needed.join(' && ');
}

function keyPresent(key: KeyReference, g: Generator): string {
  const fixed = fixedKey(key, g);
  if (fixed !== undefined) return fixed.present;
  return `${g.constant((sample: SampleContext) => evaluateKey(key, sample, g.lookups) !== undefined)}(s)`;
}

/** A value kept as an accumulator; `certain` when a sample without it does not get this far. */
interface RateCode {
  readonly number: NumberCode;
  readonly certain: boolean;
}

/** Find or make the entry, add the values, note the time. */
function updateCode(unit: CompileUnit, plan: KeyPlan, rates: readonly RateCode[], g: Generator): string[] {
  const { definition, table } = unit;
  const { keyAt, updatedAt, stride } = table;
  const words: string[][] = Array.from({ length: plan.keyWords }, () => []);
  words[0].push(scopeCode(definition, g));
  plan.keys.forEach((key, k) => {
    key.pieces.forEach((piece, p) => {
      const { word, shift } = plan.slots[k][p];
      words[word].push(shift === 0 ? piece.code : `(${piece.code} << ${shift})`);
    });
  });
  const t = g.constant(table);
  const decay = g.constant(table.decay);
  const elapsed = g.read(`${decay}.elapsed`);
  const factor = g.read(`s.samplingRate * ${decay}.weight`);
  const equal = words.map((_, i) => `w[e + ${keyAt + i}] === k${i}`).join(' && ');
  return [
    ...words.map((parts, i) => `const k${i} = ${parts.join(' | ')} | 0;`),
    `let h = ${table.seed}, e = 0, w;`,
    ...words.map((_, i) => `h = Math.imul(h ^ k${i}, 0x85ebca6b); h ^= h >>> 15;`),
    'search: for (;;) {',
    `  w = ${t}.words; e = (((h >>> 0) * ${t}.scale) | 0) * ${stride};`,
    `  for (const z = ${t}.size; w[e + ${keyAt}] !== 0; ) {`,
    `    if (${equal}) break search;`,
    `    e += ${stride}; if (e === z) e = 0;`,
    '  }',
    `  if (${t}.count >= ${t}.growAt) { ${t}.makeRoom(now); continue; }`,
    ...words.map((_, i) => `  w[e + ${keyAt + i}] = k${i};`),
    `  ${t}.count++;`,
    '  break;',
    '}',
    `w[e + ${updatedAt}] = ${elapsed};`,
    ...rates.map(({ number, certain }, r) => {
      const sum = certain ? number.code : `(${present(number)} ? ${number.code} : 0)`;
      return `${t}.doubles[(e >> 1) + ${r}] += ${sum} * ${factor};`;
    }),
    unit.afterUpdate === undefined ? '' : `${g.constant(unit.afterUpdate)}(e, s, now);`,
    watchCode(unit, g),
  ];
}

/** Accumulators are compared as they are: a rate of v is an accumulator of v · weight / unit (decay.ts). */
function watchCode({ definition, table, watch, afterWatched }: CompileUnit, g: Generator): string {
  if (watch === undefined || afterWatched === undefined) return '';
  const call = `${g.constant(afterWatched)}(e, now);`;
  if (!isRate(definition.value)) return call;
  const w = g.constant(watch);
  const limit = `${w}.least * ${g.constant(table.decay)}.weight / ${table.decay.unit}`;
  const scope = scopeCode(definition, g);
  return `if (${g.constant(table)}.doubles[e >> 1] >= ${limit} || ${w}.everyUpdate[${scope}] === 1) ${call}`;
}

function present(number: NumberCode): string {
  return number.present === '' ? `${number.code} === ${number.code}` : number.present;
}

function scopeCode(definition: FlowDefinition, g: Generator): string {
  if (definition.aggMode === 'EDGE') return String(NETWORK_SCOPE);
  return g.read(definition.aggMode === 'AGENT' ? 's.agentScope' : 's.dataSourceScope');
}

// ---------------------------------------------------------------------------------------------------------------
// Filters

/** Expression that is true when the sample passes. */
function filterCode(filter: FilterExpression, g: Generator): string {
  switch (filter.kind) {
    case 'pass':
      return 'true';
    case 'and':
      return `(${filter.terms.map((term) => filterCode(term, g)).join(' && ')})`;
    case 'or':
      return `(${filter.terms.map((term) => filterCode(term, g)).join(' || ')})`;
    case 'not':
      return `!(${filterCode(filter.term, g)})`;
    case 'test':
      return testCode(filter, g);
  }
}

/** Functions whose text depends on the text of their first argument alone. */
const FUNCTIONS_OF_ONE_KEY = new Set(['range', 'bits', 'prefix', 'suffix', 'first', 'hash']);

function testCode(test: FilterTest, g: Generator): string {
  const { lookups } = g;
  const interpreted = (): string =>
    `${g.constant((sample: SampleContext) => evaluateFilter(test, sample, lookups))}(s)`;
  const own = fixedExpression(test.key, g);
  const argument = own === undefined ? soleKey(test.key) : undefined;
  const fixed = own ?? (argument === undefined ? undefined : fixedKey(argument, g));
  if (fixed === undefined) return groupTestCode(test, g) ?? interpreted();
  const whenAbsent = test.negated ? !test.orAbsent : test.orAbsent;
  const inPlace = (code: string): string =>
    fixed.present === '' ? code : `(${fixed.present} ? ${code} : ${whenAbsent})`;
  if (own !== undefined && test.operator === 'equal') {
    const constants = test.values.map((value) => parseWords(fixed, value));
    if (constants.every((words) => words !== 'unknown')) {
      const options = constants.flatMap((words) =>
        words === undefined ? [] : [equalCode(fixed, words as number[])],
      );
      const equal = options.length === 0 ? 'false' : `(${options.join(' || ')})`;
      return inPlace(test.negated ? `!${equal}` : equal);
    }
  }
  if (fixed.words.length !== 1) return interpreted();
  // Small words (ports, types, flags) are judged once each by the interpreter and remembered.
  const verdicts = new Uint8Array(REMEMBERED);
  const judge = (word: number, sample: SampleContext): boolean => {
    const verdict = evaluateFilter(test, sample, lookups);
    if (word < REMEMBERED) verdicts[word] = verdict ? 1 : 2;
    return verdict;
  };
  const memory = g.constant(verdicts);
  const word = `(${fixed.words[0]} >>> 0)`;
  return inPlace(`(${memory}[${word}] > 0 ? ${memory}[${word}] === 1 : ${g.constant(judge)}(${word}, s))`);
}

const REMEMBERED = 65536;

/** The plain key on whose text alone a function depends, if there is one. */
function soleKey(expression: KeyExpression): KeyReference | undefined {
  if (expression.kind === 'key') return undefined;
  const keys = expression.args.filter((arg) => typeof arg === 'object');
  const only = keys[0];
  if (keys.length !== 1 || !FUNCTIONS_OF_ONE_KEY.has(expression.name)) return undefined;
  return typeof only === 'object' && only.kind === 'key' ? only : undefined;
}

/** `group:k:g=label` of an IPv4 key: looked up by the word, no text made. */
function groupTestCode(test: FilterTest, g: Generator): string | undefined {
  const group = groupOfIPv4(test.key, g);
  if (group === undefined) return undefined;
  const { lookups } = g;
  const whenAbsent = test.negated ? !test.orAbsent : test.orAbsent;
  const judge = (word: number): boolean => {
    const label = lookups.lookupIPv4(group.names, word);
    if (label === undefined) return whenAbsent;
    const matches =
      test.operator === 'equal'
        ? test.values.includes(label)
        : test.patterns.some((pattern) => pattern.test(label));
    return matches !== test.negated;
  };
  return `(${group.present} ? ${g.constant(judge)}(${group.word}) : ${whenAbsent})`;
}

function groupOfIPv4(
  expression: KeyExpression,
  g: Generator,
): { names: string[]; word: string; present: string } | undefined {
  if (expression.kind !== 'call' || expression.name !== 'group') return undefined;
  const [key, ...rest] = expression.args;
  if (typeof key !== 'object' || key.kind !== 'key') return undefined;
  const source = fixedKey(key, g);
  if (source === undefined || source.form !== 'ipv4') return undefined;
  const names = rest.filter((arg) => typeof arg === 'string');
  return { names, word: source.words[0], present: source.present === '' ? 'true' : source.present };
}

function equalCode(source: SourceCode, words: readonly number[]): string {
  return `(${words.map((word, i) => `(${source.words[i]} | 0) === ${word | 0}`).join(' && ')})`;
}

/** Words whose text is `text`; undefined when there are none; 'unknown' when that takes trying. */
function parseWords(source: SourceCode, text: string): number[] | undefined | 'unknown' {
  switch (source.form) {
    case 'decimal':
      return /^(0|[1-9]\d{0,9})$/.test(text) && Number(text) < 2 ** 32 ? [Number(text)] : undefined;
    case 'ipv4': {
      const word = parseIPv4(text);
      return word === undefined ? undefined : [word];
    }
    case 'mac': {
      if (!/^[0-9A-F]{12}$/.test(text)) return undefined;
      return [Number.parseInt(text.slice(0, 4), 16), Number.parseInt(text.slice(4), 16)];
    }
    case 'ipv6': {
      const words = parseIPv6(text);
      if (words === undefined || formatIPv6(words[0], words[1], words[2], words[3]) !== text)
        return undefined;
      return [...words];
    }
    default:
      return 'unknown';
  }
}
