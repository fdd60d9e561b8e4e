/** Real datagrams: what they hold, what an independent decoder reads in them, and what happens when they are damaged. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { u16, u32 } from '../common/index.ts';
import { decodeDatagram } from './decode.ts';
import { encodeDatagram } from './encode.ts';
import type { Datagram, FieldValue, FlowOrCounterRecord } from './model.ts';
import { walk } from './testing/walk-datagram.ts';
import { upgradeDatagram } from './upgrade.ts';
import { WALK } from './walk.ts';

const FOLDER = new URL('../../test/fixtures/captures/', import.meta.url);
const CAPTURES = ['ovs', 'mininet-tree', 'hsflowd', 'structures'] as const;
type Capture = (typeof CAPTURES)[number];

const FILE_HEADER_BYTES = 24;
const PACKET_HEADER_BYTES = 16;
const ETHERNET_BYTES = 14;
const UDP_BYTES = 8;
const LITTLE_ENDIAN_MAGIC = 0xd4c3b2a1;

/** UDP payloads of a classic pcap of Ethernet frames with IPv4 and UDP and nothing else. */
function datagramsOf(capture: Capture): Uint8Array[] {
  const file = new Uint8Array(readFileSync(new URL(`${capture}.pcap`, FOLDER)));
  const view = new DataView(file.buffer);
  const littleEndian = u32(file, 0) === LITTLE_ENDIAN_MAGIC;
  const datagrams: Uint8Array[] = [];
  for (let at = FILE_HEADER_BYTES; at < file.length; ) {
    const ip = at + PACKET_HEADER_BYTES + ETHERNET_BYTES;
    const udp = ip + 4 * (file[ip] & 15);
    datagrams.push(file.slice(udp + UDP_BYTES, udp + u16(file, udp + 4)));
    at += PACKET_HEADER_BYTES + view.getUint32(at + 8, littleEndian);
  }
  return datagrams;
}

/** What an independent decoder prints for a datagram: every value as text. */
interface Reading {
  readonly samples: readonly { readonly elements: readonly { readonly [name: string]: string }[] }[];
}

function readingsOf(capture: Capture): Reading[] {
  const text = gunzipSync(readFileSync(new URL(`${capture}.sflowtool.json.gz`, FOLDER))).toString();
  return JSON.parse(`[${text.trim().replace(/\}\s*\{(?=\s*"datagramSourceIP")/g, '},{')}]`);
}

const ALL = new Map(CAPTURES.map((capture) => [capture, datagramsOf(capture)]));

function decoded(bytes: Uint8Array): Datagram {
  const { datagram, error } = decodeDatagram(bytes);
  expect(error).toBeUndefined();
  return datagram!;
}

/** How many samples of each kind and records of each structure there are. */
function census(datagrams: readonly Datagram[]): { [what: string]: number } {
  const counts: { [what: string]: number } = {};
  const count = (what: string) => {
    counts[what] = (counts[what] ?? 0) + 1;
  };
  for (const { samples } of datagrams) {
    for (const sample of samples) {
      count(sample.kind);
      if (!('records' in sample)) continue;
      for (const { enterprise, format, name } of sample.records) {
        count(`${sample.kind} ${enterprise}:${format} ${name ?? 'unknown'}`);
      }
    }
  }
  return counts;
}

describe('captures', () => {
  it('have the samples and records that were counted when they were made', () => {
    const of = (capture: Capture) => census(ALL.get(capture)!.map(decoded));
    expect(ALL.get('ovs')).toHaveLength(542);
    expect(of('ovs')).toEqual({
      flow: 3078,
      'flow 0:1 sampled_header': 3078,
      'flow 0:1001 extended_switch': 3078,
      counter: 74,
      'counter 0:1 if_counters': 62,
      'counter 0:2 ethernet_counters': 62,
      'counter 0:1004 of_port': 62,
      'counter 0:1005 port_name': 62,
      'counter 0:2203 app_resources': 12,
      'counter 0:2207 ovs_dp_stats': 12,
    });
    expect(ALL.get('mininet-tree')).toHaveLength(902);
    expect(of('mininet-tree')).toEqual({
      flow: 4964,
      'flow 0:1 sampled_header': 4964,
      'flow 0:1001 extended_switch': 4964,
      counter: 144,
      'counter 0:1 if_counters': 132,
      'counter 0:2 ethernet_counters': 132,
      'counter 0:1004 of_port': 132,
      'counter 0:1005 port_name': 132,
      'counter 0:2203 app_resources': 12,
      'counter 0:2207 ovs_dp_stats': 12,
    });
    expect(ALL.get('hsflowd')).toHaveLength(151);
    expect(of('hsflowd')).toEqual({
      flow: 673,
      'flow 0:1 sampled_header': 673,
      'flow 0:1043 extended_timestamp': 673,
      'flow 0:2209 extended_tcp_info': 168,
      counter: 24,
      'counter 0:1 if_counters': 12,
      'counter 0:1005 port_name': 12,
      'counter 0:2000 host_descr': 12,
      'counter 0:2001 host_adapters': 12,
      'counter 0:2003 host_cpu': 12,
      'counter 0:2004 host_memory': 12,
      'counter 0:2005 host_disk_io': 12,
      'counter 0:2006 host_net_io': 12,
      'counter 0:2007 mib2_ip_group': 12,
      'counter 0:2008 mib2_icmp_group': 12,
      'counter 0:2009 mib2_tcp_group': 12,
      'counter 0:2010 mib2_udp_group': 12,
    });
    expect(ALL.get('structures')).toHaveLength(105);
    expect(of('structures')).toMatchObject({ flow: 66, counter: 36, discard: 3, 'flow 9999:7 unknown': 2 });
  });

  it.each(CAPTURES)('of %s encode to as many bytes that decode to the same', (capture) => {
    for (const bytes of ALL.get(capture)!) {
      const datagram = decoded(bytes);
      const again = encodeDatagram(datagram);
      // Not to the same bytes: some agents leave garbage in the padding.
      expect(again).toHaveLength(bytes.length);
      expect(decodeDatagram(again)).toEqual({ datagram });
    }
  });

  it('of structures encode to the same bytes', () => {
    for (const bytes of ALL.get('structures')!) expect(encodeDatagram(decoded(bytes))).toEqual(bytes);
  });
});

describe('an independent decoder', () => {
  /** Structures that it prints value by value in their order, in a form that needs no translation. */
  const PRINTED_IN_ORDER = new Set([
    ...[1001, 1002, 1005, 1007, 1029, 1030, 1036, 1038, 1039, 1040, 1043, 2100, 2200].map(
      (n) => `flow 0:${n}`,
    ),
    ...[1, 2, 5, 1005, 2000, 2002, 2003, 2004, 2006, 2007, 2008, 2009, 2010].map((n) => `counter 0:${n}`),
    ...[2100, 2101, 2102, 2103, 2104, 2105, 2106, 2201, 2202, 2203, 2206, 2207].map((n) => `counter 0:${n}`),
    'counter 5703:1',
  ]);

  function printed(value: FieldValue): string {
    return typeof value === 'number' && !Number.isInteger(value) ? value.toFixed(3) : String(value);
  }

  it('reads the same values', () => {
    const compared = new Set<string>();
    const compare = (
      kind: string,
      record: FlowOrCounterRecord,
      element: { readonly [name: string]: string },
    ) => {
      const key = `${kind} ${record.enterprise}:${record.format}`;
      if (!PRINTED_IN_ORDER.has(key)) return;
      compared.add(key);
      const values = Object.entries(element).filter(
        ([name]) => !/_tag$|extendedType$|flowSampleType$/.test(name),
      );
      expect(Object.values(record.fields!).map(printed), `${key}: ${values.map(([name]) => name)}`).toEqual(
        values.map(([, value]) => value),
      );
    };
    for (const capture of CAPTURES) {
      const readings = readingsOf(capture);
      const datagrams = ALL.get(capture)!;
      expect(readings).toHaveLength(datagrams.length);
      for (const [i, bytes] of datagrams.entries()) {
        for (const [j, sample] of decoded(bytes).samples.entries()) {
          if (!('records' in sample)) continue;
          const { elements } = readings[i].samples[j];
          expect(elements).toHaveLength(sample.records.length);
          const kind = sample.kind === 'counter' ? 'counter' : 'flow';
          for (const [k, record] of sample.records.entries()) compare(kind, record, elements[k]);
        }
      }
    }
    expect(compared).toEqual(PRINTED_IN_ORDER);
  });
});

describe('the walker', () => {
  it.each(CAPTURES)('finds the same samples and records in %s', (capture) => {
    for (const bytes of ALL.get(capture)!) {
      const { samples, fault } = walk(bytes);
      expect(fault).toBe(WALK.ok);
      expect(samples.map(({ records }) => records.map(({ format }) => format))).toEqual(
        decoded(bytes).samples.map((sample) =>
          'records' in sample
            ? sample.records.map(({ enterprise, format }) => (enterprise << 12) | format)
            : [],
        ),
      );
    }
  });
});

describe('damaged datagrams', () => {
  const pool = CAPTURES.flatMap((capture) => ALL.get(capture)!.filter((_, i) => i % 9 === 0));

  it('cut short anywhere are faults that keep what came before', () => {
    for (const bytes of ALL.get('structures')!) {
      for (let length = 0; length < bytes.length; length++) {
        const { datagram, error } = decodeDatagram(bytes.subarray(0, length));
        expect(error).toMatch(/ at byte \d+$/);
        if (datagram !== undefined) expect(datagram.samples).toEqual([]);
      }
    }
    const [, bytes] = ALL.get('ovs')!;
    const whole = decoded(bytes);
    for (let length = 0; length < bytes.length; length++) {
      const { datagram, error } = decodeDatagram(bytes.subarray(0, length));
      expect(error).toMatch(/ at byte \d+$/);
      const samples = datagram?.samples ?? [];
      expect(samples).toEqual(whole.samples.slice(0, samples.length));
    }
  });

  it('never make the decoder throw, and what they decode to without a fault can be encoded', () => {
    const version = fc.constantFrom(undefined, undefined, 2, 4);
    const change = fc.record({ at: fc.nat(), value: fc.constantFrom(0, 1, 2, 3, 4, 5, 0x7f, 0x80, 0xff) });
    const damage = fc.record({
      bytes: fc.constantFrom(...pool),
      version,
      changes: fc.array(change, { minLength: 1, maxLength: 6 }),
      cut: fc.option(fc.nat()),
    });
    const property = fc.property(damage, ({ bytes, version, changes, cut }) => {
      const damaged = bytes.slice(0, cut === null ? bytes.length : cut % bytes.length);
      if (version !== undefined && damaged.length > 3) damaged[3] = version;
      for (const { at, value } of changes) if (damaged.length > 0) damaged[at % damaged.length] = value;
      const { datagram, error } = decodeDatagram(damaged);
      walk(damaged);
      upgradeDatagram(damaged);
      expect(datagram !== undefined || error !== undefined).toBe(true);
      if (datagram !== undefined && error === undefined) {
        expect(decodeDatagram(encodeDatagram(datagram))).toEqual({ datagram });
      }
    });
    fc.assert(property, { numRuns: 5000 });
  });
});
