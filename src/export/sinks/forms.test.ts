import fc from 'fast-check';
import { compress, uncompress } from 'snappyjs';
import { describe, expect, it } from 'vitest';
import { escapeLabelValue } from '../../engine/index.ts';
import type { ExportMessage } from '../message.ts';
import { messageName, pointOf } from '../message.ts';
import { readMetricLine } from '../metric-line.ts';
import { graphiteLine } from './graphite.ts';
import { influxLine } from './influxdb.ts';
import { encodeWriteRequest } from './remote-write-request.ts';
import { syslogText } from './syslog.ts';
import { fillTopic } from './topic.ts';
import { fillTemplate } from './webhook.ts';

const TIME = 1_795_000_000_123;
const METRIC: ExportMessage = {
  ...{ type: 'metric', time: TIME, metric: 'ifinoctets', value: 1000.5 },
  ...{ agent: '192.0.2.1', dataSource: '3', labels: { ifname: 'a b,c=d', host: '' } },
};
const FLOW: ExportMessage = {
  ...{ type: 'flow', time: TIME, start: TIME - 5000, name: 'pairs', flowID: 7, value: 5 },
  ...{ agent: '192.0.2.1', dataSource: '3', flowKeys: '10.0.0.1,say "hi"' },
  keys: { ipsource: '10.0.0.1', 'dns:x': 'say "hi"' },
};
const EVENT: ExportMessage = {
  ...{ type: 'event', time: TIME, thresholdID: 'busy', eventID: 1, metric: 'pairs', threshold: 1, value: 2 },
  ...{ agent: '192.0.2.1', dataSource: '3' },
};

describe('InfluxDB', () => {
  it('lines', () => {
    expect(influxLine(pointOf(METRIC, 'sflow_')!)).toBe(
      `sflow_ifinoctets,ifname=a\\ b\\,c\\=d,agent=192.0.2.1,datasource=3 value=1000.5 ${TIME}\n`,
    );
    expect(influxLine(pointOf(EVENT, '')!)).toBe(
      `event,agent=192.0.2.1,datasource=3,threshold=busy,metric=pairs value=2 ${TIME}\n`,
    );
  });

  it('whatever the labels are, a line is one line with one value', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), fc.string()), (labels) => {
        const line = influxLine({ name: 'm', labels, value: 1, time: 2 });
        expect(line.match(/\n/g)).toHaveLength(1);
        // Blanks that are not escaped part tags, value and time.
        expect(line.split(/(?<!\\) /)).toHaveLength(3);
      }),
    );
  });
});

describe('Graphite', () => {
  it('lines', () => {
    expect(graphiteLine(pointOf(METRIC, '')!, 'sflow.', false)).toBe(
      'sflow.192_0_2_1.3.ifinoctets 1000.5 1795000000\n',
    );
    expect(graphiteLine(pointOf(FLOW, '')!, 'sflow.', false)).toBe(
      'sflow.192_0_2_1.3.ended_pairs.10_0_0_1.say__hi_ 5 1795000000\n',
    );
    expect(graphiteLine(pointOf(METRIC, '')!, '', true)).toBe(
      'ifinoctets;ifname=a_b,c_d;agent=192.0.2.1;datasource=3 1000.5 1795000000\n',
    );
  });
});

it('syslog', () => {
  const header = { facility: 16, severity: 5, hostname: 'weir1', appName: 'weir' };
  expect(syslogText(EVENT, header)).toBe(
    `<133>1 2026-11-18T11:06:40.123Z weir1 weir ${process.pid} event - ${JSON.stringify(EVENT)}`,
  );
});

it('templates', () => {
  expect(fillTemplate('{"k": "{{keys.dns:x}}{{ flowKeys }}", "v": {{value}}{{none}}}', FLOW, true)).toBe(
    '{"k": "{{keys.dns:x}}10.0.0.1,say \\"hi\\"", "v": 5}',
  );
  expect(fillTemplate('{{keys.ipsource}} {{keys}}', FLOW, false)).toBe(
    '10.0.0.1 {"ipsource":"10.0.0.1","dns:x":"say \\"hi\\""}',
  );
  expect(fillTemplate('{{message}}{{constructor}}{{keys.toString}}', EVENT, true)).toBe(
    JSON.stringify(EVENT),
  );
});

it('topics', () => {
  expect(fillTopic('weir.{type}.{name}.{agent}', EVENT)).toBe('weir.event.busy.192_0_2_1');
  expect(fillTopic('{name}', { ...METRIC, metric: 'a.*>b' })).toBe('a___b');
  expect(messageName(FLOW)).toBe('pairs');
});

it('lines of Prometheus text are read as they are written', () => {
  const label = fc.string().map((text) => text.replaceAll('\r', ' '));
  fc.assert(
    fc.property(fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), label), fc.integer(), (given, value) => {
      const labels = Object.entries(given);
      const text = labels.map(([name, each]) => `${name}="${escapeLabelValue(each)}"`).join();
      expect(readMetricLine(`m{${text}} ${value}`)).toEqual({ name: 'm', labels: { ...given }, value });
    }),
  );
  expect(readMetricLine('')).toBeUndefined();
  expect(readMetricLine('m{a="b')).toBeUndefined();
  expect(readMetricLine('m{a')).toBeUndefined();
});

describe('remote write', () => {
  it('is the protocol buffer that the published definition describes', () => {
    const bytes = encodeWriteRequest([
      { name: 'm', labels: { b: 'x', a: '' }, value: 1.5, time: 300 },
      { name: 'm', labels: { b: 'x' }, value: 2, time: 128 },
    ]);
    const label = (name: string, value: string): string =>
      `0a${hex(name.length + value.length + 4)}0a${hex(name.length)}${Buffer.from(name).toString('hex')}12${hex(value.length)}${Buffer.from(value).toString('hex')}`;
    const labels = label('__name__', 'm') + label('b', 'x');
    const samples = '120c09000000000000004010' + '8001' + '120c09000000000000f83f10' + 'ac02';
    const series = labels + samples;
    expect(Buffer.from(bytes).toString('hex')).toBe(`0a${hex(series.length / 2)}${series}`);
  });

  it('compresses to what decompresses', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 5000 }), (bytes) => {
        expect(Buffer.from(uncompress(compress(bytes)))).toEqual(Buffer.from(bytes));
      }),
    );
  });

  it('values that are no numbers are no points', () => {
    expect(pointOf({ ...METRIC, value: Number.NaN }, '')).toBeUndefined();
  });
});

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}
