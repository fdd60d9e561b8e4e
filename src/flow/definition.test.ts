import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isWeirError } from '../common/index.ts';
import { parseDefinition, sameDefinition } from './definition.ts';
import type { FlowDefinition } from './expression.ts';

function define(specification: unknown): FlowDefinition {
  const definition = parseDefinition('f', specification);
  if (definition === undefined) throw new Error('nothing defined');
  return definition;
}

function bad(code: string, text: string) {
  return expect.objectContaining({ code, message: expect.stringContaining(text) });
}

describe('parseDefinition', () => {
  it('4.1: defaults', () => {
    expect(define({ value: 'bytes' })).toMatchObject({
      name: 'f',
      keys: [],
      never: false,
      value: { statistic: 'rate', key: { name: 'bytes' } },
      values: [],
      filter: { kind: 'pass' },
      n: 5,
      t: 2,
      fs: ',',
      log: false,
      flowStart: false,
      activeTimeout: 60,
      dropped: false,
      aggMode: '',
      ipfixCollectors: [],
      echo: { value: 'bytes', n: 5, t: 2, fs: ',', activeTimeout: 60 },
    });
  });

  it('4.1: the echo holds what is given, and flags only when they are set', () => {
    expect(define({ keys: 'ipsource', value: 'bytes' }).echo).toEqual({
      activeTimeout: 60,
      t: 2,
      value: 'bytes',
      fs: ',',
      keys: 'ipsource',
      n: 5,
    });
    const all = {
      keys: 'ipsource',
      value: 'bytes',
      values: 'frames,avg:ipttl',
      filter: 'vlan=1',
      n: 7,
      t: 3,
      fs: '_',
      log: true,
      flowStart: true,
      activeTimeout: 20,
      dropped: true,
      aggMode: 'agent',
      ipfixCollectors: ['192.0.2.9'],
    };
    const plain = { ...all, values: 'frames' };
    expect(define(plain).echo).toEqual({ ...plain, aggMode: 'AGENT' });
    expect(define({ value: 'bytes', log: false, dropped: false, colour: 'red' }).echo).toEqual({
      value: 'bytes',
      n: 5,
      t: 2,
      fs: ',',
      activeTimeout: 60,
    });
  });

  it('4.1: {} defines nothing; a value is required otherwise', () => {
    expect(parseDefinition('f', {})).toBeUndefined();
    expect(() => define({ keys: 'a' })).toThrow(bad('FLOW_BAD_DEFINITION', 'value is required'));
    expect(() => define({ filter: 'a=1' })).toThrow(bad('FLOW_BAD_DEFINITION', 'value'));
  });

  it('4.1: keys are text', () => {
    expect(() => define({ keys: ['a'], value: 'bytes' })).toThrow(bad('FLOW_BAD_DEFINITION', 'keys'));
  });

  it.each([null, undefined, 1, 'x', [], [{ value: 'bytes' }]])('1: %j is no definition', (specification) => {
    expect(() => parseDefinition('f', specification)).toThrow(bad('FLOW_BAD_DEFINITION', 'object'));
  });

  it('1: names are letters, digits, _ and -', () => {
    for (const name of ['a', 'A-1_z', 'x'.repeat(300)]) expect(parseDefinition(name, {})).toBeUndefined();
    for (const name of ['', 'a.b', 'a:b', 'a b', 'a,b', 'é']) {
      expect(() => parseDefinition(name, {})).toThrow(bad('FLOW_BAD_NAME', 'name'));
    }
  });

  it('4.1: keys omitted give one total, empty keys give nothing', () => {
    expect(define({ value: 'bytes' })).toMatchObject({ keys: [], never: false });
    expect(define({ keys: '', value: 'bytes' })).toMatchObject({ keys: [], never: true, echo: { keys: '' } });
    expect(define({ keys: 'a,,b,', value: 'bytes' })).toMatchObject({
      never: false,
      echo: { keys: 'a,,b,' },
    });
  });

  it('4.1: bad keys and filters are named with the member', () => {
    expect(() => define({ keys: 'a b', value: 'bytes' })).toThrow(
      bad('FLOW_BAD_KEY', 'keys: a blank, at character 2'),
    );
    expect(() => define({ keys: 'foo:a', value: 'bytes' })).toThrow(
      bad('FLOW_BAD_KEY', 'keys: unknown function'),
    );
    expect(() => define({ value: 'bytes', filter: 'a' })).toThrow(bad('FLOW_BAD_FILTER', 'filter: '));
  });

  it.each([
    ['bytes', 'rate', 'bytes'],
    ['rate:bytes', 'rate', 'bytes'],
    ['avg:ipttl', 'avg', 'ipttl'],
    ['min:ipttl', 'min', 'ipttl'],
    ['max:ipttl', 'max', 'ipttl'],
    ['count:ipsource', 'count', 'ipsource'],
    ['no_such_key', 'rate', 'no_such_key'],
  ])('4.1: value %s', (text, statistic, key) => {
    expect(define({ value: text }).value).toMatchObject({ statistic, key: { name: key }, text });
  });

  it.each([
    'sum:bytes',
    'avg:',
    '',
    'bytes,frames',
    'bytes,',
    'avg:min:bytes',
    'avg:[or:a:b]',
    'by tes',
    'count:mask:a:8',
  ])('4.1: value %j is refused', (value) => {
    expect(() => define({ value })).toThrow(
      expect.objectContaining({ message: expect.stringMatching(/^value/) }),
    );
  });

  it('4.1: values are a comma list', () => {
    const { values } = define({ value: 'bytes', values: 'frames,avg:ipttl,,count:ipsource' });
    expect(values.map(({ text }) => text)).toEqual(['frames', 'avg:ipttl', 'count:ipsource']);
    expect(() => define({ value: 'bytes', values: 'frames,sum:x' })).toThrow(
      bad('FLOW_BAD_DEFINITION', 'values'),
    );
    expect(() => define({ value: 'bytes', values: 'frames,'.repeat(100) })).toThrow(
      bad('FLOW_BAD_DEFINITION', 'values'),
    );
  });

  it.each([
    ['n', 4, 5],
    ['n', 21, 20],
    ['n', '7', 7],
    ['n', 7.9, 7],
    ['n', '7.9', 7],
    ['n', -1e9, 5],
    ['t', 0, 0.1],
    ['t', 1000, 600],
    ['t', '3', 3],
    ['t', 0.25, 0.25],
    ['activeTimeout', 1, 10],
    ['activeTimeout', 86_400, 86_400],
    ['activeTimeout', 12.7, 12],
    ['activeTimeout', '20', 20],
  ])('4.1: %s %j becomes %j', (member, given, kept) => {
    const definition = define({ value: 'bytes', [member]: given });
    expect(definition).toMatchObject({ [member]: kept });
    expect(definition.echo).toMatchObject({ [member]: kept });
  });

  it.each([
    ['value', 7],
    ['values', ['frames']],
    ['filter', 1],
    ['n', 'many'],
    ['n', ''],
    ['n', true],
    ['t', 'long'],
    ['t', {}],
    ['fs', 1],
    ['log', 'yes'],
    ['log', 1],
    ['flowStart', 'no'],
    ['dropped', []],
    ['activeTimeout', 'x'],
    ['aggMode', 'MAX'],
    ['aggMode', ''],
    ['ipfixCollectors', '192.0.2.1'],
    ['ipfixCollectors', [1]],
  ])('4.1: %s %j is of the wrong type', (member, given) => {
    expect(() => define({ value: 'bytes', [member]: given })).toThrow(bad('FLOW_BAD_DEFINITION', member));
  });

  it.each([
    'keys',
    'value',
    'values',
    'filter',
    'n',
    't',
    'fs',
    'log',
    'flowStart',
    'activeTimeout',
    'dropped',
    'aggMode',
    'ipfixCollectors',
  ])('4.1: %s must not be null', (member) => {
    expect(() => define({ value: 'bytes', [member]: null })).toThrow(bad('FLOW_BAD_DEFINITION', member));
  });

  it('4.1: flags may be text, the separator may be empty, aggMode in any case', () => {
    expect(define({ value: 'bytes', log: 'true', flowStart: 'false' })).toMatchObject({
      log: true,
      flowStart: false,
    });
    expect(define({ value: 'bytes', fs: '' })).toMatchObject({ fs: '', echo: { fs: '' } });
    expect(define({ value: 'bytes', aggMode: 'Edge' })).toMatchObject({
      aggMode: 'EDGE',
      echo: { aggMode: 'EDGE' },
    });
  });

  it('4.1: IPFIX carries certain keys and values only', () => {
    const ipfixCollectors = ['192.0.2.9'];
    expect(
      define({ keys: 'ipsource,udpsourceport', value: 'bytes', values: 'frames', ipfixCollectors }),
    ).toMatchObject({
      ipfixCollectors,
    });
    for (const given of [
      { keys: 'dnsqname', value: 'bytes' },
      { keys: 'mask:ipsource:24', value: 'bytes' },
      { keys: 'ipsource', value: 'ipttl' },
      { keys: 'ipsource', value: 'avg:bytes' },
      { keys: 'ipsource', value: 'bytes', values: 'requests' },
    ]) {
      expect(() => define({ ...given, ipfixCollectors })).toThrow(
        bad('FLOW_BAD_DEFINITION', 'ipfixCollectors'),
      );
    }
  });

  it('throws nothing but WeirError', () => {
    const members = fc.dictionary(
      fc.constantFrom(
        'keys',
        'value',
        'values',
        'filter',
        'n',
        't',
        'fs',
        'log',
        'aggMode',
        'ipfixCollectors',
        '__proto__',
      ),
      fc.anything(),
    );
    fc.assert(
      fc.property(fc.oneof(fc.anything(), members), (specification) => {
        try {
          parseDefinition('f', specification);
        } catch (error) {
          expect(isWeirError(error)).toBe(true);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe('sameDefinition', () => {
  it('4.1: compares after defaults', () => {
    const base = define({ keys: 'ipsource', value: 'bytes' });
    expect(
      sameDefinition(base, define({ value: 'bytes', keys: 'ipsource', log: false, n: '5', colour: 1 })),
    ).toBe(true);
    for (const change of [
      { n: 6 },
      { t: 3 },
      { log: true },
      { filter: 'a=1' },
      { keys: 'ipdestination' },
      { fs: ';' },
    ]) {
      expect(sameDefinition(base, define({ keys: 'ipsource', value: 'bytes', ...change }))).toBe(false);
    }
    expect(sameDefinition(define({ value: 'bytes' }), define({ value: 'bytes', keys: '' }))).toBe(false);
  });
});
