import { describe, expect, it } from 'vitest';
import {
  dhcpMessageName,
  dnsTypeName,
  dscpName,
  ibbtOperationName,
  ibbtTransportName,
} from './enumerations.ts';

describe('names of numbers', () => {
  it('are those of the registries', () => {
    const types = {
      1: 'A',
      2: 'NS',
      5: 'CNAME',
      6: 'SOA',
      12: 'PTR',
      15: 'MX',
      16: 'TXT',
      28: 'AAAA',
      33: 'SRV',
      35: 'NAPTR',
      41: 'OPT',
      43: 'DS',
      46: 'RRSIG',
      48: 'DNSKEY',
      52: 'TLSA',
      53: 'SMIMEA',
      55: 'HIP',
      64: 'SVCB',
      65: 'HTTPS',
      99: 'SPF',
      108: 'EUI48',
      128: 'NXNAME',
      249: 'TKEY',
      252: 'AXFR',
      255: 'ANY',
      257: 'CAA',
      264: 'IPN',
      32769: 'DLV',
    };
    for (const [number, name] of Object.entries(types))
      expect(dnsTypeName(Number(number))).toBe(`${name}(${number})`);
    const codePoints = {
      0: 'be',
      1: 'le',
      8: 'cs1',
      14: 'af13',
      34: 'af41',
      44: 'voice-admit',
      46: 'ef',
      56: 'cs7',
    };
    for (const [number, name] of Object.entries(codePoints))
      expect(dscpName(Number(number))).toBe(`${name}(${number})`);
    expect([1, 5, 8, 10, 18].map(dhcpMessageName)).toEqual([
      'DISCOVER(1)',
      'ACK(5)',
      'INFORM(8)',
      'LEASEQUERY(10)',
      'TLS(18)',
    ]);
  });

  it('are the numbers themselves where there is no name', () => {
    expect(dnsTypeName(54)).toBe('54');
    expect(dscpName(3)).toBe('3');
    expect(dhcpMessageName(0)).toBe('0');
    expect(ibbtTransportName(0xe0)).toBe('7');
    expect(ibbtOperationName(0x1f)).toBe('31');
  });

  it('of InfiniBand operations leave out which packet of several it is', () => {
    const names = [0, 5, 6, 11, 12, 13, 16, 17, 18, 19, 20, 21, 22].map(ibbtOperationName);
    expect(names).toEqual([
      'SEND',
      'SEND',
      'RDMA_WRITE',
      'RDMA_WRITE',
      'RDMA_READ_REQUEST',
      'RDMA_READ_RESPONSE',
      'RDMA_READ_RESPONSE',
      'ACKNOWLEDGE',
      'ATOMIC_ACKNOWLEDGE',
      'COMPARE_SWAP',
      'FETCH_ADD',
      'RESYNC',
      'SEND_WITH_INVALIDATE',
    ]);
    expect([0x04, 0x24, 0x44, 0x64, 0x81, 0xa4].map(ibbtTransportName)).toEqual([
      'RC',
      'UC',
      'RD',
      'UD',
      'CNP',
      'XRC',
    ]);
  });
});
