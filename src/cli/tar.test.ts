import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readTar } from './tar.ts';

/** A ustar header and its content. */
function entry(path: string, content: string, type = '0'): Buffer {
  const header = Buffer.alloc(512);
  header.write(path, 0, 100);
  header.write('0000644\0', 100);
  header.write(`${Buffer.byteLength(content).toString(8).padStart(11, '0')}\0`, 124);
  header.write('        ', 148);
  header.write(type, 156);
  header.write('ustar\0', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  const body = Buffer.from(content);
  return Buffer.concat([header, body, Buffer.alloc((512 - (body.length % 512)) % 512)]);
}

const END = Buffer.alloc(1024);
const read = (...parts: Buffer[]): [string, string][] =>
  readTar(Buffer.concat([...parts, END])).map(({ path, content }) => [path, Buffer.from(content).toString()]);

it('gives the plain files', () =>
  expect(
    read(entry('a/', '', '5'), entry('a/b', 'text'), entry('a/link', '', '2'), entry('a/c', 'x'.repeat(513))),
  ).toEqual([
    ['a/b', 'text'],
    ['a/c', 'x'.repeat(513)],
  ]));

it('takes long names of both kinds', () =>
  expect(
    read(
      entry('long', `a/${'n'.repeat(150)}\0`, 'L'),
      entry('a/n', '1'),
      entry('pax', '13 path=a/é\n', 'x'),
      entry('a/x', '2'),
      entry('a/short', '3'),
    ),
  ).toEqual([
    [`a/${'n'.repeat(150)}`, '1'],
    ['a/é', '2'],
    ['a/short', '3'],
  ]));

it('anything else is refused, or read; nothing breaks', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2000 }), fc.nat(1500), (noise, at) => {
      const bytes = Buffer.concat([entry('a/b', 'text'), END]);
      bytes.set(noise.subarray(0, bytes.length - at), at);
      try {
        readTar(bytes);
      } catch (error) {
        expect(error).toMatchObject({ code: 'TAR_BAD' });
      }
    }),
  );
});
