import { i32, u16, u32 } from '../common/index.ts';
import { keyPlace, type SampleContext } from '../flow/index.ts';
import type { TenantMatcher } from './tenant.ts';

const [SOURCE_MAC, DESTINATION_MAC] = [keyPlace('macsource'), keyPlace('macdestination')];
const [SOURCE_IP, DESTINATION_IP] = [keyPlace('ipsource'), keyPlace('ipdestination')];
const [SOURCE_IP6, DESTINATION_IP6] = [keyPlace('ip6source'), keyPlace('ip6destination')];

/** The two ends of a sampled packet: its outermost addresses. */
export class PacketEnds {
  private bytes: Uint8Array = new Uint8Array(0);
  private readonly macs = [-1, -1];
  private readonly ips = [-1, -1];
  private readonly ip6s = [-1, -1];

  /** Find them once for all tenants. */
  find(sample: SampleContext): void {
    const { macs, ips, ip6s } = this;
    this.bytes = sample.bytes;
    macs[0] = SOURCE_MAC(sample);
    macs[1] = DESTINATION_MAC(sample);
    ips[0] = SOURCE_IP(sample);
    ips[1] = DESTINATION_IP(sample);
    ip6s[0] = SOURCE_IP6(sample);
    ip6s[1] = DESTINATION_IP6(sample);
  }

  /** Whether one of them is a tenant's. */
  belongTo(matcher: TenantMatcher): boolean {
    return this.isMember(matcher, 0) || this.isMember(matcher, 1);
  }

  private isMember({ macs, prefixes }: TenantMatcher, end: number): boolean {
    const { bytes } = this;
    const mac = this.macs[end];
    if (mac >= 0 && macs.size > 0 && macs.has(u16(bytes, mac) * 2 ** 32 + u32(bytes, mac + 2))) return true;
    if (prefixes === undefined) return false;
    const ip = this.ips[end];
    if (ip >= 0 && prefixes.lookup4(i32(bytes, ip)) >= 0) return true;
    const at = this.ip6s[end];
    return (
      at >= 0 &&
      prefixes.lookup6(i32(bytes, at), i32(bytes, at + 4), i32(bytes, at + 8), i32(bytes, at + 12)) >= 0
    );
  }
}
