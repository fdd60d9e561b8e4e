import { readFileSync } from 'node:fs';
import { WeirError } from '../common/index.ts';

/**
 * Reads the file of property `bgp.neighbors`: an object whose members are routers, by address or name. Throws WeirError
 * `BGP_BAD_FILE` when it is not there or no such object.
 */
export function readNeighborsFile(path: string): { router: string; json: unknown }[] {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw fault(path, cause instanceof Error ? cause.message : String(cause), cause);
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw fault(path, 'it is not an object of neighbours by address');
  return Object.entries(json).map(([router, neighbor]) => ({ router, json: neighbor }));
}

function fault(path: string, reason: string, cause?: unknown): WeirError {
  return new WeirError('BGP_BAD_FILE', `bgp.neighbors=${path}: ${reason}`, { cause });
}
