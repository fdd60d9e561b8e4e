import type { Logger } from 'pino';
import { type Api, createApi } from '../api/index.ts';
import type { Config } from '../config/index.ts';
import type { Engine } from '../engine/index.ts';
import { createExports, type ExportStore } from '../export/index.ts';
import { createScripts } from '../script/index.ts';
import { createAgentNames } from '../snmp/index.ts';
import type { Speaker } from '../speaker/index.ts';
import type { ServerParts } from './server.ts';
import { VERSION } from './version.ts';

interface Given {
  /** With a memory, where it has one: what is defined over HTTP is kept. */
  readonly engine: Engine;
  /** The same without: scripts define anew what they need at every start. */
  readonly bare: Engine;
  /** With a memory likewise; undefined: no BGP. */
  readonly speaker?: Speaker | undefined;
  /** Where exports are kept; undefined: nowhere. */
  readonly exportStore?: ExportStore | undefined;
  readonly config: Config;
  readonly log: Logger;
  /** Run scripts anew when their files change. */
  readonly watch?: boolean;
}

/** All parts of a server around its engine, as `weir serve` and `weir demo` have them. */
export function createServerParts(given: Given): ServerParts {
  const { engine, bare, speaker, exportStore, config, log, watch = false } = given;
  const version = VERSION;
  const analyzer = () => api.analyzer();
  const scripts = createScripts(config, { engine: bare, speaker, log, version, analyzer, watch });
  const names = createAgentNames(config, { engine, log });
  const exports = createExports({ engine, log, store: exportStore });
  const api: Api = createApi({
    ...{ engine, speaker, scripts, exports, config, log, version },
    snmp: () => names.report(),
  });
  const print = (text: string): boolean => process.stdout.write(text);
  return { engine, speaker, scripts, names, exports, api, config, log, version, print };
}
