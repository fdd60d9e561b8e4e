import { logFunctions } from './functions/log.ts';
import { propertyFunctions } from './functions/properties.ts';
import { sharedFunctions } from './functions/shared.ts';
import { storeFunctions } from './functions/store.ts';
import type { ScriptArea } from './host.ts';

/** All areas of the API, besides what the thread itself has: handlers, timers, `include` and `scriptdir`. */
export const SCRIPT_AREAS: readonly ScriptArea[] = [
  logFunctions,
  propertyFunctions,
  sharedFunctions,
  storeFunctions,
];
