import { baselineFunctions } from './functions/baselines.ts';
import { bgpFunctions } from './functions/bgp.ts';
import { commandFunctions } from './functions/commands.ts';
import { encodingFunctions } from './functions/encoding.ts';
import { flowFunctions } from './functions/flows.ts';
import { formatFunctions } from './functions/formats.ts';
import { httpFunctions } from './functions/http.ts';
import { listFunctions } from './functions/lists.ts';
import { logFunctions } from './functions/log.ts';
import { mailFunctions } from './functions/mail.ts';
import { messageFunctions } from './functions/messages.ts';
import { metricFunctions } from './functions/metrics.ts';
import { propertyFunctions } from './functions/properties.ts';
import { sharedFunctions } from './functions/shared.ts';
import { storeFunctions } from './functions/store.ts';
import { thresholdFunctions } from './functions/thresholds.ts';
import { topologyFunctions } from './functions/topology.ts';
import type { ScriptArea } from './host.ts';

/** All areas of the API, besides what the thread itself has: handlers, timers, `include` and `scriptdir`. */
export const SCRIPT_AREAS: readonly ScriptArea[] = [
  logFunctions,
  propertyFunctions,
  sharedFunctions,
  storeFunctions,
  flowFunctions,
  listFunctions,
  metricFunctions,
  thresholdFunctions,
  baselineFunctions,
  topologyFunctions,
  bgpFunctions,
  encodingFunctions,
  formatFunctions,
  messageFunctions,
  commandFunctions,
  httpFunctions,
  mailFunctions,
];
