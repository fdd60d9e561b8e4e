import { WeirError } from '../common/index.ts';
import type { FieldType, Structure, StructureField } from '../sflow/index.ts';
import { minimumElementBytes, minimumTypeBytes } from '../sflow/minimum-bytes.ts';
import { type DerivedStep, type RecordPlan, STEP, type Step } from './plan.ts';
import type { DerivedRule, ElementsRule, FieldRule, StructureRules } from './rule.ts';

/** Memory of a state's objects, and of the longest text, in numbers of eight bytes. */
const STATE_COST = 32;
const STRING_COST = 36;

const GAUGE_STEPS: Readonly<Record<string, number>> = {
  u32: STEP.gauge32,
  i32: STEP.gaugeSigned,
  u64: STEP.gauge64,
  f32: STEP.gaugeFloat,
};

/**
 * Compile the rules of a structure for records with `elements` elements. `prefix` goes before every metric's name.
 * Throws a WeirError `METRIC_BAD_RULE` when a rule names a field or metric that is not there or does not fit it: a
 * slip in the tables.
 */
export function compilePlan(
  structure: Structure,
  rules: StructureRules,
  elements: number,
  prefix: string,
  index: number,
): RecordPlan {
  for (const name of Object.keys(rules.fields))
    if (!structure.fields.some((field) => field.name === name)) throw slip(structure, name, 'no such field');
  const draft = new Draft(structure, prefix);
  for (const field of structure.fields) {
    if (field.name === rules.elements?.field) draft.addElements(field, rules.elements, elements);
    else draft.addField(field, rules.fields[field.name], '');
  }
  for (const rule of rules.derived) draft.addDerived(rule);
  return draft.finish(index);
}

/** Byte offset of a field behind fields of fixed size. */
export function offsetOf(structure: Structure, field: StructureField): number {
  return structure.fields
    .slice(0, structure.fields.indexOf(field))
    .reduce((total, before) => total + minimumTypeBytes(before.type), 0);
}

/** Fields of an array's elements. */
function elementFields(field: StructureField): readonly StructureField[] {
  const { type } = field;
  return typeof type === 'object' && 'array' in type && typeof type.array === 'object' ? type.array : [];
}

/** Bytes of one element of an array of structures. */
export function elementSize(field: StructureField): number {
  return minimumElementBytes(elementFields(field));
}

function typeOf(type: FieldType): string {
  return typeof type === 'string' ? type : 'array' in type ? 'array' : 'bytes' in type ? 'bytes' : 'other';
}

function slip(structure: Structure, name: string, what: string): WeirError {
  return new WeirError('METRIC_BAD_RULE', `metric rules of ${structure.name}: ${name}: ${what}`);
}

/** The parts of a plan while they are collected. Memory is numbered from 0 until the number of slots is known. */
class Draft {
  private readonly structure: Structure;
  private readonly prefix: string;
  private readonly steps: Step[] = [];
  private readonly derived: DerivedStep[] = [];
  private readonly numbers: { visible: boolean; name: string; integer: boolean; time: number }[] = [];
  private readonly texts: string[] = [];
  private memory = 0;

  constructor(structure: Structure, prefix: string) {
    this.structure = structure;
    this.prefix = prefix;
  }

  addField(field: StructureField, rules: FieldRule | readonly FieldRule[] | undefined, suffix: string): void {
    const advance = minimumTypeBytes(field.type);
    if (typeof field.type === 'object' && !('bytes' in field.type))
      throw slip(this.structure, field.name, 'type without metrics');
    const list = rules === undefined ? [] : 'kind' in rules ? [rules] : rules;
    if (list.length === 0)
      this.addStep(field, { does: field.type === 'string' ? STEP.skipString : STEP.skip });
    list.forEach((rule, i) => {
      this.addRule(field, rule, i === list.length - 1 ? advance : 0, suffix);
    });
  }

  /** The array's length word as a gauge, then the elements. */
  addElements(field: StructureField, rule: ElementsRule, count: number): void {
    const length: StructureField = { name: field.name, type: 'u32' };
    this.addField(length, { kind: 'gauge', name: rule.count, divisor: 1 }, '');
    for (let i = 0; i < count; i++) {
      for (const each of elementFields(field)) {
        const name = rule.gauges[each.name];
        this.addField(each, name === undefined ? undefined : { kind: 'gauge', name, divisor: 1 }, `_${i}`);
      }
    }
  }

  addDerived(rule: DerivedRule): void {
    const inputs = rule.inputs.map((name) => {
      const slot = this.numbers.findIndex((number) => number.name === name);
      if (slot < 0) throw slip(this.structure, rule.name, `no metric ${name}`);
      return slot;
    });
    this.derived.push({
      slot: this.addNumber(rule.name, true, rule.integer),
      inputs,
      ofDeltas: rule.of === 'deltas',
      compute: rule.compute,
    });
  }

  finish(index: number): RecordPlan {
    const slots = this.numbers.length;
    const strings = this.steps.filter(({ does }) => does === STEP.string).length;
    const times = this.numbers.map(({ time }) => (time < 0 ? -1 : slots + time));
    return {
      index,
      steps: this.steps.map((step) => ({ ...step, memory: slots + step.memory })),
      derived: this.derived,
      names: [
        ...this.numbers.map(({ name, visible }) => (visible ? this.prefix + name : '')),
        ...this.texts.map((name) => this.prefix + name),
      ],
      numberSlots: slots,
      integer: this.numbers.map(({ integer }) => integer),
      times,
      blank: new Array<number>(slots + this.memory).fill(Number.NaN),
      blankTexts: this.texts.map(() => ''),
      volatile: [
        ...times.flatMap((time, slot) => (time < 0 ? [] : [slot, time])),
        ...this.derived.map(({ slot }) => slot),
      ],
      cost: STATE_COST + slots + this.memory + this.texts.length + strings * STRING_COST,
      deltas: new Float64Array(slots).fill(Number.NaN),
    };
  }

  private addRule(field: StructureField, rule: FieldRule, advance: number, suffix: string): void {
    const name = rule.name + suffix;
    const type = typeOf(field.type);
    switch (rule.kind) {
      case 'counter': {
        if (type !== 'u32' && type !== 'u64') throw slip(this.structure, field.name, 'not a counter');
        const memory = this.remember(type === 'u64' ? 3 : 2);
        this.addStep(field, {
          does: type === 'u64' ? STEP.counter64 : STEP.counter32,
          advance,
          slot: this.addNumber(name, rule.per !== 'operand', false, memory),
          memory,
          ofTime: rule.per === 'time',
        });
        return;
      }
      case 'gauge': {
        const does = GAUGE_STEPS[type];
        if (does === undefined) throw slip(this.structure, field.name, 'not a gauge');
        const integer = rule.divisor === 1 && type !== 'f32';
        this.addStep(field, {
          does,
          advance,
          slot: this.addNumber(name, true, integer),
          divisor: rule.divisor,
        });
        return;
      }
      case 'label': {
        const size = type === 'string' ? 4 : (rule.size ?? minimumTypeBytes(field.type));
        this.texts.push(name);
        this.addStep(field, {
          does: type === 'string' ? STEP.string : STEP.label,
          size,
          advance,
          slot: this.texts.length - 1,
          memory: this.remember(type === 'string' ? 0 : size / 4),
          format: rule.format,
        });
      }
    }
  }

  private addStep(field: StructureField, step: Partial<Step> & { does: number }): void {
    const size = minimumTypeBytes(field.type);
    this.steps.push({
      size,
      advance: size,
      optional: field.optional === true,
      slot: -1,
      memory: 0,
      divisor: 1,
      ofTime: false,
      format: noText,
      ...step,
    });
  }

  private addNumber(name: string, visible: boolean, integer: boolean, time = -1): number {
    if (this.numbers.some((number) => number.name === name)) throw slip(this.structure, name, 'named twice');
    return this.numbers.push({ name, visible, integer, time }) - 1;
  }

  private remember(numbers: number): number {
    this.memory += numbers;
    return this.memory - numbers;
  }
}

function noText(): string {
  return '';
}
