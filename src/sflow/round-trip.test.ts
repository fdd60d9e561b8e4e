import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { datagram, flowSample, record } from './build.ts';
import { decodeDatagram } from './decode.ts';
import { encodeDatagram } from './encode.ts';
import type { Datagram } from './model.ts';
import { STRUCTURES } from './structures.ts';
import { datagram5, legacyDatagram, recordOf } from './testing/arbitrary-datagram.ts';

function expectRoundTrip(original: Datagram): void {
  expect(decodeDatagram(encodeDatagram(original))).toEqual({ datagram: original });
}

describe('decoding what was encoded', () => {
  it('gives the same version 5 datagram', () => {
    fc.assert(fc.property(datagram5, expectRoundTrip), { numRuns: 500 });
  });

  it.each([2, 4] as const)('gives the same version %i datagram', (version) => {
    fc.assert(fc.property(legacyDatagram(version), expectRoundTrip), { numRuns: 300 });
  });

  it.each(STRUCTURES)('gives the same $kind record $enterprise:$format $name', (structure) => {
    const samples = recordOf(structure, 2).map((each) =>
      structure.kind === 'flow'
        ? flowSample({ records: [each] })
        : ({
            kind: 'counter',
            expanded: false,
            sequenceNumber: 1,
            sourceId: { class: 0, index: 1 },
            records: [each],
          } as const),
    );
    fc.assert(
      fc.property(samples, (sample) => expectRoundTrip(datagram({ samples: [sample] }))),
      { numRuns: 20 },
    );
  });

  it('gives fields in the order of the structure', () => {
    const gateway = record('extended_gateway', { localPreference: 100, asNumber: 65000 });
    const { datagram: decoded } = decodeDatagram(
      encodeDatagram(datagram({ samples: [flowSample({ records: [gateway] })] })),
    );
    const sample = decoded?.samples[0];
    expect(sample?.kind === 'flow' && Object.keys(sample.records[0].fields ?? {})).toEqual([
      'nextHop',
      'asNumber',
      'sourceAs',
      'sourcePeerAs',
      'destinationAsPath',
      'communities',
      'localPreference',
    ]);
  });
});
