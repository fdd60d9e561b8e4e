import type { ScalarType } from './schema.ts';

/** Format words of the samples: enterprise in the upper 20 bits, format in the lower 12. */
export const SAMPLE_FORMAT = {
  flow: 1,
  counter: 2,
  flowExpanded: 3,
  counterExpanded: 4,
  discard: 5,
  rtmetric: ((4300 << 12) | 1002) >>> 0,
  rtflow: ((4300 << 12) | 1003) >>> 0,
} as const;

/** Value types of 4300:1002 by number: string, counter32, counter64, gauge32, gauge64, float, double. */
export const RTMETRIC_TYPES: readonly ScalarType[] = ['string', 'u32', 'u64', 'u32', 'u64', 'f32', 'f64'];

/** Value types of 4300:1003 by number: string, MAC, IPv4, IPv6, int32, int64, float, double. The integers are unsigned. */
export const RTFLOW_TYPES: readonly ScalarType[] = [
  'string',
  'mac',
  'ipv4',
  'ipv6',
  'u32',
  'u64',
  'f32',
  'f64',
];

/** Records inside records (802.11 aggregation) go this deep; what is deeper stays bytes. */
export const MAXIMUM_RECORD_DEPTH = 4;
