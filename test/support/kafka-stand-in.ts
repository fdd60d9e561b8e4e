import { createServer, type Server, type Socket } from 'node:net';
import { gunzipSync } from 'node:zlib';

/** A record that a producer sent. */
export interface KafkaRecord {
  readonly topic: string;
  readonly key: string | null;
  readonly value: string;
  readonly timestamp: number;
}

const PRODUCE = 0;
const METADATA = 3;
const API_VERSIONS = 18;

/**
 * A STAND-IN for a Kafka broker: no broker can be had here. It speaks as much of the protocol as a producer needs, by the
 * published description of it: ApiVersions 0, Metadata 1 and Produce 3, with record batches of version 2. Whether a real
 * broker would agree in all things it cannot show.
 */
export class KafkaStandIn {
  readonly records: KafkaRecord[] = [];
  /** Error code that Produce answers; 0 takes the records. */
  errorCode = 0;
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();

  constructor() {
    this.server = createServer((socket) => {
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
      socket.on('error', () => undefined);
      let waiting = Buffer.alloc(0);
      socket.on('data', (chunk) => {
        waiting = Buffer.concat([waiting, chunk]);
        while (waiting.length >= 4 && waiting.length >= 4 + waiting.readInt32BE(0)) {
          const end = 4 + waiting.readInt32BE(0);
          socket.write(this.answer(waiting.subarray(4, end)));
          waiting = waiting.subarray(end);
        }
      });
    });
  }

  async listen(port = 0): Promise<number> {
    await new Promise<void>((resolve) => this.server.listen(port, '127.0.0.1', resolve));
    return this.port;
  }

  get port(): number {
    return (this.server.address() as { port: number }).port;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private answer(request: Buffer): Buffer {
    const reader = new Reader(request);
    const [api, version, correlation] = [reader.int16(), reader.int16(), reader.int32()];
    reader.string();
    const body =
      api === API_VERSIONS
        ? this.apiVersions()
        : api === METADATA
          ? this.metadata(reader)
          : api === PRODUCE && version === 3
            ? this.produce(reader)
            : unsupported(api, version);
    const head = Buffer.alloc(8);
    head.writeInt32BE(body.length + 4, 0);
    head.writeInt32BE(correlation, 4);
    return Buffer.concat([head, body]);
  }

  private apiVersions(): Buffer {
    const writer = new Writer();
    writer.int16(0);
    writer.int32(3);
    for (const [api, low, high] of [
      [PRODUCE, 3, 3],
      [METADATA, 1, 1],
      [API_VERSIONS, 0, 0],
    ])
      for (const number of [api, low, high]) writer.int16(number);
    return writer.finish();
  }

  /** One broker, and each topic that was asked for with one partition. */
  private metadata(reader: Reader): Buffer {
    const topics = Array.from({ length: Math.max(0, reader.int32()) }, () => reader.string() ?? '');
    const writer = new Writer();
    writer.int32(1);
    writer.int32(1);
    writer.string('127.0.0.1');
    writer.int32(this.port);
    writer.string(null);
    writer.int32(1);
    writer.int32(topics.length);
    for (const topic of topics) {
      writer.int16(0);
      writer.string(topic);
      writer.int8(0);
      writer.int32(1);
      for (const add of [
        () => writer.int16(0),
        () => writer.int32(0),
        () => writer.int32(1),
        () => writer.int32s([1]),
        () => writer.int32s([1]),
      ])
        add();
    }
    return writer.finish();
  }

  private produce(reader: Reader): Buffer {
    reader.string();
    reader.int16();
    reader.int32();
    const writer = new Writer();
    const topics = reader.int32();
    writer.int32(topics);
    for (let i = 0; i < topics; i++) {
      const topic = reader.string() ?? '';
      const partitions = reader.int32();
      writer.string(topic);
      writer.int32(partitions);
      for (let j = 0; j < partitions; j++) {
        const partition = reader.int32();
        const batch = reader.bytes(reader.int32());
        if (this.errorCode === 0) this.records.push(...readBatch(topic, batch));
        writer.int32(partition);
        writer.int16(this.errorCode);
        writer.int64(0n);
        writer.int64(-1n);
      }
    }
    writer.int32(0);
    return writer.finish();
  }
}

function unsupported(api: number, version: number): never {
  throw new Error(`the stand-in does not know version ${version} of API ${api}`);
}

/** A record batch of version 2 (magic 2). Its checksum is checked. */
function readBatch(topic: string, bytes: Buffer): KafkaRecord[] {
  const reader = new Reader(bytes);
  reader.int64();
  reader.int32();
  reader.int32();
  const magic = reader.int8();
  if (magic !== 2) throw new Error(`a record batch of version ${magic}`);
  const crc = reader.int32() >>> 0;
  if (crc !== crc32c(bytes.subarray(21))) throw new Error('the checksum of a record batch is wrong');
  const attributes = reader.int16();
  reader.int32();
  const first = Number(reader.int64());
  reader.bytes(8 + 8 + 2 + 4);
  const count = reader.int32();
  const rest = bytes.subarray(reader.at);
  const records = new Reader((attributes & 7) === 1 ? gunzipSync(rest) : rest);
  return Array.from({ length: count }, () => {
    records.varint();
    records.int8();
    const timestamp = first + records.varint();
    records.varint();
    const key = records.varintBytes();
    const value = records.varintBytes();
    for (let headers = records.varint(); headers > 0; headers--) {
      records.varintBytes();
      records.varintBytes();
    }
    return { topic, key: key?.toString() ?? null, value: value?.toString() ?? '', timestamp };
  });
}

function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

class Reader {
  at = 0;
  private readonly from: Buffer;

  constructor(from: Buffer) {
    this.from = from;
  }

  int8(): number {
    return this.from.readInt8(this.skip(1));
  }
  int16(): number {
    return this.from.readInt16BE(this.skip(2));
  }
  int32(): number {
    return this.from.readInt32BE(this.skip(4));
  }
  int64(): bigint {
    return this.from.readBigInt64BE(this.skip(8));
  }
  bytes(length: number): Buffer {
    const at = this.skip(length);
    return this.from.subarray(at, at + length);
  }
  string(): string | null {
    const length = this.int16();
    return length < 0 ? null : this.bytes(length).toString();
  }
  /** Zigzag. */
  varint(): number {
    let [value, scale] = [0, 1];
    for (;;) {
      const byte = this.from[this.skip(1)];
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
      scale *= 128;
    }
  }
  varintBytes(): Buffer | undefined {
    const length = this.varint();
    return length < 0 ? undefined : this.bytes(length);
  }

  private skip(bytes: number): number {
    const { at } = this;
    this.at += bytes;
    return at;
  }
}

class Writer {
  private readonly parts: Buffer[] = [];

  int8(value: number): void {
    this.parts.push(Buffer.from([value]));
  }
  int16(value: number): void {
    const part = Buffer.alloc(2);
    part.writeInt16BE(value);
    this.parts.push(part);
  }
  int32(value: number): void {
    const part = Buffer.alloc(4);
    part.writeInt32BE(value);
    this.parts.push(part);
  }
  int32s(values: readonly number[]): void {
    this.int32(values.length);
    for (const value of values) this.int32(value);
  }
  int64(value: bigint): void {
    const part = Buffer.alloc(8);
    part.writeBigInt64BE(value);
    this.parts.push(part);
  }
  string(text: string | null): void {
    this.int16(text === null ? -1 : Buffer.byteLength(text));
    if (text !== null) this.parts.push(Buffer.from(text));
  }
  finish(): Buffer {
    return Buffer.concat(this.parts);
  }
}
