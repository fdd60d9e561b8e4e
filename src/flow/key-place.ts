import { resolveKey } from './keys.ts';
import { placeOf } from './read-source.ts';
import type { SampleContext } from './sample.ts';

/** Byte offset of a key's field in `sample.bytes`, -1 when the sample does not have it. */
export type KeyPlace = (sample: SampleContext) => number;

/** For a key whose field has a fixed place in its layer or record: for readers that want the bytes, not the text. */
export function keyPlace(name: string): KeyPlace {
  const sources = (resolveKey(name)?.sources ?? []).flatMap((source) =>
    'offset' in source.field ? [{ source, offset: source.field.offset }] : [],
  );
  return (sample) => {
    for (const { source, offset } of sources) {
      const at = placeOf(source, sample);
      if (at >= 0) return at + offset;
    }
    return -1;
  };
}
