import { describe, expect, it } from 'vitest';
import { parseExport } from './definition.ts';

const SOURCE = { type: 'events' };
const SINK = { type: 'http', url: 'http://127.0.0.1/' };

describe('definitions of exports', () => {
  it('have defaults', () => {
    expect(parseExport('x', { source: { type: 'metrics' }, sink: SINK }).echo).toEqual({
      enabled: true,
      source: { type: 'metrics', agents: 'ALL', metrics: ['ALL'], filters: {}, interval: 30 },
      sink: SINK,
      queue: 10_000,
      batch: 500,
      linger: 0.5,
      retries: 20,
    });
  });

  it('do not show secrets', () => {
    const text = JSON.stringify([
      parseExport('x', {
        source: SOURCE,
        sink: { type: 'influxdb', url: 'http://h/', database: 'd', username: 'u', password: 'pssst' },
      }).echo,
      parseExport('x', { source: SOURCE, sink: { ...SINK, headers: { Authorization: 'pssst' } } }).echo,
      parseExport('x', { source: SOURCE, sink: { type: 'nats', servers: ['nats://h'], token: 'pssst' } })
        .echo,
    ]);
    expect(text).not.toContain('pssst');
    expect(text.match(/\*\*\*/g)).toHaveLength(3);
  });

  it.each<[what: string, name: string, definition: unknown, says: string]>([
    ['a name', 'a/b', {}, 'the name of an export is made of letters, digits, _ and -'],
    ['no object', 'x', [], 'an export is an object'],
    ['no source', 'x', { sink: SINK }, 'source.type is missing'],
    ['no sink', 'x', { source: SOURCE }, 'sink.type is missing'],
    ['an unknown sink', 'x', { source: SOURCE, sink: { type: 'pigeon' } }, 'sink.type is one of influxdb, '],
    ['an unknown member', 'x', { source: SOURCE, sink: SINK, ques: 1 }, 'ques is not known here'],
    [
      'an unknown member of a sink',
      'x',
      { source: SOURCE, sink: { ...SINK, uri: 'x' } },
      'sink.uri is not known',
    ],
    [
      'an unknown member of a source',
      'x',
      { source: { ...SOURCE, flow: 'x' }, sink: SINK },
      'source.flow is not',
    ],
    [
      'an interval',
      'x',
      { source: { type: 'metrics', interval: 0 }, sink: SINK },
      'source.interval is a number from 1',
    ],
    ['a queue', 'x', { source: SOURCE, sink: SINK, queue: 1.5 }, 'queue is a whole number'],
    ['no flows', 'x', { source: { type: 'topflows' }, sink: SINK }, 'source.flows is missing'],
    [
      'an aggMode',
      'x',
      { source: { type: 'topflows', flows: 'a', aggMode: 'b' }, sink: SINK },
      'source.aggMode is',
    ],
    [
      'a URL',
      'x',
      { source: SOURCE, sink: { type: 'http', url: 'ftp://h' } },
      'sink.url is a URL that begins with',
    ],
    [
      'a password in a URL',
      'x',
      { source: SOURCE, sink: { type: 'http', url: 'http://u:p@h' } },
      'sink.url must not hold',
    ],
    [
      'a header',
      'x',
      { source: SOURCE, sink: { ...SINK, headers: { 'a b': 'c' } } },
      'sink.headers have one',
    ],
    [
      'a certificate',
      'x',
      { source: SOURCE, sink: { ...SINK, tls: { ca: 'no', cert: 'x' } } },
      'sink.tls is not usable',
    ],
    ['no host', 'x', { source: SOURCE, sink: { type: 'graphite' } }, 'sink.host is missing'],
    [
      'a facility',
      'x',
      { source: SOURCE, sink: { type: 'syslog', host: 'h', facility: 'x' } },
      'sink.facility is one',
    ],
    ['no servers', 'x', { source: SOURCE, sink: { type: 'nats' } }, 'sink.servers is missing'],
    [
      'a subject',
      'x',
      { source: SOURCE, sink: { type: 'nats', servers: 'h', subject: 'a.>' } },
      'sink.subject is no',
    ],
    [
      'brokers',
      'x',
      { source: SOURCE, sink: { type: 'kafka', brokers: ['h'] } },
      'sink.brokers is a list of HOST:PORT',
    ],
    [
      'no database',
      'x',
      { source: SOURCE, sink: { type: 'influxdb', url: 'http://h' } },
      'sink.database is missing',
    ],
    [
      'a label',
      'x',
      { source: SOURCE, sink: { type: 'remotewrite', url: 'http://h', labels: { '1': 'x' } } },
      'sink.labels cannot have the name 1',
    ],
  ])('%s that is wrong is refused in words', (_what, name, definition, says) => {
    expect(() => parseExport(name, definition)).toThrow(
      expect.objectContaining({
        code: expect.stringMatching(/^EXPORT_BAD/) as unknown,
        message: expect.stringContaining(says) as unknown,
      }),
    );
  });
});
