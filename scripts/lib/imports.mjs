/**
 * Which room of src/ may import which, and the check of it. A room is a folder below src/; imports point one way, from
 * the command line down to the wire formats, so that each room can be understood, tested and used without those above.
 */

/** Room → the rooms it may import; what those may import, it may too. */
const BELOW = {
  common: [],
  config: ['common'],
  sflow: ['common'],
  packet: ['sflow'],
  lookup: ['sflow'],
  rib: ['common'],
  bgp: ['rib'],
  flow: ['lookup', 'packet', 'rib'],
  metric: ['lookup', 'packet'],
  event: ['lookup', 'packet'],
  topology: ['lookup', 'packet'],
  store: ['common'],
  load: ['packet'],
  udp: ['common'],
  engine: ['flow', 'metric', 'event', 'topology', 'udp'],
  speaker: ['bgp', 'engine', 'udp'],
  script: ['engine', 'speaker', 'store'],
  export: ['engine'],
  snmp: ['engine', 'store'],
  relay: ['packet', 'udp'],
  api: ['engine', 'speaker', 'script', 'export', 'snmp'],
  cli: ['api', 'speaker', 'script', 'export', 'snmp', 'relay', 'store', 'load'],
};

/** Properties are read at the edges only, and handed on as values. */
const MAY_READ_CONFIG = ['engine', 'speaker', 'script', 'export', 'snmp', 'api', 'cli'];

/** Rooms without I/O: they import types from Node and from packages, and nothing else. */
const PURE = ['common', 'sflow', 'packet', 'lookup', 'rib', 'bgp', 'flow', 'metric', 'event', 'topology'];

/** Package → the rooms that may load it; every room may import its types. */
const PACKAGE_USERS = {
  '@sinclair/typebox': ['api'],
  '@nats-io/transport-node': ['export'],
  acorn: ['script'],
  fastify: ['api'],
  'ipaddr.js': ['api', 'cli'],
  kafkajs: ['export'],
  koffi: ['udp', 'engine', 'load', 'cli', 'speaker', 'script'],
  maxmind: ['engine'],
  'net-snmp': ['snmp'],
  nodemailer: ['script', 'export'],
  pino: ['cli'],
  'pino-pretty': ['cli'],
  snappyjs: ['export'],
  sucrase: ['script'],
};

/** Tests, and what only tests use, may import anything. */
const TEST_FILE = /(\.test|\.bench)\.ts$|\/testing\/|\/(fake|test)-[^/]+\.ts$|-testing\.ts$/;

const STATIC = /^(?:import|export)\s+(type\s)?(?:[\w*{][^'"`;]*?from\s*)?(['"])([^'"\n]+)\2/gm;
const DYNAMIC = /(typeof\s+)?\bimport\(\s*(['"])([^'"\n]+)\2\s*\)/g;

/**
 * The imports of a module in the form that Biome gives it. `type` means that nothing is loaded.
 * @returns {{ specifier: string, type: boolean }[]}
 */
export function readImports(text) {
  const found = [];
  for (const pattern of [STATIC, DYNAMIC])
    for (const [, type, , specifier] of text.matchAll(pattern))
      found.push({ specifier, type: type !== undefined });
  return found;
}

/**
 * What is wrong with the imports of these modules, one line each, sorted.
 * @param {ReadonlyMap<string, string>} files path from the root, as `src/flow/table.ts`, → text
 * @returns {string[]}
 */
export function checkImports(files) {
  const faults = [];
  const edges = new Map();
  for (const [path, text] of files) {
    if (TEST_FILE.test(path)) continue;
    const imports = readImports(text);
    faults.push(...imports.flatMap((one) => faultOf(path, one)).map((fault) => `${path}: ${fault}`));
    edges.set(
      path,
      imports
        .filter(({ specifier }) => specifier.startsWith('.'))
        .map(({ specifier }) => resolve(path, specifier)),
    );
  }
  return [...faults, ...findCycles(edges)].sort();
}

/** Every room that a room may import. */
function allowedBelow(room) {
  const allowed = new Set();
  const visit = (name) => {
    for (const below of BELOW[name] ?? []) {
      allowed.add(below);
      visit(below);
    }
  };
  visit(room);
  if (MAY_READ_CONFIG.includes(room)) allowed.add('config');
  return allowed;
}

function faultOf(path, { specifier, type }) {
  const room = roomOf(path);
  if (BELOW[room] === undefined) return [`${room} is not a room; add it to scripts/lib/imports.mjs`];
  if (specifier.startsWith('.')) {
    const target = resolve(path, specifier);
    const targetRoom = roomOf(target);
    if (TEST_FILE.test(target)) return [`imports ${target}, which is for tests`];
    if (targetRoom === room || allowedBelow(room).has(targetRoom)) return [];
    return [`${room} may not import ${targetRoom} (${specifier})`];
  }
  if (type) return [];
  if (specifier.startsWith('node:'))
    return PURE.includes(room) ? [`${room} does no I/O and may import only types from ${specifier}`] : [];
  const name = /^(@[^/]+\/)?[^/]+/.exec(specifier)[0];
  const users = PACKAGE_USERS[name];
  if (users === undefined) return [`the package ${name} is not known to scripts/lib/imports.mjs`];
  return users.includes(room) ? [] : [`${room} may not load ${name}; ${users.join(', ')} may`];
}

function roomOf(path) {
  return path.split('/')[1];
}

function resolve(from, specifier) {
  const parts = from.split('/').slice(0, -1);
  for (const part of specifier.split('/'))
    if (part === '..') parts.pop();
    else if (part !== '.') parts.push(part);
  return parts.join('/');
}

/** A line for each circle that a walk along the imports comes upon. */
function findCycles(edges) {
  const cycles = [];
  const done = new Set();
  const trail = [];
  const visit = (path) => {
    if (trail.includes(path)) {
      cycles.push(`circle: ${[...trail.slice(trail.indexOf(path)), path].join(' → ')}`);
      return;
    }
    if (done.has(path)) return;
    trail.push(path);
    for (const target of edges.get(path) ?? []) visit(target);
    trail.pop();
    done.add(path);
  };
  for (const path of [...edges.keys()].sort()) visit(path);
  return cycles;
}
