import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fileNameOf } from './file-name.ts';

describe('fileNameOf', () => {
  it.each(['top', 'a.b', 'x_1-2', '0', 'top.json', 'top.json.tmp'])('is the name itself for %s', (name) => {
    expect(fileNameOf(name)).toBe(`${name}.json`);
  });

  it.each(['Top', '.', '..', '.hidden', 'a/b', '../etc/passwd', 'x~y', 'ä', '', 'n'.repeat(201)])(
    'is a readable beginning and a digest for %j',
    (name) => {
      expect(fileNameOf(name)).toMatch(/^[a-z0-9_-]{0,60}~[0-9a-f]{32}\.json$/);
    },
  );

  it('is a different one for each name, also where case does not matter', () => {
    const name = fc.oneof(
      fc.stringMatching(/^[A-Za-z0-9_.-]{1,6}$/),
      fc.stringMatching(/^[A-Za-z0-9_.-]{300}$/),
      fc.string(),
    );
    fc.assert(
      fc.property(name, name, (a, b) => {
        const files = [a, b].map((one) => fileNameOf(one).toLowerCase());
        expect(files[0] === files[1]).toBe(a === b);
      }),
    );
  });

  it('fits a file system, with room for endings', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 400, unit: 'binary' }), (name) => {
        const file = fileNameOf(name);
        expect(Buffer.byteLength(file)).toBeLessThan(240);
        expect(file).toMatch(/^[a-z0-9_~-][a-z0-9_.~-]*$/);
      }),
    );
  });
});
