import { createContext, runInContext, Script } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { translate } from './translate.ts';

interface Thrown {
  readonly value: unknown;
  readonly file: number;
  readonly line: number;
}

/** Runs translated code with helpers that note what they are given. */
function run(source: string): { result: unknown; thrown: Thrown[] } {
  const thrown: Thrown[] = [];
  const helper = {
    thrown: (value: unknown, file: number, line: number) => {
      thrown.push({ value, file, line });
      return value;
    },
    each: (object: Record<string, unknown>) => Object.values(object),
  };
  const result: unknown = runInContext(translate(source, 7), createContext({ __weir: helper }));
  return { result, thrown };
}

describe('throw statements', () => {
  it.each([
    ["try { throw 'x'; } catch (e) { e; }", 'x', 1],
    ["\n\ntry {\n  throw 'x'\n} catch (e) { e }", 'x', 4],
    ['try { throw (1, 2) } catch (e) { e }', 2, 1],
    ['try { throw 1, 2 } catch (e) { e }', 2, 1],
    ['try { throw function() { return 3 }() } catch (e) { e }', 3, 1],
    ['try { throw /* a */ 4 /* b */; } catch (e) { e }', 4, 1],
    ['try { throw 5 // c\n } catch (e) { e }', 5, 1],
    ['try { if (1) throw 6; else throw 7 } catch (e) { e }', 6, 1],
    ["try { throw { a: 'throw 1' }.a } catch (e) { e }", 'throw 1', 1],
    ['try { throw `\n\n8` } catch (e) { e.trim() }', '8', 1],
    ['var s = "\u2028";\ntry { throw 9 } catch (e) { e }', 9, 3],
    ['\r\ntry { throw 10 } catch (e) { e }', 10, 2],
  ])('%j', (source, result, line) => {
    const ran = run(source);
    expect(ran.result).toBe(result);
    expect(ran.thrown).toHaveLength(1);
    expect(ran.thrown[0]).toMatchObject({ file: 7, line });
  });

  it('nested in a throw', () => {
    const { result, thrown } = run(
      'try { throw (() => { try { throw 1 } catch (e) { return e + 1 } })() } catch (e) { e }',
    );
    expect([result, thrown.map(({ value }) => value)]).toEqual([2, [1, 2]]);
  });
});

describe('legacy syntax', () => {
  it.each([
    ['var s = 0; for each (var x in {a: 1, b: 2}) s += x; s', 3],
    ['var s = 0; for each (let x in [1, 2]) { s += x } s', 3],
    ['var s = 0, x; for each(x in [1, 2]) s += x; s', 3],
    ['var s = 0, o = {}; for each (o.x in [1, 2]) s += o.x; s', 3],
    ['var s = 0; for /* a */ each /* b */ ( var x /* in */ in (0, [1, 2]) ) s += x; s', 3],
    ['var s = 0; for each (var x in [1]) for each (var y in [2, 3]) s += x * y; s', 5],
    ['var s = 0; for each (var [a, b] in [[1, 2]]) s += a + b; s', 3],
    ['var each = 4; for (each in {a: 1}); each', 'a'],
    ['var each = [5]; for (var x of each) x;', 5],
    ['[1, 2].map(function(x) x * 2).join()', '2,4'],
    ['(function(x) ({a: x}))(6).a', 6],
    ['(function(x) (x, 7))(1)', 7],
    ['(function(x) [x])(8)[0]', 8],
    ['function f(x) x + 1\nf(8)', 9],
    ['function f(x) x + 1; f(8)', 9],
    ['(function(x) function(y) x + y)(4)(5)', 9],
    ['var o = {f: function(x) x, g: 10}; o.f(o.g)', 10],
    ['var o = {f(x) x}; o.f(11)', 11],
    ['var o = {get x() 12}; o.x', 12],
    ['var s = 0; for each (var f in [function(x) x]) s += f(13); s', 13],
  ])('%s', (source, result) => expect(run(source).result).toBe(result));

  it.each(['for each (x of [])', 'for each (;;) ;', 'function(x)', 'for each (var x in', '} throw'])(
    '%s is none',
    (source) => expect(() => new Script(translate(source, 0))).toThrow(SyntaxError),
  );
});

it('lines and everything that is not translated stay where they are', () => {
  const line = fc.constantFrom(
    'throw 1;',
    'for each (var x in o) f(x);',
    'f(function(a) a + 1);',
    '"throw 2";',
    '/throw/.test("x");',
    '/* throw\n3 */',
    '// throw 4',
    'var t = `throw\n$' + '{f()}`;',
    'var a = b => { throw b };',
    '',
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 20 }), (lines) => {
      const source = lines.join('\n');
      const translated = translate(source, 0);
      expect(translated.split('\n')).toHaveLength(source.split('\n').length);
      expect(() => new Script(translated)).not.toThrow();
    }),
  );
});
