import { Type } from '@sinclair/typebox';
import { refused } from '../answer.ts';
import { type Route, route } from '../route.ts';
import { NoQuery } from '../schemas.ts';

const Router = Type.Object({ router: Type.String() });
const RouterPrefix = Type.Object({ router: Type.String(), address: Type.String(), bits: Type.String() });

const NO_SESSION = 'there is no session with this router';

/**
 * Sections 2 and 13 as an engine without BGP sessions answers them: every router is unknown. They are in no document,
 * for there is nothing to do with them.
 */
export const bgpRoutes: readonly Route[] = [
  ...['topprefixes', 'topprefixes6', 'prefix'].map((noun) =>
    unknownRouter('GET', `/bgp/${noun}/{router}/json`),
  ),
  ...(['GET', 'PUT', 'DELETE'] as const).map((method) =>
    unknownRouter(method, '/bgp/flowspec/{router}/json'),
  ),
  unknownRouter('GET', '/bgp/routepusher/{router}/json'),
  ...(['GET', 'PUT', 'DELETE'] as const).map((method) =>
    unknownRouter(method, '/bgp/routepusher/{router}/{address}/{bits}/json'),
  ),
];

function unknownRouter(method: Route['method'], path: string): Route {
  return route({
    method,
    path,
    group: 'BGP',
    summary: 'A router there is no session with',
    params: path.includes('{bits}') ? RouterPrefix : Router,
    query: NoQuery,
    answer: 'empty',
    hidden: true,
    role: 'admin',
    handle: () => refused(method === 'GET' ? 404 : 400, NO_SESSION),
  });
}
