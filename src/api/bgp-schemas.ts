import { type TSchema, Type } from '@sinclair/typebox';

/** Schemas of the BGP routes. */

export const RouterParam = Type.Object({
  router: Type.String({ description: 'Address of the router, or a name that leads to it.' }),
});

export const RouterPrefixParams = Type.Object({
  router: RouterParam.properties.router,
  address: Type.String({ description: 'Address of the prefix.' }),
  bits: Type.String({ description: 'Length of the prefix.' }),
});

const optionalText = (description: string) => Type.Optional(Type.String({ description }));
const optionalInteger = (description: string) => Type.Optional(Type.Integer({ description }));
const optionalFlag = (description: string) => Type.Optional(Type.Boolean({ description }));

const NUMBERS = 'numbers such as `=53`, `=80|=443`, `>=1000&<=2000`';

export const FlowSpecMatch = Type.Object(
  {
    version: optionalText('`4` or `6`; without it the prefixes tell.'),
    destination: optionalText('Address or prefix.'),
    source: optionalText('Address or prefix.'),
    protocol: optionalText(`IP protocol or next header: ${NUMBERS}.`),
    port: optionalText('Source or destination port.'),
    'destination-port': optionalText('As protocol.'),
    'source-port': optionalText('As protocol.'),
    'icmp-type': optionalText('As protocol.'),
    'icmp-code': optionalText('As protocol.'),
    'tcp-flags': optionalText(
      'Letters of F S R P A U E C N: `=SA` exactly these, `S` any of these, `!S` none.',
    ),
    length: optionalText('Length of the packet, as protocol.'),
    dscp: optionalText('As protocol.'),
    fragment: optionalText('Letters of D I F L, as tcp-flags.'),
    'flow-label': optionalText('Of IPv6, as protocol.'),
  },
  { $id: 'FlowSpecMatch' },
);

const FlowSpecThen = Type.Object(
  {
    'traffic-rate': optionalText('Bytes per second; `0` drops.'),
    'traffic-rate-packets': optionalText('Packets per second; `0` drops.'),
    'traffic-action': optionalText('`sample`, `continue`, `sampleandcontinue` or `none`.'),
    'redirect-as': optionalText('Route target of a VRF, `65000:666`.'),
    'redirect-as4': optionalText('The same with an AS of four octets, `4200000001:5`.'),
    'redirect-ip': optionalText('The same with an address, `192.0.2.1:666`.'),
    'redirect-nexthop': optionalText(
      'Address to send to, as next hop (draft-simpson-idr-flowspec-redirect).',
    ),
    'copy-nexthop': optionalText('Address to send a copy to, as next hop.'),
    'redirect-action-ip': optionalText(
      'Address to send to, as community (draft-ietf-idr-flowspec-redirect-ip).',
    ),
    'traffic-marking': optionalText('DSCP, a number or a name such as `ef`, `le`, `af11`.'),
    communities: optionalText('Joined with `-`: `65535:666`, or an extended one as `128:6:0`.'),
    'large-communities': optionalText('Joined with `-`: `65000:1:2`.'),
  },
  { $id: 'FlowSpecThen' },
);

const why = optionalText('Why, for who looks at it later.');

export const FlowSpecRuleBody = Type.Object(
  // biome-ignore lint/suspicious/noThenProperty: the name that clients write; nothing awaits a schema.
  { match: FlowSpecMatch, then: FlowSpecThen, why },
  { $id: 'FlowSpecRule' },
);

export const FlowSpecMatchBody = Type.Object({ match: FlowSpecMatch });

export const PushedRoute = Type.Object(
  {
    nexthop: Type.String({ description: 'Of the family of the prefix.' }),
    nexthoplinklocal: optionalText('Link-local address beside a global one of IPv6.'),
    aspath: optionalText('Numbers joined with `-`; without it the own AS.'),
    communities: optionalText('Joined with `-`: `65535:666`, or an extended one as `type:subtype:value`.'),
    'large-communities': optionalText('Joined with `-`: `65000:1:2`.'),
    localpref: optionalText('Local preference, a number.'),
    med: optionalText('Multi-exit discriminator, a number.'),
    origin: optionalText('`IGP`, `EGP` or `INCOMPLETE`.'),
    why,
  },
  { $id: 'PushedRoute' },
);

const Profile = Type.Object({
  flowSpecNextHop: optionalText('Next hop to send with FlowSpec rules that have none. Default: none.'),
  redirect: optionalText(
    'Form of redirects towards an address: `as-given` (default), `next-hop` or `community`, after the two drafts.',
  ),
  maxRules: optionalInteger('Most FlowSpec rules. Default 10000.'),
  maxRoutes: optionalInteger('Most unicast routes. Default 100000.'),
  nlriPerUpdate: optionalInteger('Most destinations in one UPDATE. Default 1000.'),
  nlriPerSecond: optionalInteger(
    'Most destinations announced and withdrawn in a second; 0 (default): no limit.',
  ),
});

export const NeighborBody = Type.Object(
  {
    as: optionalInteger('Own AS. Default: property `bgp.as`.'),
    peerAs: optionalInteger('AS that the neighbour must have; without it any will do.'),
    routerId: optionalText('Own BGP identifier. Default: property `bgp.routerid`.'),
    families: Type.Optional(
      Type.Array(Type.String(), {
        description:
          'Of `ipv4-unicast`, `ipv6-unicast`, `ipv4-flowspec`, `ipv6-flowspec`, in the order of the OPEN. Default: all.',
      }),
    ),
    connect: optionalFlag('Dial, besides waiting for the neighbour. Default: only wait.'),
    port: optionalInteger('Port to dial. Default 179.'),
    localAddress: optionalText('Address to dial from.'),
    password: optionalText('Of TCP-MD5 (RFC 2385), up to 80 bytes. Shown to nobody.'),
    ttlSecurity: optionalInteger(
      'Most hops to the neighbour (RFC 5082), 1 for a direct one; 0 (default): any.',
    ),
    addPath: optionalFlag('Receive several paths for a prefix (RFC 7911).'),
    holdTime: optionalInteger('Seconds: 0, or 3 and more. Default 180.'),
    sendHoldTime: optionalInteger(
      'Seconds after which a neighbour that reads nothing is given up. Default 480.',
    ),
    connectRetry: optionalInteger('Seconds between attempts to dial; more after failures. Default 10.'),
    restartTime: optionalInteger(
      'Seconds for which the neighbour is asked to keep what was pushed, when Weir is gone (RFC 4724). Default 120; 0: none.',
    ),
    longLivedTime: optionalInteger(
      'Seconds for which it may keep it as stale thereafter (RFC 9494). Default 0.',
    ),
    profile: Type.Optional(Profile),
    description: optionalText('For people.'),
  },
  { $id: 'Neighbor' },
);

const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

const Side = Type.Object(
  {
    as: Type.Integer(),
    identifier: Type.String(),
    holdTime: Type.Integer({ description: 'Seconds.' }),
    hostName: Type.String(),
    capabilities: Type.Array(Type.String(), { description: 'In words, in the order of the OPEN.' }),
  },
  { $id: 'NeighborSide' },
);

const Messages = Type.Object(
  {
    open: Type.Integer(),
    update: Type.Integer(),
    notification: Type.Integer(),
    keepalive: Type.Integer(),
    'route-refresh': Type.Integer(),
    bytes: Type.Integer(),
  },
  { $id: 'NeighborMessages' },
);

const LearntCount = Type.Object({
  prefixes: Type.Integer({ description: 'That there are.' }),
  added: Type.Integer({ description: 'Paths that came.' }),
  removed: Type.Integer({ description: 'Paths that went.' }),
  refused: Type.Integer({ description: 'Announced, and not kept: there was no room.' }),
});

const HistoryEntry = Type.Object({ time: Type.Number({ description: 'Epoch ms.' }), event: Type.String() });

export const NeighborAnswer = Type.Object(
  {
    router: Type.String({ description: 'As it was configured.' }),
    address: Type.String(),
    origin: Type.String({ description: 'Who defined it: `property`, `rest` or `script`.' }),
    description: Type.String(),
    state: Type.String({
      description:
        '`idle`, `connect`, `active`, `opensent`, `openconfirm` or `established` (RFC 4271 8.2.2).',
    }),
    startTime: nullable(Type.Number({ description: 'When the session began, epoch ms.' })),
    local: Side,
    peer: nullable(Side),
    families: Type.Array(Type.String(), { description: 'Those that both sides have.' }),
    holdTime: nullable(Type.Integer({ description: 'Agreed on, seconds; 0: none.' })),
    transport: Type.Object({
      active: Type.Boolean(),
      port: Type.Integer(),
      signed: Type.Boolean({ description: 'By TCP-MD5.' }),
      hops: Type.Integer(),
    }),
    sent: nullable(Messages),
    received: nullable(Messages),
    learnt: Type.Object(
      {
        ipv4: LearntCount,
        ipv6: LearntCount,
        bytes: Type.Integer({
          description: 'Memory for the routes, whole pages that are not used yet included.',
        }),
        attributeSets: Type.Integer({ description: 'Different sets of path attributes.' }),
      },
      { description: 'Routes that the neighbour has announced since the session began.' },
    ),
    queuedBytes: Type.Integer({ description: 'Sent, but not yet read by the neighbour.' }),
    routes: Type.Integer({ description: 'Pushed.' }),
    rules: Type.Integer({ description: 'Pushed.' }),
    established: Type.Integer({ description: 'Sessions that came up since the start.' }),
    faultyUpdates: Type.Integer({
      description: 'UPDATEs with errors that did not end the session (RFC 7606).',
    }),
    lastError: nullable(HistoryEntry),
    history: Type.Array(HistoryEntry, { description: 'The last 50 things that happened, oldest first.' }),
  },
  { $id: 'NeighborStatus' },
);

export const PushedAnswer = Type.Object(
  {
    kind: Type.String({ description: '`route` or `rule`.' }),
    family: Type.String(),
    prefix: optionalText('Of a route.'),
    route: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
    rule: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
    words: optionalText('The rule in words.'),
    nlri: optionalText('The match of the rule in bytes, hexadecimal.'),
    who: Type.String({
      description:
        'Name of the token with which it was pushed, `rest` where none is asked for, or `script` and the name of the script.',
    }),
    why: Type.String(),
    transient: Type.Boolean({ description: 'Goes with the session.' }),
    since: Type.Number({ description: 'Epoch ms.' }),
    changed: Type.Number({ description: 'Epoch ms.' }),
    standing: Type.String({
      description: '`sent`, `waiting`, `not-negotiated`, `faulty` or `no-session`.',
    }),
    reason: optionalText('Why it has not been sent.'),
  },
  { $id: 'Pushed' },
);

export const PreviewAnswer = Type.Object({
  rule: Type.Record(Type.String(), Type.Unknown(), { description: 'As it is understood.' }),
  faults: Type.Array(
    Type.Object({ severity: Type.String({ description: '`error` or `warning`.' }), reason: Type.String() }),
  ),
  ignored: Type.Array(Type.String(), { description: 'Members that mean nothing.' }),
  nlri: Type.String({ description: 'The match in bytes, hexadecimal; empty where there are none.' }),
  update: Type.String({ description: 'The whole UPDATE for an external neighbour, hexadecimal.' }),
  texts: Type.Record(
    Type.String(),
    Type.Object({ text: Type.String(), missing: Type.Array(Type.String()) }),
    { description: 'By notation; `missing` are parts for which it has no words.' },
  ),
});

const optionalWord = (description: string) => Type.Optional(Type.String({ description }));

export const TopPrefixesQuery = Type.Object({
  maxPrefixes: optionalWord('Most prefixes in the answer, a whole number. Default 100; 0: counters only.'),
  minValue: optionalWord('Least value of a prefix in the answer, a number. Default 0.'),
  direction: optionalWord('`destination` (default): traffic to the prefixes; `source`: traffic from them.'),
  includeCovered: optionalWord('`true`: tell which of the prefixes lie in others.'),
  minPrefix: optionalWord('Shortest prefix in the answer, a length. Default 0.'),
  pruneCovered: optionalWord('`true`, with includeCovered: count those in others as pruned.'),
});

export const TopPrefixesAnswer = Type.Object(
  {
    topPrefixes: Type.Array(Type.Record(Type.String(), Type.Unknown()), {
      description: 'Largest first: `prefix`, `value`, and for destinations the route.',
    }),
    valueTopPrefixes: Type.Number({ description: 'Sum of those shown.' }),
    valueTotal: Type.Number({ description: 'Sum of all.' }),
    valuePercentCoverage: Type.Optional(Type.Number()),
    nPrefixes: Type.Integer(),
    learnedPrefixesAdded: Type.Integer(),
    learnedPrefixesRemoved: Type.Integer(),
    pushedPrefixesAdded: Type.Integer(),
    pushedPrefixesRemoved: Type.Integer(),
    state: Type.String(),
    startTime: Type.Number({ description: 'Epoch ms.' }),
    as: optionalInteger('Of the router.'),
    id: optionalText('BGP identifier of the router.'),
    hostname: optionalText('Name of the router, where it tells one.'),
    direction: Type.String(),
  },
  { $id: 'TopPrefixes' },
);

export const PrefixQuery = Type.Object({ address: optionalWord('Address to look up.') });

export const LearntPrefix = Type.Object(
  {
    prefix: Type.String(),
    nexthop: optionalText('Absent where there are several paths.'),
    aspath: optionalText('Numbers joined with `-`.'),
    origin: optionalText('`IGP`, `EGP` or `INCOMPLETE`.'),
    paths: Type.Optional(
      Type.Array(Type.Record(Type.String(), Type.Unknown()), {
        description: 'Of a router that sends several paths (ADD-PATH), the best first.',
      }),
    ),
    valueIngress: Type.Number({ description: 'Traffic from the prefix.' }),
    valueEgress: Type.Number({ description: 'Traffic to the prefix.' }),
  },
  { $id: 'LearntPrefix' },
);

export const LearntRuleAnswer = Type.Object({
  match: FlowSpecMatch,
  // biome-ignore lint/suspicious/noThenProperty: the name that clients know; nothing awaits a schema.
  then: FlowSpecThen,
  words: Type.String({ description: 'The rule in words.' }),
});
