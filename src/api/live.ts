import type { ServerResponse } from 'node:http';
import type { Engine, Questions, ThresholdEvent } from '../engine/index.ts';
import type { LogPositions } from './log-position.ts';
import { isTaken } from './send.ts';
import { createShare } from './share.ts';

/** What a client of the live stream wants to see. */
export interface LiveQuestion {
  readonly analyzer: boolean;
  readonly agentRecords: boolean;
  readonly page: boolean;
  /** Events of these thresholds, of all when there are none; undefined: no events. */
  readonly thresholds: readonly string[] | undefined;
  readonly flows: readonly string[];
  readonly metrics: readonly string[];
  /** Agents of flows and metrics. */
  readonly agents: string;
  readonly maxFlows: number;
  readonly aggMode: string;
  readonly intervalMs: number;
  /** Events behind this ID are sent first; undefined: only those to come. */
  readonly afterEvent: number | undefined;
}

/** The live stream: server-sent events to a bounded number of clients. */
export interface Live {
  readonly clients: number;
  /** Whether one more client may come. */
  hasRoom(): boolean;
  /** Writes the stream of a client until it goes, or until the engine fails. */
  serve(question: LiveQuestion, response: ServerResponse): void;
}

export interface LiveOptions {
  readonly engine: Engine;
  readonly maxClients: number;
  readonly positions: LogPositions;
  /** ms clock */
  readonly now: () => number;
  /** A client that takes nothing for so long is cut off. */
  readonly stallMs: number;
  /** After so much silence a stream sends a comment. */
  readonly heartbeatMs: number;
  /** Hears of faults. */
  readonly fault: (error: unknown) => void;
  /** What /analyzer/json answers. */
  readonly analyzer: () => Promise<unknown>;
  /** Parts of the start page. */
  readonly page: () => Promise<unknown>;
}

/** An answer serves all clients that ask within this time. */
const SHARE_MS = 90;
/** What a client whose connection was lost waits before it comes back. */
const RETRY_MS = 2000;
/** Most agents shown, those heard of last. */
const MAX_AGENTS = 100;
/** Most events sent to a client that comes back. */
const MAX_PAST_EVENTS = 1000;
/** A client that has so many bytes of events waiting is cut off; it comes back and gets what it missed. */
const MAX_WAITING_BYTES = 1024 * 1024;

export function createLive(options: LiveOptions): Live {
  const { engine, maxClients, positions, now, stallMs, heartbeatMs, fault } = options;
  const share = createShare(now, SHARE_MS);
  const open = new Set<ServerResponse>();

  const ask = <K extends keyof Questions>(
    kind: K,
    question: Questions[K]['question'],
  ): Promise<Questions[K]['answer']> =>
    share(JSON.stringify([kind, question]), () => engine.ask(kind, question));

  /** The messages of one update. */
  async function update(question: LiveQuestion): Promise<string> {
    const { agents, maxFlows, aggMode } = question;
    const parts: Promise<string>[] = [];
    if (question.analyzer)
      parts.push(share('analyzer', options.analyzer).then((data) => message('analyzer', data)));
    if (question.agentRecords) {
      const records = ask('agents', { agents: [] });
      parts.push(records.then((found) => message('agents', latestAgents(found))));
    }
    if (question.metrics.length > 0) {
      const elements = ask('metric', { agents, metrics: question.metrics, filters: {} });
      parts.push(elements.then((data) => message('metrics', data)));
    }
    for (const name of question.flows) {
      const minValue = Number.NEGATIVE_INFINITY;
      const found = ask('activeFlows', {
        agents,
        name,
        maxFlows,
        minValue,
        aggMode,
        filter: undefined,
      });
      parts.push(found.then((flows) => message('flows', { name, flows: flows ?? null })));
    }
    if (question.page) parts.push(share('page', options.page).then((data) => message('page', data)));
    return (await Promise.all(parts)).join('');
  }

  async function run(question: LiveQuestion, response: ServerResponse): Promise<void> {
    const { thresholds, intervalMs } = question;
    let lastWrite = now();
    const write = (text: string): void => {
      if (response.destroyed) return;
      // Updates wait until the one before is taken; events do not.
      if (response.writableLength > MAX_WAITING_BYTES) response.destroy();
      else response.write(text);
      lastWrite = now();
    };
    const heartbeat = setInterval(() => {
      if (now() - lastWrite >= heartbeatMs) write(':\n\n');
    }, heartbeatMs / 3);
    const stops = [() => clearInterval(heartbeat)];
    try {
      if (thresholds !== undefined) await sendEvents(question, thresholds, write, stops);
      for (let began = now(); !response.destroyed; began = now()) {
        const text = await update(question);
        if (text !== '') write(text);
        if (response.writableNeedDrain && !(await isTaken(response, 'drain', stallMs))) break;
        // Events alone need no updates; only whether they are taken is looked at, every now and then.
        await pause(text === '' ? heartbeatMs : Math.max(0, intervalMs - (now() - began)), response);
      }
    } finally {
      for (const stop of stops) stop();
    }
  }

  /** Sends events past and to come; how to stop it goes to `stops`. */
  async function sendEvents(
    { afterEvent }: LiveQuestion,
    thresholds: readonly string[],
    write: (text: string) => void,
    stops: (() => void)[],
  ): Promise<void> {
    // What comes while past events are asked for waits behind them.
    const waiting: ThresholdEvent[] = [];
    let last = Number.POSITIVE_INFINITY;
    const send = (event: ThresholdEvent): void => {
      if (event.eventID <= last || (thresholds.length > 0 && !thresholds.includes(event.thresholdID))) return;
      last = event.eventID;
      write(`id: ${positions.format(event.eventID)}\n${message('event', event)}`);
    };
    const hear = (event: ThresholdEvent): void => {
      if (last === Number.POSITIVE_INFINITY) waiting.push(event);
      else send(event);
    };
    stops.push(engine.onEvent(hear));
    const resumes = afterEvent !== undefined;
    const past = await engine.events({
      thresholds: resumes ? thresholds : [],
      eventID: resumes && afterEvent >= 0 ? afterEvent : undefined,
      maxEvents: resumes ? MAX_PAST_EVENTS : 1,
      timeoutMs: undefined,
    });
    last = resumes ? -1 : (past[0]?.eventID ?? -1);
    // A client that loses its connection before the first event says this when it comes back.
    write(`id: ${positions.format(resumes ? Math.max(-1, afterEvent) : last)}\n\n`);
    if (resumes) for (const event of past.reverse()) send(event);
    for (const event of waiting) send(event);
  }

  return {
    get clients() {
      return open.size;
    },
    hasRoom: () => open.size < maxClients,
    serve(question, response) {
      open.add(response);
      response.once('close', () => {
        open.delete(response);
        if (open.size === 0) share.clear();
      });
      response.write(`retry: ${RETRY_MS}\n\n`);
      run(question, response).catch((error) => {
        fault(error);
        response.end();
        return isTaken(response, 'finish', stallMs);
      });
    },
  };
}

/** JSON has no line ends of its own, so one data line holds it. */
function message(type: string, data: unknown): string {
  return `event: ${type}\ndata: ${JSON.stringify(data)}\n\n`;
}

function latestAgents(records: Readonly<Record<string, { lastSeen: number }>>): unknown {
  const latest = Object.entries(records).sort(([, a], [, b]) => a.lastSeen - b.lastSeen);
  return { count: latest.length, agents: Object.fromEntries(latest.slice(0, MAX_AGENTS)) };
}

/** Resolves after so many ms, or when the response ends. */
function pause(ms: number, response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const finish = (): void => {
      clearTimeout(timer);
      response.off('close', finish);
      resolve();
    };
    const timer = setTimeout(finish, ms);
    response.once('close', finish);
  });
}
