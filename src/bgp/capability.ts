import { u16, u32 } from '../common/index.ts';
import { ByteWriter } from './byte-writer.ts';
import type { AfiSafi } from './family.ts';
import { peerText } from './peer-text.ts';

/** ADD-PATH of one family (RFC 7911): what the sender of the capability is able to do. */
export interface AddPathFamily extends AfiSafi {
  readonly mode: 'receive' | 'send' | 'both';
}

/** Graceful restart of one family (RFC 4724). */
export interface RestartFamily extends AfiSafi {
  /** Forwarding state was kept over the restart. */
  readonly forwarding: boolean;
}

/** Long-lived graceful restart of one family (RFC 9494). */
export interface LongLivedFamily extends RestartFamily {
  /** How long stale routes may stay, seconds, below 2^24. */
  readonly staleTime: number;
}

/** What a speaker can do, as told in OPEN (RFC 5492). `unknown` also holds known codes with a value that cannot be read. */
export type Capability =
  | ({ readonly kind: 'multiprotocol' } & AfiSafi)
  | { readonly kind: 'route-refresh' }
  | { readonly kind: 'enhanced-route-refresh' }
  | { readonly kind: 'extended-message' }
  | { readonly kind: 'four-octet-as'; readonly as: number }
  | {
      readonly kind: 'graceful-restart';
      /** The speaker has restarted (R bit). */
      readonly restarted: boolean;
      /** NOTIFICATION messages also start a graceful restart (N bit, RFC 8538). */
      readonly notification: boolean;
      /** Seconds, 0 to 4095. */
      readonly restartTime: number;
      readonly families: readonly RestartFamily[];
    }
  | { readonly kind: 'long-lived-graceful-restart'; readonly families: readonly LongLivedFamily[] }
  | { readonly kind: 'add-path'; readonly families: readonly AddPathFamily[] }
  | { readonly kind: 'fqdn'; readonly hostName: string; readonly domainName: string }
  | { readonly kind: 'unknown'; readonly code: number; readonly value: Uint8Array };

/** Codes of the capabilities known here. */
export const CAPABILITY = {
  multiprotocol: 1,
  routeRefresh: 2,
  extendedMessage: 6,
  gracefulRestart: 64,
  fourOctetAs: 65,
  addPath: 69,
  enhancedRouteRefresh: 70,
  longLivedGracefulRestart: 71,
  fqdn: 73,
} as const;

const ADD_PATH_MODES = ['receive', 'send', 'both'] as const;

/** Reads one capability. A value that does not fit its code stays as bytes: RFC 5492 asks to ignore it. */
export function readCapability(code: number, value: Uint8Array): Capability {
  return readKnown(code, value) ?? { kind: 'unknown', code, value: value.slice() };
}

function readKnown(code: number, value: Uint8Array): Capability | undefined {
  switch (code) {
    case CAPABILITY.multiprotocol:
      return value.length === 4 ? { kind: 'multiprotocol', afi: u16(value, 0), safi: value[3] } : undefined;
    case CAPABILITY.routeRefresh:
      return value.length === 0 ? { kind: 'route-refresh' } : undefined;
    case CAPABILITY.enhancedRouteRefresh:
      return value.length === 0 ? { kind: 'enhanced-route-refresh' } : undefined;
    case CAPABILITY.extendedMessage:
      return value.length === 0 ? { kind: 'extended-message' } : undefined;
    case CAPABILITY.fourOctetAs:
      return value.length === 4 ? { kind: 'four-octet-as', as: u32(value, 0) } : undefined;
    case CAPABILITY.gracefulRestart:
      return readGracefulRestart(value);
    case CAPABILITY.longLivedGracefulRestart:
      return readLongLived(value);
    case CAPABILITY.addPath:
      return readAddPath(value);
    case CAPABILITY.fqdn:
      return readFqdn(value);
    default:
      return undefined;
  }
}

function readGracefulRestart(value: Uint8Array): Capability | undefined {
  if (value.length < 2 || (value.length - 2) % 4 !== 0) return undefined;
  const families: RestartFamily[] = [];
  for (let at = 2; at < value.length; at += 4) {
    families.push({ afi: u16(value, at), safi: value[at + 2], forwarding: (value[at + 3] & 0x80) !== 0 });
  }
  return {
    kind: 'graceful-restart',
    restarted: (value[0] & 0x80) !== 0,
    notification: (value[0] & 0x40) !== 0,
    restartTime: u16(value, 0) & 0x0fff,
    families,
  };
}

function readLongLived(value: Uint8Array): Capability | undefined {
  if (value.length % 7 !== 0) return undefined;
  const families: LongLivedFamily[] = [];
  for (let at = 0; at < value.length; at += 7) {
    families.push({
      afi: u16(value, at),
      safi: value[at + 2],
      forwarding: (value[at + 3] & 0x80) !== 0,
      staleTime: u32(value, at + 3) & 0xffffff,
    });
  }
  return { kind: 'long-lived-graceful-restart', families };
}

function readAddPath(value: Uint8Array): Capability | undefined {
  if (value.length === 0 || value.length % 4 !== 0) return undefined;
  const families: AddPathFamily[] = [];
  for (let at = 0; at < value.length; at += 4) {
    const mode = ADD_PATH_MODES[value[at + 3] - 1];
    // RFC 7911 4: a family with another value is ignored, the others count.
    if (mode !== undefined) families.push({ afi: u16(value, at), safi: value[at + 2], mode });
  }
  return { kind: 'add-path', families };
}

function readFqdn(value: Uint8Array): Capability | undefined {
  const hostLength = value[0];
  if (value.length < 2 || value.length < 2 + hostLength) return undefined;
  const domainLength = value[1 + hostLength];
  if (value.length !== 2 + hostLength + domainLength) return undefined;
  return {
    kind: 'fqdn',
    hostName: peerText(value.subarray(1, 1 + hostLength)),
    domainName: peerText(value.subarray(2 + hostLength)),
  };
}

/** Code, length and value of one capability. */
export function encodeCapability(capability: Capability): Uint8Array {
  const value = new ByteWriter();
  const code = writeValue(value, capability);
  return new ByteWriter().u8(code).u8(value.length).append(value.finish()).finish();
}

/** Writes the value, gives the code. */
function writeValue(writer: ByteWriter, capability: Capability): number {
  switch (capability.kind) {
    case 'multiprotocol':
      writer.u16(capability.afi).u8(0).u8(capability.safi);
      return CAPABILITY.multiprotocol;
    case 'route-refresh':
      return CAPABILITY.routeRefresh;
    case 'enhanced-route-refresh':
      return CAPABILITY.enhancedRouteRefresh;
    case 'extended-message':
      return CAPABILITY.extendedMessage;
    case 'four-octet-as':
      writer.u32(capability.as);
      return CAPABILITY.fourOctetAs;
    case 'graceful-restart': {
      const flags = (capability.restarted ? 0x8000 : 0) | (capability.notification ? 0x4000 : 0);
      writer.u16(flags | (capability.restartTime & 0x0fff));
      for (const { afi, safi, forwarding } of capability.families) {
        writer
          .u16(afi)
          .u8(safi)
          .u8(forwarding ? 0x80 : 0);
      }
      return CAPABILITY.gracefulRestart;
    }
    case 'long-lived-graceful-restart':
      for (const { afi, safi, forwarding, staleTime } of capability.families) {
        writer
          .u16(afi)
          .u8(safi)
          .u32(((forwarding ? 0x80000000 : 0) | (staleTime & 0xffffff)) >>> 0);
      }
      return CAPABILITY.longLivedGracefulRestart;
    case 'add-path':
      for (const { afi, safi, mode } of capability.families) {
        writer
          .u16(afi)
          .u8(safi)
          .u8(ADD_PATH_MODES.indexOf(mode) + 1);
      }
      return CAPABILITY.addPath;
    case 'fqdn': {
      const encoder = new TextEncoder();
      for (const name of [capability.hostName, capability.domainName]) {
        // Both names fit into the one byte that holds the length of the capability.
        const bytes = encoder.encode(name).subarray(0, 126);
        writer.u8(bytes.length).append(bytes);
      }
      return CAPABILITY.fqdn;
    }
    case 'unknown':
      writer.append(capability.value);
      return capability.code;
  }
}
