/**
 * Embedded JavaScript: scripts and applications that use the public script API (script-api contract, sections 1 to 13).
 *
 * Each script runs in a thread of its own, where every function of the API is an ordinary synchronous function. What a
 * function needs from elsewhere it asks for through its `ScriptHost`: the shard for tables, the main thread for
 * everything else. The supervisor on the main thread starts the threads, routes HTTP requests, flows and events to
 * them, and tells how they are.
 */
export { createScripts, type ScriptsDependencies } from './create.ts';
export { type InstalledApp, listApps } from './find-scripts.ts';
export type { ScriptRequest, ScriptResponse } from './http-exchange.ts';
export { NO_SCRIPTS } from './no-scripts.ts';
export type { AppStatus, ScriptStatus, Scripts } from './scripts.ts';
