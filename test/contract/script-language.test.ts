import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ScriptWeir } from '../support/script-weir.ts';

/* Script API section 2: what a script may be written in. */

/** Expressions and function bodies, by what they show: each gives true. */
const WORKS: Readonly<Record<string, string>> = {
  'let and const': 'let a = 1; const b = 2; return a + b === 3;',
  'arrow functions': 'return (x => x + 1)(1) === 2;',
  'template strings': 'var b = 2; return `a$' + '{b}` === "a2" && String.raw`\\n`.length === 2;',
  'default and rest parameters':
    'function f(a, b = 2, ...c) { return a + b + c.length; } return f(1, undefined, 9, 9) === 5;',
  destructuring:
    'var [, , a = 3, [b]] = [1, 2, undefined, [4]], {c, d: {e = 5}} = {c: 1, d: {}}; return a + b + c + e === 13;',
  'for of and generators':
    'function* g() { yield 1; yield 2; } var s = 0; for (let x of g()) s += x; return s === 3;',
  'computed and short members, getters':
    'var o = {["a" + 1]: 1, m() { return 2; }, get g() { return 3; }}; return o.a1 + o.m() + o.g === 6;',
  collections:
    'return new Map([[1, 2]]).get(1) === 2 && new Set([1, 1]).size === 1 && new WeakMap() instanceof WeakMap;',
  'symbols, proxies, reflection':
    'return typeof Symbol() === "symbol" && new Proxy({}, {get: () => 7}).x === 7 && Reflect.has({a: 1}, "a");',
  'big integers and typed arrays': 'return 2n ** 64n > 1n && new Uint8Array([257])[0] === 1;',
  operators:
    'var o = null; o ??= {a: {b: 1}}; return 2 ** 3 === 8 && o?.a?.b === 1 && (o.x ?? 4) === 4 && 1_000 === 1000;',
  'optional catch binding': 'try { nope(); } catch { return true; }',
  'newer methods':
    'return [1, [2]].flat().length === 2 && [1, 2].at(-1) === 2 && [1, 2].findLast(x => x < 2) === 1 && [1].includes(1) && ' +
    '"a".padStart(2) === " a" && "aa".replaceAll("a", "b") === "bb" && [..."aa".matchAll(/a/g)].length === 2 && ' +
    '" a".trimStart() === "a" && Object.fromEntries(Object.entries({a: 1})).a === 1 && [2, 1].toSorted()[0] === 1;',
  'Object.groupBy': 'return Object.groupBy([1, 2, 3], x => x % 2 ? "odd" : "even").odd.length === 2;',
  'Map.groupBy': 'return Map.groupBy([1, 2, 3], x => x % 2).get(1).length === 2;',
  'for each':
    'var s = 0; for each (var v in {a: 1, b: 2}) s += v; for each (let w in [3, 4]) s += w; return s === 10;',
  'for each of nothing': 'for each (var v in null) return false; return true;',
  'expression closures': 'return [1, 2].map(function(x) x * 2)[1] === 4;',
  'expression closures with objects and nested ones':
    'var f = function(x) ({a: function(y) x + y}); return f(1).a(2) === 3;',
  'expression closures inside templates':
    'return `a$' + '{[1].map(function(x) x + 1)}b$' + '{(function(x) `<$' + '{x}>`)(3)}` === "a2b<3>";',
  'expression closures in any place':
    'var f = function(x) x ? 1 : 2, o = {m: function(x) x + 1}; var g = f(0) || function() 9; return f(1) + o.m(2) + g === 6;',
  'for each with patterns and members':
    'var s = 0, o = {}; for each (let [k, v] in [[1, 2], [3, 4]]) s += k * v; for each (o.x in {a: 9}) ; ' +
    'outer: for each (var x in [1, 2]) for each (var y in {a: 1, b: 2}) { if (y === 2) continue outer; s += y; } return s + o.x === 25;',
  // Rhino has no dead zone before a let.
  'variables of another case of a switch':
    'function f(a) { switch (a) { case 1: let x = 1, {y} = {y: 2}; return x + y; case 2: x = 5; return x; default: return y; } } ' +
    'return f(1) === 3 && f(2) === 5 && f(3) === undefined;',
  'cases of a switch keep what is theirs':
    'var x = 7, o = {x: 8}; switch (1) { case 1: let x = 1; break; case 2: o.x = 2; break; case 3: o = {x: 3}; } return x === 7;',
  'each is a name': 'var each = 1; for (each in {p: 1}) ; return each === "p";',
  'declared expression closures': 'function twice(x) x * 2;\n return twice(2) === 4;',
  'eval sees local names': 'var local = 5; return eval("local + 1") === 6;',
  Function: 'return Function("a", "return a + 1")(1) === 2;',
  with: 'with ({inside: 3}) { return inside === 3; }',
  octal: 'return 010 === 8;',
  'undeclared names become globals':
    'undeclared = 4; return this.undeclared === 4 && globalThis.undeclared === 4;',
  'shadowing a function of the engine': 'return getenv() === "shadowed";',
  'promises settle between handlers': 'return settled === "yes";',
  'newer than the contract':
    'class A { #x = 1; get x() { return this.#x; } } return new A().x === 1 && [...[1], 2].length === 2;',
};

/** Globals that scripts must not see. */
const ABSENT = [
  'console require process global Buffer print load setInterval setImmediate queueMicrotask XMLHttpRequest fetch URL',
  'TextEncoder structuredClone WebAssembly SharedArrayBuffer Atomics getFlow getFlows getThreshold getThresholds',
  'getGroups getMap metricNames setSystemProperty sharedInc storeInc readCSV uuid hash newProcess exec',
]
  .join(' ')
  .split(' ');

const FUNCTIONS =
  'storeSet storeGet storeDelete storeKeys sharedSet sharedGet sharedDelete sharedKeys logFine logInfo logWarning logSevere getSystemProperty ' +
  'getSystemPropertyNames include scriptdir setFlowHandler clearFlowHandler setEventHandler clearEventHandler ' +
  'setIntervalHandler clearIntervalHandler setHttpHandler clearHttpHandler setTimeout clearTimeout';

const cases = Object.values(WORKS).map((body) => `function() { ${body} }`);
const LANGUAGE = `
var settled = 'no';
Promise.resolve().then(function() { settled = 'yes'; });
function getenv() { return 'shadowed'; }
var tests = [
${cases.join(',\n')}
];
function absent(names) { return names.filter(function(name) eval('typeof ' + name) !== 'undefined'); }
function shape(name) {
  var d = Object.getOwnPropertyDescriptor(globalThis, name);
  return d && typeof d.value === 'function' && d.writable && !d.enumerable && d.value.name === name &&
    d.value instanceof Function;
}
setHttpHandler(function(req) {
  if (req.path[0] === 'absent') return absent(req.query.name);
  if (req.path[0] === 'misshapen') return req.query.name.filter(function(name) !shape(name));
  if (req.path[0] === 'own') return [sharedKeys() instanceof Array, req instanceof Object, req.path instanceof Array];
  if (req.path[0] === 'error') {
    try { include('nowhere.js'); } catch (e) {
      return [e instanceof InternalError, e instanceof Error, e.name, e.message, e.fileName, e.lineNumber];
    }
  }
  return tests[+req.path[0]].call(globalThis);
});
`;

let weir: ScriptWeir;
beforeAll(async () => {
  weir = await ScriptWeir.serve({
    'language.js': LANGUAGE,
    // With a mark of byte order, Windows line ends, and a throw on a line that must stay where it is.
    'lines.js': "\uFEFFvar a = 1;\r\nfor each (var x in [1]) a += x;\r\n\r\nthrow 'line ' + 4;\r\n",
    // What is wrong is told, not the construct that V8 does not have.
    'legacy-syntax.js': 'var twice = function(x) x * 2;\n\nvar wrong = ;\n',
    'typed.ts':
      'interface Named { readonly name: string }\n\nconst named: Named = { name: "typed" };\n' +
      'type Id<T> = T;\nfunction same<T>(x: T): Id<T> {\n  return x;\n}\ninclude("inc-more.ts");\n' +
      'setHttpHandler((request: unknown) => same(named as Named).name + more());\n',
    'inc-more.ts': 'function more(): string { return "!"; }\n',
    'typed-fails.ts': 'interface A { a: number }\n\nnope();\n',
    'typed-syntax.ts': '\nlet a: number = ;\n',
    'async.js':
      "var seen = [];\nasync function work() { await null; seen.push('later'); }\nwork();\nseen.push('first');\n" +
      'setHttpHandler(() => seen);\n',
    'rejects.js': "\nPromise.reject(new Error('nobody cares'));\nsetHttpHandler(() => 'alive');\n",
  });
});
afterAll(() => weir.end());

describe('2 works', () => {
  it.each(Object.keys(WORKS).map((name, i) => [name, i] as const))('%s', async (_name, i) =>
    expect(await weir.get(`/script/language.js/${i}/json`)).toBe(true),
  );

  it('asynchronous functions', async () =>
    expect(await weir.get('/script/async.js/json')).toEqual(['first', 'later']));

  it('TypeScript, included files too', async () =>
    expect(await weir.get('/script/typed.ts/json')).toBe('typed!'));
});

describe('2 lines of faults', () => {
  it.each([
    'lines.js lines.js#4 line 4',
    'legacy-syntax.js legacy-syntax.js#3 syntax error: Unexpected token',
    'typed-fails.ts typed-fails.ts#3 ReferenceError: "nope" is not defined.',
  ])('%s', async (line) => {
    await weir.until(
      () => weir.log,
      (log) => log.includes(line),
    );
  });

  it('of TypeScript that is none', async () => {
    const { error } = await weir.ended('typed-syntax.ts');
    expect(error).toMatch(/^typed-syntax\.ts typed-syntax\.ts#2 syntax error\b/);
  });

  it('a rejected promise is told, and ends nothing', async () => {
    expect(await weir.get('/script/rejects.js/json')).toBe('alive');
    await weir.until(
      () => weir.log,
      (log) => log.includes('rejects.js rejects.js#2 Error: nobody cares (in a promise)'),
    );
  });
});

describe('2 globals', () => {
  it('are those of the language and the API, and none of Node', async () =>
    expect(await weir.get(`/script/language.js/absent/json?name=${ABSENT.join('&name=')}`)).toEqual([]));

  it('functions are plain, writable and not enumerable', async () =>
    expect(
      await weir.get(`/script/language.js/misshapen/json?name=${FUNCTIONS.split(' ').join('&name=')}`),
    ).toEqual([]));

  it("what functions give has the script's own prototypes", async () =>
    expect(await weir.get('/script/language.js/own/json')).toEqual([true, true, true]));

  it('errors of functions are InternalErrors with a place', async () =>
    expect(await weir.get('/script/language.js/error/json')).toEqual([
      true,
      true,
      'InternalError',
      'nowhere.js (No such file or directory)',
      'language.js',
      expect.any(Number),
    ]));
});
