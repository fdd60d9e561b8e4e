import type { Point } from '../message.ts';

/* Field numbers and wire types of prometheus.WriteRequest, TimeSeries, Label and Sample. */
const LENGTH_DELIMITED = 2;
const FIXED64 = 1;
const VARINT = 0;
const tag = (field: number, type: number): number => (field << 3) | type;
const TIMESERIES = tag(1, LENGTH_DELIMITED);
const LABELS = tag(1, LENGTH_DELIMITED);
const SAMPLES = tag(2, LENGTH_DELIMITED);
const LABEL_NAME = tag(1, LENGTH_DELIMITED);
const LABEL_VALUE = tag(2, LENGTH_DELIMITED);
const SAMPLE_VALUE = tag(1, FIXED64);
const SAMPLE_TIMESTAMP = tag(2, VARINT);

/** Bytes of a varint at most. */
const VARINT_BYTES = 10;

/** A `prometheus.WriteRequest` in protocol buffers. Points of the same labels are one series; times are whole ms. */
export function encodeWriteRequest(points: readonly Point[]): Uint8Array {
  const series = new Map<string, { labels: readonly (readonly [string, string])[]; points: Point[] }>();
  for (const point of points) {
    const labels = sortedLabels(point);
    const key = JSON.stringify(labels);
    const known = series.get(key);
    if (known === undefined) series.set(key, { labels, points: [point] });
    else known.points.push(point);
  }
  const request = new ProtobufWriter();
  for (const { labels, points: samples } of series.values()) {
    const one = new ProtobufWriter();
    for (const [name, value] of labels) {
      const label = new ProtobufWriter();
      label.text(LABEL_NAME, name);
      label.text(LABEL_VALUE, value);
      one.bytes(LABELS, label.finish());
    }
    // Receivers want them in the order of time.
    for (const { value, time } of samples.sort((a, b) => a.time - b.time)) {
      const sample = new ProtobufWriter();
      sample.double(SAMPLE_VALUE, value);
      sample.integer(SAMPLE_TIMESTAMP, Math.round(time));
      one.bytes(SAMPLES, sample.finish());
    }
    request.bytes(TIMESERIES, one.finish());
  }
  return request.finish();
}

/** By name, as receivers want them; labels without a value are as if they were not there. */
function sortedLabels({ name, labels }: Point): [string, string][] {
  const all = Object.entries(labels)
    .filter(([, value]) => value !== '')
    .map(([label, value]): [string, string] => [labelName(label), value]);
  all.push(['__name__', name.replaceAll(/[^a-zA-Z0-9_:]/g, '_').replace(/^(?=\d)/, '_')]);
  return all.sort(([a], [b]) => (a < b ? -1 : 1)).filter(([label], i) => i === 0 || label !== all[i - 1][0]);
}

function labelName(text: string): string {
  return text.replaceAll(/[^a-zA-Z0-9_]/g, '_').replace(/^(?=\d)/, '_');
}

class ProtobufWriter {
  private buffer = Buffer.allocUnsafe(128);
  private length = 0;

  bytes(key: number, bytes: Uint8Array): void {
    this.varint(key);
    this.varint(bytes.length);
    this.reserve(bytes.length);
    this.buffer.set(bytes, this.length);
    this.length += bytes.length;
  }

  text(key: number, text: string): void {
    this.bytes(key, Buffer.from(text));
  }

  double(key: number, value: number): void {
    this.varint(key);
    this.reserve(8);
    this.length = this.buffer.writeDoubleLE(value, this.length);
  }

  /** A whole number from 0 to 2^53. */
  integer(key: number, value: number): void {
    this.varint(key);
    this.varint(value);
  }

  finish(): Uint8Array {
    return this.buffer.subarray(0, this.length);
  }

  private varint(value: number): void {
    this.reserve(VARINT_BYTES);
    let left = value;
    // Not by shifts, which cut numbers to 32 bits.
    for (; left >= 0x80; left = Math.floor(left / 0x80)) this.buffer[this.length++] = (left % 0x80) | 0x80;
    this.buffer[this.length++] = left;
  }

  private reserve(bytes: number): void {
    if (this.length + bytes <= this.buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(2 * this.buffer.length, this.length + bytes));
    this.buffer.copy(larger, 0, 0, this.length);
    this.buffer = larger;
  }
}
