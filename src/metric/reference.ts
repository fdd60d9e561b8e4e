import { type Structure, structureNamed } from '../sflow/index.ts';
import type { FieldRule, StructureRules } from './rule.ts';
import { STRUCTURE_RULES } from './structures.ts';

const INTRODUCTION = `# Metrics

Generated from the rules in \`src/metric/structures/\` by \`npm run docs\`; change them there.

Every counter record gives metrics, by its fields. The full name of a metric has its data source in front: \`3.ifinoctets\`
is that of the interface with ifIndex 3, \`2.1.load_one\` that of a host. \`GET /metrics/json\` lists what there is now.

- **rate**: growth of a counter per second, between two samples by the time they arrived. It appears with the second
  sample. Counters that wrap are followed; one that was set back gives 0.
- **% of time**: growth of a counter of milliseconds, as a percentage of the time that passed.
- **gauge**: the value as it is.
- **text**: the value in words.
- **computed**: made of other metrics or counters of the same record, as the column says. Δ is growth since the sample
  before. What is not there is left out of a sum; without its other inputs a computed metric is absent.

A field with all bits set is one the agent does not support: it gives no metric.

Flow definitions are metrics, too: \`3.NAME\` is the largest flow of the definition at data source 3, with its \`n\` largest
flows as \`topKeys\`. Custom metrics (sample type 4300:1002) have the names that the sender gives, and the data source that
it names.
`;

/** The page docs/reference/metrics.md. */
export function renderMetricsPage(): string {
  const known = STRUCTURE_RULES.map((rules) => ({ rules, structure: structureOf(rules) }));
  known.sort(
    (a, b) => a.structure.enterprise - b.structure.enterprise || a.structure.format - b.structure.format,
  );
  return [INTRODUCTION, ...known.map(({ rules, structure }) => renderStructure(rules, structure))].join('\n');
}

function structureOf({ structure }: StructureRules): Structure {
  const found = structureNamed(structure);
  if (found === undefined) throw new RangeError(`no structure ${structure}`);
  return found;
}

function renderStructure(rules: StructureRules, structure: Structure): string {
  const { enterprise, format, name, source } = structure;
  const rows = structure.fields.flatMap(({ name: field, doc }) =>
    rulesOf(rules, field).flatMap((rule) => fieldRow(rule, field, doc)),
  );
  const text = [
    `## ${enterprise}:${format} ${name}\n`,
    `${source}.\n`,
    '| metric | kind | from |',
    '|---|---|---|',
    ...rows,
    ...elementRows(rules, structure),
    ...rules.derived.map((rule) => `| \`${rule.name}\` | computed | ${rule.formula} |`),
    '',
  ];
  if (rules.virtualPrefix !== undefined)
    text.push(`On data sources of virtual machines the names begin with \`${rules.virtualPrefix}\`.\n`);
  return text.join('\n');
}

function rulesOf({ fields }: StructureRules, field: string): readonly FieldRule[] {
  const rules = fields[field];
  if (rules === undefined) return [];
  return 'kind' in rules ? [rules] : rules;
}

/** None for what only other metrics are made of. */
function fieldRow(rule: FieldRule, field: string, doc: string | undefined): string[] {
  const kind = kindOf(rule);
  if (kind === undefined) return [];
  const divisor = rule.kind === 'gauge' && rule.divisor !== 1 ? ` / ${rule.divisor}` : '';
  return [`| \`${rule.name}\` | ${kind} | ${field}${divisor}${doc === undefined ? '' : `: ${doc}`} |`];
}

function kindOf(rule: FieldRule): string | undefined {
  if (rule.kind === 'gauge') return 'gauge';
  if (rule.kind === 'label') return 'text';
  return rule.per === 'second' ? 'rate' : rule.per === 'time' ? '% of time' : undefined;
}

/** Metrics of the elements of an array field. */
function elementRows({ elements }: StructureRules, { fields }: Structure): string[] {
  if (elements === undefined) return [];
  const type = fields.find(({ name }) => name === elements.field)?.type;
  const members = typeof type === 'object' && 'array' in type && Array.isArray(type.array) ? type.array : [];
  const rows = Object.entries(elements.gauges).map(([field, metric]) => {
    const doc = members.find(({ name }) => name === field)?.doc;
    return `| \`${metric}_0\`, \`${metric}_1\`, … | gauge | ${field} of each of ${elements.field}${doc === undefined ? '' : `: ${doc}`} |`;
  });
  return [`| \`${elements.count}\` | gauge | number of ${elements.field} |`, ...rows];
}
