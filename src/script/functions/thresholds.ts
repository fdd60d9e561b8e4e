import type { ScriptArea } from '../host.ts';
import { isAbsent, isObject, isTrue, NAME, numberOf, splitMetric, textOf } from './arguments.ts';

/** Section 7. */
export const thresholdFunctions: ScriptArea = (host) => ({
  setThreshold(name, specification) {
    const text = textOf(name) ?? '';
    if (!NAME.test(text) || !isObject(specification)) return false;
    const { metric, value, byFlow, filter, timeout } = specification;
    if (isAbsent(metric) || isAbsent(value)) return false;
    const number = numberOf(value);
    const seconds = isAbsent(timeout) ? undefined : numberOf(timeout);
    if (!isAbsent(timeout) && seconds === undefined) return false;
    if (number === undefined) {
      // Accepted by contract, and never reached by any value.
      host.log('warning', `setThreshold ${text}: the value is no number, so that it never fires`);
      host.call('clearThreshold', text);
      return true;
    }
    return host.call('setThreshold', text, {
      metric: String(metric),
      value: number,
      ...(isTrue(byFlow) ? { byFlow: true } : {}),
      ...(seconds === undefined ? {} : { timeout: seconds }),
      ...(isObject(filter) ? { filter: patternsOf(filter) } : {}),
    });
  },
  clearThreshold(name) {
    if (isAbsent(name)) return false;
    host.call('clearThreshold', String(name));
    return true;
  },
  thresholdTriggered(threshold, agent, metric, flowKey) {
    const at = splitMetric(metric);
    if (isAbsent(threshold) || isAbsent(agent) || at === undefined) return false;
    return host.ask('thresholdTriggered', {
      threshold: String(threshold),
      agent: String(agent),
      dataSource: at.dataSource,
      metric: at.name,
      flowKey: textOf(flowKey),
    });
  },
});

function patternsOf(filter: Record<string, unknown>): Record<string, string[]> {
  return Object.fromEntries(
    Object.entries(filter).map(([metric, patterns]) => [metric, [patterns].flat().map(String)]),
  );
}
