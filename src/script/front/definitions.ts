import { isWeirError } from '../../common/index.ts';
import type { Engine } from '../../engine/index.ts';
import type { FrontHandlers } from './handlers.ts';

/** Definitions and documents of the engine. Where a call tells of success, false means that the engine refused. */
export interface DefinitionCalls {
  setFlow(name: string, specification: unknown): boolean;
  clearFlow(name: string): void;
  setThreshold(name: string, specification: unknown): boolean;
  clearThreshold(name: string): void;
  setGroup(name: string, content: unknown): boolean;
  clearGroup(name: string): void;
  setMap(name: string, content: unknown): boolean;
  clearMap(name: string): void;
  setTenant(name: string, specification: unknown): boolean;
  setForwarding(name: string, specification: unknown): boolean;
  clearForwarding(name: string): void;
  /** Throws WeirError TOPOLOGY_BAD. */
  setTopology(document: unknown): void;
  /** With its version; `{}` before any was set. */
  topology(): Readonly<Record<string, unknown>>;
  topologyVersion(): number | undefined;
}

type DefinitionEngine = Pick<
  Engine,
  | 'setFlow'
  | 'clearFlow'
  | 'setThreshold'
  | 'clearThreshold'
  | 'setGroup'
  | 'clearGroup'
  | 'setMap'
  | 'clearMap'
  | 'setTenant'
  | 'setForwarding'
  | 'clearForwarding'
  | 'setTopology'
  | 'topology'
>;

/** @param log hears why a definition was refused: scripts are told no more than that it was */
export function definitionCalls(
  engine: DefinitionEngine,
  log: { warn(message: string): void },
): FrontHandlers<DefinitionCalls> {
  const accepted = async (script: string, call: string, definition: Promise<void>): Promise<boolean> => {
    try {
      await definition;
      return true;
    } catch (error) {
      if (!isWeirError(error) || !/_BAD(_|$)/.test(error.code)) throw error;
      log.warn(`${script}: ${call}: ${error.message}`);
      return false;
    }
  };
  return {
    setFlow: ({ script }, name, content) =>
      accepted(script, `setFlow ${name}`, engine.setFlow(name, content)),
    clearFlow: (_, name) => engine.clearFlow(name),
    setThreshold: ({ script }, name, content) =>
      accepted(script, `setThreshold ${name}`, engine.setThreshold(name, content)),
    clearThreshold: (_, name) => engine.clearThreshold(name),
    setGroup: ({ script }, name, content) =>
      accepted(script, `setGroups ${name}`, engine.setGroup(name, content)),
    clearGroup: (_, name) => engine.clearGroup(name),
    setMap: ({ script }, name, content) => accepted(script, `setMap ${name}`, engine.setMap(name, content)),
    clearMap: (_, name) => engine.clearMap(name),
    setTenant: ({ script }, name, content) =>
      accepted(script, `setTenant ${name}`, engine.setTenant(name, content)),
    setForwarding: ({ script }, name, content) =>
      accepted(script, `setForward ${name}`, engine.setForwarding(name, content)),
    clearForwarding: (_, name) => engine.clearForwarding(name),
    setTopology: (_, document) => engine.setTopology(document),
    topology: () => engine.topology(),
    topologyVersion: () => engine.topology()['version'] as number | undefined,
  };
}
