import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, freemem, loadavg, totalmem } from 'node:os';
import { PerformanceObserver } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';

/** The state of this process and its machine. Memory in bytes, times in ms, loads as a fraction of all cores (0..1). */
export interface ProcessFigures {
  readonly uptime: number;
  readonly cpuTime: number;
  readonly cpuLoadProcess: number;
  readonly cpuLoadSystem: number;
  readonly loadAverage: number;
  readonly availableProcessors: number;
  readonly memTotal: number;
  readonly memFree: number;
  /** Resident set of the whole process, worker threads included. */
  readonly memResident: number;
  readonly heapUsed: number;
  readonly heapCommitted: number;
  readonly heapMax: number;
  /** Buffers and other memory outside the heap. */
  readonly externalUsed: number;
  readonly externalCommitted: number;
  readonly gcCount: number;
  readonly gcTime: number;
  readonly threadCount: number;
  /** Largest number of threads seen by any reading. */
  readonly threadCountMax: number;
}

export interface ProcessMeter {
  start(): void;
  stop(): void;
  read(): ProcessFigures;
}

/** Loads are means over at least this many ms: shorter spans say little and let one reader disturb another. */
const LOAD_SPAN_MS = 1000;

interface LoadMark {
  readonly at: number;
  readonly processMs: number;
  readonly busyMs: number;
  readonly totalMs: number;
}

/** `now`: ms clock. */
export function createProcessMeter(now: () => number): ProcessMeter {
  const startedAt = now();
  let gcCount = 0;
  let gcTime = 0;
  let threadCountMax = 0;
  let mark = takeLoadMark(startedAt);
  let loads = { process: 0, system: 0 };
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      gcCount++;
      gcTime += entry.duration;
    }
  });

  function updateLoads(): void {
    const at = now();
    if (at - mark.at < LOAD_SPAN_MS) return;
    const next = takeLoadMark(at);
    const capacityMs = (at - mark.at) * availableParallelism();
    loads = {
      process: fraction(next.processMs - mark.processMs, capacityMs),
      system: fraction(next.busyMs - mark.busyMs, next.totalMs - mark.totalMs),
    };
    mark = next;
  }

  return {
    start() {
      observer.observe({ entryTypes: ['gc'] });
    },
    stop() {
      observer.disconnect();
    },
    read() {
      updateLoads();
      const memory = process.memoryUsage();
      const threadCount = countThreads();
      threadCountMax = Math.max(threadCountMax, threadCount);
      return {
        uptime: Math.max(0, Math.round(now() - startedAt)),
        cpuTime: Math.round(processCpuMs()),
        cpuLoadProcess: loads.process,
        cpuLoadSystem: loads.system,
        loadAverage: loadavg()[0],
        availableProcessors: availableParallelism(),
        memTotal: totalmem(),
        memFree: freemem(),
        memResident: memory.rss,
        heapUsed: memory.heapUsed,
        heapCommitted: memory.heapTotal,
        heapMax: getHeapStatistics().heap_size_limit,
        externalUsed: memory.external,
        externalCommitted: Math.max(0, memory.rss - memory.heapTotal),
        gcCount,
        gcTime: Math.round(gcTime),
        threadCount,
        threadCountMax,
      };
    },
  };
}

function takeLoadMark(at: number): LoadMark {
  let busyMs = 0;
  let totalMs = 0;
  for (const { times } of cpus()) {
    const busy = times.user + times.nice + times.sys + times.irq;
    busyMs += busy;
    totalMs += busy + times.idle;
  }
  return { at, processMs: processCpuMs(), busyMs, totalMs };
}

function processCpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function fraction(part: number, whole: number): number {
  return whole > 0 ? Math.min(1, Math.max(0, part / whole)) : 0;
}

/** Threads of the process as Linux counts them; 1 where it does not say. */
function countThreads(): number {
  try {
    return Number(/^Threads:\s*(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? 1);
  } catch {
    return 1;
  }
}
