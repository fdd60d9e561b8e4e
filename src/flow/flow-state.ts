import { layoutOf } from './compile.ts';
import type { Decay } from './decay.ts';
import { evaluateFilter, evaluateKey, evaluateNumber } from './evaluate.ts';
import type { FlowDefinition, ValueExpression } from './expression.ts';
import { FlowLog, type FlowRecord } from './flow-log.ts';
import type { Interner } from './interner.ts';
import type { KeyLayout } from './key-layout.ts';
import type { Lookups } from './lookups.ts';
import type { SampleContext } from './sample.ts';
import { FlowTable, type TableHooks, type TableMemory } from './table.ts';
import type { CompileUnit } from './unit-code.ts';
import { isRate, keepsRecords, needsAttachment, rateIndexes } from './value-kind.ts';
import type { FlowWatch } from './watch.ts';
import { FlowWindow } from './window.ts';

/** A record that left the flow log, still without names and numbers of its own. */
export interface ClosedFlow {
  readonly name: string;
  readonly scope: number;
  readonly flowKeys: string;
  readonly value: number;
  readonly values: readonly number[] | undefined;
  /** ms on the engine's clock. */
  readonly start: number;
  readonly end: number;
}

/** A flow of a definition with `ipfixCollectors` at its end. */
export interface EndedFlow {
  readonly definition: FlowDefinition;
  readonly scope: number;
  /** Text of each key. */
  readonly keys: readonly string[];
  /** Total of each value, the main one first. */
  readonly totals: readonly number[];
  /** ms on the engine's clock. */
  readonly start: number;
  readonly end: number;
}

/** What a flow keeps beside its table entry. */
interface Attachment {
  window: FlowWindow | undefined;
  record: FlowRecord | undefined;
}

export interface FlowStateDependencies {
  readonly interner: Interner;
  readonly lookups: Lookups;
  readonly decay: Decay;
  readonly seed: number;
  readonly limitBytes: number;
  readonly isLive: (scope: number) => boolean;
  readonly onClosed: (flow: ClosedFlow) => void;
  readonly onEnded: ((flow: EndedFlow) => void) | undefined;
  readonly windowBudget: WindowBudget;
  readonly memory: TableMemory | undefined;
}

/** Samples held in the windows of a shard, and how many they may be. */
export interface WindowBudget {
  held: number;
  readonly limit: number;
  /** Samples that left a window before their time. */
  dropped: number;
}

const TEXT_KEY_WORDS = 2;

/** Measured on the heap, with one sample in each window: a record of the log, a window, and each of its columns. */
const RECORD_BYTES = 360;
const WINDOW_BYTES = 340;
const COLUMN_BYTES = 200;

/** One definition at work: its table, the windows and the log of its flows, and the reading of values. */
export class FlowState {
  readonly definition: FlowDefinition;
  readonly layout: KeyLayout;
  readonly table: FlowTable;
  /** Flows of samples that name their own fields (rtflow): the key is one interned text. Made when first needed. */
  custom: FlowTable | undefined;
  readonly customLayout: KeyLayout;
  private watcher: FlowWatch | undefined;

  private readonly deps: FlowStateDependencies;
  private readonly all: readonly ValueExpression[];
  /** For each value: its accumulator, or -1. */
  private readonly accumulator: readonly number[];
  /** For each value: its window column, or -1. */
  private readonly column: readonly number[];
  private readonly windowed: readonly ValueExpression[];
  private readonly windowMs: number;
  private readonly log: FlowLog | undefined;
  /** Ended flows go to IPFIX collectors. */
  private readonly exports: boolean;
  /** Records go on to the end of a flow, not only to its first sample. */
  private readonly followsToEnd: boolean;
  private readonly attachments: (Attachment | undefined)[] = [undefined];
  private readonly freeAttachments: number[] = [];
  private readonly row: number[];
  private readonly customKey = new Int32Array(TEXT_KEY_WORDS);
  private readonly hooks: TableHooks;

  constructor(definition: FlowDefinition, deps: FlowStateDependencies) {
    this.definition = definition;
    this.deps = deps;
    this.all = [definition.value, ...definition.values];
    const rates = rateIndexes(definition);
    this.accumulator = this.all.map((_, i) => rates.indexOf(i));
    this.windowed = this.all.filter((value) => !isRate(value));
    this.column = this.all.map((value) => this.windowed.indexOf(value));
    this.row = this.windowed.map(() => 0);
    this.windowMs = (definition.t * 4000) / 3;
    this.hooks = {
      isLive: deps.isLive,
      memory: deps.memory,
      onDrop: (table, entry, now, reason) => this.dropped(table, entry, now, reason),
      onMove: (table, entry) => this.moved(table, entry),
      ...(isRate(definition.value) ? {} : { rank: (table, entry, now) => this.value(table, entry, 0, now) }),
    };
    const { layout, shape } = layoutOf(definition, deps.interner, deps.lookups);
    this.layout = layout;
    const attachmentBytes =
      (keepsRecords(definition) ? RECORD_BYTES : 0) +
      (this.windowed.length > 0 ? WINDOW_BYTES + this.windowed.length * COLUMN_BYTES : 0);
    this.table = new FlowTable(
      { ...shape, attachmentBytes },
      deps.decay,
      deps.seed,
      deps.limitBytes,
      this.hooks,
    );
    this.customLayout = new TextLayout(deps.interner, definition.keys.length, definition.fs);
    this.exports = definition.ipfixCollectors.length > 0;
    this.followsToEnd = this.exports || !definition.flowStart;
    this.log = keepsRecords(definition)
      ? new FlowLog(definition.activeTimeout, (record, end) => this.closed(record, end))
      : undefined;
  }

  /** What the compiler needs to know. */
  get unit(): CompileUnit {
    const { definition, table, watcher } = this;
    return {
      definition,
      table,
      afterUpdate: needsAttachment(definition)
        ? (entry, sample, now) => this.attach(table, entry, sample, now)
        : undefined,
      watch: watcher,
      afterWatched: (entry, now) => this.watched(table, entry, now),
    };
  }

  /** Set or remove who watches; the program must be compiled anew. */
  set watch(watch: FlowWatch | undefined) {
    this.watcher = watch;
  }

  private watched(table: FlowTable, entry: number, now: number): void {
    this.watcher?.updated(table, entry, this.value(table, entry, 0, now), now);
  }

  /** The reference path: what the generated code does, by the interpreter. Serves samples with fields of their own. */
  updateCustom(sample: SampleContext, now: number): void {
    const { definition, deps } = this;
    if (definition.never || definition.dropped || definition.aggMode === 'EDGE') return;
    if (!evaluateFilter(definition.filter, sample, deps.lookups)) return;
    const number = evaluateNumber(definition.value.key, sample);
    if (Number.isNaN(number) && definition.value.statistic !== 'count') return;
    const texts: string[] = [];
    for (const key of definition.keys) {
      const text = evaluateKey(key, sample, deps.lookups);
      if (text === undefined) return;
      texts.push(text);
    }
    this.custom ??= new FlowTable(
      { ...this.table.shape, keyWords: TEXT_KEY_WORDS },
      deps.decay,
      deps.seed,
      this.table.limitBytes,
      this.hooks,
    );
    const table = this.custom;
    this.customKey[0] = definition.aggMode === 'AGENT' ? sample.agentScope : sample.dataSourceScope;
    this.customKey[1] = deps.interner.intern(texts.join(FIELD_MARK));
    const entry = table.obtain(this.customKey, 0, now);
    table.words[entry + table.updatedAt] = table.decay.elapsed;
    const factor = sample.samplingRate * table.decay.weight;
    this.all.forEach((value, i) => {
      const x = this.accumulator[i] < 0 ? Number.NaN : i === 0 ? number : evaluateNumber(value.key, sample);
      if (!Number.isNaN(x)) table.doubles[(entry >> 1) + this.accumulator[i]] += x * factor;
    });
    if (table.shape.attachment) this.attach(table, entry, sample, now);
    if (this.watcher !== undefined) this.watched(table, entry, now);
  }

  /** Text of an entry's key. */
  keyText(table: FlowTable, entry: number): string {
    const layout = table === this.table ? this.layout : this.customLayout;
    return layout.format(table.words, entry + table.keyAt);
  }

  /** The tables in use, with the layout of their keys. */
  tables(): { table: FlowTable; layout: KeyLayout }[] {
    const main = { table: this.table, layout: this.layout };
    return this.custom === undefined ? [main] : [main, { table: this.custom, layout: this.customLayout }];
  }

  /** Value `index` (0 the main one) of an entry at `now`. */
  value(table: FlowTable, entry: number, index: number, now: number): number {
    const accumulator = this.accumulator[index];
    if (accumulator >= 0) return table.doubles[(entry >> 1) + accumulator] * table.decay.readFactor(now);
    const window = this.windowOf(table, entry, now);
    if (window === undefined) return 0;
    const column = this.column[index];
    switch (this.all[index].statistic) {
      case 'count':
        return window.distinct(column);
      case 'min':
        return window.extreme(column, -1);
      case 'max':
        return window.extreme(column, 1);
      default:
        return window.mean(column);
    }
  }

  /** Values of `values:` in definition order; undefined when the definition has none. */
  extraValues(table: FlowTable, entry: number, now: number): number[] | undefined {
    if (this.definition.values.length === 0) return undefined;
    return this.definition.values.map((_, i) => this.value(table, entry, i + 1, now));
  }

  /** False when the main value is windowed and its window is empty: the flow is not listed then. */
  isListed(table: FlowTable, entry: number, now: number): boolean {
    if (this.accumulator[0] >= 0) return true;
    const window = this.windowOf(table, entry, now);
    return window !== undefined && window.length > 0;
  }

  /** True when entries of one table can be compared by their first accumulator. */
  get rankedByAccumulator(): boolean {
    return this.accumulator[0] >= 0;
  }

  /** Close records that are due in tables that get no samples; forget samples of windows nobody feeds. */
  sweep(now: number): void {
    if (this.followsToEnd) this.log?.sweep(now);
    if (this.windowed.length === 0) return;
    for (const { table } of this.tables()) table.visit((entry) => this.windowOf(table, entry, now));
  }

  reap(now: number): void {
    for (const { table } of this.tables()) table.reap(now);
  }

  setLimit(limitBytes: number, now: number): void {
    for (const { table } of this.tables()) table.setLimit(limitBytes, now);
  }

  /** Mark every interned text this definition's flows hold. */
  markInterned(): void {
    for (const { table, layout } of this.tables()) {
      table.visit((entry) => layout.markInterned(table.words, entry + table.keyAt));
    }
    this.windowed.forEach((value, column) => {
      if (value.statistic !== 'count') return;
      for (const attachment of this.attachments) {
        attachment?.window?.forEach(column, (id) => this.deps.interner.mark(id));
      }
    });
  }

  /** Drop the smaller half of the flows whose keys are texts. */
  halveInterned(now: number): void {
    for (const { table, layout } of this.tables()) {
      if (layout.holdsText) table.keepLargest(table.count >>> 1, now);
    }
  }

  /** Give up everything: the definition is gone. */
  close(now: number): void {
    for (const { table } of this.tables()) {
      table.clear(now);
      table.decay.detach(table);
    }
  }

  /** Entries, bytes and drops of both tables. */
  report(): { entries: number; bytes: number; limitBytes: number; dropped: number } {
    const report = { entries: 0, bytes: 0, limitBytes: this.table.limitBytes, dropped: 0 };
    for (const { table } of this.tables()) {
      report.entries += table.count;
      report.bytes += table.bytes;
      report.dropped += table.dropped;
    }
    return report;
  }

  private attachmentOf(table: FlowTable, entry: number): Attachment | undefined {
    return table.shape.attachment ? this.attachments[table.words[entry + table.attachmentAt]] : undefined;
  }

  private windowOf(table: FlowTable, entry: number, now: number): FlowWindow | undefined {
    const window = this.attachmentOf(table, entry)?.window;
    if (window !== undefined) this.deps.windowBudget.held -= window.expire(now - this.windowMs);
    return window;
  }

  /** After an update of an entry: feed its windows and its record, both made when the entry is new. */
  private attach(table: FlowTable, entry: number, sample: SampleContext, now: number): void {
    const at = entry + table.attachmentAt;
    let attachment = this.attachments[table.words[at]];
    if (attachment === undefined) {
      const id = this.freeAttachments.pop() ?? this.attachments.length;
      table.words[at] = id;
      attachment = {
        window: this.windowed.length > 0 ? new FlowWindow(this.windowed.length) : undefined,
        record: undefined,
      };
      this.attachments[id] = attachment;
    }
    if (attachment.window !== undefined) this.feedWindow(attachment.window, sample, now);
    if (this.log !== undefined) this.feedLog(this.log, attachment, table, entry, sample, now);
  }

  private feedWindow(window: FlowWindow, sample: SampleContext, now: number): void {
    const { windowBudget, interner, lookups } = this.deps;
    this.windowed.forEach((value, i) => {
      if (value.statistic === 'count') {
        const text = evaluateKey(value.key, sample, lookups);
        this.row[i] = text === undefined ? Number.NaN : interner.intern(text);
      } else this.row[i] = evaluateNumber(value.key, sample);
    });
    window.push(now, this.row);
    windowBudget.held += 1 - window.expire(now - this.windowMs);
    if (windowBudget.held > windowBudget.limit) {
      window.dropOldest();
      windowBudget.held--;
      windowBudget.dropped++;
    }
  }

  private feedLog(
    log: FlowLog,
    attachment: Attachment,
    table: FlowTable,
    entry: number,
    sample: SampleContext,
    now: number,
  ): void {
    const isNew = attachment.record === undefined;
    attachment.record ??= log.open(table.scopeOf(entry), entry, table.shape.rates, now);
    const { record } = attachment;
    this.all.forEach((value, i) => {
      const x = this.accumulator[i] < 0 ? Number.NaN : evaluateNumber(value.key, sample);
      if (!Number.isNaN(x)) record.totals[this.accumulator[i]] += x * sample.samplingRate;
    });
    const { definition } = this;
    if (isNew && definition.flowStart && definition.log) this.tell(record, now, this.logged);
    if (this.followsToEnd) log.sampled(record, now);
    else if (isNew) log.drop(record, now, false);
  }

  private closed(record: FlowRecord, end: number): void {
    const { log, flowStart } = this.definition;
    if (log && !flowStart) this.tell(record, end, this.logged);
    if (this.exports) this.tell(record, end, this.ended);
  }

  /** Hand a record to `to`, with the place of its flow's key. */
  private tell(record: FlowRecord, end: number, to: TellRecord): void {
    const owner = this.tables().find(({ table }) => {
      const inside = record.entry < table.size;
      return inside && this.attachmentOf(table, record.entry)?.record === record;
    });
    if (owner === undefined) return;
    const { table, layout } = owner;
    to(record, end, layout, table.words, record.entry + table.keyAt);
  }

  private readonly logged: TellRecord = (record, end, layout, words, at) => {
    const { name, values } = this.definition;
    const [value, ...extra] = this.totals(record);
    this.deps.onClosed({
      name,
      scope: record.scope,
      flowKeys: layout.format(words, at),
      value,
      values: values.length === 0 ? undefined : extra,
      start: record.start,
      end,
    });
  };

  private readonly ended: TellRecord = (record, end, layout, words, at) => {
    const { definition } = this;
    const { scope, start } = record;
    const keys = layout.fields(words, at);
    this.deps.onEnded?.({ definition, scope, keys, totals: this.totals(record), start, end });
  };

  /** Total of each value; 0 for those that are no rates. */
  private totals(record: FlowRecord): number[] {
    return this.accumulator.map((accumulator) => (accumulator < 0 ? 0 : record.totals[accumulator]));
  }

  private dropped(table: FlowTable, entry: number, now: number, reason: 'full' | 'gone' | 'clear'): void {
    const attachment = this.attachmentOf(table, entry);
    if (attachment === undefined) return;
    if (attachment.record !== undefined) {
      this.log?.drop(attachment.record, now, reason === 'full' && this.followsToEnd);
    }
    if (attachment.window !== undefined) this.deps.windowBudget.held -= attachment.window.length;
    const id = table.words[entry + table.attachmentAt];
    this.attachments[id] = undefined;
    this.freeAttachments.push(id);
  }

  private moved(table: FlowTable, entry: number): void {
    const record = this.attachmentOf(table, entry)?.record;
    if (record !== undefined) record.entry = entry;
  }
}

/** Takes a record, and its flow's key as `words[at …]`. */
type TellRecord = (record: FlowRecord, end: number, layout: KeyLayout, words: Int32Array, at: number) => void;

/** Separates the fields of an interned key; does not occur in keys. */
const FIELD_MARK = '\u0000';

/** Keys that are one interned text of all fields. */
class TextLayout implements KeyLayout {
  readonly keyWords = TEXT_KEY_WORDS;
  readonly holdsText = true;
  private readonly interner: Interner;
  private readonly count: number;
  private readonly separator: string;

  constructor(interner: Interner, count: number, separator: string) {
    this.interner = interner;
    this.count = count;
    this.separator = separator;
  }

  format(words: Int32Array, at: number): string {
    return this.fields(words, at).join(this.separator);
  }

  fields(words: Int32Array, at: number): string[] {
    return this.count === 0 ? [] : this.interner.text(words[at + 1]).split(FIELD_MARK);
  }

  markInterned(words: Int32Array, at: number): void {
    this.interner.mark(words[at + 1]);
  }
}
