import type { ScriptArea } from '../host.ts';
import { agentsOf, isAbsent, isObject, isTrue, NAME, numberOf, splitMetric, textOf } from './arguments.ts';

/** What /activeflows takes when nobody says. */
const DEFAULT_MAX_FLOWS = 100;
const MAX_FLOWS = 2 ** 31 - 1;
const AGG_MODES: readonly string[] = ['max', 'sum', 'avg', 'edge', 'core'];

/** Section 5: flow definitions and the flows of now. */
export const flowFunctions: ScriptArea = (host) => ({
  setFlow(name, specification) {
    const text = textOf(name) ?? '';
    const plain = flowSpecification(specification);
    return NAME.test(text) && plain !== undefined && host.call('setFlow', text, plain);
  },
  clearFlow(name) {
    if (isAbsent(name)) return false;
    host.call('clearFlow', String(name));
    return true;
  },
  flowKeys: () => host.ask('flowKeys', undefined),
  activeFlows(...args) {
    if (args.length < 2) return null;
    const [agents, name, maxFlows, minValue, aggMode, filter] = args;
    const most = Math.min(MAX_FLOWS, Math.trunc(numberOf(maxFlows) ?? DEFAULT_MAX_FLOWS));
    if (most <= 0) return [];
    // A filter is the text of a key; what is none matches nothing.
    if (!isAbsent(filter) && typeof filter === 'object') return [];
    const question = {
      agents: agentsOf(agents),
      name: String(name),
      maxFlows: most,
      minValue: numberOf(minValue) ?? Number.NEGATIVE_INFINITY,
      aggMode: modeOf(aggMode),
      filter: textOf(filter),
    };
    return host.ask('activeFlows', question) ?? [];
  },
  flowValue(agent, metric, key) {
    const question = flowQuestion(agent, metric, key);
    return (question && host.ask('flowValue', question)) ?? null;
  },
  flowValues(agent, metric, key) {
    const question = flowQuestion(agent, metric, key);
    return (question && host.ask('flowValues', question)) ?? null;
  },
  flowLocations(agents, name, key) {
    if (host.call('topologyVersion') === undefined) throw host.error('there is no topology');
    return (
      host.ask('flowLocations', { agents: agentsOf(agents), name: textOf(name) ?? '', key: textOf(key) }) ??
      null
    );
  },
  datasourceInfo(agent, dataSource) {
    if (isAbsent(agent) || isAbsent(dataSource)) return null;
    return host.ask('dataSource', { agent: String(agent), dataSource: String(dataSource) }) ?? null;
  },
});

function modeOf(word: unknown): string {
  const mode = textOf(word)?.toLowerCase() ?? '';
  return mode === '' || AGG_MODES.includes(mode) ? mode : 'max';
}

function flowQuestion(agent: unknown, metric: unknown, key: unknown) {
  const at = splitMetric(metric);
  return isAbsent(agent) || at === undefined ? undefined : { agent: String(agent), ...at, key: textOf(key) };
}

/** How each member of a flow definition is made what REST takes. */
const FLOW_MEMBERS: Readonly<Record<string, (value: unknown) => unknown>> = {
  keys: listText,
  value: String,
  values: listText,
  filter: String,
  n: numberOrGiven,
  t: numberOrGiven,
  fs: String,
  log: isTrue,
  flowStart: isTrue,
  activeTimeout: numberOrGiven,
  dropped: isTrue,
  aggMode: String,
  ipfixCollectors: (value) => (Array.isArray(value) ? value.map(String) : undefined),
};

/**
 * A definition as scripts may write it, in the form of REST: null counts as absent, arrays become lists, numbers and
 * truth values may be texts. undefined: it is no definition.
 */
function flowSpecification(given: unknown): Record<string, unknown> | undefined {
  if (!isObject(given)) return undefined;
  const plain: Record<string, unknown> = {};
  for (const [member, read] of Object.entries(FLOW_MEMBERS)) {
    const value = isAbsent(given[member]) ? undefined : read(given[member]);
    if (value !== undefined) plain[member] = value;
  }
  return plain;
}

function listText(value: unknown): string {
  return Array.isArray(value) ? value.map(String).join(',') : String(value);
}

/** What is no number is left for the engine to refuse. */
function numberOrGiven(value: unknown): unknown {
  return numberOf(value) ?? String(value);
}
