import { done, json, refused } from '../answer.ts';
import { type Route, route } from '../route.ts';
import {
  EventsQuery,
  NameParam,
  NoParams,
  NoQuery,
  ThresholdDefinition,
  ThresholdDefinitions,
  ThresholdEvents,
} from '../schemas.ts';
import { waitFor } from './long-poll.ts';

const NO_SUCH_THRESHOLD = 'There is no such threshold.';

export const thresholdRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/threshold/json',
    group: 'Thresholds and events',
    summary: 'All thresholds',
    params: NoParams,
    query: NoQuery,
    answer: ThresholdDefinitions,
    otherMethods: 404,
    handle: (_request, { engine }) => json(engine.thresholds()),
  }),
  route({
    method: 'PUT',
    path: '/threshold/{name}/json',
    group: 'Thresholds and events',
    summary: 'Set a threshold, or replace it',
    description:
      'A value at or above the threshold makes an event. After it, the data source (with byFlow, the flow) fires ' +
      'again only when its values were below the threshold, or absent, for longer than the timeout. An identical ' +
      'threshold keeps this state; a different one starts anew.',
    params: NameParam,
    query: NoQuery,
    body: ThresholdDefinition,
    answer: 'empty',
    errors: { 400: 'The name or the threshold is wrong; the header `Weir-Error` says why.' },
    example: {
      params: { name: 'busy' },
      body: { metric: 'pairs', value: 1_000_000, byFlow: true, timeout: 10 },
    },
    async handle({ params, body }, { engine }) {
      await engine.setThreshold(params.name, body);
      return done();
    },
  }),
  route({
    method: 'GET',
    path: '/threshold/{name}/json',
    group: 'Thresholds and events',
    summary: 'One threshold with its effective values',
    params: NameParam,
    query: NoQuery,
    answer: ThresholdDefinition,
    errors: { 404: NO_SUCH_THRESHOLD },
    example: { params: { name: 'busy' } },
    handle({ params }, { engine }) {
      const thresholds = engine.thresholds();
      return Object.hasOwn(thresholds, params.name)
        ? json(thresholds[params.name])
        : refused(404, NO_SUCH_THRESHOLD);
    },
  }),
  route({
    method: 'DELETE',
    path: '/threshold/{name}/json',
    group: 'Thresholds and events',
    summary: 'Remove a threshold, if there is one',
    params: NameParam,
    query: NoQuery,
    answer: 'empty',
    example: { params: { name: 'unused' } },
    async handle({ params }, { engine }) {
      await engine.clearThreshold(params.name);
      return done();
    },
  }),
  route({
    method: 'GET',
    path: '/events/json',
    group: 'Thresholds and events',
    summary: 'Events, newest first',
    description:
      'With eventID and timeout the call waits for the next event and gives an empty list when none came in time.',
    params: NoParams,
    query: EventsQuery,
    answer: ThresholdEvents,
    errors: { 400: 'A parameter is no integer, or maxEvents is below 1.' },
    example: { query: { thresholdID: 'busy', maxEvents: '10' } },
    handle: async ({ query, gone }, { engine }) =>
      json(
        await engine.events({
          thresholds: query.thresholdID ?? [],
          eventID: query.eventID,
          maxEvents: query.maxEvents,
          ...waitFor(query.eventID, query.timeout, gone),
        }),
      ),
  }),
];
