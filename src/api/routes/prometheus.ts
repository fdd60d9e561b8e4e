import { analyzerFigures } from '../analyzer.ts';
import { text } from '../answer.ts';
import { analyzerText } from '../prometheus-text.ts';
import { type Route, route } from '../route.ts';
import { AgentMetricsParams, MetricFilterQuery, NoParams, NoQuery } from '../schemas.ts';
import { metricQuestion } from './metrics.ts';

export const prometheusRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/prometheus/analyzer/txt',
    group: 'Prometheus',
    summary: 'State of the analyzer for Prometheus',
    params: NoParams,
    query: NoQuery,
    answer: { text: 'Lines of Prometheus text.' },
    handle: async (_request, context) =>
      text(analyzerText(await analyzerFigures(context), context.prometheusPrefix)),
  }),
  route({
    method: 'GET',
    path: '/prometheus/metrics/{agent}/{metrics}/txt',
    group: 'Prometheus',
    summary: 'Numeric counter metrics for Prometheus',
    description: 'Metrics are plain names, or ALL. Nothing found gives an empty text.',
    params: AgentMetricsParams,
    query: MetricFilterQuery,
    answer: { text: 'Lines of Prometheus text, labelled with agent, data source and what is known of them.' },
    errors: { 404: 'The metric segment is empty.' },
    example: { params: { agent: 'ALL', metrics: 'ifinoctets,ifoutoctets' } },
    handle: async (request, { engine, prometheusPrefix }) =>
      text(await engine.ask('prometheus', { ...metricQuestion(request), prefix: prometheusPrefix })),
  }),
];
