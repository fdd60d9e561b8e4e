import { structureNamed } from '../sflow/index.ts';
import type { FieldRule, StructureRules } from './rule.ts';
import { STRUCTURE_RULES } from './structures.ts';

let helpByName: ReadonlyMap<string, string> | undefined;

/** What a metric is, in a line without a full stop: what HELP of Prometheus text says. */
export function metricHelp(name: string): string {
  helpByName ??= gatherHelp();
  // Metrics of the elements of an array are numbered.
  return helpByName.get(name) ?? helpByName.get(name.replace(/_\d+$/, '_N')) ?? 'Custom metric';
}

/** Of structures that have a metric of the same name, the first tells. */
function gatherHelp(): Map<string, string> {
  const help = new Map<string, string>();
  for (const rules of STRUCTURE_RULES)
    for (const [name, text] of helpOf(rules)) if (!help.has(name)) help.set(name, text);
  return help;
}

function* helpOf(rules: StructureRules): Generator<[name: string, help: string]> {
  const { structure, fields, derived, elements, virtualPrefix } = rules;
  const docs = new Map(structureNamed(structure)?.fields.map(({ name, doc }) => [name, doc]));
  const found: [name: string, help: string][] = [];
  for (const [field, ruled] of Object.entries(fields)) {
    for (const rule of 'kind' in ruled ? [ruled] : ruled) {
      const kind = kindOf(rule);
      if (kind === undefined) continue;
      const doc = docs.get(field);
      found.push([
        rule.name,
        `${kind} ${field} of sFlow structure ${structure}${doc === undefined ? '' : `: ${doc}`}`,
      ]);
    }
  }
  if (elements !== undefined) {
    found.push([elements.count, `Number of ${elements.field} of sFlow structure ${structure}`]);
    for (const [field, metric] of Object.entries(elements.gauges))
      found.push([
        `${metric}_N`,
        `Gauge ${field} of one of ${elements.field} of sFlow structure ${structure}`,
      ]);
  }
  for (const { name, formula } of derived)
    found.push([name, `Computed from sFlow structure ${structure}: ${formula}`]);
  yield* found;
  if (virtualPrefix !== undefined)
    for (const [name, help] of found) yield [virtualPrefix + name, `${help}, of a virtual machine`];
}

function kindOf(rule: FieldRule): string | undefined {
  if (rule.kind === 'gauge') return 'Gauge';
  if (rule.kind === 'label') return undefined;
  if (rule.per === 'operand') return undefined;
  return rule.per === 'second' ? 'Rate per second of' : 'Percent of time by';
}
