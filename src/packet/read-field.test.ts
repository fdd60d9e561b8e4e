import { describe, expect, it } from 'vitest';
import type { Field } from './field.ts';
import { LAYER, LayerTable, SLOT } from './layers.ts';
import { ipv4, ipv6, mac, number, shown, slot, text, uint } from './packet-key.ts';
import { readField, readNumber } from './read-field.ts';
import { bytes, zeros } from './testing/build-packet.ts';

const packet = bytes('ffff 80f1f2f3 0a000001', '20010db8000000000000000000000001', zeros(4));
const layers = new LayerTable();
layers.reset(packet, packet.length);
layers.setSlot(SLOT.ethernetType, layers.enter(LAYER.eth, 2), 0x86dd);
layers.setSlot(SLOT.ip6FragmentOffset, layers.enter(LAYER.ip6, 5), -1);

const textOf = (field: Field, at = 2) => readField(field, packet, at, packet.length, layers);
const numberOf = (field: Field, at = 2) => readNumber(field, packet, at, packet.length, layers);

describe('readField and readNumber', () => {
  const cases: readonly [string, Field, string | undefined, number][] = [
    ['one byte', uint(0, 1), '128', 128],
    ['two bytes', uint(0, 2), '33009', 33009],
    ['three bytes', uint(1, 3), '15856371', 15856371],
    ['four bytes, unsigned', uint(0, 4), '2163340019', 2163340019],
    ['a shift', uint(0, 4, 28), '8', 8],
    ['a shift and a mask', uint(0, 2, 4, 0xff), '15', 15],
    ['a mask of the whole word', uint(0, 4, 0, 0xffffffff), '2163340019', 2163340019],
    ['a mask that keeps the sign bit', uint(0, 4, 0, 0xf0000000), '2147483648', 2147483648],
    ['a format', shown((value) => `<${value}>`, 0, 1), '<128>', Number.NaN],
    ['IPv4', ipv4(4), '10.0.0.1', Number.NaN],
    ['IPv6', ipv6(8), '2001:db8::1', Number.NaN],
    ['a MAC address', mac(0), '80F1F2F30A00', Number.NaN],
    ['a slot', slot('ethernetType'), '34525', 34525],
    ['text', text((b, at, end) => `${b[at]} ${end - at}`), '128 28', Number.NaN],
    ['absent text', text(() => undefined), undefined, Number.NaN],
    ['a number', number((b, at) => b[at] / 2), '64', 64],
    [
      'a number with a format',
      number(
        () => 7,
        (value) => `#${value}`,
      ),
      '#7',
      7,
    ],
    ['an absent number', number(() => Number.NaN, String), undefined, Number.NaN],
  ];
  for (const [name, field, shownAs, value] of cases) {
    it(`read ${name}`, () => {
      expect(textOf(field)).toBe(shownAs);
      expect(numberOf(field)).toBe(value);
    });
  }

  it('find no slot where the layer does not begin', () => {
    expect(textOf(slot('ethernetType'), 3)).toBeUndefined();
    expect(numberOf(slot('ethernetType'), 3)).toBeNaN();
    expect(numberOf({ ...slot('ethernetType'), numeric: false })).toBeNaN();
  });
});
