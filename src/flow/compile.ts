import { CodeGenerator } from './code-generator.ts';
import type { FlowDefinition } from './expression.ts';
import type { Interner } from './interner.ts';
import { type KeyLayout, PlannedLayout, planKeys } from './key-layout.ts';
import type { Lookups } from './lookups.ts';
import { RECORD_SLOTS, type SampleContext } from './sample.ts';
import type { TableShape } from './table.ts';
import { type CompileUnit, generateUnit } from './unit-code.ts';
import { needsAttachment, rateIndexes } from './value-kind.ts';

/**
 * Compiles flow definitions. All definitions of a shard become one generated function: what several of them read is
 * read once per sample, hashing and comparing are unrolled, and an update is a few additions into typed arrays.
 *
 * The generated text is made of offsets, masks and numbers of the parsed form only; text that came from a user
 * reaches it as an element of a constants array, never as source. What has no fixed place in the bytes (names, URLs,
 * most functions) is evaluated by the reference interpreter and interned, lazily and once per sample.
 */

/** Updates every table for one sample. */
export type Program = (sample: SampleContext, now: number) => void;

/** Layout of a definition's key, and the shape of the table it needs. */
export function layoutOf(
  definition: FlowDefinition,
  interner: Interner,
  lookups: Lookups,
): { layout: KeyLayout; shape: TableShape } {
  const plan = planKeys(definition, new CodeGenerator(interner, lookups, undefined));
  const rates = rateIndexes(definition).length;
  return {
    layout: new PlannedLayout(plan, definition.fs, interner),
    shape: { keyWords: plan.keyWords, rates, attachment: needsAttachment(definition) },
  };
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
  const whole = new CodeGenerator(interner, lookups, undefined);
  const general = build(units, whole);
  if (whole.fallbacks.size === 0) return general;
  const usual = build(units, new CodeGenerator(interner, lookups, whole));
  const flags = new Uint8Array(RECORD_SLOTS);
  for (const slot of whole.fallbacks) flags[slot] = 1;
  return (sample, now) => {
    if (sample.hasRecord(flags)) general(sample, now);
    else usual(sample, now);
  };
}

function build(units: readonly CompileUnit[], g: CodeGenerator): Program {
  const code = units.map((unit, i) => generateUnit(unit, i, g));
  const body = [...code.map(({ locate }) => locate), ...code.map(({ add }) => add)];
  const source = [...g.declarations(), 'return function run(s, now) {', ...g.prelude(), ...body, '};'].join(
    '\n',
  );
  const make = new Function('C', source) as (constants: readonly unknown[]) => Program;
  return make(g.constants);
}
