import { describe, expect, it } from 'vitest';
import { eth, ip, udp } from '../packet/testing/build-packet.ts';
import { parseDefinition } from './definition.ts';
import { FlowSet } from './flow-set.ts';
import type { ClosedFlow, EndedFlow } from './flow-state.ts';
import { NO_LOOKUPS } from './lookups.ts';
import type { SampleContext } from './sample.ts';
import { customSample, packetSample } from './testing/sample-of.ts';

/* rest-api 4.1: flows of definitions with ipfixCollectors are told at their end, logged or not. */

const RATE = 1000;
/** Bytes that hold a hundred flows or so. */
const SMALL_TABLE = 1 << 14;

class Setup {
  readonly logged: ClosedFlow[] = [];
  readonly ended: EndedFlow[] = [];
  private readonly flows: FlowSet;
  private dead = false;

  constructor(given: Readonly<Record<string, unknown>>, memoryBytes = 1 << 24) {
    this.flows = new FlowSet({
      memoryBytes,
      seed: 5,
      lookups: NO_LOOKUPS,
      isLive: () => !this.dead,
      onClosed: (flow) => this.logged.push(flow),
      onEnded: (flow) => this.ended.push(flow),
    });
    const definition = parseDefinition('f', {
      keys: 'ipsource',
      value: 'bytes',
      activeTimeout: 10,
      ipfixCollectors: ['192.0.2.9'],
      ...given,
    });
    if (definition === undefined) throw new Error('no definition');
    this.flows.define(definition, 0);
  }

  at(seconds: number, sample: SampleContext): void {
    this.flows.advance(seconds * 1000);
    this.flows.update(sample, seconds * 1000);
  }

  tick(seconds: number): void {
    this.flows.tick(seconds * 1000);
  }

  forgetSource(seconds: number): void {
    this.dead = true;
    this.flows.reap(seconds * 1000);
  }

  remove(seconds: number): void {
    this.flows.remove('f', seconds * 1000);
  }
}

const from = (host: number, frameLength = 100): SampleContext =>
  packetSample(eth(0x0800, ip(17, udp(7, 8), { source: `10.0.0.${host}` })), frameLength);

describe('flows for IPFIX collectors', () => {
  it('end when the log would close their record, without log:true', () => {
    const setup = new Setup({ values: 'frames' });
    setup.at(1, from(1));
    setup.at(5, from(1, 300));
    setup.at(10, from(2));
    expect(setup.ended).toEqual([]);
    setup.at(11, from(2));
    expect(setup.ended).toMatchObject([
      { keys: ['10.0.0.1'], totals: [400 * RATE, 2 * RATE], start: 1000, end: 11_000 },
    ]);
    setup.tick(25);
    expect(setup.ended.slice(1)).toMatchObject([
      { keys: ['10.0.0.2'], totals: [200 * RATE, 2 * RATE], start: 10_000, end: 25_000 },
    ]);
    setup.tick(60);
    expect(setup.ended.length).toBe(2);
    expect(setup.ended[0].definition.ipfixCollectors).toEqual(['192.0.2.9']);
    expect(setup.logged).toEqual([]);
  });

  it('are those of the log when there is one', () => {
    const setup = new Setup({ log: true });
    setup.at(1, from(1));
    setup.tick(15);
    expect(setup.logged).toMatchObject([
      { flowKeys: '10.0.0.1', value: 100 * RATE, start: 1000, end: 15_000 },
    ]);
    expect(setup.ended).toMatchObject([
      { keys: ['10.0.0.1'], totals: [100 * RATE], start: 1000, end: 15_000 },
    ]);
  });

  it('end at their end also when the log has their start', () => {
    const setup = new Setup({ log: true, flowStart: true });
    setup.at(1, from(1));
    setup.at(2, from(1));
    expect(setup.logged).toMatchObject([{ value: 100 * RATE, start: 1000, end: 1000 }]);
    expect(setup.ended).toEqual([]);
    setup.tick(15);
    expect(setup.ended).toMatchObject([{ totals: [200 * RATE], start: 1000, end: 15_000 }]);
    expect(setup.logged.length).toBe(1);
  });

  it('end when they are cut from a full table, each once', () => {
    const setup = new Setup({}, SMALL_TABLE);
    for (let host = 1; host <= 250; host++) setup.at(1, from(host, 100 + host));
    const cut = setup.ended.length;
    expect(cut).toBeGreaterThan(0);
    setup.tick(12);
    expect(setup.ended.length).toBe(250);
    expect(new Set(setup.ended.map(({ keys }) => keys[0])).size).toBe(250);
    expect(setup.ended.filter(({ end }) => end === 1000).length).toBe(cut);
  });

  it('are not told when their data source or definition is gone', () => {
    for (const go of ['forgetSource', 'remove'] as const) {
      const setup = new Setup({});
      setup.at(1, from(1));
      setup[go](2);
      setup.tick(30);
      expect(setup.ended).toEqual([]);
    }
  });

  it('keep their fields apart whatever the separator, and may have none', () => {
    const keyed = new Setup({ keys: 'ipsource,udpdestinationport', fs: '' });
    keyed.at(1, from(1));
    keyed.tick(15);
    expect(keyed.ended).toMatchObject([{ keys: ['10.0.0.1', '8'] }]);
    const total = new Setup({ keys: undefined });
    total.at(1, from(1));
    total.tick(15);
    expect(total.ended).toMatchObject([{ keys: [], totals: [100 * RATE] }]);
  });

  it('of samples that name their own fields', () => {
    const setup = new Setup({ fs: '' });
    setup.at(1, customSample({ ipsource: 'x', bytes: 7 }));
    setup.tick(15);
    expect(setup.ended).toMatchObject([{ keys: ['x'], totals: [70] }]);
  });
});
