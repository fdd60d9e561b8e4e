import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { Random } from '../../src/load/random.ts';
import { decodeDatagram } from '../../src/sflow/index.ts';
import { createCorpus } from '../fuzz/corpus.ts';
import { BUFFER_BYTES, dissectSpecimen, Mutator } from '../fuzz/mutate.ts';

const corpus = createCorpus(1, fileURLToPath(new URL('../fixtures/captures', import.meta.url)));
const specimens = corpus.map(dissectSpecimen);

describe('the fuzzer', () => {
  it('begins with whole datagrams of all versions', () => {
    expect(corpus.length).toBeGreaterThan(1000);
    const decoded = corpus.map((bytes) => decodeDatagram(bytes));
    expect(decoded.filter(({ error }) => error !== undefined)).toEqual([]);
    expect(new Set(decoded.map(({ datagram }) => datagram?.version))).toEqual(new Set([2, 4, 5]));
  });

  it('finds every sample and record of a datagram', () => {
    for (const [i, { samples, records, headers }] of specimens.entries()) {
      const { datagram } = decodeDatagram(corpus[i]);
      if (datagram?.version !== 5) continue;
      const known = datagram.samples.flatMap((sample) => ('records' in sample ? sample.records : []));
      expect(samples.length).toBe(datagram.samples.length);
      expect(records.length).toBe(known.length);
      expect(headers.length).toBe(known.filter(({ name }) => name === 'sampled_header').length);
    }
  });

  it('makes the same datagram of the same number, and damages most', () => {
    const make = (number: number): Buffer => {
      const mutator = new Mutator(specimens);
      mutator.make(number, new Random(number));
      expect(mutator.length).toBeLessThanOrEqual(BUFFER_BYTES);
      return Buffer.from(mutator.buffer.subarray(0, mutator.length));
    };
    let damaged = 0;
    for (let number = 0; number < 2000; number++) {
      const bytes = make(number);
      if (number % 100 === 0) expect(make(number).equals(bytes)).toBe(true);
      if (decodeDatagram(bytes).error !== undefined) damaged++;
    }
    expect(damaged).toBeGreaterThan(600);
    expect(damaged).toBeLessThan(1900);
  });
});
