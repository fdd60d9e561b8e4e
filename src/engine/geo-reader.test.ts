import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isWeirError } from '../common/index.ts';
import { writeMmdb } from '../lookup/testing/write-mmdb.ts';
import { openRecords } from './geo-reader.ts';

const RECORDS = {
  '10.0.0.0/8': { name: 'ten', deep: { list: ['a', 1, true, false], long: 'x'.repeat(100) } },
  '10.1.0.0/16': { name: 'ten one' },
  '10.1.2.3': { name: 'one address' },
  '128.0.0.0/1': { name: 'upper half' },
  '2001:db8::/32': { name: 'documentation' },
  '2001:db8:1::/48': { name: 'documentation one' },
};

describe.each([24, 28, 32] as const)('a file of %d bits per pointer', (recordSize) => {
  it('gives the record of the longest prefix', () => {
    const { get, ipVersion } = openRecords(writeMmdb({ records: RECORDS, recordSize }));
    expect(ipVersion).toBe(6);
    expect(get('10.0.0.1')).toEqual(RECORDS['10.0.0.0/8']);
    expect(get('10.1.0.1')).toEqual({ name: 'ten one' });
    expect(get('10.1.2.3')).toEqual({ name: 'one address' });
    expect(get('10.1.2.4')).toEqual({ name: 'ten one' });
    expect(get('192.0.2.1')).toEqual({ name: 'upper half' });
    expect(get('11.0.0.1')).toBeNull();
    expect(get('2001:db8:2::1')).toEqual({ name: 'documentation' });
    expect(get('2001:db8:1::1')).toEqual({ name: 'documentation one' });
    expect(get('2001:db9::')).toBeNull();
  });

  it('may be of IPv4 addresses alone', () => {
    const records = { '10.0.0.0/8': RECORDS['10.0.0.0/8'] };
    const { get, ipVersion } = openRecords(writeMmdb({ records, recordSize, ipVersion: 4 }));
    expect(ipVersion).toBe(4);
    expect(get('10.255.255.255')).toEqual(RECORDS['10.0.0.0/8']);
    expect(get('9.255.255.255')).toBeNull();
  });
});

it('reads memory that threads share', () => {
  const file = writeMmdb({ records: RECORDS });
  const shared = new Uint8Array(new SharedArrayBuffer(file.length));
  shared.set(file);
  expect(openRecords(shared).get('10.1.2.3')).toEqual({ name: 'one address' });
});

it('refuses what is no such file, and a file that was cut', () => {
  const file = writeMmdb({ records: RECORDS });
  const metadata = file.lastIndexOf('MaxMind.com') - 3;
  const bad = [Buffer.alloc(0), Buffer.from('hello'), file.subarray(0, metadata), file.subarray(metadata)];
  for (const bytes of bad)
    expect(() => openRecords(bytes)).toThrow(expect.toSatisfy((error) => isWeirError(error, 'GEO_BAD_FILE')));
});

it('a damaged file is refused, or its records fail: nothing else', () => {
  const file = writeMmdb({ records: RECORDS });
  const damage = fc.array(fc.tuple(fc.nat(file.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(damage, (changes) => {
      const bytes = Buffer.from(file);
      for (const [at, value] of changes) bytes[at] = value;
      try {
        openRecords(bytes).get('10.1.2.3');
      } catch (error) {
        expect(error).toBeInstanceOf(Error);
      }
    }),
    { numRuns: 2000 },
  );
});
