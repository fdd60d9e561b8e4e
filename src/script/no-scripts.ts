import type { Scripts } from './scripts.ts';

/** Where no scripts are run. */
export const NO_SCRIPTS: Scripts = {
  start: async () => {},
  stop: async () => {},
  health: () => ({ ok: true }),
  scripts: () => ({}),
  apps: () => ({}),
  appHealth: () => undefined,
  pagesOf: () => undefined,
  request: async () => ({ status: 503 }),
};
