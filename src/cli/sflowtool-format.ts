import { u32 } from '../common/index.ts';
import type {
  CounterSample,
  Datagram,
  DiscardSample,
  FieldValue,
  FlowOrCounterRecord,
  FlowSample,
  InterfaceId,
  Sample,
  SourceId,
} from '../sflow/index.ts';
import type { ReceivedDatagram } from './decode-source.ts';
import { DISCARD_REASONS } from './sflowtool-names.ts';
import { writeCounterRecord, writeFlowRecord } from './sflowtool-records.ts';
import { addressText, floatText, localTimestamp, lowerHex } from './sflowtool-text.ts';
import { SflowtoolWriter } from './sflowtool-writer.ts';

/** Where the datagrams come from: sflowtool shows other times for a file than for the network. */
export type SflowtoolInput = 'file' | 'network';

/**
 * Datagrams as `sflowtool -J` prints them: the same names, the same text of every value, the same order and layout,
 * and an empty line behind each. Two things are better than there: text from the wire is escaped, so that the
 * output is JSON whatever a sender puts into its strings; and a damaged datagram ends in closed brackets.
 */
export class SflowtoolFormat {
  private readonly out = new SflowtoolWriter();
  private readonly input: SflowtoolInput;

  constructor(input: SflowtoolInput) {
    this.input = input;
  }

  datagram(received: ReceivedDatagram, datagram: Datagram): string {
    const { out } = this;
    out.openObject();
    this.writeOrigin(received);
    out.field('datagramVersion', datagram.version);
    if (datagram.version === 5) out.field('agentSubId', datagram.subAgentId);
    out.field('agent', addressText(datagram.agentAddress));
    out.field('packetSequenceNo', datagram.sequenceNumber);
    out.field('sysUpTime', datagram.uptime);
    out.field('samplesInPacket', announcedSamples(received.payload, datagram));
    out.openArray('samples');
    for (const sample of datagram.samples) {
      out.openObject();
      this.writeSample(sample, datagram.version);
      out.closeObject();
    }
    out.closeArray();
    out.closeObject();
    return `${out.take()}\n\n`;
  }

  private writeOrigin(received: ReceivedDatagram): void {
    const { out } = this;
    const seconds = Math.floor(received.timeMicros / 1e6);
    const micros = received.timeMicros % 1e6;
    const live = this.input === 'network';
    out.field('datagramSourceIP', live ? addressText(received.sourceAddress) : '-');
    out.field('datagramSize', received.payload.length);
    out.field('unixSecondsUTC', live ? seconds : 0);
    out.field('unixSecondsUTC_uS', live ? micros : 0);
    out.field('localtime', localTimestamp(live ? seconds : 0));
    if (live) return;
    out.field('pcapTimestamp', localTimestamp(seconds));
    out.field('pcapTimestamp_uS', micros);
  }

  private writeSample(sample: Sample, version: number): void {
    const { out } = this;
    out.field('sampleType_tag', sampleTag(sample));
    switch (sample.kind) {
      case 'flow':
        out.field('sampleType', 'FLOWSAMPLE');
        this.writeFlowSample(sample, version);
        break;
      case 'counter':
        out.field('sampleType', 'COUNTERSSAMPLE');
        out.field('sampleSequenceNo', sample.sequenceNumber);
        out.field('sourceId', sourceText(sample.sourceId));
        this.writeCounterRecords(sample);
        break;
      case 'discard':
        out.field('sampleType', 'DISCARD');
        this.writeDiscardSample(sample);
        break;
      case 'rtmetric':
        out.field('sampleType', 'RTMETRIC');
        if (sample.dataSource !== '') out.field('rtmetric_datasource_name', sample.dataSource);
        for (const metric of sample.metrics) {
          const [type, text] = METRIC_TYPES[metric.type] ?? [String(metric.type), plainText];
          out.field(`rtmetric_${type}_${metric.name}`, text(metric.value));
        }
        break;
      case 'rtflow':
        out.field('sampleType', 'RTFLOW');
        if (sample.dataSource !== '') out.field('rtflow_datasource_name', sample.dataSource);
        out.field('rtflow_sampling_rate', sample.samplingRate);
        out.field('rtflow_sample_pool', sample.reserved);
        for (const field of sample.fields) {
          const [type, text] = FLOW_TYPES[field.type] ?? [String(field.type), plainText];
          out.field(`rtflow_${type}_${field.name}`, text(field.value));
        }
        break;
    }
  }

  private writeCounterRecords({ records, legacy }: CounterSample): void {
    const { out } = this;
    if (legacy !== undefined) {
      out.field('statsSamplingInterval', legacy.samplingInterval);
      out.field('counterBlockVersion', legacy.countersVersion);
    }
    out.openArray('elements');
    for (const record of legacy === undefined ? records : legacyPair(records)) {
      out.openObject();
      if (record !== undefined) {
        if (legacy === undefined) out.field('counterBlock_tag', `${record.enterprise}:${record.format}`);
        writeCounterRecord(out, record);
      }
      out.closeObject();
    }
    out.closeArray();
  }

  private writeFlowSample(sample: FlowSample, version: number): void {
    const { out } = this;
    out.field('sampleSequenceNo', sample.sequenceNumber);
    out.field('sourceId', sourceText(sample.sourceId));
    out.field('meanSkipCount', sample.samplingRate);
    out.field('samplePool', sample.samplePool);
    out.field('dropEvents', sample.drops);
    out.field('inputPort', interfaceText(sample.input));
    out.field(
      'outputPort',
      version < 5 && isMany(sample.output) ? 'multiple >1' : interfaceText(sample.output),
    );
    this.writeFlowRecords(sample, version);
  }

  private writeDiscardSample(sample: DiscardSample): void {
    const { out } = this;
    out.field('sampleSequenceNo', sample.sequenceNumber);
    out.field('sourceId', sourceText(sample.sourceId));
    out.field('dropEvents', sample.drops);
    out.field('inputPort', sample.input);
    out.field('outputPort', sample.output);
    out.field('discardCode', sample.reason);
    out.field('discardReason', DISCARD_REASONS.get(sample.reason) ?? 'NotFound');
    out.prefix = 'discarded_';
    this.writeFlowRecords(sample, 5);
    out.prefix = '';
  }

  private writeFlowRecords(sample: FlowSample | DiscardSample, version: number): void {
    const { out } = this;
    out.openArray('elements');
    for (const record of sample.records) {
      out.openObject();
      if (version === 5) out.field('flowBlock_tag', `${record.enterprise}:${record.format}`);
      writeFlowRecord(out, record, version);
      out.closeObject();
    }
    out.closeArray();
  }
}

type CustomText = (value: FieldValue) => string;

const plainText: CustomText = (value) => (value instanceof Uint8Array ? lowerHex(value) : String(value));
const macText: CustomText = (value) => String(value).toLowerCase();
const fullAddress: CustomText = (value) => addressText(String(value));

/** By type of a custom metric, and of a field of a custom flow: sflowtool's word for it, and its text. */
const METRIC_TYPES: readonly (readonly [string, CustomText])[] = [
  ['string', plainText],
  ['counter32', plainText],
  ['counter64', plainText],
  ['gauge32', plainText],
  ['gauge64', plainText],
  ['gaugeFloat', floatText],
  ['gaugeDouble', floatText],
];
const FLOW_TYPES: readonly (readonly [string, CustomText])[] = [
  ['string', plainText],
  ['mac', macText],
  ['ip', plainText],
  ['ip6', fullAddress],
  ['int32', plainText],
  ['int64', plainText],
  ['float', floatText],
  ['double', floatText],
];

/** The number of samples that the header announces: more than were decoded when the datagram is damaged. */
function announcedSamples(payload: Uint8Array, datagram: Datagram): number {
  const address = datagram.agentAddress.includes(':') ? 16 : 4;
  const at = 8 + address + (datagram.version === 5 ? 12 : 8);
  return payload.length >= at + 4 ? u32(payload, at) : datagram.samples.length;
}

function sampleTag(sample: Sample): string {
  switch (sample.kind) {
    case 'flow':
      return sample.expanded ? '0:3' : '0:1';
    case 'counter':
      return sample.expanded ? '0:4' : '0:2';
    case 'discard':
      return '0:5';
    case 'rtmetric':
      return '4300:1002';
    case 'rtflow':
      return '4300:1003';
    case 'unknown':
      return `${sample.enterprise}:${sample.format}`;
  }
}

/** Versions 2 and 4 always show two blocks, either of which may be empty: of the interface, and of its medium or VLAN. */
function legacyPair(records: readonly FlowOrCounterRecord[]): readonly (FlowOrCounterRecord | undefined)[] {
  const generic = records.find(({ format }) => format === 1);
  return [generic, records.find((record) => record !== generic)];
}

function sourceText(source: SourceId): string {
  return `${source.class}:${source.index}`;
}

/** Several interfaces, their number unknown. */
function isMany({ format, value }: InterfaceId): boolean {
  return format === 2 && value === 0;
}

const INTERFACE_FORMATS = ['', 'dropCode ', 'multiple ', 'format==3 '];

function interfaceText({ format, value }: InterfaceId): string {
  return `${INTERFACE_FORMATS[format] ?? `format==${format} `}${value}`;
}
