import type { KeyFunction } from './function.ts';
import { ADDRESS_FUNCTIONS } from './functions-address.ts';
import { NUMBER_FUNCTIONS } from './functions-number.ts';
import { TEXT_FUNCTIONS } from './functions-text.ts';

/** Every key function (rest-api 5.2), by name. */
export const FUNCTIONS: ReadonlyMap<string, KeyFunction> = new Map(
  [...ADDRESS_FUNCTIONS, ...NUMBER_FUNCTIONS, ...TEXT_FUNCTIONS].map((fn) => [fn.name, fn]),
);
