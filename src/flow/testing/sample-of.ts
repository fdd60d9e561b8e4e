import type { FlowOrCounterRecord, Sample } from '../../sflow/index.ts';
import { DatagramWalker, datagram, encodeDatagram, flowSample, sampledHeader } from '../../sflow/index.ts';
import { fillSampleContext, type RecordFaults } from '../fill.ts';
import { SAMPLE_KIND, SampleContext } from '../sample.ts';

/** A context as the engine fills it, from a sample that went over the wire: encoded, walked, filled. */
export function sampleOf(sample: Sample, faults?: RecordFaults): SampleContext {
  const bytes = encodeDatagram(datagram({ samples: [sample] }));
  const walker = new DatagramWalker();
  walker.begin(bytes, 0, bytes.length);
  walker.nextSample();
  const context = new SampleContext();
  context.agent = '192.0.2.1';
  context.dataSource = String(walker.sourceIndex);
  context.samplingRate = walker.samplingRate;
  fillSampleContext(context, walker, faults);
  return context;
}

/** A flow sample of interface 1, sampling rate 1000, with these records. */
export function recordSample(...records: FlowOrCounterRecord[]): SampleContext {
  return sampleOf(flowSample({ records }));
}

/** A flow sample of an Ethernet frame. */
export function packetSample(header: Uint8Array, frameLength = header.length + 4): SampleContext {
  return recordSample(sampledHeader(header, { frameLength }));
}

/** A sample of type rtflow. */
export function customSample(fields: Readonly<Record<string, string | number>>): SampleContext {
  const context = new SampleContext();
  context.reset(new Uint8Array(0));
  context.kind = SAMPLE_KIND.custom;
  context.agent = '192.0.2.1';
  context.samplingRate = 10;
  context.custom = new Map(Object.entries(fields));
  return context;
}
