import { formatJavaDouble } from '../common/index.ts';
import type { MetricQuestion } from './answers.ts';
import { metricHelp } from './help.ts';
import { PrometheusLabels, type TopologyNames } from './prometheus-labels.ts';
import { type QueryContext, Scope } from './query-context.ts';
import { createReading, MetricName, type MetricSource, type Reading } from './source.ts';

/**
 * - `raw`: as established clients know it (rest-api 10): lines alone, labels not escaped
 * - `plain`: the same with labels escaped
 * - `typed`: text format 0.0.4: by metric, with HELP and TYPE
 * - `openmetrics`: OpenMetrics 1.0.0
 */
export type PrometheusForm = 'raw' | 'plain' | 'typed' | 'openmetrics';

export interface PrometheusQuestion extends MetricQuestion {
  /** Before every metric's name; `sflow_` is what clients expect. */
  readonly prefix: string;
  readonly form: PrometheusForm;
  /** Series in one answer at most; further ones are counted and left out. */
  readonly maxSeries: number;
}

/** What an answer had. */
export interface SeriesCount {
  series: number;
  /** Beyond the most that an answer may have. */
  leftOut: number;
}

/** Characters of one piece of the answer. */
const PIECE = 64 * 1024;
/** Data sources looked at between two pieces, of which the earlier may be empty. */
const SOURCES_AT_ONCE = 100;

/**
 * The counter metrics in a form for Prometheus, in pieces of at most 64 Ki characters that end with a line: a line for
 * each number, without times. `metrics` are plain names, or ALL alone; unknown ones give nothing. Pieces may be empty: they
 * are places to pause. What samples bring meanwhile may or may not be in later pieces.
 */
export function* prometheusText(
  context: QueryContext,
  question: PrometheusQuestion,
  topology?: TopologyNames,
): Generator<string, SeriesCount> {
  const isAll = question.metrics.length === 1 && question.metrics[0] === 'ALL';
  const metrics = isAll ? undefined : [...new Set(question.metrics)].map((name) => new MetricName(name));
  const { form } = question;
  const reading = createReading();
  const work: Work = {
    sources: new Scope(context, question.agents, question.filters).sources(),
    visit:
      metrics === undefined ? visitAll : (source, visitor) => visitNamed(source, metrics, reading, visitor),
    word: metricWords(question.prefix),
    labels: new PrometheusLabels(context.store, topology, form === 'raw'),
    maxSeries: question.maxSeries,
    counted: { series: 0, leftOut: 0 },
  };
  yield* form === 'raw' || form === 'plain' ? bySource(work) : byMetric(work, form === 'openmetrics');
  return work.counted;
}

type Visitor = (name: string, reading: Reading) => void;

interface Work {
  readonly sources: Iterable<MetricSource>;
  readonly visit: (source: MetricSource, visitor: Visitor) => void;
  /** The full name of a metric. */
  readonly word: (name: string) => string;
  readonly labels: PrometheusLabels;
  readonly maxSeries: number;
  readonly counted: SeriesCount;
}

function visitAll(source: MetricSource, visitor: Visitor): void {
  source.visit(visitor);
}

function visitNamed(
  source: MetricSource,
  metrics: readonly MetricName[],
  reading: Reading,
  visitor: Visitor,
): void {
  for (const metric of metrics) if (source.read(metric, reading)) visitor(metric.name, reading);
}

function* bySource({ sources, visit, labels, word, maxSeries, counted }: Work): Generator<string> {
  let piece = '';
  let looked = 0;
  for (const source of sources) {
    const lines: string[] = [];
    let text: string | undefined;
    visit(source, (name, { value, integer }) => {
      if (typeof value !== 'number') return;
      if (counted.series >= maxSeries) {
        counted.leftOut++;
        return;
      }
      counted.series++;
      text ??= labels.of(source);
      lines.push(`${word(name)}{${text}} ${numberText(value, integer)}\n`);
    });
    for (const line of lines) {
      if (piece.length + line.length > PIECE) {
        yield piece;
        piece = '';
      }
      piece += line;
    }
    if (++looked % SOURCES_AT_ONCE === 0 && piece === '') yield '';
  }
  if (piece !== '') yield piece;
}

/** Numbers of one metric. Names that are the same once they are words are one family. */
interface Family {
  readonly word: string;
  readonly name: string;
  readonly parts: Part[];
}

/** Numbers of one name: which data sources have it, and what. */
interface Part {
  readonly members: number[];
  readonly values: number[];
  readonly integer: boolean;
}

/**
 * First everything is read, data source by data source as it lies in memory, then written, for a family must not be
 * interrupted by another.
 */
function* byMetric(work: Work, isOpenMetrics: boolean): Generator<string> {
  const { sources, visit, labels, word, maxSeries, counted } = work;
  const families = new Map<string, Family>();
  const integers = new Map<string, Part>();
  const doubles = new Map<string, Part>();
  const texts: string[] = [];
  for (const source of sources) {
    let index = -1;
    visit(source, (name, { value, integer }) => {
      if (typeof value !== 'number') return;
      if (counted.series >= maxSeries) {
        counted.leftOut++;
        return;
      }
      counted.series++;
      if (index < 0) index = texts.push(labels.of(source)) - 1;
      const parts = integer ? integers : doubles;
      let part = parts.get(name);
      if (part === undefined) parts.set(name, (part = newPart(families, word(name), name, integer)));
      part.members.push(index);
      part.values.push(value);
    });
    if (texts.length % SOURCES_AT_ONCE === 0) yield '';
  }
  for (const family of families.values()) yield* familyText(family, texts, isOpenMetrics);
  if (isOpenMetrics) yield '# EOF\n';
}

function newPart(families: Map<string, Family>, word: string, name: string, integer: boolean): Part {
  let family = families.get(word);
  if (family === undefined) families.set(word, (family = { word, name, parts: [] }));
  const part = { members: [], values: [], integer };
  family.parts.push(part);
  return part;
}

function* familyText(
  { word, name, parts }: Family,
  labels: readonly string[],
  isOpenMetrics: boolean,
): Generator<string> {
  const help = escapeHelp(metricHelp(name), isOpenMetrics);
  let piece = isOpenMetrics
    ? `# TYPE ${word} gauge\n# HELP ${word} ${help}\n`
    : `# HELP ${word} ${help}\n# TYPE ${word} gauge\n`;
  // Where names have become the same, a data source may have several numbers; the first counts.
  const seen = parts.length > 1 ? new Set<number>() : undefined;
  for (const { members, values, integer } of parts) {
    for (let i = 0; i < members.length; i++) {
      const member = members[i];
      if (seen?.has(member)) continue;
      seen?.add(member);
      const line = `${word}{${labels[member]}} ${numberText(values[i], integer)}\n`;
      if (piece.length + line.length > PIECE) {
        yield piece;
        piece = '';
      }
      piece += line;
    }
  }
  yield piece;
}

function numberText(value: number, integer: boolean): string {
  return integer ? String(value) : formatJavaDouble(value);
}

/** Senders name custom metrics as they like; Prometheus takes letters, digits, `_` and `:`, and no digit in front. */
function metricWords(prefix: string): (name: string) => string {
  const words = new Map<string, string>();
  return (name) => {
    let word = words.get(name);
    if (word === undefined) {
      word = (prefix + name).replaceAll(/[^a-zA-Z0-9_:]/g, '_').replace(/^(?=\d)/, '_');
      words.set(name, word);
    }
    return word;
  };
}

/** Help texts escape backslashes and line ends; OpenMetrics also quotes. */
function escapeHelp(text: string, isOpenMetrics: boolean): string {
  const escaped = text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
  return isOpenMetrics ? escaped.replaceAll('"', '\\"') : escaped;
}
