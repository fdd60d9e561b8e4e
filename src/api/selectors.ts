import { canonicalAddress } from '../common/index.ts';

/** The agent segment of a path as the engine takes it: a comma list of canonical addresses. `;` separates as well. */
export function agentSelector(segment: string): string {
  return segment.split(/[,;]/).map(canonicalAddress).join(',');
}

/** Names of a metric segment, in order. */
export function metricList(segment: string): string[] {
  return segment.split(',');
}
