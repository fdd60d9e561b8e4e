import type { PropertySchema } from './config.ts';

/** Properties that belong together on the reference page. */
export interface PropertySection {
  readonly title: string;
  readonly doc: string;
  readonly properties: readonly PropertySchema[];
}

const MEBIBYTE = 2 ** 20;
const PORT = { type: 'integer', minimum: 0, maximum: 65535 } as const;
const OWN_BUFFERS = 'Weir sizes these buffers itself';
const NO_SNMP = 'this version does not ask agents by SNMP';
const NO_SCRIPTS = 'this version does not run scripts';
const NO_BGP = 'this version does not speak BGP';

/** Every property Weir knows, by section. */
export const PROPERTY_SECTIONS: readonly PropertySection[] = [
  {
    title: 'HTTP',
    doc: 'The REST API and its pages.',
    properties: [
      {
        name: 'http.hostname',
        type: 'string',
        default: '127.0.0.1',
        doc: 'Address to listen on. Loopback unless you say otherwise; empty, `0.0.0.0` or `::` means every address of the machine. Anything but loopback needs `auth.tokens` or `auth=none`: without them the start is refused.',
      },
      {
        name: 'http.hosts',
        type: 'list',
        default: '',
        doc: 'Names by which clients may call this server, besides addresses, `localhost` and the name of the machine; `*` for any. Only looked at when no token is asked for, to keep out pages that point a name of theirs to this machine.',
      },
      {
        name: 'auth',
        type: 'string',
        default: 'tokens',
        choices: ['tokens', 'none'],
        doc: '`tokens`: a request needs one of `auth.tokens`; when there are none, HTTP is open, but only to this machine. `none`: HTTP is open to whoever reaches it.',
      },
      {
        name: 'auth.tokens',
        type: 'list',
        default: '',
        doc: 'Tokens, each NAME:ROLE:HASH as `weir token NAME ROLE` prints it. `read` may ask, `write` may also change definitions, `admin` may also have data or routes sent to other machines. Clients send the token as `Authorization: Bearer TOKEN`, or as the password of Basic authentication, which browsers ask for. The hash is the SHA-256 of the token.',
      },
      {
        name: 'http.tls.cert',
        type: 'string',
        default: '',
        doc: 'File of the certificate with its chain, PEM. With it and `http.tls.key` HTTP is served by TLS. When the files change the new ones are used, without a restart.',
      },
      {
        name: 'http.tls.key',
        type: 'string',
        default: '',
        doc: 'File of the private key, PEM, without a pass phrase.',
      },
      {
        name: 'http.ratelimit',
        type: 'integer',
        default: '5000',
        minimum: 0,
        unit: 'requests per second',
        doc: 'Most requests of one client address (of one /64 in IPv6); for a moment twice as many. More get status 429. 0: no limit.',
      },
      {
        name: 'http.maxbody',
        type: 'integer',
        default: '16M',
        minimum: 1024,
        maximum: 2 ** 28,
        unit: 'bytes',
        doc: 'Largest body of a request. A larger one gets status 413.',
      },
      {
        name: 'live.clients',
        type: 'integer',
        default: '100',
        minimum: 0,
        maximum: 4000,
        doc: 'Most clients of the live stream `/live` at a time. Further ones get status 503.',
      },
      {
        ...PORT,
        name: 'http.port',
        default: '8008',
        doc: 'TCP port. 0 takes any free one; the start tells which.',
      },
      {
        name: 'http.readonly',
        type: 'boolean',
        default: 'no',
        doc: 'Refuse every change by REST with status 403. Scripts may still define flows.',
      },
      { name: 'http.log', type: 'boolean', default: 'no', doc: 'Log one line for each request.' },
      {
        name: 'http.html',
        type: 'boolean',
        default: 'yes',
        doc: 'Serve web pages besides the API: the start page, and `/`, which leads to it.',
      },
      {
        name: 'http.html.redirect',
        type: 'string',
        default: './html/index.html',
        doc: 'Where `/` leads.',
      },
      {
        name: 'http.rest',
        type: 'boolean',
        default: 'yes',
        doc: 'Serve the REST API. `no` counts only together with `http.html=no`, for the pages live on the API.',
      },
      {
        name: 'http.json.indent',
        type: 'integer',
        default: '1',
        minimum: 0,
        maximum: 8,
        doc: 'Spaces by which JSON answers are indented; 0 puts each on one line.',
      },
      {
        name: 'http.requestheadersize',
        type: 'integer',
        default: '16K',
        minimum: 1024,
        maximum: 2 ** 20,
        unit: 'bytes',
        doc: 'Largest header of a request, address included. A larger one gets status 431.',
      },
      {
        name: 'http.responseheadersize',
        type: 'integer',
        default: '4096',
        minimum: 0,
        unit: 'bytes',
        doc: 'Buffer for the header of an answer.',
        unused: OWN_BUFFERS,
      },
      {
        name: 'http.requestbuffersize',
        type: 'integer',
        default: '8192',
        minimum: 0,
        unit: 'bytes',
        doc: 'Buffer for the body of a request.',
        unused: OWN_BUFFERS,
      },
      {
        name: 'http.responsebuffersize',
        type: 'integer',
        default: '32768',
        minimum: 0,
        unit: 'bytes',
        doc: 'Buffer for the body of an answer.',
        unused: OWN_BUFFERS,
      },
    ],
  },
  {
    title: 'sFlow input',
    doc: 'Where datagrams come from, and how many agents are kept.',
    properties: [
      {
        name: 'sflow.hostname',
        type: 'string',
        default: '',
        doc: 'Address to receive sFlow on; empty means every address of the machine, IPv4 and IPv6.',
      },
      {
        ...PORT,
        name: 'sflow.port',
        default: '6343',
        doc: 'UDP port. 0 takes any free one; the start tells which.',
      },
      {
        name: 'sflow.file',
        type: 'string',
        default: '',
        doc: 'Play this packet capture (pcap or pcapng) at the speed it was made, instead of listening.',
      },
      {
        name: 'sflow.buffer',
        type: 'integer',
        default: '64M',
        minimum: 2048,
        maximum: 2 ** 30,
        unit: 'bytes',
        doc: 'Socket buffer to ask the kernel for. It bridges moments in which datagrams come faster than they are handled. Without the right to exceed it (CAP_NET_ADMIN) the kernel grants at most `net.core.rmem_max`; `weir doctor` tells what was granted.',
      },
      {
        name: 'sflow.rcvpktsbuffer',
        type: 'integer',
        default: '0',
        minimum: 0,
        maximum: 2 ** 19,
        unit: 'packets',
        doc: 'The socket buffer in packets of 2048 bytes. Used when it is set and `sflow.buffer` is not.',
      },
      {
        name: 'engine.receiver',
        type: 'string',
        default: 'auto',
        choices: ['auto', 'recvmmsg', 'dgram'],
        doc: "How datagrams are taken from the kernel. `recvmmsg` takes many with one call and costs least; it needs Linux and the package koffi. `dgram` is Node's own and works everywhere. `auto` is recvmmsg where it works.",
      },
      {
        name: 'agents.max',
        type: 'integer',
        default: '10000',
        minimum: 1,
        maximum: 1_000_000,
        doc: 'Most agents kept. When there are that many, the datagrams of further ones are counted and dropped; known agents are not disturbed.',
      },
      {
        name: 'datasources.max',
        type: 'integer',
        default: '250000',
        minimum: 1,
        maximum: 10_000_000,
        doc: 'Most data sources (ports, hosts, and the like of all agents together) kept. Samples of further ones are counted and dropped.',
      },
    ],
  },
  {
    title: 'Flows and events',
    doc: 'Bounds of what is remembered.',
    properties: [
      {
        name: 'flow.memory',
        type: 'integer',
        default: '1G',
        defaultLimit: {
          doc: "a quarter of the machine's memory",
          of: (machine) => Math.floor(machine.memory / 4),
        },
        minimum: MEBIBYTE,
        unit: 'bytes',
        doc: 'Most memory for the flow tables of all definitions together. A full table drops its smallest flows, and counts them.',
      },
      {
        name: 'flows.max',
        type: 'integer',
        default: '1000',
        minimum: 1,
        maximum: 1_000_000,
        doc: 'Ended flows kept for `/flows/json`. The oldest go first.',
      },
      {
        name: 'events.max',
        type: 'integer',
        default: '1000',
        minimum: 1,
        maximum: 1_000_000,
        doc: 'Events kept for `/events/json`. The oldest go first.',
      },
      {
        name: 'prometheus.metric.prefix',
        type: 'string',
        default: 'sflow_',
        doc: 'Put before the name of each metric in Prometheus text.',
      },
      {
        name: 'prometheus.compat',
        type: 'boolean',
        default: 'no',
        doc: 'Give Prometheus text as older collectors do: lines alone, whatever the client asks for, and with the values of labels as they are. A `"` or `\\` in a name then makes the text unreadable for Prometheus.',
      },
      {
        name: 'prometheus.maxseries',
        type: 'integer',
        default: '5000000',
        minimum: 1,
        maximum: 100_000_000,
        unit: 'series',
        doc: 'Most series in one Prometheus text of counter metrics. Further ones are left out, and counted in `prometheusSeriesLeftOut` of `/analyzer/json`.',
      },
    ],
  },
  {
    title: 'State',
    doc: 'What survives a restart.',
    properties: [
      {
        name: 'store.persist',
        type: 'boolean',
        default: 'yes',
        doc: 'Keep what is set by REST (flows, thresholds, groups, maps, topology, forwarding, tenants) in `store.dir`, and set it again at the next start. A change is answered when it is on the disk. With `no`, nothing is written, and a restart forgets.',
      },
      {
        name: 'store.dir',
        type: 'string',
        default: 'store',
        doc: 'Folder for it, one JSON file for each definition; made when it is not there. Only one Weir at a time can use a folder.',
      },
    ],
  },
  {
    title: 'Lookups',
    doc: 'Names for addresses.',
    properties: [
      {
        name: 'oui.names',
        type: 'string',
        default: '',
        doc: 'File of vendor names for `oui:KEY:name`: the list of the IEEE, as text (`oui.txt`) or CSV.',
      },
      {
        name: 'geo.country',
        type: 'string',
        default: '',
        doc: 'Database in the MaxMind DB format (`.mmdb`, such as GeoLite2-Country or -City) for the key function `country:`. One file serves IPv4 and IPv6. It is read again when it changes.',
      },
      {
        name: 'geo.country6',
        type: 'string',
        default: '',
        doc: 'The same for IPv6, where that is a file of its own.',
      },
      {
        name: 'geo.asn',
        type: 'string',
        default: '',
        doc: 'Database in the same format (such as GeoLite2-ASN) for the key function `asn:`.',
      },
      {
        name: 'geo.asn6',
        type: 'string',
        default: '',
        doc: 'The same for IPv6, where that is a file of its own.',
      },
      {
        name: 'dns.servers',
        type: 'list',
        default: '',
        doc: 'IP addresses of name servers, separated by commas, to ask for the names of addresses for the key function `dns:`, on UDP port 53. A name is absent until its answer has come; it is asked for again after half an hour, and after five minutes where there was none.',
      },
      {
        name: 'snmp.ifname',
        type: 'boolean',
        default: 'no',
        doc: 'Ask agents for interface names by SNMP.',
        unused: NO_SNMP,
      },
      {
        name: 'snmp.version',
        type: 'string',
        default: '2c',
        choices: ['2c', '3'],
        doc: 'SNMP version.',
        unused: NO_SNMP,
      },
      {
        name: 'snmp.community',
        type: 'string',
        default: 'public',
        doc: 'Community of version 2c.',
        unused: NO_SNMP,
      },
      { name: 'snmp.user', type: 'string', default: '', doc: 'User of version 3.', unused: NO_SNMP },
      {
        name: 'snmp.authprotocol',
        type: 'string',
        default: '',
        doc: 'Authentication protocol of version 3.',
        unused: NO_SNMP,
      },
      {
        name: 'snmp.authpasswd',
        type: 'string',
        default: '',
        doc: 'Authentication password of version 3.',
        unused: NO_SNMP,
      },
      {
        name: 'snmp.privprotocol',
        type: 'string',
        default: '',
        doc: 'Privacy protocol of version 3.',
        unused: NO_SNMP,
      },
      {
        name: 'snmp.privpasswd',
        type: 'string',
        default: '',
        doc: 'Privacy password of version 3.',
        unused: NO_SNMP,
      },
    ],
  },
  {
    title: 'Scripts and BGP',
    doc: 'Extension and control.',
    properties: [
      { name: 'script.file', type: 'list', default: '', doc: 'Scripts to load.', unused: NO_SCRIPTS },
      {
        name: 'script.store',
        type: 'string',
        default: 'store',
        doc: 'Folder in which scripts keep what must survive a restart.',
        unused: NO_SCRIPTS,
      },
      { name: 'bgp.start', type: 'boolean', default: 'no', doc: 'Listen for BGP sessions.', unused: NO_BGP },
      { ...PORT, name: 'bgp.port', default: '1179', doc: 'TCP port for BGP sessions.', unused: NO_BGP },
    ],
  },
  {
    title: 'Process',
    doc: '',
    properties: [
      {
        name: 'log.level',
        type: 'string',
        default: 'info',
        choices: ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
        doc: 'Least severe messages to log.',
      },
      {
        name: 'log.format',
        type: 'string',
        default: 'auto',
        choices: ['auto', 'json', 'pretty'],
        doc: '`json` is one object per line, `pretty` is for people; `auto` is pretty on a terminal and JSON elsewhere.',
      },
      {
        name: 'workers.number',
        type: 'integer',
        default: '4',
        minimum: 0,
        doc: 'Threads of the HTTP server.',
        unused: 'Weir serves HTTP from one thread',
      },
      {
        name: 'workers.maxqueue',
        type: 'integer',
        default: '400',
        minimum: 0,
        doc: 'Requests that wait for a thread of the HTTP server.',
        unused: 'Weir serves HTTP from one thread',
      },
    ],
  },
];

/** Every property Weir knows. */
export const PROPERTIES: readonly PropertySchema[] = PROPERTY_SECTIONS.flatMap(
  (section) => section.properties,
);
