import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

const PTR = 12;
const RESPONSE = 0x8000;
const RECURSION_AVAILABLE = 0x0080;
const HEADER_BYTES = 12;
const POINTER_TO_QUESTION = 0xc00c;
export const RCODE = { noError: 0, serverFailure: 2, nameError: 3 } as const;

/** What a responder says of a question; undefined: nothing at all. */
export interface DnsReply {
  readonly names?: readonly string[];
  /** Of `RCODE`; noError by default. */
  readonly code?: number;
}

/**
 * A name server of our own, for tests: it answers PTR questions over UDP from a function, in the form of RFC 1035, and
 * knows nothing else. `questions` are the names asked for, in order.
 */
export class DnsResponder {
  readonly questions: string[] = [];
  readonly port: number;
  private readonly socket: Socket;

  private constructor(socket: Socket, reply: (question: string) => DnsReply | undefined) {
    this.socket = socket;
    this.port = socket.address().port;
    socket.on('message', (query, from) => {
      const { name, end } = readName(query, HEADER_BYTES);
      this.questions.push(name);
      const given = query.readUInt16BE(end) === PTR ? reply(name) : { code: RCODE.nameError };
      if (given !== undefined) socket.send(response(query, end + 4, given), from.port, from.address);
    });
  }

  /** @param port 0 takes a free one */
  static async open(
    reply: (question: string) => DnsReply | undefined,
    port = 0,
    address = '127.0.0.1',
  ): Promise<DnsResponder> {
    const socket = createSocket('udp4');
    socket.bind(port, address);
    await once(socket, 'listening');
    return new DnsResponder(socket, reply);
  }

  close(): void {
    this.socket.close();
  }
}

function response(
  query: Buffer,
  questionEnd: number,
  { names = [], code = RCODE.noError }: DnsReply,
): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  query.copy(header, 0, 0, 2);
  header.writeUInt16BE(RESPONSE | RECURSION_AVAILABLE | code, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(names.length, 6);
  const answers = names.map((name) => {
    const data = encodeName(name);
    const head = Buffer.alloc(12);
    head.writeUInt16BE(POINTER_TO_QUESTION, 0);
    head.writeUInt16BE(PTR, 2);
    head.writeUInt16BE(1, 4);
    head.writeUInt32BE(60, 6);
    head.writeUInt16BE(data.length, 10);
    return Buffer.concat([head, data]);
  });
  return Buffer.concat([header, query.subarray(HEADER_BYTES, questionEnd), ...answers]);
}

function readName(bytes: Buffer, at: number): { name: string; end: number } {
  const labels: string[] = [];
  while (bytes[at] !== 0) {
    labels.push(bytes.toString('latin1', at + 1, at + 1 + bytes[at]));
    at += 1 + bytes[at];
  }
  return { name: labels.join('.'), end: at + 1 };
}

function encodeName(name: string): Buffer {
  const labels = name.split('.').filter((label) => label !== '');
  return Buffer.concat([
    ...labels.map((label) => Buffer.from(`${String.fromCharCode(label.length)}${label}`, 'latin1')),
    Buffer.from([0]),
  ]);
}
