import { describe, expect, it } from 'vitest';
import { Outbox } from './outbox.ts';

describe('outbox', () => {
  it('hands over at once what comes now and then', () => {
    const box = new Outbox<number>(10);
    expect(box.take(0)).toBeUndefined();
    box.push(1);
    expect(box.take(0)).toEqual({ items: [1], skipped: 0 });
    box.push(2);
    box.push(3);
    expect(box.take(1)).toEqual({ items: [2, 3], skipped: 0 });
    expect(box.take(2)).toBeUndefined();
  });

  it('in a flood: the newest, at most the limit in a tenth of a second, the others counted', () => {
    const box = new Outbox<number>(100);
    let told = 0;
    let skipped = 0;
    let last = -1;
    for (let i = 0; i < 100_000; i++) {
      box.push(i);
      const parcel = box.take(Math.floor(i / 100)); // 100 a millisecond
      if (parcel === undefined) continue;
      expect(parcel.items.length).toBeLessThanOrEqual(100);
      expect(parcel.items[0]).toBe(last + 1 + parcel.skipped);
      last = parcel.items[parcel.items.length - 1];
      told += parcel.items.length;
      skipped += parcel.skipped;
    }
    expect(told).toBeLessThanOrEqual(11 * 200);
    expect(told + skipped).toBe(last + 1);
  });
});
