import { WeirError } from '../../common/index.ts';
import { json } from '../answer.ts';
import { type Route, route } from '../route.ts';
import {
  AgentPage,
  EventPage,
  EventPageQuery,
  FlowPage,
  FlowPageQuery,
  NoParams,
  PageQuery,
} from '../schemas.ts';

/** More records than any log holds. */
const ALL_RECORDS = 2 ** 31 - 1;

const PAGED = 'A page at a time: ask again with `next` as `cursor` for the one after.';
const LOG =
  'A log grows at its end: keep `next`, and it leads to what came meanwhile. The oldest records are dropped when the ' +
  'log is full; a cursor of a time before a restart leads to the first record.';
const ERRORS = { 400: 'The limit or the cursor is wrong.' };

/** Lists that grow, in pages. */
export const listRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/agents',
    group: 'Lists in pages',
    summary: 'Agents in the order of their addresses as text',
    description: `${PAGED} Items are as in /agents/json, with their address.`,
    params: NoParams,
    query: PageQuery,
    answer: AgentPage,
    errors: ERRORS,
    example: { query: { limit: '10' } },
    own: true,
    async handle({ query: { limit, cursor } }, { engine }) {
      const after = cursor === undefined ? '' : decodeAddress(cursor);
      const records = await engine.ask('agents', { agents: [] });
      const left = Object.keys(records)
        .filter((address) => address > after)
        .sort();
      const addresses = left.slice(0, limit);
      return json({
        items: addresses.map((agent) => ({ agent, ...records[agent] })),
        next: encodeAddress(addresses.at(-1) ?? after),
        more: left.length > addresses.length,
      });
    },
  }),
  route({
    method: 'GET',
    path: '/v1/events',
    group: 'Lists in pages',
    summary: 'Events, oldest first',
    description: `${PAGED} ${LOG}`,
    params: NoParams,
    query: EventPageQuery,
    answer: EventPage,
    errors: ERRORS,
    example: { query: { thresholdID: 'busy', limit: '10' } },
    own: true,
    async handle({ query: { limit, cursor, thresholdID } }, { engine, positions }) {
      const after = cursor === undefined ? -1 : positions.parse(cursor);
      const newestFirst = await engine.events({
        thresholds: thresholdID ?? [],
        eventID: after < 0 ? undefined : after,
        maxEvents: ALL_RECORDS,
        timeoutMs: undefined,
      });
      return json(logPage(newestFirst, limit, after, ({ eventID }) => eventID, positions.format));
    },
  }),
  route({
    method: 'GET',
    path: '/v1/flows',
    group: 'Lists in pages',
    summary: 'The flow log, oldest first',
    description: `${PAGED} ${LOG}`,
    params: NoParams,
    query: FlowPageQuery,
    answer: FlowPage,
    errors: ERRORS,
    example: { query: { name: 'pairs', limit: '10' } },
    own: true,
    async handle({ query: { limit, cursor, name } }, { engine, positions }) {
      const after = cursor === undefined ? -1 : positions.parse(cursor);
      const newestFirst = await engine.loggedFlows({
        names: name ?? [],
        flowID: after < 0 ? undefined : after,
        maxFlows: ALL_RECORDS,
        timeoutMs: undefined,
      });
      return json(logPage(newestFirst, limit, after, ({ flowID }) => flowID, positions.format));
    },
  }),
];

/** The oldest `limit` of the records behind the ID `after`. */
function logPage<T>(
  newestFirst: readonly T[],
  limit: number,
  after: number,
  idOf: (record: T) => number,
  format: (id: number) => string,
) {
  // By contract an ID beyond the last one gives everything; a place in the log does not.
  const left = newestFirst.filter((record) => idOf(record) > after);
  const items = left.slice(-limit).reverse();
  const last = items.at(-1);
  return { items, next: format(last === undefined ? after : idOf(last)), more: left.length > items.length };
}

function encodeAddress(address: string): string {
  return Buffer.from(address).toString('base64url');
}

function decodeAddress(cursor: string): string {
  const address = Buffer.from(cursor, 'base64url').toString('latin1');
  if (!/^[0-9a-f.:]*$/.test(address)) throw new WeirError('HTTP_BAD_CURSOR', 'this is no place in the list');
  return address;
}
