import { u16, u32 } from '../common/index.ts';
import type { GivenMetrics } from './agent-names.ts';
import {
  type CustomMetric,
  CustomMetrics,
  type CustomMetricsBudget,
  isIntegerType,
  isTextType,
} from './custom-metrics.ts';
import type { RecordPlan } from './plan.ts';
import { PLAN, type PlanBook } from './plan-book.ts';
import { createRecordState, forgetCounters, type RecordState, updateRecord } from './record-state.ts';

/** Format words (enterprise 0) of records that mean more than their metrics. */
const IF_COUNTERS = 1;
const HOST_ADAPTERS = 2001;
const HOST_PARENT = 2002;
const VIRT_CPU = 2101;
const VIRT_MEMORY = 2102;

/** A MAC address with its padding. */
const MAC_BYTES = 8;

/** MAC addresses kept of one data source. */
const MAX_ADAPTERS = 64;

/** A metric as queries name it, with its slot in each plan looked up once. For the data sources of one store. */
export class MetricName {
  readonly name: string;
  /** Slot by the plan's index; -1: not in that plan. */
  private readonly slots: number[] = [];

  constructor(name: string) {
    this.name = name;
  }

  slotIn(plan: RecordPlan): number {
    return (this.slots[plan.index] ??= this.name === '' ? -1 : plan.names.indexOf(this.name));
  }
}

/** A metric's value as it is read. One reading is filled again and again. */
export interface Reading {
  value: number | string;
  /** Arrival, ms. */
  updated: number;
  /** The number is a whole one by its nature: printed without a fraction. */
  integer: boolean;
}

export function createReading(): Reading {
  return { value: '', updated: 0, integer: false };
}

/** Bound on what all records together keep. */
export interface RecordBudget {
  /** Numbers of eight bytes. */
  left: number;
  /** Records left out because nothing was left for their kind. */
  refused: number;
}

/** What data sources share: the compiled rules and the bounds. */
export interface SourceContext {
  readonly plans: PlanBook;
  readonly recordBudget: RecordBudget;
  readonly customBudget: CustomMetricsBudget;
  /** A data source's MAC addresses have changed. */
  readonly adaptersChanged: (source: MetricSource, before: readonly number[], now: readonly number[]) => void;
}

/**
 * The metrics of one data source (rest-api 7). A counter sample is `beginSample`, then `record` for each of its records.
 * On the steady path counters and gauges allocate nothing, and texts are made again only when they have changed.
 */
export class MetricSource {
  readonly agent: string;
  readonly name: string;
  /** False once the store has dropped it: what is recorded then is lost, and the store must be asked again. */
  live = true;
  /** Arrival of the latest sample, ms; -1: none yet. */
  updated = -1;
  /** What others than the agent say of this data source; what the agent itself says comes first. */
  given: GivenMetrics | undefined;
  private readonly context: SourceContext;
  private readonly records: RecordState[] = [];
  private custom: CustomMetrics | undefined;
  private macs: readonly number[] = [];
  /** Counters of an older baseline are forgotten when their record next comes. */
  private baseline = 0;
  private virtual = false;
  /** Two records have a metric of the same name. */
  private namesRepeat = false;

  constructor(agent: string, name: string, context: SourceContext) {
    this.agent = agent;
    this.name = name;
    this.context = context;
  }

  /**
   * A counter sample begins. `now`: arrival, ms. `baseline`: its sequence number was irregular (rest-api 3.3), so
   * that rates begin anew with the sample after it.
   */
  beginSample(now: number, baseline: boolean): void {
    this.updated = now;
    if (baseline) this.baseline++;
  }

  /** The agent has started anew: rates of everything begin anew with the sample after the next. */
  restart(): void {
    this.baseline++;
    this.custom?.forgetCounters();
  }

  /** Take in a counter record, `bytes[at, end)`. False: its format is unknown, or it is too short. */
  record(format: number, bytes: Uint8Array, at: number, end: number, now: number): boolean {
    if (format === HOST_ADAPTERS) return this.adapters(bytes, at, end);
    const plan = this.context.plans.find(format, bytes, at, end, this.virtual);
    if (typeof plan === 'string') return plan === PLAN.none;
    const state = this.stateOf(format, plan);
    if (state === undefined) {
      this.context.recordBudget.refused++;
      return true;
    }
    if (state.baseline !== this.baseline) {
      forgetCounters(state);
      state.baseline = this.baseline;
    }
    const whole = updateRecord(state, bytes, at, end, now);
    if (format === HOST_PARENT && !this.virtual) this.becomeVirtual();
    return whole;
  }

  /** Take in the custom metrics in `bytes[at, end)` (count, then name, type, value). False: cut short or not understood. */
  rtmetric(bytes: Uint8Array, at: number, end: number, now: number): boolean {
    this.updated = now;
    this.custom ??= new CustomMetrics(this.context.customBudget);
    return this.custom.update(bytes, at, end, now);
  }

  /** Drop everything: called by the store. */
  release(): void {
    this.live = false;
    for (const { plan } of this.records) this.context.recordBudget.left += plan.cost;
    this.custom?.release();
    this.setAdapters([]);
  }

  /** Read a metric. False: it is not there. When several records have it, the one that came first counts. */
  read(metric: MetricName, reading: Reading): boolean {
    return this.readSent(metric, reading) || this.readGiven(metric.name, reading);
  }

  /** The same of what the agent itself has sent. */
  readSent(metric: MetricName, reading: Reading): boolean {
    for (const state of this.records) {
      const slot = metric.slotIn(state.plan);
      if (slot >= 0 && readSlot(state, slot, reading)) return true;
    }
    const custom = this.custom?.get(metric.name);
    return custom !== undefined && readCustom(custom, reading);
  }

  /** Every metric that is there, each name once. The reading is valid during the call only. */
  visit(visitor: (name: string, reading: Reading) => void): void {
    const reading = createReading();
    const { given } = this;
    const seen =
      this.namesRepeat || this.custom !== undefined || given !== undefined ? new Set<string>() : undefined;
    for (const state of this.records) {
      const { names } = state.plan;
      for (let slot = 0; slot < names.length; slot++) {
        if (names[slot] === '' || !readSlot(state, slot, reading)) continue;
        if (seen !== undefined) {
          if (seen.has(names[slot])) continue;
          seen.add(names[slot]);
        }
        visitor(names[slot], reading);
      }
    }
    for (const metric of this.custom?.list ?? []) {
      if (!readCustom(metric, reading) || seen?.has(metric.name)) continue;
      seen?.add(metric.name);
      visitor(metric.name, reading);
    }
    for (const name of given?.keys() ?? [])
      if (!seen?.has(name) && this.readGiven(name, reading)) visitor(name, reading);
  }

  /** An interface: it has sent generic interface counters. */
  get isInterface(): boolean {
    return this.has(IF_COUNTERS);
  }

  /** It has sent nothing: it is there for what others say of it. */
  get isGivenOnly(): boolean {
    return this.records.length === 0 && this.custom === undefined && this.macs.length === 0;
  }

  /** A virtual machine: it has sent the processor or memory of one. */
  get isVirtualMachine(): boolean {
    return this.has(VIRT_CPU) || this.has(VIRT_MEMORY);
  }

  /** It has custom metrics. */
  get isCustom(): boolean {
    return this.custom !== undefined;
  }

  private readGiven(name: string, reading: Reading): boolean {
    const value = this.given?.get(name);
    if (value === undefined) return false;
    reading.value = value;
    reading.updated = this.updated;
    reading.integer = typeof value === 'number';
    return true;
  }

  private has(format: number): boolean {
    return this.indexOf(format) >= 0;
  }

  /** The state of a record, made when it is new. undefined: there is no room for it. */
  private stateOf(format: number, plan: RecordPlan): RecordState | undefined {
    const { records } = this;
    const { recordBudget } = this.context;
    const index = this.indexOf(format);
    if (index >= 0 && records[index].plan === plan) return records[index];
    // Another number of elements means other metrics.
    const cost = plan.cost - (index >= 0 ? records[index].plan.cost : 0);
    if (cost > recordBudget.left) return undefined;
    recordBudget.left -= cost;
    const state = createRecordState(format, plan, this.baseline);
    if (index >= 0) records[index] = state;
    else {
      this.namesRepeat ||= plan.names.some(
        (name) => name !== '' && records.some(({ plan: { names } }) => names.includes(name)),
      );
      records.push(state);
    }
    return state;
  }

  private indexOf(format: number): number {
    const { records } = this;
    for (let i = 0; i < records.length; i++) if (records[i].format === format) return i;
    return -1;
  }

  /** From now on metrics of the host record are the virtual machine's (rest-api 7.2), also if it came before. */
  private becomeVirtual(): void {
    this.virtual = true;
    for (const state of this.records) {
      const plan = this.context.plans.virtualPlan(state.format);
      if (plan !== undefined) state.plan = plan;
    }
  }

  /** host_adapters: a counted array of an interface index and a counted array of MAC addresses. */
  private adapters(bytes: Uint8Array, start: number, end: number): boolean {
    const macs: number[] = [];
    let at = start;
    if (end - at < 4) return false;
    let left = u32(bytes, at);
    at += 4;
    for (; left > 0; left--) {
      if (end - at < 8) return false;
      const count = u32(bytes, at + 4);
      at += 8;
      if (count > (end - at) / MAC_BYTES) return false;
      for (let i = 0; i < count; i++, at += MAC_BYTES)
        if (macs.length < MAX_ADAPTERS) macs.push(u16(bytes, at) * 2 ** 32 + u32(bytes, at + 2));
    }
    this.setAdapters(macs);
    return true;
  }

  private setAdapters(macs: readonly number[]): void {
    const before = this.macs;
    if (macs.length === before.length && macs.every((mac, i) => mac === before[i])) return;
    this.macs = macs;
    this.context.adaptersChanged(this, before, macs);
  }
}

function readSlot(state: RecordState, slot: number, reading: Reading): boolean {
  const { plan, numbers, texts } = state;
  if (slot >= plan.numberSlots) {
    const text = texts[slot - plan.numberSlots];
    if (text === '') return false;
    reading.value = text;
    reading.updated = state.updated;
    reading.integer = false;
    return true;
  }
  const value = numbers[slot];
  if (Number.isNaN(value)) return false;
  reading.value = value;
  reading.updated = plan.times[slot] < 0 ? state.updated : numbers[plan.times[slot]];
  reading.integer = plan.integer[slot];
  return true;
}

function readCustom(metric: CustomMetric, reading: Reading): boolean {
  const value = isTextType(metric.type) ? metric.text : metric.value;
  if (value === '' || Number.isNaN(value)) return false;
  reading.value = value;
  reading.updated = metric.updated;
  reading.integer = isIntegerType(metric.type);
  return true;
}
