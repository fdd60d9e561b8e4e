import type { CodeGenerator } from './code-generator.ts';
import { evaluateKey, evaluateNumber } from './evaluate.ts';
import type { FlowDefinition, KeyReference } from './expression.ts';
import { filterCode } from './filter-code.ts';
import { type KeyPlan, planKeys } from './key-layout.ts';
import type { SampleContext } from './sample.ts';
import { fixedKey, fixedSources } from './source-code.ts';
import { type FlowTable, NETWORK_SCOPE } from './table.ts';
import { isRate, rateIndexes } from './value-kind.ts';
import type { FlowWatch } from './watch.ts';

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

interface NumberCode {
  /** Expression for the number; NaN when the sample has none. */
  readonly code: string;
  /** Statement that must run first; '' when none. */
  readonly ensure: string;
  /** Condition for the number to be there, usable before `ensure`; '' when `code` has to be looked at. */
  readonly present: string;
}

function numberCode(key: KeyReference, g: CodeGenerator): NumberCode {
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

/**
 * Code of one definition in two parts. `locate` computes the key's words and loads the first word of the entry where it
 * should be; `add` finds or makes the entry and adds. All definitions locate before the first one adds: an entry is
 * rarely in the cache, and so their loads are under way together instead of one after the other.
 */
export interface UnitCode {
  readonly locate: string;
  readonly add: string;
}

/** @param number tells its variables from those of other definitions */
export function generateUnit(unit: CompileUnit, number: number, g: CodeGenerator): UnitCode {
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
  const names: EntryNames = {
    keys: Array.from({ length: plan.keyWords }, (_, i) => `k${number}_${i}`),
    hash: `h${number}`,
    entry: `e${number}`,
    first: `p${number}`,
  };
  const locate = [
    `let ${[...names.keys, names.hash, names.first].map((name) => `${name} = 0`).join(', ')}, ${names.entry} = -1;`,
    `if (${conjunction(cheap)}) {`,
    ...new Set([
      ...plan.keys.map((key) => key.lazy),
      ...rates.map((rate) => rate.number.ensure),
      counts ? '' : numbers[0].ensure,
    ]),
    `if (${conjunction(lazy)}) {`,
    ...locateCode(unit, plan, names, g),
    '}}',
  ];
  const add = [`if (${names.entry} >= 0) {`, ...addCode(unit, names, rates, g), '}'];
  return { locate: locate.join('\n'), add: add.join('\n') };
}

/** Variables of one definition: key words, their hash, the entry's word offset, the entry's first key word. */
interface EntryNames {
  readonly keys: readonly string[];
  readonly hash: string;
  readonly entry: string;
  readonly first: string;
}

function conjunction(conditions: readonly string[]): string {
  const needed = [...new Set(conditions)].filter((condition) => condition !== '' && condition !== 'true');
  return needed.length === 0 ? 'true' : needed.join(' && ');
}

function keyPresent(key: KeyReference, g: CodeGenerator): string {
  const fixed = fixedKey(key, g);
  if (fixed !== undefined) return fixed.present;
  return `${g.constant((sample: SampleContext) => evaluateKey(key, sample, g.lookups) !== undefined)}(s)`;
}

/** A value kept as an accumulator; `certain` when a sample without it does not get this far. */
interface RateCode {
  readonly number: NumberCode;
  readonly certain: boolean;
}

/** The key's words, their hash, and the entry where the search begins. */
function locateCode(unit: CompileUnit, plan: KeyPlan, names: EntryNames, g: CodeGenerator): string[] {
  const { definition, table } = unit;
  const words: string[][] = names.keys.map(() => []);
  words[0].push(scopeCode(definition, g));
  plan.keys.forEach((key, k) => {
    key.pieces.forEach((piece, p) => {
      const { word, shift } = plan.slots[k][p];
      words[word].push(shift === 0 ? piece.code : `(${piece.code} << ${shift})`);
    });
  });
  const { hash, entry, first } = names;
  const t = g.constant(table);
  return [
    ...words.map((parts, i) => `${names.keys[i]} = ${parts.join(' | ')} | 0;`),
    `${hash} = ${table.seed};`,
    ...names.keys.map(
      (key) => `${hash} = Math.imul(${hash} ^ ${key}, 0x85ebca6b); ${hash} ^= ${hash} >>> 15;`,
    ),
    `${entry} = (((${hash} >>> 0) * ${t}.scale) | 0) * ${table.stride};`,
    `${first} = ${t}.words[${entry} + ${table.keyAt}];`,
  ];
}

/** Find or make the entry, add the values, note the time. */
function addCode(
  unit: CompileUnit,
  names: EntryNames,
  rates: readonly RateCode[],
  g: CodeGenerator,
): string[] {
  const { table } = unit;
  const { keyAt, updatedAt, stride } = table;
  const { keys, hash } = names;
  const t = g.constant(table);
  const decay = g.constant(table.decay);
  const elapsed = g.read(`${decay}.elapsed`);
  const factor = g.read(`s.samplingRate * ${decay}.weight`);
  const equal = keys
    .map((key, i) => (i === 0 ? `p === ${key}` : `w[e + ${keyAt + i}] === ${key}`))
    .join(' && ');
  return [
    `let w = ${t}.words, e = ${names.entry}, p = ${names.first};`,
    'search: for (;;) {',
    `  for (const z = ${t}.size; p !== 0; p = w[e + ${keyAt}]) {`,
    `    if (${equal}) break search;`,
    `    e += ${stride}; if (e === z) e = 0;`,
    '  }',
    `  if (${t}.count >= ${t}.growAt) {`,
    `    ${t}.makeRoom(now);`,
    `    w = ${t}.words; e = (((${hash} >>> 0) * ${t}.scale) | 0) * ${stride}; p = w[e + ${keyAt}];`,
    '    continue;',
    '  }',
    ...keys.map((key, i) => `  w[e + ${keyAt + i}] = ${key};`),
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
function watchCode({ definition, table, watch, afterWatched }: CompileUnit, g: CodeGenerator): string {
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

function scopeCode(definition: FlowDefinition, g: CodeGenerator): string {
  if (definition.aggMode === 'EDGE') return String(NETWORK_SCOPE);
  return g.read(definition.aggMode === 'AGENT' ? 's.agentScope' : 's.dataSourceScope');
}
