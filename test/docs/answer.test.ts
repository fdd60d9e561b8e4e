import { describe, expect, it } from 'vitest';
import { compareJson, compareText } from './answer.ts';

describe('compareJson', () => {
  const answer = '[{"key":"a","value":12.5,"lost":0,"agent":"192.0.2.1"},{"key":"b","value":3,"lost":0}]';

  it.each([
    ['the same', answer],
    ['other numbers', '[{"key":"a","value":1e9,"lost":0},{"key":"b","value":4}]'],
    ['another agent', '[{"key":"a","agent":"192.0.2.9"}]'],
    ['an element left out', '[{"key":"b"}]'],
    ['lines of dots', '[\n {"key":"a"},\n …\n]'],
    ['members of dots', '[\n {\n  "key":"a",\n  …\n }\n]'],
  ])('accepts %s', (_, shown) => {
    expect(compareJson(shown, answer)).toBeUndefined();
  });

  it.each([
    ['another key', '[{"key":"c"}]'],
    ['a member that is not there', '[{"name":"a"}]'],
    ['the order reversed', '[{"key":"b"},{"key":"a"}]'],
    ['more elements', '[{"key":"a"},{"key":"b"},{"key":"b"}]'],
    ['a number where there is none to speak of', '[{"key":"a","lost":7}]'],
    ['nothing where there is something', '[{"key":"a","value":0}]'],
    ['text for a number', '[{"key":"a","value":"12.5"}]'],
    ['an empty list', '[]'],
    ['an object', '{"key":"a"}'],
    ['no JSON', '[{"key":'],
  ])('refuses %s', (_, shown) => {
    expect(compareJson(shown, answer)).toBeTypeOf('string');
  });

  it('refuses an answer that is no JSON', () => {
    expect(compareJson(answer, '<html>')).toBe('the answer is not JSON');
  });

  it('compares numbers, too, when told to be exact', () => {
    expect(compareJson('[{"key":"a","value":12.5,"agent":"192.0.2.1"}]', answer, true)).toBeUndefined();
    expect(compareJson('[{"key":"a","value":12.6}]', answer, true)).toBeTypeOf('string');
    expect(compareJson('[{"key":"a","agent":"192.0.2.2"}]', answer, true)).toBeTypeOf('string');
  });

  it('compares documents line by line', () => {
    expect(compareJson('{"a":1}\n{"a":2}', '{"a":5}\n{"b":1}\n{"a":6}\n')).toBeUndefined();
    expect(compareJson('{"a":1}\n{"a":2}', '{"a":5}\n{"b":1}\n')).toBeTypeOf('string');
  });
});

describe('compareText', () => {
  const answer = 'Weir 0.1.0\n\n  HTTP      http://127.0.0.1:8008/\n  Buffer    64 MB\n';

  it.each([
    ['the same', answer],
    ['other numbers', 'HTTP http://127.0.0.1:43210/'],
    ['dots in a line', 'HTTP …'],
    ['dots for lines', 'Weir 0.1.0\n…\nBuffer 208 MB'],
  ])('accepts %s', (_, shown) => {
    expect(compareText(shown, answer)).toBeUndefined();
  });

  it.each([
    ['another word', 'Buffer 64 GB'],
    ['a part of a line', 'HTTP'],
    ['lines in another order', 'Buffer 64 MB\nHTTP …'],
    ['a line twice', 'Buffer 64 MB\nBuffer 64 MB'],
  ])('refuses %s', (_, shown) => {
    expect(compareText(shown, answer)).toBeTypeOf('string');
  });

  it('compares numbers, too, when told to be exact', () => {
    expect(compareText('Buffer 64 MB', answer, true)).toBeUndefined();
    expect(compareText('Buffer … MB', answer, true)).toBeUndefined();
    expect(compareText('Buffer 208 MB', answer, true)).toBeTypeOf('string');
  });
});
