import { describe, expect, it } from 'vitest';
import { type AddressRecords, GeoTables } from './geo.ts';

const GERMANY = { country: { iso_code: 'DE', names: { de: 'Deutschland', en: 'Germany' } } };
const SWEDEN = { country: { iso_code: 'SE', names: { en: 'Sweden' } } };
const EXAMPLE = { autonomous_system_number: 64500, autonomous_system_organization: 'Example, One AB' };

/** Records of single addresses, and the questions they were asked. */
function records(content: Record<string, unknown>, ipVersion = 6): AddressRecords & { asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    ipVersion,
    get(address) {
      asked.push(address);
      if (content[address] === 'damaged') throw new RangeError('out of bounds');
      return content[address] ?? null;
    },
  };
}

describe('GeoTables', () => {
  it('knows nothing without files', () => {
    const geo = new GeoTables();
    expect(geo.country('192.0.2.1')).toBeUndefined();
    expect(geo.asn('2001:db8::1')).toBeUndefined();
  });

  it('gives country and autonomous system of either kind of address', () => {
    const geo = new GeoTables();
    geo.use('country', records({ '192.0.2.1': GERMANY, '2001:db8::1': SWEDEN }));
    geo.use('asn', records({ '192.0.2.1': EXAMPLE }));
    expect(geo.country('192.0.2.1')).toEqual({ code: 'DE', name: 'Germany' });
    expect(geo.country('2001:db8::1')).toEqual({ code: 'SE', name: 'Sweden' });
    expect(geo.country('192.0.2.2')).toBeUndefined();
    expect(geo.asn('192.0.2.1')).toEqual({ number: 64500, description: 'Example, One AB' });
    expect(geo.asn('2001:db8::1')).toBeUndefined();
  });

  it('asks once for each address, also for those that have no record', () => {
    const geo = new GeoTables();
    const file = records({ '192.0.2.1': GERMANY });
    geo.use('country', file);
    for (let i = 0; i < 3; i++) for (const address of ['192.0.2.1', '192.0.2.2']) geo.country(address);
    expect(file.asked).toEqual(['192.0.2.1', '192.0.2.2']);
  });

  it('asks nothing for what is no address', () => {
    const geo = new GeoTables();
    const file = records({});
    geo.use('country', file);
    for (const text of ['000C29AABBCC', '80', '', '192.0.2', 'fe80:', 'web']) geo.country(text);
    expect(file.asked).toEqual([]);
  });

  it('does not look for IPv6 addresses in a file of IPv4 addresses', () => {
    const geo = new GeoTables();
    geo.use('country', records({ '192.0.2.1': GERMANY, '2001:db8::1': GERMANY }, 4));
    expect(geo.country('2001:db8::1')).toBeUndefined();
    geo.use('country6', records({ '2001:db8::1': SWEDEN, '192.0.2.1': SWEDEN }));
    expect(geo.country('2001:db8::1')?.code).toBe('SE');
    expect(geo.country('192.0.2.1')?.code).toBe('DE');
  });

  it('takes the file for IPv6 for all, when there is no other', () => {
    const geo = new GeoTables();
    geo.use('asn6', records({ '192.0.2.1': EXAMPLE }));
    expect(geo.asn('192.0.2.1')?.number).toBe(64500);
  });

  it('answers from a replaced file at once', () => {
    const geo = new GeoTables();
    geo.use('country', records({ '192.0.2.1': GERMANY }));
    expect(geo.country('192.0.2.1')?.code).toBe('DE');
    geo.use('country', records({ '192.0.2.1': SWEDEN }));
    expect(geo.country('192.0.2.1')?.code).toBe('SE');
  });

  it.each([
    'damaged',
    'text',
    7,
    {},
    { country: null },
    { country: 'DE' },
    { country: { names: { en: 'Germany' } } },
    { autonomous_system_number: '64500' },
  ])('gives nothing for the record %j', (record) => {
    const geo = new GeoTables();
    for (const file of ['country', 'asn'] as const) geo.use(file, records({ '192.0.2.1': record }));
    expect(geo.country('192.0.2.1')).toBeUndefined();
    expect(geo.asn('192.0.2.1')).toBeUndefined();
  });

  it('gives what there is of a record without names', () => {
    const geo = new GeoTables();
    geo.use('country', records({ '192.0.2.1': { country: { iso_code: 'DE' } } }));
    geo.use('asn', records({ '192.0.2.1': { autonomous_system_number: 64500 } }));
    expect(geo.country('192.0.2.1')).toEqual({ code: 'DE', name: undefined });
    expect(geo.asn('192.0.2.1')).toEqual({ number: 64500, description: undefined });
  });
});
