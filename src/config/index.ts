/**
 * Properties: one schema gives names, types, defaults, validation and the reference page. Values come from
 * `-Dname=value`, the environment, a file, and the defaults, in this order.
 */
export type { Config, Machine, PropertySchema } from './config.ts';
export { environmentName } from './environment.ts';
export { createConfig, type LoadOptions, loadConfig } from './load.ts';
export { nearestName } from './nearest.ts';
export { PROPERTIES, PROPERTY_SECTIONS, type PropertySection } from './properties.ts';
