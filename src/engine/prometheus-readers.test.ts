import { describe, expect, it } from 'vitest';
import { MetricStore, NO_FLOW_METRICS, type PrometheusQuestion, type QueryContext } from '../metric/index.ts';
import {
  counterSample,
  DatagramWalker,
  datagram,
  encodeDatagram,
  ifCounters,
  SAMPLE,
} from '../sflow/index.ts';
import { PrometheusReaders } from './prometheus-readers.ts';

const QUESTION: PrometheusQuestion = {
  ...{ agents: 'ALL', metrics: ['ALL'], filters: {}, prefix: 'sflow_', form: 'openmetrics', maxSeries: 1e6 },
};
const PORTS = 5000;

function store(): MetricStore {
  const made = new MetricStore({ maxSources: PORTS });
  const samples = [counterSample({ records: [ifCounters()] })];
  const bytes = encodeDatagram(datagram({ samples }));
  const walker = new DatagramWalker();
  for (let port = 1; port <= PORTS; port++) {
    const source = made.source('192.0.2.1', String(port))!;
    walker.begin(bytes, 0, bytes.length);
    if (walker.nextSample() !== SAMPLE.counter) throw new Error('no counter sample');
    source.beginSample(0, false);
    while (walker.nextRecord())
      source.record(walker.recordFormat, bytes, walker.recordStart, walker.recordEnd, 0);
  }
  return made;
}

const metrics = store();
const context = (): QueryContext => ({ store: metrics, flows: NO_FLOW_METRICS, topology: undefined, now: 0 });
const CODE = { code: 'ENGINE_BUSY' };

describe('Prometheus texts read page by page', () => {
  it('make up the text, however small the pages are', () => {
    const whole = read(() => 0);
    // Time is up after each piece.
    let clock = 0;
    const slow = read(() => (clock += 10));
    expect(slow.text).toBe(whole.text);
    expect(slow.pages).toBeGreaterThan(whole.pages);
    expect(whole.text.endsWith('# EOF\n')).toBe(true);
    expect(whole.series).toBe(PORTS);
  });

  function read(elapsed: () => number): { text: string; pages: number; series: number } {
    const readers = new PrometheusReaders(elapsed);
    const decoder = new TextDecoder();
    let text = '';
    for (let pages = 1; ; pages++) {
      const { bytes, end } = readers.page('one', pages === 1, QUESTION, context, undefined, 0);
      text += decoder.decode(bytes);
      if (end !== undefined) return { text, pages, series: end.series };
    }
  }

  it('are bounded in number; one that is closed or idle makes room', () => {
    const readers = new PrometheusReaders(() => 0);
    const begin = (name: string, now = 0) => readers.page(name, true, QUESTION, context, undefined, now);
    for (let i = 0; i < 8; i++) begin(`reader ${i}`);
    expect(() => begin('one more')).toThrow(expect.objectContaining(CODE));
    readers.close('reader 3');
    begin('one more');
    expect(() => begin('and one')).toThrow(expect.objectContaining(CODE));
    begin('and one', 60_000);
    expect(() => readers.page('reader 0', false, QUESTION, context, undefined, 60_000)).toThrow(
      expect.objectContaining({ ...CODE, message: 'this Prometheus text was given up' }),
    );
  });
});
