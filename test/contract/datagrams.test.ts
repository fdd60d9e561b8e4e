import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ActiveFlow, AgentRecord } from '../../src/engine/index.ts';
import {
  type Datagram,
  datagram,
  discardSample,
  encodeDatagram,
  type FlowOrCounterRecord,
  flowSample,
  type InterfaceId,
  ifCounters,
  type Sample,
  type SourceId,
} from '../../src/sflow/index.ts';
import { type SyntheticAgent, tcpHeader } from '../support/synthetic-agent.ts';
import { WeirUnderTest } from './weir-under-test.ts';

/* Section 3: which datagrams and samples are taken, what is counted, and how samples are scaled and named. */

let weir: WeirUnderTest;
beforeAll(async () => {
  weir = await WeirUnderTest.serve();
  const lasting = { t: 600 };
  await weir.set('/flow/sources/json', { keys: 'ipsource', value: 'frames', ...lasting });
  await weir.set('/flow/rates/json', { keys: 'samplingrate', value: 'count:agent', ...lasting });
  await weir.set('/flow/discards/json', { keys: 'ipsource', value: 'frames', dropped: true, ...lasting });
  const interfaces = 'ds,null:direction,inputifindex,outputifindex,null:outputifcount';
  await weir.set('/flow/interfaces/json', { keys: interfaces, value: 'count:agent', ...lasting });
});
afterAll(() => weir.end());

/** A packet from an address. Nothing is stripped from it, for versions 2 and 4 could not say so. */
const from = (source: string): FlowOrCounterRecord =>
  tcpHeader({ source, destination: '10.255.0.1' }, { stripped: 0 });

/** The keys of a flow that an agent has reported, in order of their text. */
async function keysOf(agent: SyntheticAgent, flow = 'sources'): Promise<string[]> {
  const flows = await weir.get<ActiveFlow[]>(`/activeflows/${agent.address}/${flow}/json`);
  return flows.map(({ key }) => key).sort();
}

async function recordOf(agent: SyntheticAgent): Promise<AgentRecord | undefined> {
  const agents = await weir.get<Record<string, AgentRecord>>(`/agents/json?agent=${agent.address}`);
  return agents[agent.address];
}

describe('3.1 acceptance', () => {
  /** Byte offsets in a version 5 datagram of an IPv4 agent whose first sample is a compact flow sample. */
  const AT = {
    version: 0,
    addressType: 4,
    sampleCount: 24,
    sampleFormat: 28,
    sampleLength: 32,
    recordFormat: 68,
  };

  const patched = (bytes: Uint8Array, at: number, value: number): Uint8Array => {
    const copy = bytes.slice();
    new DataView(copy.buffer).setUint32(at, value);
    return copy;
  };
  const padded = (bytes: Uint8Array, length: number): Uint8Array => {
    const copy = new Uint8Array(length);
    copy.set(bytes);
    return copy;
  };
  /** Two samples, from 10.0.0.1 and 10.0.0.2. */
  const pair = (agent: SyntheticAgent, given: Partial<Datagram> = {}): Uint8Array =>
    agent.datagram([agent.flow([from('10.0.0.1')]), agent.flow([from('10.0.0.2')])], given);

  const RECEIVED = { sFlowDatagramsReceived: 1 };
  const FAULTY = { ...RECEIVED, sFlowParseErrors: 1 };
  const BOTH = ['10.0.0.1', '10.0.0.2'];

  interface Acceptance {
    readonly payload: (agent: SyntheticAgent) => Uint8Array;
    /** By how much members of /analyzer grow; of those looked at, the others stay. */
    readonly growth: Readonly<Record<string, number>>;
    /** Flows that are seen; undefined: the agent is not even known. */
    readonly keys: readonly string[] | undefined;
  }
  const COUNTERS = [
    'sFlowDatagramsReceived',
    'sFlowDatagramsTooLarge',
    'sFlowParseErrors',
    'sFlowUnsupportedVersion',
  ];

  it.for<[fact: string, row: Acceptance]>([
    ['version 5', { payload: (agent) => pair(agent), growth: RECEIVED, keys: BOTH }],
    ['version 4', { payload: (agent) => pair(agent, { version: 4 }), growth: RECEIVED, keys: BOTH }],
    ['version 2', { payload: (agent) => pair(agent, { version: 2 }), growth: RECEIVED, keys: BOTH }],
    ...[0, 1, 3, 6, 9].map((version): [string, Acceptance] => [
      `version ${version} is not supported`,
      {
        payload: (agent) => patched(pair(agent), AT.version, version),
        growth: { ...RECEIVED, sFlowUnsupportedVersion: 1 },
        keys: undefined,
      },
    ]),
    ['2048 bytes are fine', { payload: (agent) => padded(pair(agent), 2048), growth: RECEIVED, keys: BOTH }],
    [
      '2049 bytes are too large, neither received nor parsed',
      {
        payload: (agent) => padded(pair(agent), 2049),
        growth: { sFlowDatagramsTooLarge: 1 },
        keys: undefined,
      },
    ],
    ['empty', { payload: () => new Uint8Array(0), growth: FAULTY, keys: undefined }],
    ['a few bytes', { payload: (agent) => pair(agent).slice(0, 3), growth: FAULTY, keys: undefined }],
    ['half a header', { payload: (agent) => pair(agent).slice(0, 20), growth: FAULTY, keys: undefined }],
    ...[0, 3].map((type): [string, Acceptance] => [
      `an agent address of type ${type}`,
      { payload: (agent) => patched(pair(agent), AT.addressType, type), growth: FAULTY, keys: undefined },
    ]),
    [
      'a sample length beyond the data; the agent is there',
      { payload: (agent) => patched(pair(agent), AT.sampleLength, 4000), growth: FAULTY, keys: [] },
    ],
    [
      'the second sample cut: the first is kept',
      { payload: (agent) => pair(agent).slice(0, -40), growth: FAULTY, keys: ['10.0.0.1'] },
    ],
    [
      'more samples announced than present: those present count',
      { payload: (agent) => patched(pair(agent), AT.sampleCount, 3), growth: FAULTY, keys: BOTH },
    ],
    [
      'fewer samples announced than present: the surplus is ignored, no error',
      { payload: (agent) => patched(pair(agent), AT.sampleCount, 1), growth: RECEIVED, keys: ['10.0.0.1'] },
    ],
    [
      'trailing bytes are ignored',
      { payload: (agent) => padded(pair(agent), 1000), growth: RECEIVED, keys: BOTH },
    ],
    [
      'unknown sample formats are skipped',
      {
        payload: (agent) => patched(pair(agent), AT.sampleFormat, (99 << 12) | 1),
        growth: RECEIVED,
        keys: ['10.0.0.2'],
      },
    ],
    [
      'unknown record formats are skipped',
      {
        payload: (agent) => patched(pair(agent), AT.recordFormat, (99 << 12) | 1),
        growth: RECEIVED,
        keys: ['10.0.0.2'],
      },
    ],
    [
      'no samples are fine; the agent is there',
      { payload: (agent) => agent.datagram(), growth: RECEIVED, keys: [] },
    ],
  ])('3.1 %s', async ([, { payload, growth, keys }]) => {
    const agent = weir.agent();
    const before = await weir.get<Record<string, number>>('/analyzer/json');
    await weir.deliver(payload(agent));
    const after = await weir.get<Record<string, number>>('/analyzer/json');
    const grown = COUNTERS.map((name) => [name, after[name] - before[name]] as const);
    expect(Object.fromEntries(grown.filter(([, by]) => by !== 0))).toEqual(growth);
    if (keys === undefined) expect(await recordOf(agent)).toBeUndefined();
    else {
      expect(await recordOf(agent)).toBeDefined();
      expect(await keysOf(agent)).toEqual(keys);
    }
  });

  it('3.1 two sub-agents of one address share one entry and need no common sequence', async () => {
    const agent = weir.agent();
    const sent = [
      [0, 100],
      [1, 5],
      [0, 101],
      [1, 6],
    ].map(([subAgentId, sequenceNumber], i) =>
      agent.datagram([agent.flow([from(`10.0.0.${i}`)], { sourceId: subAgentId + 1 })], {
        subAgentId,
        sequenceNumber,
      }),
    );
    await weir.deliver(...sent);
    expect(await keysOf(agent)).toEqual(['10.0.0.0', '10.0.0.1', '10.0.0.2', '10.0.0.3']);
    expect(await recordOf(agent)).toMatchObject({
      sFlowDatagramsReceived: 4,
      sFlowDatagramsLost: 0,
      sFlowDatagramsOutOfOrder: 0,
      sFlowDatagramsDuplicates: 0,
    });
  });

  it('3.1 an agent may have an IPv6 address', async () => {
    const bytes = encodeDatagram(
      datagram({ agentAddress: '2001:db8::77', samples: [flowSample({ records: [from('10.0.0.7')] })] }),
    );
    await weir.deliver(bytes);
    expect(await weir.get('/activeflows/2001:db8::77/sources/json')).toMatchObject([
      { key: '10.0.0.7', agent: '2001:db8::77' },
    ]);
  });
});

describe('3.2 datagram sequence', () => {
  interface Sequence {
    readonly sequence: readonly number[];
    /** Which of the datagrams show in the flows. */
    readonly seen: readonly number[];
    readonly counters: Readonly<Record<string, number>>;
  }
  const sequence = (...numbers: number[]) => ({
    shows: (...seen: number[]) => ({
      and: (counters: Readonly<Record<string, number>> = {}): Sequence => ({
        sequence: numbers,
        seen,
        counters: {
          sFlowDatagramsLost: 0,
          sFlowDatagramsDuplicates: 0,
          sFlowDatagramsOutOfOrder: 0,
          ...counters,
        },
      }),
    }),
  });

  it.for<[fact: string, row: Sequence]>([
    ['d=1 is accepted', sequence(100, 101).shows(0, 1).and()],
    ['d=2 is accepted, one lost', sequence(100, 102).shows(0, 1).and({ sFlowDatagramsLost: 1 })],
    ['d=19 is accepted, 18 lost', sequence(100, 119).shows(0, 1).and({ sFlowDatagramsLost: 18 })],
    ['d=20 is dropped', sequence(100, 120).shows(0).and({ sFlowDatagramsOutOfOrder: 1 })],
    ['d=0 is dropped as a duplicate', sequence(100, 100).shows(0).and({ sFlowDatagramsDuplicates: 1 })],
    ['d<0 is dropped', sequence(100, 99).shows(0).and({ sFlowDatagramsOutOfOrder: 1 })],
    [
      'after a drop the last number is unchanged',
      sequence(100, 99, 101).shows(0, 2).and({ sFlowDatagramsOutOfOrder: 1 }),
    ],
    [
      'the 3rd consecutive one restarts the session',
      sequence(100, 200, 201, 202).shows(3).and({ sFlowDatagramsOutOfOrder: 3 }),
    ],
    [
      'the session goes on from there',
      sequence(100, 200, 201, 202, 203).shows(3, 4).and({ sFlowDatagramsOutOfOrder: 3 }),
    ],
    [
      'two, not consecutive with a third, do not',
      sequence(100, 200, 201, 101, 300, 301).shows(0, 3).and({ sFlowDatagramsOutOfOrder: 4 }),
    ],
    ['1 restarts at once', sequence(100, 101, 1, 2).shows(2, 3).and({ sFlowDatagramsOutOfOrder: 1 })],
    ['numbers wrap', sequence(4_294_967_295, 0).shows(0, 1).and()],
    ['a gap over the wrap', sequence(4_294_967_290, 3).shows(0, 1).and({ sFlowDatagramsLost: 8 })],
  ])('3.2 %s', async ([, row]) => {
    const agent = weir.agent();
    for (const [i, sequenceNumber] of row.sequence.entries())
      await weir.deliver(agent.datagram([agent.flow([from(`10.0.0.${i}`)])], { sequenceNumber }));
    expect(await keysOf(agent)).toEqual(row.seen.map((i) => `10.0.0.${i}`));
    expect(await recordOf(agent)).toMatchObject(row.counters);
  });

  it('3.2 repeats of a datagram are not counted twice anywhere', async () => {
    const agent = weir.agent();
    const payload = agent.datagram([agent.flow([from('10.0.0.1')])], { sequenceNumber: 100 });
    await weir.deliver(payload, payload, payload);
    const [{ value }] = await weir.get<ActiveFlow[]>(`/activeflows/${agent.address}/sources/json`);
    expect(value * 600).toBeCloseTo(100, 0);
  });

  it('3.2 a restart zeroes the counters of samples, those of datagrams go on', async () => {
    const agent = weir.agent();
    for (const sequenceNumber of [100, 101, 103])
      await weir.deliver(agent.datagram([agent.flow([from('10.0.0.1')])], { sequenceNumber }));
    expect(await recordOf(agent)).toMatchObject({ sFlowFlowSamples: 2, sFlowDatagramsReceived: 3 });
    await weir.deliver(agent.datagram([agent.flow([from('10.0.0.1')])], { sequenceNumber: 1 }));
    expect(await recordOf(agent)).toMatchObject({
      sFlowFlowSamples: 0,
      sFlowFlowDatasources: 1,
      sFlowDatagramsReceived: 4,
      sFlowDatagramsLost: 1,
      sFlowDatagramsOutOfOrder: 1,
    });
  });

  it('3.2 sysUptime going back is no restart', async () => {
    const agent = weir.agent();
    for (const uptime of [100_000, 10])
      await weir.deliver(agent.datagram([agent.flow([from('10.0.0.1')])], { uptime }));
    expect(await recordOf(agent)).toMatchObject({ sFlowFlowSamples: 1, uptime: 10 });
  });
});

describe('3.3 sample sequence', () => {
  type Row = readonly [
    fact: string,
    sequence: readonly number[],
    seen: readonly number[],
    counters: Readonly<Record<string, number>>,
  ];
  /** `Flow` or `Notification` goes before the counters. */
  const ROWS: readonly Row[] = [
    ['every sample but the first is counted', [10, 11, 12], [0, 1, 2], { Samples: 2, Datasources: 1 }],
    ['d=0 is dropped, but counted', [10, 10], [0], { Samples: 1, DuplicateSamples: 1 }],
    ['d=2 is accepted, one lost', [10, 12], [0, 1], { Samples: 1, LostSamples: 1 }],
    ['d=19 is accepted, 18 lost', [10, 29], [0, 1], { Samples: 1, LostSamples: 18 }],
    ['d=20 is dropped, but counted', [10, 30], [0], { Samples: 1, OutOfOrderSamples: 1 }],
    ['the next consecutive one is accepted', [10, 30, 31], [0, 2], { Samples: 2, OutOfOrderSamples: 1 }],
    ['d<0 is dropped', [10, 9], [0], { Samples: 1, OutOfOrderSamples: 1 }],
    ['and goes on from there', [10, 5, 6], [0, 2], { Samples: 2, OutOfOrderSamples: 1 }],
    ['numbers wrap', [4_294_967_295, 0], [0, 1], { Samples: 1, LostSamples: 0 }],
  ];
  const NONE = { DuplicateSamples: 0, OutOfOrderSamples: 0, LostSamples: 0 };

  const expectRow = async (
    kind: 'Flow' | 'Notification',
    [, sequence, seen, counters]: Row,
    sampleOf: (sequenceNumber: number, source: string) => Sample,
  ): Promise<void> => {
    const agent = weir.agent();
    for (const [i, sequenceNumber] of sequence.entries())
      await weir.deliver(agent.datagram([sampleOf(sequenceNumber, `10.0.0.${i}`)]));
    const flow = kind === 'Flow' ? 'sources' : 'discards';
    expect(await keysOf(agent, flow)).toEqual(seen.map((i) => `10.0.0.${i}`));
    const expected = Object.entries({ ...NONE, ...counters });
    expect(await recordOf(agent)).toMatchObject(
      Object.fromEntries(expected.map(([name, value]) => [`sFlow${kind}${name}`, value])),
    );
  };

  it.for(ROWS)('3.3 flow samples: %s', (row) =>
    expectRow('Flow', row, (sequenceNumber, source) =>
      flowSample({ sequenceNumber, samplePool: sequenceNumber, records: [from(source)] }),
    ),
  );

  it.for(ROWS)('3.3 discards: %s', (row) =>
    expectRow('Notification', row, (sequenceNumber, source) =>
      discardSample({ sequenceNumber, records: [from(source)] }),
    ),
  );

  it.for<[kind: 'Flow' | 'Notification']>([['Flow'], ['Notification']])(
    '3.3 sFlow%sDrops accumulates increments of the drops field',
    async ([kind]) => {
      const agent = weir.agent();
      for (const drops of [5, 8, 8, 15]) {
        const sample =
          kind === 'Flow'
            ? agent.flow([from('10.0.0.1')], { drops })
            : discardSample({ sequenceNumber: agent.next('discard'), drops });
        await weir.deliver(agent.datagram([sample]));
      }
      expect(await recordOf(agent)).toMatchObject({ [`sFlow${kind}Drops`]: 10 });
    },
  );

  it('3.3 data sources have a sequence each', async () => {
    const agent = weir.agent();
    await weir.deliver(
      agent.datagram([
        flowSample({ sequenceNumber: 10, sourceId: 1, records: [from('10.0.0.1')] }),
        flowSample({ sequenceNumber: 500, sourceId: 2, records: [from('10.0.0.2')] }),
      ]),
    );
    expect(await keysOf(agent)).toEqual(['10.0.0.1', '10.0.0.2']);
    expect(await recordOf(agent)).toMatchObject({ sFlowFlowDatasources: 2, sFlowFlowOutOfOrderSamples: 0 });
  });

  it.for<[fact: string, sequence: readonly number[], hasRate: boolean]>([
    ['the first sample has no rates', [5], false],
    ['the second has', [5, 6], true],
    ['a duplicate is a new baseline', [5, 6, 6], false],
    ['the sample after it has rates again', [5, 6, 6, 7], true],
    ['a backward number is a new baseline', [5, 6, 5], false],
    ['a small gap is fine', [5, 9], true],
    ['a small gap is fine', [6, 10], true],
    ['a large gap is a new baseline', [10, 500], false],
  ])('3.3 counter samples: %s: %j', async ([, sequence, hasRate]) => {
    const agent = weir.agent();
    for (const [i, sequenceNumber] of sequence.entries()) {
      await sleep(5);
      const counters = ifCounters({ ifInOctets: BigInt(1000 * (i + 1)) });
      await weir.deliver(agent.datagram([agent.counters([counters], { sequenceNumber })]));
    }
    const metrics = await weir.get<Record<string, unknown>>(`/metric/${agent.address}/json`);
    expect(metrics).toMatchObject({ '1.ifspeed': 1e9 });
    expect('1.ifinoctets' in metrics).toBe(hasRate);
  });
});

describe('3.4 /agents record', () => {
  const MEMBERS = [
    'sFlowDatagramsReceived sFlowDatagramsLost sFlowDatagramsDuplicates sFlowDatagramsOutOfOrder',
    'sFlowFlowDatasources sFlowFlowSamples sFlowFlowDuplicateSamples sFlowFlowOutOfOrderSamples',
    'sFlowFlowLostSamples sFlowFlowDrops sFlowCounterDatasources sFlowCounterSamples',
    'sFlowCounterDuplicateSamples sFlowCounterOutOfOrderSamples sFlowCounterLostSamples',
    'sFlowNotificationDatasources sFlowNotificationSamples sFlowNotificationDuplicateSamples',
    'sFlowNotificationOutOfOrderSamples sFlowNotificationLostSamples sFlowNotificationDrops',
  ].flatMap((names) => names.split(' '));
  let found: AgentRecord;
  const SILENT_MS = 50;

  beforeAll(async () => {
    const agent = weir.agent();
    await weir.deliver(
      agent.datagram([agent.flow([from('10.0.0.1')]), agent.counters([ifCounters()])], { uptime: 1000 }),
    );
    await sleep(SILENT_MS);
    await weir.deliver(
      agent.datagram(
        [
          agent.flow([from('10.0.0.1')]),
          agent.counters([ifCounters()]),
          agent.counters([ifCounters({ ifIndex: 2 })], { sourceId: 2 }),
        ],
        { uptime: 11_003 },
      ),
    );
    found = (await recordOf(agent))!;
  });

  it.for(MEMBERS)('3.4 %s is a number', (member) => {
    expect(found[member]).toBeTypeOf('number');
  });

  it('3.4 sources are the UDP source addresses', () => {
    expect(found.sFlowDatagramSource).toEqual(['127.0.0.1']);
  });

  it('3.4 firstSeen and lastSeen are ms ago', () => {
    expect(found.lastSeen).toBeGreaterThanOrEqual(0);
    expect(found.lastSeen).toBeLessThan(5000);
    expect(found.firstSeen - found.lastSeen).toBeGreaterThanOrEqual(SILENT_MS - 5);
  });

  it('3.4 uptime is that of the last datagram, ms', () => {
    expect(found.uptime).toBe(11_003);
  });

  it('3.4 counters of this agent', () => {
    expect(found).toMatchObject({
      sFlowDatagramsReceived: 2,
      sFlowFlowDatasources: 1,
      sFlowFlowSamples: 1,
      sFlowCounterDatasources: 2,
      sFlowCounterSamples: 1,
      sFlowNotificationDatasources: 0,
    });
  });
});

describe('3.6 sampling rate used for scaling', () => {
  it.for<[fact: string, samples: (readonly [rate: number, pool: number])[], shown: string]>([
    ['the first sample: the reported rate', [[100, 1000]], '100.0'],
    [
      'the pool says the same',
      [
        [100, 1000],
        [100, 1100],
      ],
      '100.0',
    ],
    [
      'the pool says more',
      [
        [100, 1000],
        [100, 2000],
      ],
      '118.0',
    ],
    [
      'and more again',
      [
        [100, 1000],
        [100, 2000],
        [100, 3000],
      ],
      '135.64',
    ],
    [
      'the pool says less: never below the reported rate',
      [
        [100, 1000],
        [100, 1050],
      ],
      '100.0',
    ],
    [
      'but what it said counts',
      [
        [100, 1000],
        [100, 1000],
        [100, 2100],
      ],
      String(98 + 0.02 * (1100 - 98)),
    ],
    [
      'another reported rate starts anew',
      [
        [100, 1000],
        [100, 2000],
        [200, 2200],
      ],
      '200.0',
    ],
    [
      'the pool wraps',
      [
        [100, 4_294_967_200],
        [100, 904],
      ],
      '118.0',
    ],
  ])('3.6 %s: %j gives %s', async ([, samples, shown]) => {
    const agent = weir.agent();
    for (const [samplingRate, samplePool] of samples)
      await weir.deliver(agent.datagram([agent.flow([from('10.0.0.1')], { samplingRate, samplePool })]));
    expect(await keysOf(agent, 'rates')).toContain(shown);
  });

  it('3.6 lost samples raise the factor by themselves', async () => {
    const agent = weir.agent();
    for (const sequenceNumber of [10, 15])
      await weir.deliver(
        agent.datagram([
          flowSample({
            sequenceNumber,
            samplingRate: 100,
            samplePool: sequenceNumber * 100,
            records: [from('10.0.0.1')],
          }),
        ]),
      );
    expect(await keysOf(agent, 'rates')).toEqual(['100.0', '108.0']);
  });

  it('3.6 the factor is per data source', async () => {
    const agent = weir.agent();
    for (const [sourceId, samplePool] of [
      [1, 1000],
      [2, 1000],
      [1, 2000],
      [2, 1100],
    ])
      await weir.deliver(
        agent.datagram([agent.flow([from('10.0.0.1')], { sourceId, samplingRate: 100, samplePool })]),
      );
    expect(await keysOf(agent, 'rates')).toEqual(['100.0', '118.0']);
  });

  it('3.6 a reported rate of 0 contributes 0', async () => {
    const agent = weir.agent();
    await weir.deliver(
      agent.datagram([agent.flow([from('10.0.0.1')], { samplingRate: 0, samplePool: 1000 })]),
    );
    const flows = await weir.get<ActiveFlow[]>(`/activeflows/${agent.address}/sources/json`);
    expect(flows.filter(({ value }) => value !== 0)).toEqual([]);
  });
});

describe('3.7 data sources, direction and interfaces', () => {
  interface Named {
    readonly sourceId?: SourceId | number;
    readonly input?: InterfaceId | number;
    readonly output?: InterfaceId | number;
    readonly expanded?: boolean;
  }
  const source = (sourceClass: number, index: number): SourceId => ({ class: sourceClass, index });

  it.for<[fact: string, given: Named, shown: string]>([
    ['class 0 is its index', { sourceId: 3, input: 3, output: 4 }, '3,ingress,3,4,null'],
    ['class 1', { sourceId: source(1, 5), input: 3, output: 4 }, '1.5,null,3,4,null'],
    ['class 3', { sourceId: source(3, 5), input: 3, output: 4 }, '3.5,null,3,4,null'],
    ['class 4', { sourceId: source(4, 5), input: 3, output: 4 }, '4.5,null,3,4,null'],
    ['egress', { sourceId: 4, input: 3, output: 4 }, '4,egress,3,4,null'],
    ['neither: no direction', { sourceId: 9, input: 3, output: 4 }, '9,null,3,4,null'],
    ['unknown interfaces', { sourceId: 3, input: 3, output: 0 }, '3,ingress,3,unknown,null'],
    ['unknown interfaces', { sourceId: 3, input: 0, output: 3 }, '3,egress,unknown,3,null'],
    ['the agent itself', { sourceId: 3, input: 3, output: 0x3fffffff }, '3,ingress,3,internal,null'],
    [
      'the agent itself in expanded form',
      { sourceId: 3, input: 3, output: 0x3fffffff, expanded: true },
      '3,ingress,3,1073741823,null',
    ],
    ['discarded', { sourceId: 3, input: 3, output: { format: 1, value: 0 } }, '3,ingress,3,discard,null'],
    [
      'discarded in expanded form',
      { sourceId: 3, input: 3, output: { format: 1, value: 258 }, expanded: true },
      '3,ingress,3,discard,null',
    ],
    ['multiple', { sourceId: 3, input: 3, output: { format: 2, value: 7 } }, '3,ingress,3,multiple,7'],
    [
      'multiple, number unknown',
      { sourceId: 3, input: 3, output: { format: 2, value: 0 } },
      '3,ingress,3,multiple,0',
    ],
    [
      'multiple in expanded form',
      { sourceId: 3, input: 3, output: { format: 2, value: 7 }, expanded: true },
      '3,ingress,3,multiple,7',
    ],
  ])('3.7 %s: %j is %s', async ([, given, shown]) => {
    const agent = weir.agent();
    await weir.deliver(agent.datagram([agent.flow([from('10.0.0.1')], given)]));
    expect(await keysOf(agent, 'interfaces')).toEqual([shown]);
  });

  const SWITCH = source(2, 1);
  it.for<[fact: string, inputs: number[], shown: string[]]>([
    ['the first sample of an input is a baseline', [3], []],
    ['the second counts at the input interface, ingress', [3, 3], ['3,ingress,3,9,null']],
    ['each input has its baseline', [3, 3, 4], ['3,ingress,3,9,null']],
    ['each input has its baseline', [3, 4, 3, 4], ['3,ingress,3,9,null', '4,ingress,4,9,null']],
    ['input 0 is data source 0 without direction', [0, 0], ['0,null,unknown,9,null']],
  ])('3.7 class 2: %s: %j', async ([, inputs, shown]) => {
    const agent = weir.agent();
    for (const input of inputs)
      await weir.deliver(
        agent.datagram([agent.flow([from('10.0.0.1')], { sourceId: SWITCH, input, output: 9 })]),
      );
    expect(await keysOf(agent, 'interfaces')).toEqual(shown);
  });

  it('3.7 class 2: sequence and rate estimation stay per class 2 source', async () => {
    const agent = weir.agent();
    for (const [input, samplePool] of [
      [3, 1000],
      [4, 2000],
      [4, 3000],
    ])
      await weir.deliver(
        agent.datagram([
          agent.flow([from('10.0.0.1')], { sourceId: SWITCH, input, samplingRate: 100, samplePool }),
        ]),
      );
    expect(await keysOf(agent, 'rates')).toEqual(['135.64']);
    expect(await recordOf(agent)).toMatchObject({ sFlowFlowDatasources: 1, sFlowFlowSamples: 2 });
  });

  it('3.7 class 2: discards keep the name', async () => {
    const agent = weir.agent();
    await weir.deliver(
      agent.datagram([discardSample({ sourceId: SWITCH, input: 3, records: [from('10.0.0.1')] })]),
    );
    expect(await weir.get(`/activeflows/${agent.address}/discards/json`)).toMatchObject([
      { key: '10.0.0.1', dataSource: '2.1' },
    ]);
  });

  it.for<[SourceId | number, string]>([
    [7, '7'],
    [SWITCH, '2.1'],
    [source(3, 5), '3.5'],
  ])('3.7 metrics of data source %j are of %s', async ([sourceId, name]) => {
    const agent = weir.agent();
    await weir.deliver(agent.datagram([agent.counters([ifCounters()], { sourceId })]));
    expect(await weir.get(`/dump/${agent.address}/ifspeed/json`)).toMatchObject([{ dataSource: name }]);
  });

  it('3.7 custom metrics have their own name', async () => {
    const agent = weir.agent();
    const metrics = [{ name: 'load', type: 3, value: 7 }];
    await weir.deliver(agent.datagram([{ kind: 'rtmetric', dataSource: 'web1', metrics }]));
    expect(await weir.get(`/metric/${agent.address}/json`)).toEqual({ 'web1.load': 7 });
  });
});
