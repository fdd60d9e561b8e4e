import { describe, expect, it } from 'vitest';
import { eth, ip, tcp } from '../packet/testing/build-packet.ts';
import {
  counterSample,
  type Datagram,
  datagram,
  decodeDatagram,
  discardSample,
  encodeDatagram,
  flowSample,
  record,
  type Sample,
  structureNamed,
} from '../sflow/index.ts';
import { jsonLine } from './decode-json.ts';

function lineOf(payload: Uint8Array): string {
  const received = {
    payload,
    timeMicros: 1_700_000_000_000_007,
    sourceAddress: '10.0.0.9',
    sourcePort: 7000,
    origin: '',
  };
  return jsonLine(received, decodeDatagram(payload));
}

function line(given: Partial<Datagram>): string {
  return lineOf(encodeDatagram(datagram(given)));
}

/** The text of the samples in a line. */
function samples(...given: Sample[]): string {
  return line({ samples: given })
    .replace(/^.*"samples":/, '')
    .replace(/}\n$/, '');
}

it('begins with where and when the datagram came, then its header', () => {
  expect(line({ agentAddress: '2001:db8::1', subAgentId: 7 })).toBe(
    '{"time":"2023-11-14T22:13:20.000007Z","sourceAddress":"10.0.0.9","sourcePort":7000,"size":40,"version":5,' +
      '"agentAddress":"2001:db8::1","subAgentId":7,"sequenceNumber":1,"uptime":1000,"samples":[]}\n',
  );
});

describe('samples, by the names of the object model', () => {
  it('flow, with the layers and keys of its packet', () => {
    const header = eth(0x0800, ip(6, tcp(1000, 80)));
    const hex = Buffer.from(header).toString('hex');
    const fields = { protocol: 1, frameLength: 100, stripped: 4, header };
    const text = samples(
      flowSample({ records: [record('sampled_header', fields)], output: { format: 2, value: 3 } }),
    );
    expect(text.replace(/"keys":{.*?}/, '"keys":{}')).toBe(
      '[{"kind":"flow","expanded":false,"sequenceNumber":1,"sourceId":{"class":0,"index":1},"samplingRate":1000,' +
        '"samplePool":1000,"drops":0,"input":{"format":0,"value":1},"output":{"format":2,"value":3},' +
        '"records":[{"enterprise":0,"format":1,"name":"sampled_header","fields":{"protocol":1,"frameLength":100,' +
        `"stripped":4,"header":"${hex}"},"packet":{"stack":"eth.ip.tcp","layers":[{"name":"eth","offset":0},` +
        '{"name":"ip","offset":14},{"name":"tcp","offset":34}],"keys":{}}}]}]',
    );
    expect(JSON.parse(text)[0].records[0].packet.keys).toMatchObject({
      macsource: '000C29AABBCC',
      ipsource: '10.0.0.1',
      ipprotocol: '6',
      tcpdestinationport: '80',
      tcp_offset: '34',
    });
  });

  it('flow with inner layers, whose keys have a suffix', () => {
    const header = eth(0x0800, ip(4, ip(6, tcp(1000, 80), { source: '172.16.0.1' })));
    const fields = { protocol: 1, frameLength: 100, stripped: 4, header };
    const [{ records }] = JSON.parse(samples(flowSample({ records: [record('sampled_header', fields)] })));
    expect(records[0].packet).toMatchObject({
      stack: 'eth.ip.ip.tcp',
      keys: { ipsource: '10.0.0.1', 'ipsource.1': '172.16.0.1', tcpsourceport: '1000' },
    });
  });

  it('counters, 64 bits in full', () => {
    const fields = { datapathId: 0xfedcba9876543210n, portNumber: 1 };
    expect(samples(counterSample({ expanded: true, records: [record('of_port', fields)] }))).toBe(
      '[{"kind":"counter","expanded":true,"sequenceNumber":1,"sourceId":{"class":0,"index":1},' +
        '"records":[{"enterprise":0,"format":1004,"name":"of_port",' +
        '"fields":{"datapathId":18364758544493064720,"portNumber":1}}]}]',
    );
  });

  it('counters, floats with the digits they have', () => {
    const structure = structureNamed('host_cpu')!;
    const fields = Object.fromEntries(
      structure.fields.map(({ name, type }) => [name, type === 'f32' ? 1.14 : 0]),
    );
    expect(samples(counterSample({ records: [record('host_cpu', fields)] }))).toContain(
      '"fields":{"loadOne":1.14,"loadFive":1.14,"loadFifteen":1.14,"processesRunning":0,',
    );
  });

  it('discard', () => {
    expect(samples(discardSample({ records: [record('extended_function', { symbol: 'a"b' })] }))).toBe(
      '[{"kind":"discard","sequenceNumber":1,"sourceId":{"class":0,"index":1},"drops":0,"input":1,"output":0,' +
        '"reason":256,"records":[{"enterprise":0,"format":1038,"name":"extended_function",' +
        '"fields":{"symbol":"a\\"b"}}]}]',
    );
  });

  it('custom metrics; what is no number in JSON is null', () => {
    const metrics = [
      { name: 'load', type: 6, value: 0.5 },
      { name: 'none', type: 6, value: Number.NaN },
    ];
    expect(samples({ kind: 'rtmetric', dataSource: 'h1', metrics })).toBe(
      '[{"kind":"rtmetric","dataSource":"h1","metrics":[{"name":"load","type":6,"value":0.5},' +
        '{"name":"none","type":6,"value":null}]}]',
    );
  });

  it('custom flow', () => {
    const fields = [{ name: 'user', type: 0, value: 'é' }];
    expect(samples({ kind: 'rtflow', dataSource: 'h1', samplingRate: 2, reserved: 0, fields })).toBe(
      '[{"kind":"rtflow","dataSource":"h1","samplingRate":2,"reserved":0,"fields":[{"name":"user","type":0,"value":"é"}]}]',
    );
  });

  it('unknown samples and records as hex', () => {
    const bytes = Uint8Array.of(1, 2, 254, 255);
    expect(samples({ kind: 'unknown', enterprise: 9999, format: 7, bytes })).toBe(
      '[{"kind":"unknown","enterprise":9999,"format":7,"bytes":"0102feff"}]',
    );
    expect(samples(counterSample({ records: [{ enterprise: 9999, format: 9, bytes }] }))).toContain(
      '"records":[{"enterprise":9999,"format":9,"bytes":"0102feff"}]',
    );
  });
});

describe('damage', () => {
  it('keeps what was read, and tells what was wrong', () => {
    const payload = encodeDatagram(datagram({ samples: [counterSample(), counterSample()] }));
    const cut = JSON.parse(lineOf(payload.subarray(0, payload.length - 4)));
    expect(cut.samples).toHaveLength(1);
    expect(Object.keys(cut).at(-1)).toBe('error');
    expect(cut.error).toMatch(/at byte \d+/);
  });

  it('of the header leaves only the origin', () => {
    expect(Object.keys(JSON.parse(lineOf(Uint8Array.of(0, 0, 0, 5))))).toEqual([
      'time',
      'sourceAddress',
      'sourcePort',
      'size',
      'error',
    ]);
  });
});
