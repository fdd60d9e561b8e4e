import { WeirError } from '../common/index.ts';
import type { NeighborStatus, Speaker, SpeakerCalls } from '../speaker/index.ts';

type Answers = {
  [K in keyof SpeakerCalls]: (...args: Parameters<SpeakerCalls[K]>) => ReturnType<SpeakerCalls[K]>;
};

const SIDE = {
  as: 64496,
  identifier: '192.0.2.9',
  holdTime: 90,
  hostName: 'edge',
  capabilities: ['route-refresh'],
};
const MESSAGES = { open: 1, update: 2, notification: 0, keepalive: 3, 'route-refresh': 0, bytes: 200 };

const NEIGHBOR: NeighborStatus = {
  router: '192.0.2.9',
  address: '192.0.2.9',
  origin: 'rest',
  description: '',
  state: 'established',
  startTime: 1_700_000_000_000,
  local: { ...SIDE, as: 65000 },
  peer: SIDE,
  families: ['ipv4-unicast', 'ipv4-flowspec'],
  holdTime: 90,
  transport: { active: true, port: 179, signed: false, hops: 0 },
  sent: MESSAGES,
  received: MESSAGES,
  learnt: {
    ipv4: { prefixes: 1, added: 1, removed: 0, refused: 0 },
    ipv6: { prefixes: 0, added: 0, removed: 0, refused: 0 },
    bytes: 67_371_008,
    attributeSets: 1,
  },
  queuedBytes: 0,
  routes: 1,
  rules: 1,
  established: 1,
  faultyUpdates: 0,
  lastError: null,
  history: [{ time: 1_700_000_000_000, event: 'established' }],
};

const RULE = {
  match: { destination: '203.0.113.7/32', version: '4' },
  // biome-ignore lint/suspicious/noThenProperty: the name that clients know; it holds an object, so nothing awaits it.
  then: { 'traffic-rate': '0.0' },
};

/** A speaker with one neighbour, 192.0.2.9, that takes everything and keeps nothing. */
const ANSWERS: Answers = {
  putNeighbor: () => undefined,
  deleteNeighbor: (router) => router === NEIGHBOR.router,
  neighbors: () => [NEIGHBOR],
  neighbor: (router) => (router === NEIGHBOR.router ? NEIGHBOR : undefined),
  resetNeighbor: (router) => router === NEIGHBOR.router,
  learntRules: (router) =>
    router === NEIGHBOR.router ? [{ ...RULE, words: 'IPv4 packets to 203.0.113.7/32: drop' }] : undefined,
  pushed: (router) =>
    router === NEIGHBOR.router
      ? [
          {
            kind: 'rule',
            family: 'ipv4-flowspec',
            rule: RULE,
            words: 'IPv4 packets to 203.0.113.7/32: drop',
            nlri: '060120cb007107',
            who: 'rest',
            why: '',
            transient: false,
            since: 1,
            changed: 1,
            standing: 'sent',
          },
        ]
      : undefined,
  addScriptNeighbor: () => undefined,
  removeScriptNeighbor: () => undefined,
  forgetScript: () => undefined,
  addRoute: (router) => pushedTo(router),
  removeRoute: (router) => pushedTo(router),
  getRoute: (router) => (router === NEIGHBOR.router ? { aspath: '65000', nexthop: '192.0.2.1' } : null),
  routes: (router) => (router === NEIGHBOR.router ? ['203.0.113.7/32'] : null),
  routeCount: (router) => (router === NEIGHBOR.router ? 1 : -1),
  addFlow: (router) => pushedTo(router),
  removeFlow: (router) => pushedTo(router),
  flows: (router) => (router === NEIGHBOR.router ? [RULE] : null),
  flowCount: (router) => (router === NEIGHBOR.router ? 1 : -1),
  session: (router) =>
    router === NEIGHBOR.router
      ? {
          address: router,
          facts: {
            nPrefixes: 1,
            learnedPrefixesAdded: 1,
            learnedPrefixesRemoved: 0,
            pushedPrefixesAdded: 1,
            pushedPrefixesRemoved: 0,
            state: 'established',
            startTime: 1_700_000_000_000,
            as: 64496,
            id: '192.0.2.9',
          },
        }
      : undefined,
  learntRoute: (router, address) =>
    router === NEIGHBOR.router && address !== ''
      ? {
          address: router,
          route: { version: 4, prefix: '198.51.100.0/24', route: 1, serial: 1, paths: [PATH] },
        }
      : undefined,
  addressOf: (router) => router,
};

const PATH = {
  pathId: undefined,
  nextHop: '192.0.2.9',
  linkLocal: undefined,
  asPath: '64496',
  origin: 'IGP',
  localPref: undefined,
  med: undefined,
  communities: [],
  communityText: undefined,
  extendedCommunities: [],
  largeCommunities: [],
} as const;

function pushedTo(router: string) {
  return router === NEIGHBOR.router ? ({ status: 'done' } as const) : ({ status: 'no-session' } as const);
}

/** A FAKE speaker for the tests of this room: it knows one router, and speaks with nobody. */
export function createFakeSpeaker(): Speaker {
  return {
    start: async () => ({ address: '', port: 1179 }),
    stop: async () => undefined,
    health: () => ({ ok: true }),
    async call(name, ...args) {
      const [router] = args;
      if (typeof router === 'string' && router.endsWith('.invalid'))
        throw new WeirError('BGP_BAD_HOST', `${router} is neither an address nor a name of one`);
      return ANSWERS[name](...args);
    },
    onNews: () => () => undefined,
  };
}
