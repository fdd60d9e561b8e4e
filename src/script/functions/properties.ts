import type { ScriptArea } from '../host.ts';

/** Section 9: properties and the environment, as text or null. */
export const propertyFunctions: ScriptArea = (host) => ({
  getSystemProperty: (name) => (name === undefined || name === null ? null : host.property(String(name))),
  getSystemPropertyNames: () => host.propertyNames(),
  getenv: (name) => (name === undefined ? null : (process.env[String(name)] ?? null)),
});
