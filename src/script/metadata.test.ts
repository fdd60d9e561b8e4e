import { expect, it } from 'vitest';
import { readMetadata } from './metadata.ts';

it.each([
  ['', {}, undefined],
  ['// author: A\n//version:1.2\n', { author: 'A', version: '1.2' }, undefined],
  ['\uFEFF\n\n  // date: 2026-01-01  \r\n// url: x\n', { date: '2026-01-01' }, undefined],
  ['// a title\n// description: one: two\n', { description: 'one: two' }, undefined],
  ['var a;\n// author: A\n', {}, undefined],
  ['// author: A\n// author: B\n', { author: 'A' }, undefined],
  ['// author:\n', {}, undefined],
  ['// wrapglobals: rt\n', {}, 'rt'],
  ['// wrapglobals: not a name\n', {}, undefined],
  ['// constructor: x\n// __proto__: y\n', {}, undefined],
])('%j', (text, about, wrapGlobals) => expect(readMetadata(text)).toEqual({ about, wrapGlobals }));
