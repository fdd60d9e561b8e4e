/**
 * Routes in shared memory: one thread writes a table, others find the longest match in it without locks. IPv4 and IPv6
 * unicast; sets of path attributes are kept once.
 */

export { nextHopWords, SET, SET_FLAG } from './attribute-layout.ts';
export { AttributeStore, MAX_SET_WORDS } from './attribute-store.ts';
export { CONTROL, NODE6, RECORD4, RouteMemory, type SharedRoutes } from './memory.ts';
export { type RouteFacts, routeFacts } from './route-facts.ts';
export { RouteReader } from './route-reader.ts';
export { RouteTable4 } from './route-table-4.ts';
export { RouteTable6 } from './route-table-6.ts';
