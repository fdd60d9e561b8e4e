import { ipv4At, ipv6At, parseIPv4, parseIPv6, u16, u32 } from '../common/index.ts';
import { ByteWriter } from './byte-writer.ts';

/** What a router does with the packets that a rule matches (RFC 8955 7, RFC 8956 6, and the two redirect drafts). */
export type FlowSpecAction =
  /** Bytes per second; 0 drops. `as` is informational, 16 bits. */
  | { readonly kind: 'traffic-rate'; readonly rate: number; readonly as: number }
  /** Packets per second; 0 drops. */
  | { readonly kind: 'traffic-rate-packets'; readonly rate: number; readonly as: number }
  /** `proceed`: rules after this one are looked at too (the bit is named Terminal, and set it does not terminate). */
  | { readonly kind: 'traffic-action'; readonly sample: boolean; readonly proceed: boolean }
  /** Into the VRF that imports this route target: two-octet AS and 32 bits. */
  | { readonly kind: 'redirect-as'; readonly as: number; readonly value: number }
  /** The same with a four-octet AS and 16 bits. */
  | { readonly kind: 'redirect-as4'; readonly as: number; readonly value: number }
  /** The same with an address, IPv4 (RFC 8955) or IPv6 (RFC 8956 6.1), and 16 bits. */
  | { readonly kind: 'redirect-ip'; readonly address: string; readonly value: number }
  /** Towards an address, IPv4 or IPv6 (draft-ietf-idr-flowspec-redirect-ip). The lowest bit of `value` copies instead. */
  | { readonly kind: 'redirect-action-ip'; readonly address: string; readonly value: number }
  /** Towards the next hop of the route (draft-simpson-idr-flowspec-redirect); `copy` sends a copy there instead. */
  | { readonly kind: 'redirect-nexthop'; readonly address: string; readonly copy: boolean }
  /** DSCP, 0 to 63. */
  | { readonly kind: 'traffic-marking'; readonly dscp: number };

/** The order in which actions are sent. */
export const ACTION_ORDER: readonly FlowSpecAction['kind'][] = [
  'redirect-as',
  'redirect-as4',
  'redirect-ip',
  'redirect-nexthop',
  'redirect-action-ip',
  'traffic-rate',
  'traffic-rate-packets',
  'traffic-marking',
  'traffic-action',
];

/** Type and subtype of the extended communities, and of those of IPv6 (twenty bytes). */
const TYPE = {
  rate: 0x8006,
  ratePackets: 0x800c,
  action: 0x8007,
  redirectAs: 0x8008,
  redirectIp: 0x8108,
  redirectAs4: 0x8208,
  marking: 0x8009,
  redirectNextHop: 0x0800,
  redirectActionIp: 0x010c,
  ipv6RedirectActionIp: 0x000c,
  ipv6Redirect: 0x000d,
} as const;

/** An action as it is sent: eight bytes for EXTENDED_COMMUNITIES, twenty for IPV6_EXTENDED_COMMUNITIES. */
export interface EncodedAction {
  readonly form: 'extended' | 'ipv6';
  readonly bytes: Uint8Array;
}

/** The community of an action. What is out of range is cut; `validateFlowSpecRule` tells before. */
export function encodeAction(action: FlowSpecAction): EncodedAction {
  const writer = new ByteWriter();
  switch (action.kind) {
    case 'traffic-rate':
      writer.u16(TYPE.rate).u16(action.as).f32(action.rate);
      break;
    case 'traffic-rate-packets':
      writer.u16(TYPE.ratePackets).u16(action.as).f32(action.rate);
      break;
    case 'traffic-action':
      writer
        .u16(TYPE.action)
        .u32(0)
        .u16((action.sample ? 2 : 0) | (action.proceed ? 1 : 0));
      break;
    case 'redirect-as':
      writer.u16(TYPE.redirectAs).u16(action.as).u32(action.value);
      break;
    case 'redirect-as4':
      writer.u16(TYPE.redirectAs4).u32(action.as).u16(action.value);
      break;
    case 'redirect-ip':
      return encodeAddressAction(TYPE.redirectIp, TYPE.ipv6Redirect, action.address, action.value);
    case 'redirect-action-ip':
      return encodeAddressAction(
        TYPE.redirectActionIp,
        TYPE.ipv6RedirectActionIp,
        action.address,
        action.value,
      );
    case 'redirect-nexthop':
      writer
        .u16(TYPE.redirectNextHop)
        .u32(0)
        .u16(action.copy ? 1 : 0);
      break;
    case 'traffic-marking':
      writer.u16(TYPE.marking).u32(0).u16(action.dscp);
      break;
  }
  return { form: 'extended', bytes: writer.finish() };
}

function encodeAddressAction(type4: number, type6: number, address: string, value: number): EncodedAction {
  const words = parseIPv6(address);
  const writer = new ByteWriter().u16(words === undefined ? type4 : type6);
  for (const word of words ?? [parseIPv4(address) ?? 0]) writer.u32(word);
  return { form: words === undefined ? 'extended' : 'ipv6', bytes: writer.u16(value).finish() };
}

/**
 * The action of an extended community of eight bytes, or undefined when it is none. `nextHop` is the one of the
 * route, to which `redirect-nexthop` refers.
 */
export function actionOfExtendedCommunity(bytes: Uint8Array, nextHop: string): FlowSpecAction | undefined {
  switch (u16(bytes, 0)) {
    case TYPE.rate:
      return { kind: 'traffic-rate', as: u16(bytes, 2), rate: readRate(bytes) };
    case TYPE.ratePackets:
      return { kind: 'traffic-rate-packets', as: u16(bytes, 2), rate: readRate(bytes) };
    case TYPE.action:
      return { kind: 'traffic-action', sample: (bytes[7] & 2) !== 0, proceed: (bytes[7] & 1) !== 0 };
    case TYPE.redirectAs:
      return { kind: 'redirect-as', as: u16(bytes, 2), value: u32(bytes, 4) };
    case TYPE.redirectAs4:
      return { kind: 'redirect-as4', as: u32(bytes, 2), value: u16(bytes, 6) };
    case TYPE.redirectIp:
      return { kind: 'redirect-ip', address: ipv4At(bytes, 2), value: u16(bytes, 6) };
    case TYPE.redirectActionIp:
      return { kind: 'redirect-action-ip', address: ipv4At(bytes, 2), value: u16(bytes, 6) };
    case TYPE.redirectNextHop:
      return { kind: 'redirect-nexthop', address: nextHop, copy: (bytes[7] & 1) !== 0 };
    case TYPE.marking:
      return { kind: 'traffic-marking', dscp: bytes[7] & 63 };
    default:
      return undefined;
  }
}

/** The action of an IPv6 extended community of twenty bytes, or undefined when it is none. */
export function actionOfIpv6ExtendedCommunity(bytes: Uint8Array): FlowSpecAction | undefined {
  const type = u16(bytes, 0);
  if (type !== TYPE.ipv6Redirect && type !== TYPE.ipv6RedirectActionIp) return undefined;
  const kind = type === TYPE.ipv6Redirect ? 'redirect-ip' : 'redirect-action-ip';
  return { kind, address: ipv6At(bytes, 2), value: u16(bytes, 18) };
}

/** RFC 8955 7.1: a negative rate counts as zero; so does one that is no number, which is the safe reading of a filter. */
function readRate(bytes: Uint8Array): number {
  const rate = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getFloat32(4);
  return Number.isNaN(rate) ? 0 : Math.max(rate, 0);
}
