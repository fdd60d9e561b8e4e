import { refused } from '../answer.ts';
import { type Route, route } from '../route.ts';
import { LiveQuery, NoParams } from '../schemas.ts';
import { agentSelector, metricList } from '../selectors.ts';
import { aggregationMode } from './flows.ts';

export const liveRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/live',
    group: 'Live',
    summary: 'A stream of what changes, as server-sent events',
    description:
      'Messages have a type and JSON as data: `analyzer` (as /analyzer/json), `agents` (the number of agents, and the ' +
      '100 heard of last as /agents/json shows them), `metrics` (as /metric), `flows` (name and flows as ' +
      '/activeflows, null when there is no such definition), `event` (as /events/json), `page` (markup by part of the ' +
      'start page). A client that comes back with `Last-Event-ID`, as browsers do, first gets the events it missed, ' +
      'at most 1000. A comment every 15 seconds of silence keeps the connection open.',
    params: NoParams,
    query: LiveQuery,
    answer: { text: 'Server-sent events, until the client goes.', mediaType: 'text/event-stream' },
    errors: { 503: 'There are as many clients as property `live.clients` allows.' },
    example: { query: { flow: 'pairs', agents: 'ALL', interval: '1000' } },
    own: true,
    handle({ query, headers }, { live, positions }) {
      if (!live.hasRoom())
        return {
          ...refused(503, 'there are too many clients of the live stream'),
          headers: { 'Retry-After': '5' },
        };
      const shown = new Set(query.show?.split(',') ?? []);
      const { flow: flows = [], thresholdID } = query;
      const metrics = query.metrics === undefined ? [] : metricList(query.metrics);
      if (shown.size === 0 && flows.length === 0 && metrics.length === 0 && thresholdID === undefined)
        for (const each of ['analyzer', 'agents', 'events']) shown.add(each);
      const place = String(headers['last-event-id'] ?? query.lastEventID ?? '');
      const question = {
        analyzer: shown.has('analyzer'),
        agentRecords: shown.has('agents'),
        page: shown.has('page'),
        thresholds: shown.has('events') ? (thresholdID ?? []) : thresholdID,
        flows,
        metrics,
        agents: agentSelector(query.agents),
        maxFlows: query.maxFlows,
        aggMode: aggregationMode(query.aggMode),
        intervalMs: query.interval,
        afterEvent: place === '' ? undefined : positions.parse(place),
      };
      return {
        status: 200,
        contentType: 'text/event-stream',
        // Proxies that gather answers before they send them on are told not to.
        headers: { 'X-Accel-Buffering': 'no' },
        stream: (response) => live.serve(question, response),
      };
    },
  }),
];
