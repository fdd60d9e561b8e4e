import { describe, expect, it } from 'vitest';
import { isWeirError } from '../common/index.ts';
import { type OuiTable, parseOuiFile } from './oui.ts';

function vendor(table: OuiTable, mac: string): string | undefined {
  return table.lookup(Number.parseInt(mac.slice(0, 4), 16), Number.parseInt(mac.slice(4), 16) | 0);
}

describe('the registry as text', () => {
  const table = parseOuiFile(
    [
      'OUI/MA-L                                                    Organization',
      'company_id                                                  Organization',
      '                                                            Address',
      '',
      '00-0C-29   (hex)\t\tVMware, Inc.',
      '000C29     (base 16)\t\tVMware, Inc.',
      '\t\t\t\t3401 Hillview Avenue',
      '\t\t\t\tPALO ALTO  CA  94304',
      '',
      'AC-DE-48   (hex)\t\tPrivate',
      'ACDE48     (base 16)\t\tPrivate',
      '',
    ].join('\r\n'),
  );

  it('has each assignment once', () => {
    expect(table.size).toBe(2);
    expect(vendor(table, '000C29AABBCC')).toBe('VMware, Inc.');
    expect(vendor(table, 'ACDE48FFFFFF')).toBe('Private');
    expect(vendor(table, '000C2AAABBCC')).toBeUndefined();
  });
});

it('reads blocks of 28 and 36 bits, and the longest rules', () => {
  const table = parseOuiFile(
    [
      '00-55-DA   (hex)\t\tShort Block Ltd',
      'D00000-DFFFFF     (base 16)\t\tShort Block Ltd',
      '00-55-DA   (hex)\t\tTiny Block Ltd',
      'D12000-D12FFF     (base 16)\t\tTiny Block Ltd',
      '00-55-DB   (hex)\t\tBig Block Ltd',
      '0055DB     (base 16)\t\tBig Block Ltd',
    ].join('\n'),
  );
  expect(table.size).toBe(3);
  expect(vendor(table, '0055DAD00001')).toBe('Short Block Ltd');
  expect(vendor(table, '0055DAD12345')).toBe('Tiny Block Ltd');
  expect(vendor(table, '0055DAC00001')).toBeUndefined();
  expect(vendor(table, '0055DBD12345')).toBe('Big Block Ltd');
});

it('reads the registry as CSV', () => {
  const table = parseOuiFile(
    [
      'Registry,Assignment,Organization Name,Organization Address',
      'MA-L,000C29,"VMware, Inc.",3401 Hillview Avenue PALO ALTO CA US 94304 ',
      'MA-L,002272,American Micro-Fuel Device Corp.,2181 Buchanan Loop',
      'MA-M,0055DAD,"The ""Quoted"" Company","Street, Town"',
      'MA-S,70B3D5F2F,TELEPLATFORMS,Moscow',
    ].join('\n'),
  );
  expect(table.size).toBe(4);
  expect(vendor(table, '000C29000001')).toBe('VMware, Inc.');
  expect(vendor(table, '002272000001')).toBe('American Micro-Fuel Device Corp.');
  expect(vendor(table, '0055DADFFFFF')).toBe('The "Quoted" Company');
  expect(vendor(table, '70B3D5F2F001')).toBe('TELEPLATFORMS');
  expect(vendor(table, '70B3D5F2E001')).toBeUndefined();
});

it('reads plain lines', () => {
  const table = parseOuiFile('# vendors\n000C29 VMWARE\n0000BC\tROCKWELL AUTOMATION\n');
  expect(vendor(table, '000C29000001')).toBe('VMWARE');
  expect(vendor(table, '0000BC000001')).toBe('ROCKWELL AUTOMATION');
});

it('keeps the first of two names of an assignment', () => {
  const table = parseOuiFile('080030 FIRST\n080030 SECOND\n');
  expect(vendor(table, '080030000001')).toBe('FIRST');
});

it.each(['', 'no list at all', '<html><body>404</body></html>'])(
  'refuses a file that is none: %j',
  (text) => {
    expect(() => parseOuiFile(text)).toThrow(expect.toSatisfy((error) => isWeirError(error, 'OUI_BAD_FILE')));
  },
);
