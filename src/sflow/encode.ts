import { writeCompactInterface, writeCompactSource } from './compact.ts';
import { encodeLegacySample } from './encode-legacy.ts';
import type {
  CounterSample,
  Datagram,
  DiscardSample,
  FieldValue,
  FlowSample,
  InterfaceId,
  RtFlowSample,
  RtMetricSample,
  Sample,
  SourceId,
} from './model.ts';
import type { ScalarType } from './schema.ts';
import { RTFLOW_TYPES, RTMETRIC_TYPES, SAMPLE_FORMAT } from './wire.ts';
import { writeFormat, writeRecords, writeScalar } from './write-record.ts';
import { XdrWriter } from './xdr-writer.ts';

/**
 * Encode a datagram: the inverse of `decodeDatagram` for version 5, and for versions 2 and 4 as far as they can carry
 * what is given. Raises a WeirError `SFLOW_ENCODE` naming the field that is missing, does not fit its type, or that
 * the version cannot carry. There is no limit on the size.
 */
export function encodeDatagram(datagram: Datagram): Uint8Array {
  const writer = new XdrWriter();
  const { version, subAgentId, samples } = datagram;
  if (version !== 2 && version !== 4 && version !== 5)
    writer.inside('version', () => writer.fail(`${version} is not one of 2, 4 and 5`));
  writer.u32(version);
  writer.inside('agentAddress', () => writer.address(datagram.agentAddress));
  writer.inside('subAgentId', () => {
    if (version === 5) writer.u32(subAgentId);
    else if (subAgentId !== 0) writer.fail(`version ${version} has none, but it is ${subAgentId}`);
  });
  writer.numbers(datagram, ['sequenceNumber', 'uptime']);
  writer.u32(samples.length);
  for (const [index, sample] of samples.entries()) {
    writer.inside(`samples.${index}`, () => {
      if (version === 5) encodeSample(writer, sample);
      else encodeLegacySample(writer, version, sample);
    });
  }
  return writer.result();
}

function encodeSample(writer: XdrWriter, sample: Sample): void {
  if (sample.kind === 'unknown') writeFormat(writer, sample.enterprise, sample.format);
  else writer.u32(formatOf(sample));
  const endOfLength = writer.lengthWord();
  switch (sample.kind) {
    case 'flow':
      encodeFlowSample(writer, sample);
      break;
    case 'counter':
      encodeCounterSample(writer, sample);
      break;
    case 'discard':
      encodeDiscardSample(writer, sample);
      break;
    case 'rtmetric':
      encodeRtMetric(writer, sample);
      break;
    case 'rtflow':
      encodeRtFlow(writer, sample);
      break;
    case 'unknown':
      writer.raw(sample.bytes);
  }
  endOfLength();
}

function formatOf(sample: Exclude<Sample, { kind: 'unknown' }>): number {
  if (sample.kind === 'flow') return sample.expanded ? SAMPLE_FORMAT.flowExpanded : SAMPLE_FORMAT.flow;
  if (sample.kind === 'counter')
    return sample.expanded ? SAMPLE_FORMAT.counterExpanded : SAMPLE_FORMAT.counter;
  return SAMPLE_FORMAT[sample.kind];
}

function encodeFlowSample(writer: XdrWriter, sample: FlowSample): void {
  const { expanded } = sample;
  writer.numbers(sample, ['sequenceNumber']);
  writeSourceId(writer, sample.sourceId, expanded);
  writer.numbers(sample, ['samplingRate', 'samplePool', 'drops']);
  writeInterface(writer, 'input', sample.input, expanded);
  writeInterface(writer, 'output', sample.output, expanded);
  writeRecords(writer, 'flow', sample.records);
}

function encodeCounterSample(writer: XdrWriter, sample: CounterSample): void {
  writer.numbers(sample, ['sequenceNumber']);
  writeSourceId(writer, sample.sourceId, sample.expanded);
  writeRecords(writer, 'counter', sample.records);
}

function encodeDiscardSample(writer: XdrWriter, sample: DiscardSample): void {
  writer.numbers(sample, ['sequenceNumber']);
  writeSourceId(writer, sample.sourceId, true);
  writer.numbers(sample, ['drops', 'input', 'output', 'reason']);
  writeRecords(writer, 'flow', sample.records);
}

function encodeRtMetric(writer: XdrWriter, sample: RtMetricSample): void {
  writer.inside('dataSource', () => writer.string(sample.dataSource));
  writeTypedValues(writer, RTMETRIC_TYPES, sample.metrics);
}

function encodeRtFlow(writer: XdrWriter, sample: RtFlowSample): void {
  writer.inside('dataSource', () => writer.string(sample.dataSource));
  writer.numbers(sample, ['samplingRate', 'reserved']);
  writeTypedValues(writer, RTFLOW_TYPES, sample.fields);
}

function writeTypedValues(
  writer: XdrWriter,
  types: readonly ScalarType[],
  values: readonly { readonly name: string; readonly type: number; readonly value: FieldValue }[],
): void {
  writer.u32(values.length);
  for (const { name, type, value } of values) {
    writer.string(name);
    writer.inside(name, () => {
      if (types[type] === undefined) writer.fail(`no value type ${type}`);
      writer.u32(type);
      writeScalar(writer, types[type], value);
    });
  }
}

function writeSourceId(writer: XdrWriter, sourceId: SourceId, expanded: boolean): void {
  writer.inside('sourceId', () => {
    if (expanded) writer.numbers(sourceId, ['class', 'index']);
    else writeCompactSource(writer, sourceId);
  });
}

function writeInterface(writer: XdrWriter, name: string, id: InterfaceId, expanded: boolean): void {
  writer.inside(name, () => {
    if (expanded) writer.numbers(id, ['format', 'value']);
    else writeCompactInterface(writer, id);
  });
}
