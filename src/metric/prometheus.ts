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
    reading,
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
  /** Filled and read within one call. */
  readonly reading: Reading;
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
  readonly parts: { readonly metric: MetricName; readonly members: number[] }[];
}

/** First what there is, then the lines, for a family must not be interrupted by another. */
function* byMetric(work: Work, isOpenMetrics: boolean): Generator<string> {
  const { sources, visit, labels, word, maxSeries, counted } = work;
  const families = new Map<string, Family>();
  const membersByName = new Map<string, number[]>();
  const listed: MetricSource[] = [];
  const texts: string[] = [];
  for (const source of sources) {
    let index = -1;
    visit(source, (name, { value }) => {
      if (typeof value !== 'number') return;
      if (counted.series >= maxSeries) {
        counted.leftOut++;
        return;
      }
      counted.series++;
      if (index < 0) {
        index = listed.push(source) - 1;
        texts.push(labels.of(source));
      }
      let members = membersByName.get(name);
      if (members === undefined) membersByName.set(name, (members = newPart(families, word(name), name)));
      members.push(index);
    });
    if (listed.length % SOURCES_AT_ONCE === 0) yield '';
  }
  for (const family of families.values())
    yield* familyText(family, listed, texts, work.reading, isOpenMetrics);
  if (isOpenMetrics) yield '# EOF\n';
}

function newPart(families: Map<string, Family>, word: string, name: string): number[] {
  let family = families.get(word);
  if (family === undefined) families.set(word, (family = { word, parts: [] }));
  const part = { metric: new MetricName(name), members: [] };
  family.parts.push(part);
  return part.members;
}

function* familyText(
  { word, parts }: Family,
  sources: readonly MetricSource[],
  labels: readonly string[],
  reading: Reading,
  isOpenMetrics: boolean,
): Generator<string> {
  const help = escapeHelp(metricHelp(parts[0].metric.name), isOpenMetrics);
  let piece = isOpenMetrics
    ? `# TYPE ${word} gauge\n# HELP ${word} ${help}\n`
    : `# HELP ${word} ${help}\n# TYPE ${word} gauge\n`;
  const seen = parts.length > 1 ? new Set<number>() : undefined;
  for (const { metric, members } of parts) {
    for (const member of members) {
      if (seen?.has(member)) continue;
      seen?.add(member);
      // What has gone since, or become a text, is left out.
      if (!sources[member].live || !sources[member].read(metric, reading)) continue;
      const { value, integer } = reading;
      if (typeof value !== 'number') continue;
      const line = `${word}{${labels[member]}} ${numberText(value, integer)}\n`;
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
