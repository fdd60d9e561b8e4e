import { u32, WeirError } from '../common/index.ts';
import {
  COUNTER_STRUCTURES,
  formatWord,
  minimumBytes,
  type Structure,
  structureNamed,
} from '../sflow/index.ts';
import { compilePlan, elementSize, offsetOf } from './compile-plan.ts';
import type { RecordPlan } from './plan.ts';
import type { StructureRules } from './rule.ts';

/** Elements beyond these are left out, so that a record cannot make up metrics without end. */
const MAX_ELEMENTS = 32;

/** What there is for a record. */
export const PLAN = {
  /** Nothing is known of its format. */
  unknown: 'unknown',
  /** The format is known and gives no metrics. */
  none: 'none',
  /** Shorter than its structure. */
  short: 'short',
} as const;

export type PlanOrNot = RecordPlan | (typeof PLAN)[keyof typeof PLAN];

/** Plans of one structure: one, or one for each number of elements. */
interface Family {
  readonly structure: Structure;
  readonly rules: StructureRules;
  readonly minimum: number;
  /** Byte offset of the elements' length word, and bytes of one; -1 and 0 when the structure has none. */
  readonly elementsAt: number;
  readonly elementSize: number;
  readonly plans: RecordPlan[];
  readonly virtualPlans: RecordPlan[];
}

/** The rules of all structures, compiled. */
export class PlanBook {
  private readonly families = new Map<number, Family | typeof PLAN.none>();
  private count = 0;

  /** Throws a WeirError `METRIC_BAD_RULE` when a rule names a structure, field or metric that is not there: a slip in the tables. */
  constructor(allRules: readonly StructureRules[]) {
    for (const structure of COUNTER_STRUCTURES) this.families.set(wordOf(structure), PLAN.none);
    for (const rules of allRules) {
      const structure = structureNamed(rules.structure);
      if (structure === undefined)
        throw new WeirError('METRIC_BAD_RULE', `metric rules of ${rules.structure}: no such structure`);
      const array = structure.fields.find((field) => field.name === rules.elements?.field);
      const family: Family = {
        structure,
        rules,
        minimum: minimumBytes(structure),
        elementsAt: array === undefined ? -1 : offsetOf(structure, array),
        elementSize: array === undefined ? 0 : elementSize(array),
        plans: [],
        virtualPlans: [],
      };
      this.families.set(wordOf(structure), family);
      this.planOf(family, 0, false);
    }
  }

  /** The plan for the record of `format` in `bytes[at, end)`. `virtual`: it describes a virtual machine. */
  find(format: number, bytes: Uint8Array, at: number, end: number, virtual: boolean): PlanOrNot {
    const family = this.families.get(format >>> 0) ?? PLAN.unknown;
    if (typeof family === 'string') return family;
    if (end - at < family.minimum) return PLAN.short;
    if (family.elementsAt < 0) return this.planOf(family, 0, virtual);
    const count = u32(bytes, at + family.elementsAt);
    if (count * family.elementSize > end - at - family.elementsAt - 4) return PLAN.short;
    return this.planOf(family, Math.min(count, MAX_ELEMENTS), virtual);
  }

  /** The plan that takes a record's place when the data source turns out to be a virtual machine's. */
  virtualPlan(format: number): RecordPlan | undefined {
    const family = this.families.get(format >>> 0) ?? PLAN.unknown;
    if (typeof family === 'string' || family.rules.virtualPrefix === undefined) return undefined;
    return this.planOf(family, 0, true);
  }

  private planOf(family: Family, elements: number, virtual: boolean): RecordPlan {
    const prefix = virtual ? family.rules.virtualPrefix : undefined;
    const plans = prefix === undefined ? family.plans : family.virtualPlans;
    return (plans[elements] ??= compilePlan(
      family.structure,
      family.rules,
      elements,
      prefix ?? '',
      this.count++,
    ));
  }
}

function wordOf(structure: Structure): number {
  return formatWord(structure.enterprise, structure.format);
}
