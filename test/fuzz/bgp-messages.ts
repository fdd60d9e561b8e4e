/** BGP messages to begin with, and a mutator that knows where their lengths are. */
import {
  announceFlowSpecRule,
  announceRoute,
  bytesOfHex,
  CEASE,
  encodeMessage,
  endOfRib,
  FAMILIES,
  type Family,
  HEADER_LENGTH,
  KEEPALIVE,
  type MessageContext,
  notification,
  parseFlowSpecRule,
  parseRoute,
  ruleRoute,
  shutdownNotification,
  withdrawFlowSpecRule,
  withdrawRoute,
} from '../../src/bgp/index.ts';
import type { Random } from '../../src/load/random.ts';

/** Longest message that is made. */
const LONGEST = 4500;
export const BUFFER_BYTES = LONGEST;

const RULES: readonly { match: object; what: object }[] = [
  {
    match: { destination: '10.1.1.1', protocol: '=17', 'source-port': '=53' },
    what: { 'traffic-rate': '0' },
  },
  {
    match: { source: '10.0.0.0/8', port: '>=137&<=139|=8080', 'tcp-flags': '=SA&!R', fragment: '=I|F' },
    what: { 'redirect-as': '65000:666', 'traffic-marking': 'ef', 'traffic-action': 'sample' },
  },
  {
    match: { version: '6', destination: '2001:db8::/32', source: '::1:0:0:0/64-104', 'icmp-type': '=128' },
    what: { 'redirect-ip': '[2001:db8::1]:666', communities: '65000:1-128:6:0' },
  },
  {
    match: { 'destination-port': '=80|=443', length: '>1400', dscp: '=46', 'icmp-code': '=0' },
    what: { 'redirect-as4': '4200000001:5', 'traffic-rate-packets': '1000' },
  },
  { match: { version: '6', 'flow-label': '=77' }, what: { 'redirect-nexthop': '2001:db8::9' } },
];

const ROUTES: readonly object[] = [
  { prefix: '10.9.9.9/32', nexthop: '192.0.2.1', communities: '65535:666', localpref: '100' },
  { prefix: '0.0.0.0/0', nexthop: '192.0.2.1', med: 5, aspath: '65001-4200000001-65030' },
  { prefix: '172.16.0.0/12', nexthop: '192.0.2.2', 'large-communities': '65000:1:2', origin: 'EGP' },
  { prefix: '2001:db8::/32', nexthop: '2001:db8::1', nexthoplinklocal: 'fe80::1' },
  { prefix: '2001:db8:1::7', nexthop: '2001:db8::1', communities: '65000:1-1:2:000000000007' },
];

/** Attributes that our own messages do not have: aggregator, originator, clusters, AS4_PATH, an unknown one. */
const FOREIGN = [
  '0000003b 40010100 400206 0201 0000fde9 400304c0000201 c00708 0000fde9c0000201 8009 04 c0000209 800a08 c000020ac000020b c06303 010203 180a0000',
  '00000030 40010102 400204 0201 5ba0 400304c0000201 c0110a 0202 0000fde9 fa56ea01 c01208 fa56ea01c0000201 400600 200a000001',
];

/** Whole messages of every type. */
export function createMessages(context: MessageContext): readonly Uint8Array[] {
  const updates = [
    ...ROUTES.flatMap((json) => {
      const route = parseRoute(json);
      if (!route.ok) throw new Error(route.reason);
      return [
        announceRoute(route.value, 65000, true),
        announceRoute(route.value, 65000, false),
        withdrawRoute(route.value.prefix),
      ];
    }),
    ...RULES.flatMap(({ match, what }) => {
      // biome-ignore lint/suspicious/noThenProperty: the name that clients write.
      const parsed = parseFlowSpecRule({ match, then: what });
      if (!parsed.ok) throw new Error(parsed.reason);
      const { rule } = parsed.value;
      return [announceFlowSpecRule(rule, ruleRoute(65000, true)), withdrawFlowSpecRule(rule)];
    }),
    ...(Object.keys(FAMILIES) as Family[]).map(endOfRib),
  ];
  const families = Object.values(FAMILIES);
  const open = {
    type: 'open' as const,
    as: 4200000001,
    holdTime: 180,
    identifier: '192.0.2.1',
    capabilities: [
      ...families.map((family) => ({ kind: 'multiprotocol' as const, ...family })),
      { kind: 'four-octet-as' as const, as: 4200000001 },
      { kind: 'route-refresh' as const },
      { kind: 'extended-message' as const },
      {
        kind: 'add-path' as const,
        families: families.map((family) => ({ ...family, mode: 'both' as const })),
      },
      {
        kind: 'graceful-restart' as const,
        restarted: true,
        notification: true,
        restartTime: 120,
        families: families.map((family) => ({ ...family, forwarding: true })),
      },
      { kind: 'fqdn' as const, hostName: 'router', domainName: 'example.net' },
    ],
  };
  return [
    ...updates.map((message) => encodeMessage(message, context)),
    encodeMessage(open, context),
    encodeMessage(KEEPALIVE, context),
    encodeMessage(notification(6, 4), context),
    encodeMessage(shutdownNotification(CEASE.administrativeShutdown, 'maintenance'), context),
    encodeMessage({ type: 'route-refresh', afi: 1, safi: 1, subtype: 1 }, context),
    ...FOREIGN.map(foreign),
  ];
}

function foreign(body: string): Uint8Array {
  const bytes = bytesOfHex(body.replaceAll(' ', '')) ?? new Uint8Array(0);
  const message = new Uint8Array(HEADER_LENGTH + bytes.length).fill(0xff, 0, 16);
  message[18] = 2;
  message.set(bytes, HEADER_LENGTH);
  return setLength(message);
}

function setLength(message: Uint8Array): Uint8Array {
  message[16] = message.length >> 8;
  message[17] = message.length & 255;
  return message;
}

/** Where the lengths of an UPDATE's parts and attributes are; the attributes' extents. */
interface Parts {
  readonly lengths: readonly number[];
  readonly attributes: readonly { readonly begin: number; readonly end: number }[];
}

function partsOf(bytes: Uint8Array): Parts {
  if (bytes[18] !== 2) return { lengths: [28, 29, 30].filter((at) => at < bytes.length), attributes: [] };
  const withdrawn = (bytes[19] << 8) | bytes[20];
  const lengths = [20, 22 + withdrawn];
  const attributes: { begin: number; end: number }[] = [];
  let at = 23 + withdrawn;
  const end = at + ((bytes[21 + withdrawn] << 8) | bytes[22 + withdrawn]);
  while (at + 3 <= end) {
    const wide = (bytes[at] & 0x10) !== 0;
    const length = wide ? (bytes[at + 2] << 8) | bytes[at + 3] : bytes[at + 2];
    lengths.push(wide ? at + 3 : at + 2);
    const next = at + (wide ? 4 : 3) + length;
    attributes.push({ begin: at, end: next });
    at = next;
  }
  return { lengths, attributes };
}

const INTERESTING = [0, 1, 2, 3, 4, 5, 7, 8, 16, 31, 32, 33, 127, 128, 129, 132, 133, 240, 254, 255];

/** Writes mutated messages into one buffer, again and again. */
export class MessageMutator {
  /** `buffer[0, length)` is the last message made. */
  readonly buffer = new Uint8Array(BUFFER_BYTES);
  length = 0;
  private readonly specimens: readonly { readonly bytes: Uint8Array; readonly parts: Parts }[];

  constructor(messages: readonly Uint8Array[]) {
    this.specimens = messages.map((bytes) => ({ bytes, parts: partsOf(bytes) }));
  }

  make(random: Random): void {
    const { bytes, parts } = random.pick(this.specimens);
    this.buffer.set(bytes);
    this.length = bytes.length;
    for (let rounds = random.below(4); rounds > 0; rounds--) this.mutate(parts, random);
    // Mostly a header that is right, so that what is behind it is looked at.
    if (random.unit() < 0.95 && this.length >= HEADER_LENGTH) setLength(this.buffer.subarray(0, this.length));
  }

  private mutate({ lengths, attributes }: Parts, random: Random): void {
    const { buffer } = this;
    const body = (): number => Math.min(this.length - 1, HEADER_LENGTH + random.below(this.length));
    if (this.length <= HEADER_LENGTH) return;
    switch (random.below(10)) {
      case 0:
        buffer[random.below(this.length)] ^= 1 << random.below(8);
        return;
      case 1:
      case 2:
        buffer[body()] = random.unit() < 0.7 ? random.pick(INTERESTING) : random.word();
        return;
      case 3:
      case 4:
        if (lengths.length > 0)
          buffer[random.pick(lengths)] += random.pick([1, 2, 3, 4, 8, -1, -2, -4, -8, 128]);
        return;
      case 5:
        this.length = HEADER_LENGTH + random.below(this.length - HEADER_LENGTH + 1);
        return;
      case 6: {
        // Random bytes inside: prefixes, mostly.
        const at = body();
        const count = Math.min(LONGEST - this.length, 1 + random.below(random.unit() < 0.02 ? 3000 : 12));
        buffer.copyWithin(at + count, at, this.length);
        for (let i = 0; i < count; i++) buffer[at + i] = random.word();
        this.length += count;
        return;
      }
      case 7:
      case 8:
        this.graft(attributes, random);
        return;
      default:
        buffer[18] = random.unit() < 0.9 ? 1 + random.below(5) : random.word();
    }
  }

  /** An attribute of another message in front of one of this one's, counted in. */
  private graft(attributes: Parts['attributes'], random: Random): void {
    const other = random.pick(this.specimens);
    if (attributes.length === 0 || other.parts.attributes.length === 0) return;
    const { begin } = random.pick(attributes);
    const from = random.pick(other.parts.attributes);
    const size = from.end - from.begin;
    if (begin > this.length || this.length + size > LONGEST) return;
    const { buffer } = this;
    buffer.copyWithin(begin + size, begin, this.length);
    buffer.set(other.bytes.subarray(from.begin, from.end), begin);
    this.length += size;
    const at = 21 + ((buffer[19] << 8) | buffer[20]);
    if (at + 2 > this.length) return;
    const total = ((buffer[at] << 8) | buffer[at + 1]) + size;
    buffer[at] = total >> 8;
    buffer[at + 1] = total;
  }
}
