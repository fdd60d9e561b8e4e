import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  counterSample,
  type Datagram,
  datagram,
  decodeDatagram,
  encodeDatagram,
  flowSample,
  record,
  type Sample,
} from '../sflow/index.ts';
import { run } from './decode.ts';
import { CAPTURES, capturePath, testStreams } from './decode-testing.ts';
import { SflowtoolFormat } from './sflowtool-format.ts';

/** Times as seconds since 1970: their text depends on the time zone of the machine. */
function withoutTimeZone(text: string): string {
  return text.replaceAll(
    /(?<=")(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d{4})(?=")/g,
    (time) => `${Date.parse(time) / 1000}`,
  );
}

function differences(got: string, want: string): string[] {
  const [gotLines, wantLines] = [got.split('\n'), want.split('\n')];
  const found: string[] = [];
  for (let i = 0; i < Math.max(gotLines.length, wantLines.length); i++)
    if (gotLines[i] !== wantLines[i]) found.push(`line ${i + 1}: ${gotLines[i]} instead of ${wantLines[i]}`);
  return found;
}

/** What is printed for one datagram from the network, after a trip over the wire. */
function printed(given: Datagram): string {
  const payload = encodeDatagram(given);
  const decoded = decodeDatagram(payload);
  expect(decoded.error).toBeUndefined();
  return new SflowtoolFormat('network').datagram(
    {
      payload,
      timeMicros: 1_700_000_000_250_000,
      sourceAddress: '2001:db8::9',
      sourcePort: 7000,
      origin: '',
    },
    decoded.datagram!,
  );
}

/** The lines of the only sample, without indent, bracket lines left out. */
function sampleLines(sample: Sample, version: 2 | 4 | 5 = 5): string[] {
  const lines = printed(datagram({ version, samples: [sample] })).split('\n');
  const start = lines.indexOf(' "samples":[{');
  return lines
    .slice(start + 1, -4)
    .map((line) => line.trim().replace(/,$/, ''))
    .filter((line) => !/^[[\]{}]*$/.test(line));
}

function recordLines(of: ReturnType<typeof record>): string[] {
  const kind =
    of.name?.includes('counters') || of.name === 'sfp' || of.name === 'host_adapters' ? 'counter' : 'flow';
  const sample = kind === 'counter' ? counterSample({ records: [of] }) : flowSample({ records: [of] });
  const lines = sampleLines(sample);
  return lines.slice(lines.findIndex((line) => line.startsWith('"elements"')) + 2);
}

describe('the independent decoder reads the same', () => {
  it.each(CAPTURES)('%s: every name, value, order and bracket', async (name) => {
    const streams = testStreams();
    expect(await run(['--sflowtool', capturePath(name)], streams)).toBe(0);
    const path = capturePath(name).replace(/pcap$/, 'sflowtool.json.gz');
    const expected = gunzipSync(readFileSync(path)).toString();
    expect(differences(withoutTimeZone(streams.out()), withoutTimeZone(expected))).toEqual([]);
  });
});

describe('origin', () => {
  it('of a datagram from the network: its sender and the time it came', () => {
    const lines = printed(datagram()).split('\n').slice(0, 7);
    expect(withoutTimeZone(lines.join('\n'))).toBe(
      [
        '{',
        ' "datagramSourceIP":"2001:0db8:0000:0000:0000:0000:0000:0009",',
        ' "datagramSize":"28",',
        ' "unixSecondsUTC":"1700000000",',
        ' "unixSecondsUTC_uS":"250000",',
        ' "localtime":"1700000000",',
        ' "datagramVersion":"5",',
      ].join('\n'),
    );
  });

  it('tells how many samples were announced, not how many are there', () => {
    const payload = encodeDatagram(datagram({ samples: [flowSample(), flowSample()] }));
    const cut = payload.subarray(0, payload.length - 8);
    const text = new SflowtoolFormat('file').datagram(
      { payload: cut, timeMicros: 0, sourceAddress: '', sourcePort: 0, origin: '' },
      decodeDatagram(cut).datagram!,
    );
    expect(JSON.parse(text)).toMatchObject({ samplesInPacket: '2', samples: [{}] });
  });
});

describe('structures that the captures lack', () => {
  it('lanes of an optical module, under both names', () => {
    const lane = {
      index: 1,
      txBiasCurrent: 2,
      txPower: 3,
      txPowerMin: 4,
      txPowerMax: 5,
      txWavelength: 6,
      rxPower: 7,
      rxPowerMin: 8,
      rxPowerMax: 9,
      rxWavelength: 10,
    };
    const fields = {
      moduleId: 1,
      moduleNumLanes: 4,
      moduleSupplyVoltage: 3300,
      moduleTemperature: -5,
      lanes: [lane],
    };
    const lines = recordLines(record('sfp', fields));
    expect(lines.slice(3, 9)).toEqual([
      '"sfp_module_temperature":"4294967291"',
      '"sfp_module_active_lanes":"1"',
      '"sfp_lanes":[{',
      '"index":"1"',
      '"sfp_lane_index.0":"1"',
      '"tx_bias_current_uA":"2"',
    ]);
    expect(lines.slice(-2)).toEqual(['"rx_wavelength_nM":"10"', '"sfp_lane_rx_wavelength_nM.0":"10"']);
  });

  it('an operation of an application, with the word for its status', () => {
    const fields = {
      application: 'shop',
      operation: 'pay',
      attributes: '',
      statusDescription: 'card',
      requestBytes: 1n,
      responseBytes: 2n,
      duration: 3,
      status: 5,
    };
    expect(recordLines(record('app_operation', fields))).toEqual([
      '"flowSampleType":"applicationOperation"',
      '"application":"shop"',
      '"operation":"pay"',
      '"status_descr":"card"',
      '"request_bytes":"1"',
      '"response_bytes":"2"',
      '"duration_uS":"3"',
      '"status":"FORBIDDEN"',
    ]);
  });

  it('tunnel headers under their prefix', () => {
    const fields = {
      length: 50,
      sourceMac: '020000000001',
      destinationMac: '0200000000AB',
      ethernetType: 0x0800,
    };
    expect(recordLines(record('extended_l2_tunnel_egress', fields))).toEqual([
      '"flowSampleType":"tunnel_l2_out_ETHERNET"',
      '"tunnel_l2_out_ethernet_type":"2048"',
      '"tunnel_l2_out_ethernet_len":"50"',
      '"tunnel_l2_out_ethernet_src":"020000000001"',
      '"tunnel_l2_out_ethernet_dst":"0200000000ab"',
    ]);
  });

  it('a path with a set, several communities, VLAN tags, label stacks', () => {
    const gateway = {
      nextHop: null,
      asNumber: 1,
      sourceAs: 2,
      sourcePeerAs: 3,
      destinationAsPath: [
        { type: 2, asNumbers: [10, 11] },
        { type: 1, asNumbers: [12, 13] },
      ],
      communities: [65536, 2],
      localPreference: 100,
    };
    expect(recordLines(record('extended_gateway', gateway)).slice(1)).toEqual([
      '"bgp_nexthop":"-"',
      '"my_as":"1"',
      '"src_as":"2"',
      '"src_peer_as":"3"',
      '"dst_as_path":"10-11(12-13)"',
      '"dst_as":"13"',
      '"dst_peer_as":"10"',
      '"BGP_communities":"65536-2"',
      '"BGP_localpref":"100"',
    ]);
    expect(recordLines(record('extended_vlantunnel', { stack: [0x8100_a064, 0x88a8_0001] }))).toEqual([
      '"vlan_tunnel":"0x81005.0.100-0x88a80.0.1"',
    ]);
  });

  it('custom metrics and flows, by their types', () => {
    expect(
      sampleLines({
        kind: 'rtmetric',
        dataSource: 'h1',
        metrics: [
          { name: 'a', type: 0, value: 'text' },
          { name: 'b', type: 2, value: 18446744073709551615n },
          { name: 'c', type: 6, value: 0.5 },
        ],
      }),
    ).toEqual([
      '"sampleType_tag":"4300:1002"',
      '"sampleType":"RTMETRIC"',
      '"rtmetric_datasource_name":"h1"',
      '"rtmetric_string_a":"text"',
      '"rtmetric_counter64_b":"18446744073709551615"',
      '"rtmetric_gaugeDouble_c":"0.500"',
    ]);
    expect(
      sampleLines({
        kind: 'rtflow',
        dataSource: 'h1',
        samplingRate: 10,
        reserved: 7,
        fields: [
          { name: 'm', type: 1, value: '0200000000AB' },
          { name: 'i', type: 3, value: '2001:db8::1' },
        ],
      }).slice(2),
    ).toEqual([
      '"rtflow_datasource_name":"h1"',
      '"rtflow_sampling_rate":"10"',
      '"rtflow_sample_pool":"7"',
      '"rtflow_mac_m":"0200000000ab"',
      '"rtflow_ip6_i":"2001:0db8:0000:0000:0000:0000:0000:0001"',
    ]);
  });
});

describe('versions 2 and 4', () => {
  const header = record('sampled_header', {
    protocol: 1,
    frameLength: 64,
    stripped: 0,
    header: new Uint8Array(4),
  });
  const gateway = {
    nextHop: null,
    asNumber: 1,
    sourceAs: 2,
    sourcePeerAs: 3,
    destinationAsPath: [{ type: 2, asNumbers: [10, 11] }],
    communities: [],
    localPreference: 0,
  };

  it('have no tags, no stripped bytes and no sub-agent', () => {
    const text = printed(datagram({ version: 4, samples: [flowSample({ records: [header] })] }));
    expect(text).not.toMatch(/agentSubId|flowBlock_tag|strippedBytes/);
    expect(JSON.parse(text).samples[0].elements[0]).toMatchObject({
      flowSampleType: 'HEADER',
      headerLen: '4',
    });
  });

  it('show several outputs, and a flat path in version 2', () => {
    const records = [header, record('extended_gateway', gateway)];
    const lines = sampleLines(flowSample({ records, output: { format: 2, value: 0 } }), 2);
    expect(lines).toContain('"outputPort":"multiple >1"');
    expect(lines.slice(-8)).toEqual([
      '"extendedType":"GATEWAY"',
      '"my_as":"1"',
      '"src_as":"2"',
      '"src_peer_as":"3"',
      '"dst_as":"11"',
      '"dst_peer_as":"10"',
      '"dst_as_path_len":"2"',
      '"dst_as_path":"10-11"',
    ]);
  });

  it('always show two blocks of counters, either of which may be empty', () => {
    const legacy = { samplingInterval: 20, countersVersion: 7 };
    const vlan = record('vlan_counters', { vlanId: 5, octets: 6n });
    const text = printed(datagram({ version: 4, samples: [counterSample({ records: [vlan], legacy })] }));
    expect(JSON.parse(text).samples[0]).toMatchObject({
      statsSamplingInterval: '20',
      counterBlockVersion: '7',
      elements: [{}, { in_vlan: '5', octets: '6' }],
    });
  });
});

it('is JSON whatever a sender puts into its strings', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      const name = Buffer.from(bytes).toString('latin1');
      const sample = counterSample({ records: [record('port_name', { name })] });
      const [element] = JSON.parse(printed(datagram({ samples: [sample] }))).samples[0].elements;
      expect(element.ifName ?? '').toBe(name);
    }),
  );
});
