/** `$(element).chart(options, db)`: a strip chart with a legend, drawn from data that several charts share. */
import { shortValue } from './lib/format.ts';
import { type JQuery, pageJQuery } from './lib/jquery.ts';
import { createLegend, type Legend, type LegendRow } from './lib/legend.ts';
import { COLORS, OTHER_COLOR } from './lib/palette.ts';
import type { StripData } from './lib/strip-series.ts';
import { createColorKeeper, keyParts, topSeries } from './lib/top-series.ts';

/** The data of a page: its charts draw what is in it whenever `updateChart` is triggered. */
interface Database {
  readonly trend?: {
    readonly times?: readonly number[];
    readonly trends?: Readonly<Record<string, readonly unknown[]>>;
    readonly start?: Date;
    readonly end?: Date;
  };
}

interface ChartOptions {
  readonly type?: 'trend' | 'topn';
  readonly metrics?: readonly string[];
  readonly metric?: string;
  readonly legend?: readonly string[];
  readonly legendHeadings?: readonly string[];
  readonly legendLinks?: readonly (string | null)[];
  readonly keyName?: (part: string, column: number) => unknown;
  readonly units?: string;
  readonly stack?: boolean;
  readonly includeOther?: boolean;
  readonly sep?: string;
  readonly hrule?: readonly { readonly name: string; readonly color?: string; readonly scale?: boolean }[];
  readonly ymargin?: number;
  readonly colors?: readonly string[];
  readonly base2?: boolean;
  readonly step?: boolean;
  readonly mirror?: boolean;
  readonly includeMillis?: boolean;
  readonly clickable?: boolean;
}

/** What is drawn, and the rows that say what it is. */
interface View {
  readonly data: StripData;
  readonly rows: readonly LegendRow[];
}

interface ChartElement extends JQuery {
  stripchart(...args: unknown[]): unknown;
}

/** Series of a top-n chart; more would be more colours than anybody can tell apart. */
const MOST_SERIES = 20;
const DEFAULT_HEIGHT = '200px';
const PASSED_ON = ['base2', 'step', 'mirror', 'stack', 'colors', 'includeMillis', 'clickable'] as const;

const $ = pageJQuery();

$.fn['chart'] = function (this: JQuery, options: ChartOptions = {}, db: Database = {}): JQuery {
  return this.each((_index, element) => createChart(element, options, db));
};

function createChart(host: HTMLElement, options: ChartOptions, db: Database): void {
  const element = $(host) as ChartElement;
  if (host.classList.contains('stripchart')) element.stripchart('destroy');
  const given = Object.fromEntries(
    PASSED_ON.flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]]])),
  );
  const heightBefore = host.style.height;
  keepHeight(host, heightBefore);
  host.classList.add('with-legend');
  element.stripchart(given);
  const topn = options.type === 'topn' || (options.type === undefined && options.metric !== undefined);
  const legend: Legend = createLegend(host, {
    headings: topn ? options.legendHeadings : undefined,
    links: options.legendLinks,
    fixed: !topn,
    pointed: (index) => element.stripchart('highlight', index),
  });
  const view = topn ? topView(options) : trendView(options);

  const update = (): void => {
    const { data, rows } = view(db);
    element.stripchart('draw', data);
    legend.update(rows);
  };
  const resized = (): void => keepHeight(host, heightBefore);
  $(document).on('updateChart', update);
  window.addEventListener('resize', resized);
  const destroyed = (): void => {
    $(document).off('updateChart', update);
    window.removeEventListener('resize', resized);
    element.off('stripchartdestroy', destroyed);
    legend.destroy();
    host.classList.remove('with-legend');
    host.style.removeProperty('--plot-height');
    host.style.height = heightBefore;
  };
  element.on('stripchartdestroy', destroyed);
  update();
}

/** The height that the page gives the element becomes that of the plot; the element grows with its legend. */
function keepHeight(host: HTMLElement, heightBefore: string): void {
  const { minHeight } = host.style;
  const children = [...host.children].filter(
    (child): child is HTMLElement => child instanceof HTMLElement && child.style.display === '',
  );
  // What is left of its height without content is the page's.
  for (const child of children) child.style.display = 'none';
  host.style.height = heightBefore;
  host.style.minHeight = '0';
  const { height, paddingTop, paddingBottom, boxSizing } = getComputedStyle(host);
  const padding =
    boxSizing === 'border-box' ? Number.parseFloat(paddingTop) + Number.parseFloat(paddingBottom) : 0;
  const own = /^[\d.]+px$/.test(height) ? Number.parseFloat(height) - padding : 0;
  for (const child of children) child.style.display = '';
  host.style.minHeight = minHeight;
  host.style.height = 'auto';
  host.style.setProperty('--plot-height', own > 1 ? `${own}px` : DEFAULT_HEIGHT);
}

function trendView(options: ChartOptions): (db: Database) => View {
  const { metrics = [], legend = metrics, colors = COLORS } = options;
  return (db) => {
    const values = metrics.map((name) => db.trend?.trends?.[name] ?? []);
    const rows = metrics.map((name, i): LegendRow => {
      const latest = values[i].at(-1);
      return {
        id: `${i} ${name}`,
        color: colors[i % colors.length],
        cells: [legend[i] ?? name],
        value: valueText(latest, options),
      };
    });
    return {
      data: { ...common(options, db), values, labels: metrics.map((name, i) => legend[i] ?? name) },
      rows,
    };
  };
}

function topView(options: ChartOptions): (db: Database) => View {
  const { metric = '', sep = ',', legendHeadings, keyName, colors = COLORS } = options;
  const columns = legendHeadings?.length ?? 1;
  const keep = createColorKeeper(colors.length);
  return (db) => {
    const top = topSeries(db.trend?.trends?.[metric] ?? [], Math.min(MOST_SERIES, colors.length));
    const places = keep(top.keys);
    const rows = top.keys.map((key, i): LegendRow => {
      const parts = keyParts(key, sep, columns);
      const latest = top.values[i].at(-1) ?? 0;
      return {
        id: `key ${key}`,
        color: colors[places[i]],
        cells: parts.map((part, column) => (keyName === undefined ? part : String(keyName(part, column)))),
        value: valueText(latest, options),
        gone: latest === 0,
      };
    });
    const values = [...top.values];
    if (top.other !== undefined && options.includeOther !== false) {
      values.push([...top.other]);
      rows.push({
        id: 'other',
        color: OTHER_COLOR,
        cells: ['other'],
        value: valueText(top.other.at(-1), options),
        rest: true,
      });
    }
    const data = {
      ...common(options, db),
      values,
      colors: rows.map(({ color }) => color),
      labels: rows.map(({ cells }) => cells.join(' ')),
    };
    return { data, rows };
  };
}

function common(options: ChartOptions, { trend }: Database): Omit<StripData, 'values'> {
  const hrules = (options.hrule ?? []).map(({ name, ...rule }) => ({
    ...rule,
    value: Number(trend?.trends?.[name]?.at(-1) ?? Number.NaN),
  }));
  return {
    times: trend?.times ?? [],
    ...(trend?.start !== undefined && { start: trend.start }),
    ...(trend?.end !== undefined && { end: trend.end }),
    ...(options.units !== undefined && { units: options.units }),
    ...(options.ymargin !== undefined && { ymargin: options.ymargin }),
    hrules,
  };
}

function valueText(value: unknown, { includeMillis = false, base2 = false }: ChartOptions): string {
  return typeof value === 'number' ? shortValue(value, includeMillis, base2) : '';
}
