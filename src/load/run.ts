import { setImmediate as nextTurn } from 'node:timers/promises';
import type { LoadGenerator } from './generator.ts';
import type { RingSender } from './sender.ts';

export interface RunOptions {
  /** Datagrams per second; 0: as many as the machine can send. */
  readonly rate: number;
  /** How long, seconds. */
  readonly seconds: number;
  /** Report totals about this often, seconds; 0: never. */
  readonly interval: number;
  readonly onInterval?: (totals: LoadTotals) => void;
  /** Ends the run early. */
  readonly signal?: AbortSignal;
}

/** What was sent since the run began. */
export interface LoadTotals {
  readonly datagrams: number;
  readonly samples: number;
  /** UDP payload. */
  readonly bytes: number;
  readonly seconds: number;
  /** Datagrams per second. */
  readonly pps: number;
  /** Times the kernel refused to send, nearly always because nobody listens. */
  readonly refused: number;
}

/** Datagrams handed to the kernel at once. */
const BATCH = 64;
/** How long one sleep is at least, ms: shorter ones cost more than they smooth. */
const SHORTEST_SLEEP = 0.25;
const LONGEST_SLEEP = 20;
/**
 * When a run falls behind by more than this (the machine was busy elsewhere), ms, it does not make up for it: a burst
 * at full speed would overflow receivers that keep up with the rate that was asked for.
 */
const LONGEST_BURST = 10;
/** How long the loop keeps the thread before others, such as signal handlers, get a turn, ms. */
const TURN = 50;

/** Time and sleep; the sleep blocks the thread, which is what makes it precise and cheap. */
export interface RunClock {
  /** ms, monotonic. */
  now(): number;
  sleep(ms: number): void;
}

const CELL = new Int32Array(new SharedArrayBuffer(4));

export const BLOCKING_CLOCK: RunClock = {
  now: () => performance.now(),
  sleep: (ms) => {
    Atomics.wait(CELL, 0, 0, ms);
  },
};

/** Send what the generator makes at a steady rate for a bounded time. Resolves to the totals. */
export async function runLoad(
  generator: LoadGenerator,
  sender: RingSender,
  options: RunOptions,
  clock: RunClock = BLOCKING_CLOCK,
): Promise<LoadTotals> {
  const { rate, seconds, interval, signal } = options;
  const begin = clock.now();
  const end = begin + seconds * 1000;
  /** Datagram number `datagrams` is due `datagrams / rate` after this instant. */
  let schedule = begin;
  let now = begin;
  let turnEnds = begin + TURN;
  let report = interval > 0 ? begin + interval * 1000 : Number.POSITIVE_INFINITY;

  const totals = (): LoadTotals => {
    const elapsed = (now - begin) / 1000;
    return {
      datagrams: generator.datagrams,
      samples: generator.samples,
      bytes: generator.bytes,
      seconds: Math.round(elapsed * 1000) / 1000,
      pps: elapsed > 0 ? Math.round(generator.datagrams / elapsed) : 0,
      refused: sender.refused,
    };
  };

  while (now < end && !signal?.aborted) {
    const due = rate === 0 ? BATCH : Math.floor(((now - schedule) * rate) / 1000) + 1 - generator.datagrams;
    if (due > 0) {
      const count = generator.prepare(Math.min(due, BATCH), 1000 + Math.floor(now - begin));
      const sending = sender.send(generator.first, count);
      if (sending !== undefined) await sending;
      now = clock.now();
      const dueAt = schedule + (generator.datagrams / rate) * 1000;
      if (rate > 0 && now - dueAt > LONGEST_BURST) schedule += now - dueAt - LONGEST_BURST;
    } else {
      const dueAt = schedule + (generator.datagrams / rate) * 1000;
      clock.sleep(Math.min(LONGEST_SLEEP, end - now, Math.max(SHORTEST_SLEEP, dueAt - now)));
      now = clock.now();
    }
    if (now >= report) {
      options.onInterval?.(totals());
      report += interval * 1000;
    }
    if (now >= turnEnds) {
      await nextTurn();
      now = clock.now();
      turnEnds = now + TURN;
    }
  }
  return totals();
}
