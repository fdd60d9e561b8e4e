import { describe, expect, it } from 'vitest';
import { questionClass, questionName, questionType } from './dns-name.ts';
import { bytes, dnsName, text, u16, zeros } from './testing/build-packet.ts';

const message = (question: Uint8Array): Uint8Array => bytes('0007 0100 0001 0000 0000 0000', question);
const nameOf = (question: Uint8Array): string | undefined => {
  const all = message(question);
  return questionName(all, 0, all.length);
};

describe('the name in a question', () => {
  it('is shown with its final dot, and the root as a dot', () => {
    expect(nameOf(bytes(dnsName('www.Example.com'), u16(1), u16(1)))).toBe('www.Example.com.');
    expect(nameOf(bytes(0, u16(2), u16(1)))).toBe('.');
  });

  it('has what is not printable escaped, and dots inside labels', () => {
    expect(nameOf(bytes(5, 'ff', text('a.'), '0a5c', 0))).toBe('\\255a\\.\\010\\092.');
  });

  it('may be as long as 255 octets, and no longer', () => {
    const label = bytes(63, text('a'.repeat(63)));
    const longest = bytes(label, label, label, 61, text('b'.repeat(61)), 0);
    expect(longest.length).toBe(255);
    expect(nameOf(bytes(longest, zeros(4)))?.length).toBe(254);
    expect(nameOf(bytes(label, label, label, label, 0, zeros(4)))).toBeUndefined();
  });

  it('is absent when it is cut at any byte, as are type and class', () => {
    const whole = message(bytes(dnsName('www.example.com'), u16(28), u16(1)));
    for (let end = 12; end < whole.length; end++) {
      const named = end >= whole.length - 4;
      expect(questionName(whole, 0, end)).toBe(named ? 'www.example.com.' : undefined);
      expect(questionType(whole, 0, end)).toBe(end >= whole.length - 2 ? 28 : Number.NaN);
      expect(questionClass(whole, 0, end)).toBe(Number.NaN);
    }
    expect(questionClass(whole, 0, whole.length)).toBe(1);
  });

  it('is absent for compression pointers and reserved label types', () => {
    for (const length of ['40', '80', 'c0', 'ff']) {
      const all = message(bytes(length, zeros(80)));
      expect(questionName(all, 0, all.length)).toBeUndefined();
      expect(questionType(all, 0, all.length)).toBeNaN();
    }
  });

  it('is absent when there is no question', () => {
    const all = bytes('0007 8180 0000 0001 0000 0000', dnsName('www.example.com'), u16(1), u16(1));
    expect(questionName(all, 0, all.length)).toBeUndefined();
    expect(questionClass(all, 0, all.length)).toBeNaN();
  });
});
