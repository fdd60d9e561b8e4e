import { connect, type Socket } from 'node:net';
import {
  type BgpMessage,
  bytesOfHex,
  type Capability,
  decodeMessage,
  encodeMessage,
  FAMILIES,
  type Family,
  frameMessage,
  hexOfBytes,
  KEEPALIVE,
  type MessageContext,
  type NotificationMessage,
} from '../../src/bgp/index.ts';
import { until } from './bgp-lab.ts';

const CONTEXT: MessageContext = {
  fourOctetAs: true,
  external: true,
  addPath: new Set(),
  extendedMessage: false,
};

/** A router of a test: a socket, and every message that came in, as bytes and as what they say. */
export class RawBgpPeer {
  readonly messages: { hex: string; message: BgpMessage | undefined }[] = [];
  closed: 'no' | 'end' | 'reset' = 'no';
  private readonly socket: Socket;
  private rest = Buffer.alloc(0);

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk) => this.take(chunk));
    socket.on('end', () => {
      this.closed = 'end';
    });
    socket.on('error', () => {
      this.closed = 'reset';
    });
    socket.on('close', () => {
      if (this.closed === 'no') this.closed = 'end';
    });
  }

  /** @param from address of loopback that the router has */
  static connect(port: number, from: string): Promise<RawBgpPeer> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1', localAddress: from });
      socket.once('error', reject);
      const peer = new RawBgpPeer(socket);
      socket.once('connect', () => resolve(peer));
    });
  }

  /** The same, through the handshake. */
  static async establish(
    port: number,
    from: string,
    as: number,
    families: readonly Family[] = [],
  ): Promise<RawBgpPeer> {
    const peer = await RawBgpPeer.connect(port, from);
    await peer.first('open');
    peer.open(as, from, families);
    await peer.first('keepalive');
    peer.send(KEEPALIVE);
    return peer;
  }

  open(
    as: number,
    identifier: string,
    families: readonly Family[],
    holdTime = 90,
    more: readonly Capability[] = [],
  ): void {
    const capabilities: Capability[] = [
      { kind: 'four-octet-as', as },
      ...families.map((family): Capability => ({ kind: 'multiprotocol', ...FAMILIES[family] })),
      ...more,
    ];
    this.send({ type: 'open', as, holdTime, identifier, capabilities });
  }

  send(message: BgpMessage): void {
    this.socket.write(encodeMessage(message, CONTEXT));
  }

  /** Bytes as they are; blanks are left out. */
  sendHex(hex: string): void {
    this.socket.write(bytesOfHex(hex) ?? new Uint8Array(0));
  }

  /** A message of this type and body, with a marker and a length that fit. */
  sendBody(type: number, body: string): void {
    const bytes = bytesOfHex(body) ?? new Uint8Array(0);
    const length = (19 + bytes.length).toString(16).padStart(4, '0');
    this.sendHex(`${'ff'.repeat(16)} ${length} ${type.toString(16).padStart(2, '0')} ${body}`);
  }

  /** The first message of this type, as soon as there is one. */
  async first<Type extends BgpMessage['type']>(type: Type): Promise<Extract<BgpMessage, { type: Type }>> {
    return until(
      () => this.of(type)[0],
      (message) => message !== undefined,
      10_000,
      () => `no ${type}; ${this.messages.map(({ hex }) => hex).join('\n')}; closed: ${this.closed}`,
    );
  }

  of<Type extends BgpMessage['type']>(type: Type): Extract<BgpMessage, { type: Type }>[] {
    return this.messages.flatMap(({ message }) =>
      message?.type === type ? [message as Extract<BgpMessage, { type: Type }>] : [],
    );
  }

  /** Code, subcode and data of the NOTIFICATION that ends the session, in hex. */
  async notified(): Promise<string> {
    const { code, subcode, data }: NotificationMessage = await this.first('notification');
    return hexOfBytes(Uint8Array.of(code, subcode, ...data));
  }

  untilClosed(): Promise<unknown> {
    return until(
      () => this.closed,
      (closed) => closed !== 'no',
    );
  }

  /** Takes nothing more from the socket, so that it fills up. */
  stopReading(): void {
    this.socket.pause();
  }

  end(): void {
    this.socket.destroy();
  }

  private take(chunk: Buffer): void {
    this.rest = Buffer.concat([this.rest, chunk]);
    for (;;) {
      const framing = frameMessage(this.rest, 0, this.rest.length, CONTEXT);
      if (framing.status !== 'message') return;
      const bytes = this.rest.subarray(0, framing.length);
      const reading = decodeMessage(bytes, CONTEXT);
      this.messages.push({ hex: hexOfBytes(bytes), message: reading.ok ? reading.message : undefined });
      this.rest = this.rest.subarray(framing.length);
    }
  }
}
