/**
 * Names for addresses and values: groups of prefixes, maps of values, vendors of MAC addresses, countries, autonomous
 * systems, names from the DNS. No I/O.
 */
export {
  type AddressRecords,
  type AutonomousSystem,
  type Country,
  GEO_FILES,
  type GeoFile,
  GeoTables,
} from './geo.ts';
export { createGroup, type Group } from './group.ts';
export { createMap, type LabelMap } from './map.ts';
export { type NameAnswer, NameCache, reverseName } from './name-cache.ts';
export { type OuiTable, parseOuiFile } from './oui.ts';
export { type Prefix, parsePrefix } from './prefix.ts';
