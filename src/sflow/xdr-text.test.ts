import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeText, encodeText } from './xdr-text.ts';

describe('decodeText', () => {
  it('reads UTF-8, a byte order mark included', () => {
    expect(decodeText(Uint8Array.of(0xef, 0xbb, 0xbf, 0x67, 0xc3, 0xbc))).toBe('\ufeffgü');
  });

  it('escapes the upper bytes of other encodings', () => {
    expect(decodeText(Uint8Array.of(0x67, 0xfc, 0x6e))).toBe('g\udcfcn');
  });

  it('loses nothing', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 30 }), (bytes) => {
        expect(encodeText(decodeText(bytes))).toEqual(bytes);
      }),
    );
  });
});

describe('encodeText', () => {
  it('writes escaped bytes beside other characters', () => {
    expect(encodeText('ü\udcfc😀')).toEqual(Uint8Array.of(0xc3, 0xbc, 0xfc, 0xf0, 0x9f, 0x98, 0x80));
  });
});
