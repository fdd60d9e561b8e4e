/**
 * What runs first in the realm of a script, where all it gives to the script has to be made: functions, errors and
 * copies of data with the script's own prototypes. It takes the built-ins it uses before the script can change them.
 */
export const REALM_SOURCE = `(function (helperName) {
  'use strict';
  const global = globalThis;
  const { isArray, prototype: arrayPrototype } = Array;
  const { keys, defineProperty, freeze, getPrototypeOf: prototypeOf, prototype: objectPrototype } = Object;
  const { parse, stringify } = JSON;
  const { apply } = Reflect;
  const StringOf = String;
  const DateOf = Date;
  const captureStackTrace = Error.captureStackTrace;
  const errors = { Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError };

  const hide = (object, name, value) =>
    defineProperty(object, name, { value, writable: true, enumerable: false, configurable: true });

  class InternalError extends Error {}
  hide(InternalError.prototype, 'name', 'InternalError');
  hide(global, 'InternalError', InternalError);
  Error.stackTraceLimit = 30;

  for (const name of ['console', 'WebAssembly', 'SharedArrayBuffer', 'Atomics']) delete global[name];
  const group = (items, keyOf, add) => {
    let i = 0;
    for (const item of items) add(keyOf(item, i++), item);
  };
  if (Object.groupBy === undefined)
    hide(Object, 'groupBy', function groupBy(items, keyOf) {
      const groups = Object.create(null);
      group(items, keyOf, (key, item) => (groups[key] ??= []).push(item));
      return groups;
    });
  if (Map.groupBy === undefined)
    hide(Map, 'groupBy', function groupBy(items, keyOf) {
      const groups = new Map();
      group(items, keyOf, (key, item) => (groups.has(key) ? groups.get(key).push(item) : groups.set(key, [item])));
      return groups;
    });

  function copy(value) {
    if (typeof value !== 'object' || value === null) return value;
    const prototype = prototypeOf(value);
    if (prototype === objectPrototype || prototype === arrayPrototype) return value;
    if (isArray(value)) {
      const array = [];
      for (let i = 0; i < value.length; i++) array[i] = copy(value[i]);
      return array;
    }
    if (typeof value.getTime === 'function') return new DateOf(value.getTime());
    const object = {};
    for (const key of keys(value)) {
      const member = copy(value[key]);
      if (key === '__proto__') defineProperty(object, key, { value: member, writable: true, enumerable: true, configurable: true });
      else object[key] = member;
    }
    return object;
  }

  /** An error of the host's realm as one of this realm, thrown from where \`from\` was called. */
  function ownError(error, from) {
    if (typeof error !== 'object' || error === null || error instanceof Error) return error;
    const Kind = errors[error.name] ?? InternalError;
    const own = new Kind(StringOf(error.message));
    captureStackTrace(own, from);
    const at = /^(.*?)[:#](\\d+)$/.exec(error.at ?? '');
    if (Kind === InternalError || at !== null) {
      const line = at ?? /(?:\\(|at )([^()]*?):(\\d+):\\d+\\)?$/m.exec(own.stack);
      hide(own, 'fileName', line === null ? '' : line[1]);
      hide(own, 'lineNumber', line === null ? 0 : Number(line[2]));
    }
    return own;
  }

  /** A function of the script's realm that calls the host. */
  function wrap(name, call) {
    const wrapper = {
      [name](...args) {
        try {
          return copy(call(args));
        } catch (error) {
          throw ownError(error, wrapper);
        }
      },
    }[name];
    return wrapper;
  }

  const statements = new WeakSet();
  let last;
  hideFixed(global, helperName, freeze({
    __proto__: null,
    /** What a throw statement throws passes here. */
    thrown(value, file, line) {
      if ((typeof value === 'object' && value !== null) || typeof value === 'function') statements.add(value);
      last = { value, file, line };
      return value;
    },
    /** What \`for each\` goes through. */
    *each(object) {
      if (object === null || object === undefined) return;
      for (const key in Object(object)) yield object[key];
    },
  }));
  function hideFixed(object, name, value) {
    defineProperty(object, name, { value, writable: false, enumerable: false, configurable: false });
  }

  return {
    copy,
    define: (object, name, call) => hide(object, name, wrap(name, call)),
    object: (name) => {
      const object = {};
      hide(global, name, object);
      return object;
    },
    parse: (text) => parse(text),
    stringify: (value, indent) => stringify(value, null, indent),
    text: (value) => StringOf(value),
    call: (run, args) => apply(run, undefined, args),
    /** Whether a throw statement, rather than the language or the engine, raised it. */
    isFromStatement: (value) =>
      value === null || (typeof value !== 'object' && typeof value !== 'function') || statements.has(value),
    /** Where a throw statement last threw this value. */
    placeOf: (value) => (last !== undefined && Object.is(last.value, value) ? last : undefined),
    isError: (value) => value instanceof Error,
  };
})`;
