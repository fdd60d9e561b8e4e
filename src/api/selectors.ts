import { formatIPv6, parseIPv6 } from '../common/index.ts';

/** Canonical text of an agent address: IPv6 in any spelling becomes compressed lower case, the rest stays. */
export function agentAddress(text: string): string {
  if (!text.includes(':')) return text;
  const words = parseIPv6(text);
  return words === undefined ? text : formatIPv6(words[0], words[1], words[2], words[3]);
}

/** The agent segment of a path as the engine takes it: a comma list of canonical addresses. `;` separates as well. */
export function agentSelector(segment: string): string {
  return segment.split(/[,;]/).map(agentAddress).join(',');
}

/** Names of a metric segment, in order. */
export function metricList(segment: string): string[] {
  return segment.split(',');
}
