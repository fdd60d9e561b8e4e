/** The cases of the hot-path benchmark, and how one is measured. */
import { pathToFileURL } from 'node:url';
import { ONE_FLOW, TEN_FLOWS } from '../flows.mjs';
import { LOAD_SHAPE } from '../lib/load.mjs';

/** Datagrams that a receiver hands over at a time. */
const BATCH = 64;

/** At this rate time goes by for the shard: ages and rates are as under a load of so many datagrams per second. */
const RATE = 50_000;
const TICK_MS = 1000;

/** Of all runs, so that their tables are alike. */
const SEED = 1;

/** As the properties have them by default. */
const SHARD_LIMITS = { memoryBytes: 2 ** 30, maxAgents: 10_000, maxDataSources: 250_000 };

/** Where the datagrams come from: 127.0.0.1, as four words. */
const SOURCE = [0, 0, 0xffff, 0x7f000001];

/**
 * Each makes, of the modules of the bundle, the slab of a batch and the time it begins, a function that deals with the first
 * `count` datagrams of the slab at time `now`. `prepare`, where it has one, is called before and is not timed.
 */
export const CASES = {
  walk: { title: 'walk: samples and records found', make: walk },
  fill: { title: 'walk and fill: and every packet sample read', make: fill },
  dissect: { title: 'dissect alone: the headers, a part of fill', make: dissectHeaders },
  none: { title: 'shard without definitions', make: (...about) => shard({}, ...about) },
  one: { title: 'shard with 1 definition', make: (...about) => shard(ONE_FLOW, ...about) },
  ten: { title: 'shard with 10 definitions', make: (...about) => shard(TEN_FLOWS, ...about) },
};

/**
 * Measure a case for some seconds. Resolves to the microseconds of processor time that a datagram took, with the collector's
 * and the compiler's threads, and to the samples it had. Others on the machine do not count as far as they only take turns.
 * @param bundle file that buildHotPath has made
 */
export async function measureCase(id, bundle, { seconds, warmup, mix }) {
  const modules = await import(pathToFileURL(bundle));
  const load = new modules.LoadGenerator({ ...modules.LOAD_DEFAULTS, ...LOAD_SHAPE, mix, seed: SEED });
  const slab = createSlab(load, modules.SLOT_BYTES);
  const clock = createSteadyClock();
  const { prepare, run } = CASES[id].make(modules, slab, clock.after(0));
  const repeat = (duration) => {
    let [datagrams, time] = [0, 0];
    const end = performance.now() + duration * 1000;
    while (performance.now() < end) {
      const count = slab.refill(clock.uptime());
      prepare?.(count);
      const now = clock.after(count);
      const before = process.cpuUsage();
      run(count, now);
      const { user, system } = process.cpuUsage(before);
      time += user + system;
      datagrams += count;
    }
    return { datagrams, time };
  };
  repeat(warmup);
  const { datagrams, time } = repeat(seconds);
  return { microseconds: time / datagrams, samplesPerDatagram: load.samples / load.datagrams };
}

/** A receiver's slots, filled as the kernel would. */
function createSlab(load, slotBytes) {
  const bytes = new Uint8Array(BATCH * slotBytes);
  const ring = new Uint8Array(load.memory);
  const slab = {
    bytes,
    slotBytes,
    lengths: new Int32Array(BATCH),
    /** Fetch the next datagrams. Gives how many. */
    refill(uptime) {
      const count = load.prepare(BATCH, uptime);
      for (let i = 0; i < count; i++) {
        const from = (load.first + i) * load.slotBytes;
        slab.lengths[i] = load.lengths[load.first + i];
        bytes.set(ring.subarray(from, from + slab.lengths[i]), i * slotBytes);
      }
      return count;
    },
  };
  return slab;
}

/** Whole milliseconds that go by with the datagrams. */
function createSteadyClock() {
  const origin = Date.now();
  let elapsed = 0;
  return {
    uptime: () => Math.floor(elapsed),
    after(count) {
      elapsed += (count * 1000) / RATE;
      return origin + Math.floor(elapsed);
    },
  };
}

function walk({ DatagramWalker, SAMPLE }, { bytes, slotBytes, lengths }) {
  const walker = new DatagramWalker();
  return {
    run(count) {
      for (let i = 0, at = 0; i < count; i++, at += slotBytes) {
        walker.begin(bytes, at, at + lengths[i]);
        while (walker.nextSample() !== SAMPLE.end) while (walker.nextRecord());
      }
    },
  };
}

function fill({ DatagramWalker, SAMPLE, SampleContext, fillSampleContext }, { bytes, slotBytes, lengths }) {
  const walker = new DatagramWalker();
  const sample = new SampleContext();
  return {
    run(count) {
      for (let i = 0, at = 0; i < count; i++, at += slotBytes) {
        walker.begin(bytes, at, at + lengths[i]);
        for (let kind = walker.nextSample(); kind !== SAMPLE.end; kind = walker.nextSample()) {
          if (kind === SAMPLE.flow) fillSampleContext(sample, walker);
          else while (walker.nextRecord());
        }
      }
    },
  };
}

/** Format word of a sampled header, and the bytes of its record before the header. */
const SAMPLED_HEADER = 1;
const BEFORE_HEADER = 16;
const ETHERNET = 1;

function dissectHeaders({ DatagramWalker, SAMPLE, LayerTable, dissect }, { bytes, slotBytes, lengths }) {
  const walker = new DatagramWalker();
  const layers = new LayerTable();
  const starts = [];
  const ends = [];
  return {
    prepare(count) {
      starts.length = 0;
      ends.length = 0;
      for (let i = 0, at = 0; i < count; i++, at += slotBytes) {
        walker.begin(bytes, at, at + lengths[i]);
        for (let kind = walker.nextSample(); kind !== SAMPLE.end; kind = walker.nextSample()) {
          while (walker.nextRecord()) {
            if (kind !== SAMPLE.flow || walker.recordFormat !== SAMPLED_HEADER) continue;
            starts.push(walker.recordStart + BEFORE_HEADER);
            ends.push(walker.recordEnd);
          }
        }
      }
    },
    run() {
      for (let i = 0; i < starts.length; i++) dissect(layers, bytes, starts[i], ends[i], ETHERNET);
    },
  };
}

function shard(flows, { Shard, hugePageAdviser, parseDefinition }, { bytes, slotBytes, lengths }, start) {
  const shard = new Shard({
    ...SHARD_LIMITS,
    seed: SEED,
    onLogged: () => {},
    onEvent: () => {},
    onBuffer: hugePageAdviser(),
  });
  let lastTick = start;
  for (const [name, definition] of Object.entries(flows))
    shard.define(parseDefinition(name, definition), lastTick);
  const [s0, s1, s2, s3] = SOURCE;
  return {
    run(count, now) {
      shard.advance(now);
      for (let i = 0, at = 0; i < count; i++, at += slotBytes)
        shard.receive(bytes, at, at + lengths[i], s0, s1, s2, s3, now);
      if (now - lastTick < TICK_MS) return;
      lastTick = now;
      shard.tick(now);
    },
  };
}
