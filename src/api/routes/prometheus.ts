import { analyzerFigures } from '../analyzer.ts';
import { CONTENT_TYPES, expositionForm } from '../exposition.ts';
import { analyzerText } from '../prometheus-text.ts';
import { type Route, route } from '../route.ts';
import { AgentMetricsParams, FormatQuery, MetricFilterQuery, NoParams } from '../schemas.ts';
import { metricQuestion } from './metrics.ts';

const FORMS =
  'Lines alone; with HELP and TYPE when `format=typed` or the header Accept names `text/plain` of version 0.0.4; ' +
  'OpenMetrics with `format=openmetrics` or when Accept prefers `application/openmetrics-text`, as Prometheus does. ' +
  'Labels are escaped. With property `prometheus.compat` it is always lines alone, not escaped.';

export const prometheusRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/prometheus/analyzer/txt',
    group: 'Prometheus',
    summary: 'State of the analyzer for Prometheus',
    description: FORMS,
    params: NoParams,
    query: FormatQuery,
    answer: { text: 'Lines of Prometheus text.' },
    handle: async ({ query, headers }, context) => {
      const form = expositionForm(context.prometheusCompat, query.format, headers);
      const body = analyzerText(await analyzerFigures(context), context.prometheusPrefix, form);
      return { status: 200, contentType: CONTENT_TYPES[form], body };
    },
  }),
  route({
    method: 'GET',
    path: '/prometheus/metrics/{agent}/{metrics}/txt',
    group: 'Prometheus',
    summary: 'Numeric counter metrics for Prometheus',
    description: `Metrics are plain names, or ALL. Nothing found gives an empty text. ${FORMS} Parameters but \`format\` are filters. Of more series than property \`prometheus.maxseries\` allows the rest is left out, and counted.`,
    params: AgentMetricsParams,
    query: MetricFilterQuery,
    answer: { text: 'Lines of Prometheus text, labelled with agent, data source and what is known of them.' },
    errors: {
      404: 'The metric segment is empty.',
      503: 'Too many clients are reading such texts.',
    },
    example: { params: { agent: 'ALL', metrics: 'ifinoctets,ifoutoctets' } },
    handle(request, { metricTexts, prometheusCompat }) {
      const { agents, metrics, filters } = metricQuestion(request);
      const { format, ...rest } = filters;
      const form = expositionForm(prometheusCompat, format?.[0], request.headers);
      const question = { agents, metrics, filters: prometheusCompat ? filters : rest, form };
      return metricTexts.answer(question, request.headers);
    },
  }),
];
