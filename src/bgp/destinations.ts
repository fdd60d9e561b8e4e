import { ipv4At, ipv6At, parseIPv4, parseIPv6, u16, WeirError } from '../common/index.ts';
import type { Destinations, MpNextHop, MpReach, MpUnreach } from './attributes.ts';
import { ByteWriter } from './byte-writer.ts';
import { FAMILIES, type Family, familyOf, familyText, isFlowSpec, versionOf } from './family.ts';
import { encodeFlowSpecNlri, readFlowSpecNlri } from './flowspec-nlri.ts';
import { readUnicastNlri, writeUnicastNlri } from './nlri.ts';
import { bad, good, type Result } from './result.ts';

/** Families whose NLRI from the peer carry path identifiers (RFC 7911). */
export type AddPathFamilies = ReadonlySet<Family>;

/** Reads the value of MP_REACH_NLRI. */
export function readMpReach(value: Uint8Array, addPath: AddPathFamilies): Result<MpReach> {
  if (value.length < 5) return bad('fewer than 5 bytes');
  const afi = u16(value, 0);
  const safi = value[2];
  const nextHopLength = value[3];
  // One reserved byte follows the next hop.
  const at = 5 + nextHopLength;
  if (at > value.length) return bad(`a next hop of ${nextHopLength} bytes is cut short`);
  const family = familyOf(afi, safi);
  const nextHop = readNextHop(value, nextHopLength);
  if (family === undefined) {
    return good({
      family: 'unknown',
      afi,
      safi,
      bytes: value.slice(at),
      nextHop: nextHop ?? { address: '' },
    });
  }
  // A FlowSpec route needs no next hop; a unicast one does (RFC 4760 3, RFC 8955 4).
  if (nextHop === undefined || (nextHopLength === 0 && !isFlowSpec(family))) {
    return bad(`a next hop of ${nextHopLength} bytes for ${familyText(afi, safi)}`);
  }
  if (family === 'ipv6-unicast' && nextHopLength === 4) return bad('an IPv4 next hop for ipv6-unicast');
  const destinations = readDestinations(value, at, family, addPath);
  return destinations.ok ? good({ ...destinations.value, nextHop }) : destinations;
}

function readNextHop(value: Uint8Array, length: number): MpNextHop | undefined {
  switch (length) {
    case 0:
      return { address: '' };
    case 4:
      return { address: ipv4At(value, 4) };
    case 16:
      return { address: ipv6At(value, 4) };
    case 32:
      return { address: ipv6At(value, 4), linkLocal: ipv6At(value, 20) };
    default:
      return undefined;
  }
}

/** Reads the value of MP_UNREACH_NLRI. */
export function readMpUnreach(value: Uint8Array, addPath: AddPathFamilies): Result<MpUnreach> {
  if (value.length < 3) return bad('fewer than 3 bytes');
  const afi = u16(value, 0);
  const safi = value[2];
  const family = familyOf(afi, safi);
  if (family === undefined) return good({ family: 'unknown', afi, safi, bytes: value.slice(3) });
  return readDestinations(value, 3, family, addPath);
}

function readDestinations(
  value: Uint8Array,
  at: number,
  family: Family,
  addPath: AddPathFamilies,
): Result<Destinations> {
  const version = versionOf(family);
  if (isFlowSpec(family)) {
    const nlri = readFlowSpecNlri(value, at, value.length, version, addPath.has(family));
    return nlri.ok ? good({ family, nlri: nlri.value }) : nlri;
  }
  const nlri = readUnicastNlri(value, at, value.length, version, addPath.has(family));
  return nlri.ok ? good({ family, nlri: nlri.value }) : nlri;
}

/** Value of MP_REACH_NLRI. Throws WeirError `BGP_BAD_NEXT_HOP` or `BGP_TOO_LONG`. */
export function encodeMpReach(reach: MpReach): Uint8Array {
  const writer = new ByteWriter();
  writeFamily(writer, reach);
  const nextHop = new ByteWriter();
  for (const address of [reach.nextHop.address, reach.nextHop.linkLocal ?? '']) {
    if (address !== '') writeAddress(nextHop, address);
  }
  writer.u8(nextHop.length).append(nextHop.finish()).u8(0);
  writeDestinations(writer, reach);
  return writer.finish();
}

/** Value of MP_UNREACH_NLRI. Throws WeirError `BGP_TOO_LONG`. */
export function encodeMpUnreach(unreach: MpUnreach): Uint8Array {
  const writer = new ByteWriter();
  writeFamily(writer, unreach);
  writeDestinations(writer, unreach);
  return writer.finish();
}

/** True when there is nothing in it. */
export function isEmpty(destinations: Destinations): boolean {
  return destinations.family === 'unknown' ? destinations.bytes.length === 0 : destinations.nlri.length === 0;
}

function writeFamily(writer: ByteWriter, destinations: Destinations): void {
  const { afi, safi } = destinations.family === 'unknown' ? destinations : FAMILIES[destinations.family];
  writer.u16(afi).u8(safi);
}

function writeAddress(writer: ByteWriter, text: string): void {
  const word = parseIPv4(text);
  const words = word === undefined ? parseIPv6(text) : [word];
  if (words === undefined) throw new WeirError('BGP_BAD_NEXT_HOP', `next hop ${text} is not an address`);
  for (const part of words) writer.u32(part);
}

function writeDestinations(writer: ByteWriter, destinations: Destinations): void {
  switch (destinations.family) {
    case 'unknown':
      writer.append(destinations.bytes);
      break;
    case 'ipv4-unicast':
    case 'ipv6-unicast':
      writeUnicastNlri(writer, destinations.nlri);
      break;
    default:
      for (const { components, pathId } of destinations.nlri) {
        const bytes = encodeFlowSpecNlri(components);
        if (!bytes.ok) throw new WeirError('BGP_TOO_LONG', bytes.reason);
        if (pathId !== undefined) writer.u32(pathId);
        writer.append(bytes.value);
      }
  }
}
