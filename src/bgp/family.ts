/** The address families of this speaker, by the names operators use. */
export type Family = 'ipv4-unicast' | 'ipv6-unicast' | 'ipv4-flowspec' | 'ipv6-flowspec';

/** An address family and its subsequent family as they are on the wire (RFC 4760). */
export interface AfiSafi {
  readonly afi: number;
  readonly safi: number;
}

/** Numbers of the families: AFI 1 and 2, SAFI 1 (unicast) and 133 (flow specification). */
export const FAMILIES: Readonly<Record<Family, AfiSafi>> = {
  'ipv4-unicast': { afi: 1, safi: 1 },
  'ipv6-unicast': { afi: 2, safi: 1 },
  'ipv4-flowspec': { afi: 1, safi: 133 },
  'ipv6-flowspec': { afi: 2, safi: 133 },
};

/** The family of two numbers, or undefined for one that this speaker does not know. */
export function familyOf(afi: number, safi: number): Family | undefined {
  if (afi !== 1 && afi !== 2) return undefined;
  if (safi === 1) return afi === 1 ? 'ipv4-unicast' : 'ipv6-unicast';
  if (safi === 133) return afi === 1 ? 'ipv4-flowspec' : 'ipv6-flowspec';
  return undefined;
}

/** `ipv4-unicast`, or `AFI 25 SAFI 65` for a family that is not known. */
export function familyText(afi: number, safi: number): string {
  return familyOf(afi, safi) ?? `AFI ${afi} SAFI ${safi}`;
}

/** 4 or 6. */
export function versionOf(family: Family): 4 | 6 {
  return FAMILIES[family].afi === 1 ? 4 : 6;
}

/** True for the two flow specification families. */
export function isFlowSpec(family: Family): family is 'ipv4-flowspec' | 'ipv6-flowspec' {
  return FAMILIES[family].safi === 133;
}
