import type { StructureRules } from './rule.ts';
import { APPLICATION } from './structures/application.ts';
import { DEVICE } from './structures/device.ts';
import { HOST } from './structures/host.ts';
import { INTERFACE } from './structures/interface.ts';

/** What every counter structure gives (rest-api 7.2). Structures that are not here give no metrics. */
export const STRUCTURE_RULES: readonly StructureRules[] = [...INTERFACE, ...DEVICE, ...HOST, ...APPLICATION];
