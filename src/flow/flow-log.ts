/**
 * The flow log of one definition (rest-api 6.5): what each flow carried from one record to the next. A record is closed
 * when its flow's table (definition + data source) gets a sample and the record is `activeTimeout` old, at a sweep, or
 * when the flow is dropped from a full table. Flows of one scope stand in a list in the order of their record's start,
 * so that looking for due ones looks at the oldest only.
 */
export interface FlowRecord {
  readonly scope: number;
  /** Totals of the rates since `start`, main value first. */
  readonly totals: Float64Array;
  /** ms on the engine's clock. */
  start: number;
  /** Samples since `start`. */
  samples: number;
  /** Word offset of the flow's table entry. */
  entry: number;
  listed: boolean;
  previous: FlowRecord | undefined;
  next: FlowRecord | undefined;
}

interface RecordList {
  head: FlowRecord | undefined;
  tail: FlowRecord | undefined;
}

/** Called for each closed record, with the time it ends at. */
export type EmitRecord = (record: FlowRecord, end: number) => void;

export class FlowLog {
  private readonly lists = new Map<number, RecordList>();
  private readonly timeoutMs: number;
  private readonly emit: EmitRecord;

  constructor(activeTimeoutSeconds: number, emit: EmitRecord) {
    this.timeoutMs = activeTimeoutSeconds * 1000;
    this.emit = emit;
  }

  /** A flow that was not in the table. */
  open(scope: number, entry: number, rates: number, now: number): FlowRecord {
    const record: FlowRecord = {
      scope,
      totals: new Float64Array(rates),
      start: now,
      samples: 0,
      entry,
      listed: false,
      previous: undefined,
      next: undefined,
    };
    this.append(record);
    return record;
  }

  /** After a sample was added to a record: close what is due in its scope. */
  sampled(record: FlowRecord, now: number): void {
    record.samples++;
    if (!record.listed) this.close(record, now); // it fell due while it had nothing to tell
    this.closeDue(record.scope, now);
  }

  /** Close what is due everywhere: for scopes that get no samples. */
  sweep(now: number): void {
    for (const scope of this.lists.keys()) this.closeDue(scope, now);
  }

  /** The flow leaves the table. `tell` logs what it had so far. */
  drop(record: FlowRecord, now: number, tell: boolean): void {
    if (record.listed) this.unlink(record);
    if (tell && record.samples > 0) this.emit(record, now);
  }

  private closeDue(scope: number, now: number): void {
    const list = this.lists.get(scope);
    while (list?.head !== undefined && list.head.start + this.timeoutMs <= now) {
      const record = list.head;
      this.unlink(record);
      if (record.samples > 0) this.close(record, now);
    }
  }

  private close(record: FlowRecord, now: number): void {
    this.emit(record, now);
    record.totals.fill(0);
    record.samples = 0;
    record.start = now;
    this.append(record);
  }

  private append(record: FlowRecord): void {
    let list = this.lists.get(record.scope);
    if (list === undefined) {
      list = { head: undefined, tail: undefined };
      this.lists.set(record.scope, list);
    }
    record.previous = list.tail;
    record.next = undefined;
    if (list.tail === undefined) list.head = record;
    else list.tail.next = record;
    list.tail = record;
    record.listed = true;
  }

  private unlink(record: FlowRecord): void {
    const list = this.lists.get(record.scope);
    if (list === undefined) return;
    if (record.previous === undefined) list.head = record.next;
    else record.previous.next = record.next;
    if (record.next === undefined) list.tail = record.previous;
    else record.next.previous = record.previous;
    record.previous = undefined;
    record.next = undefined;
    record.listed = false;
    if (list.head === undefined) this.lists.delete(record.scope);
  }
}
