import { describe, expect, it } from 'vitest';
import { bytes, text, u16, u24, zeros } from './testing/build-packet.ts';
import { tlsServerName } from './tls-server-name.ts';

function hello(
  extensions: Uint8Array,
  given: { readonly type?: string; readonly handshake?: string } = {},
): Uint8Array {
  const { type = '16', handshake = '01' } = given;
  const body = bytes('0303', zeros(32), 0, '0002 1301', '01 00', u16(extensions.length), extensions);
  return bytes(type, '0301', u16(body.length + 4), handshake, u24(body.length), body);
}

function extension(nameType: number, name: string): Uint8Array {
  return bytes('0000', u16(name.length + 5), u16(name.length + 3), nameType, u16(name.length), text(name));
}

const nameOf = (record: Uint8Array, end = record.length): string | undefined => tlsServerName(record, 0, end);

describe('the server name', () => {
  it('is found behind other extensions', () => {
    expect(nameOf(hello(bytes('000a 0004 00020017', extension(0, 'example.org'))))).toBe('example.org');
  });

  it('is absent in other records, other handshakes, other name types, and when empty', () => {
    expect(nameOf(hello(extension(0, 'a'), { type: '17' }))).toBeUndefined();
    expect(nameOf(hello(extension(0, 'a'), { handshake: '02' }))).toBeUndefined();
    expect(nameOf(hello(extension(1, 'a')))).toBeUndefined();
    expect(nameOf(hello(extension(0, '')))).toBeUndefined();
    expect(nameOf(hello(zeros(0)))).toBeUndefined();
  });

  it('is absent when the record is cut before its last byte', () => {
    const record = hello(extension(0, 'example.org'));
    for (let end = 0; end < record.length; end++) expect(nameOf(record, end)).toBeUndefined();
    expect(nameOf(record)).toBe('example.org');
  });

  it('does not reach beyond its extension', () => {
    const lying = extension(0, 'example.org');
    lying[3] -= 1;
    expect(nameOf(hello(lying))).toBeUndefined();
  });

  it('shows what is not printable as numbers', () => {
    expect(nameOf(hello(extension(0, 'a\nb')))).toBe('a\\010b');
  });
});
