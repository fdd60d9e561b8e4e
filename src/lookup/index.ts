/** Names for addresses and values: groups of prefixes, maps of values, vendors of MAC addresses. No I/O. */
export { createGroup, type Group } from './group.ts';
export { createMap, type LabelMap } from './map.ts';
export { type OuiTable, parseOuiFile } from './oui.ts';
export { type Prefix, parsePrefix } from './prefix.ts';
