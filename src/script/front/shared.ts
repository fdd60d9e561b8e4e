import { WeirError } from '../../common/index.ts';
import type { FrontHandlers } from './handlers.ts';

/** Values that all scripts see, as JSON text (section 9). */
export interface SharedCalls {
  sharedSet(key: string, text: string): void;
  sharedGet(key: string): string | undefined;
  sharedDelete(key: string): void;
  sharedKeys(): string[];
}

/** Characters of all keys and values together; some 128 MB at most. */
const MAX_CHARACTERS = 64 * 2 ** 20;

export function sharedCalls(maxCharacters = MAX_CHARACTERS): FrontHandlers<SharedCalls> {
  const values = new Map<string, string>();
  let characters = 0;
  const remove = (key: string): void => {
    const text = values.get(key);
    if (text !== undefined) characters -= key.length + text.length;
    values.delete(key);
  };
  return {
    sharedSet(_context, key, text) {
      const size = key.length + text.length;
      const before = values.get(key);
      const freed = before === undefined ? 0 : key.length + before.length;
      if (characters - freed + size > maxCharacters)
        throw new WeirError('SCRIPT_SHARED_FULL', `shared memory is full: no room for ${key}`);
      remove(key);
      values.set(key, text);
      characters += size;
    },
    sharedGet: (_context, key) => values.get(key),
    sharedDelete: (_context, key) => remove(key),
    sharedKeys: () => [...values.keys()],
  };
}
