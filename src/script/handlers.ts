import type { LoggedFlow, ThresholdEvent } from '../engine/index.ts';
import { ScriptError, type ScriptFunctions } from './host.ts';
import type { ScriptRequest, ScriptResponse } from './http-exchange.ts';
import { answerOf, statusOfThrown } from './http-result.ts';
import { Interval, periodOf } from './interval.ts';
import type { JobQueue } from './job-queue.ts';
import type { FromScript, NameFilter } from './protocol.ts';
import type { Realm } from './realm.ts';
import { requestObject } from './request-object.ts';

type Run = (...args: never[]) => unknown;

/** A handler for what has names. */
interface NamedHandler {
  readonly run: Run;
  readonly names: NameFilter;
}

const UNAVAILABLE: ScriptResponse = { status: 503 };

/** The handlers of a script: at most one for each of intervals, events, flows and requests (section 3). */
export class Handlers {
  private readonly realm: Realm;
  private readonly queue: JobQueue;
  private readonly tell: (message: FromScript) => void;
  private readonly indent: number;
  private interval: Interval | undefined;
  private event: NamedHandler | undefined;
  private flow: NamedHandler | undefined;
  private http: Run | undefined;

  constructor(realm: Realm, queue: JobQueue, tell: (message: FromScript) => void, indent: number) {
    this.realm = realm;
    this.queue = queue;
    this.tell = tell;
    this.indent = indent;
  }

  /** Whether there is one. */
  get any(): boolean {
    return [this.interval, this.event, this.flow, this.http].some((handler) => handler !== undefined);
  }

  /** What is not a function is ignored. */
  functions(): ScriptFunctions {
    return {
      setIntervalHandler: (run, seconds) => {
        if (!isFunction(run)) return;
        refuseSecond(this.interval, 'intervalHandler');
        this.interval = new Interval(periodOf(seconds), this.queue, (now) => this.realm.call(run, [now]));
      },
      clearIntervalHandler: () => {
        this.interval?.stop();
        this.interval = undefined;
        this.changed();
      },
      setEventHandler: (run, names) => {
        if (!isFunction(run)) return;
        refuseSecond(this.event, 'eventHandler');
        this.event = { run, names: namesOf(names) };
        this.changed();
      },
      clearEventHandler: () => {
        this.event = undefined;
        this.changed();
      },
      setFlowHandler: (run, names) => {
        if (!isFunction(run)) return;
        refuseSecond(this.flow, 'flowHandler');
        this.flow = { run, names: namesOf(names) };
        this.changed();
      },
      clearFlowHandler: () => {
        this.flow = undefined;
        this.changed();
      },
      setHttpHandler: (run) => {
        if (isFunction(run)) this.http = run;
      },
      clearHttpHandler: () => {
        this.http = undefined;
        this.changed();
      },
    };
  }

  handleEvent(event: ThresholdEvent): void {
    if (!hears(this.event, event.thresholdID)) return;
    this.realm.call(this.event.run, [this.realm.copy(eventObject(event))]);
  }

  handleFlow(flow: LoggedFlow): void {
    if (!hears(this.flow, flow.name)) return;
    this.realm.call(this.flow.run, [this.realm.copy(flowObject(flow))]);
  }

  /** Throws what ends the script. */
  handleRequest(request: ScriptRequest): ScriptResponse {
    const { http, realm } = this;
    if (http === undefined) return UNAVAILABLE;
    try {
      const result = realm.call(http, [requestObject(request, realm)]);
      return answerOf(result, request.format, realm, this.indent);
    } catch (caught) {
      if (!realm.isFromStatement(caught)) throw caught;
      return { status: statusOfThrown(caught) };
    }
  }

  private changed(): void {
    const names = (handler: NamedHandler | undefined): { names: NameFilter } | undefined =>
      handler === undefined ? undefined : { names: handler.names };
    this.tell({ kind: 'handlers', events: names(this.event), flows: names(this.flow) });
    this.queue.schedule();
  }
}

function isFunction(value: unknown): value is Run {
  return typeof value === 'function';
}

function refuseSecond(existing: unknown, name: string): void {
  if (existing !== undefined) throw new ScriptError(`${name} already defined`);
}

function namesOf(names: unknown): NameFilter {
  return Array.isArray(names) ? names.map(String) : undefined;
}

function hears(handler: NamedHandler | undefined, name: string): handler is NamedHandler {
  return handler !== undefined && (handler.names === undefined || handler.names.includes(name));
}

/** In the order of the contract. */
function eventObject(event: ThresholdEvent): object {
  const { agent, dataSource, metric, threshold, value, timestamp, thresholdID, eventID, ...more } = event;
  return { agent, dataSource, metric, threshold, value, timestamp, thresholdID, eventID, ...more };
}

function flowObject(flow: LoggedFlow): object {
  const { name, agent, dataSource, value, start, end, flowID, flowKeys, ...more } = flow;
  return { name, agent, dataSource, value, start, end, flowID, flowKeys, ...more };
}
