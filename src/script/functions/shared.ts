import type { ScriptArea } from '../host.ts';

/**
 * Section 9: values that all scripts see, as copies through JSON. They are with the main thread, as text; a function is
 * kept as the word `undefined`, which getting it then stumbles over.
 */
export const sharedFunctions: ScriptArea = (host) => ({
  sharedSet(key, value) {
    if (value === undefined || value === null) host.call('sharedDelete', String(key));
    else host.call('sharedSet', String(key), String(host.formatJson(value)));
  },
  sharedGet(key) {
    const text = host.call('sharedGet', String(key));
    return text === undefined ? undefined : host.parseJson(text);
  },
  sharedDelete: (key) => host.call('sharedDelete', String(key)),
  sharedKeys: () => host.call('sharedKeys'),
});
