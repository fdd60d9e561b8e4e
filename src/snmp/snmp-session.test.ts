import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { afterEach, expect, it } from 'vitest';
import { openSnmpSession, type SnmpSession } from './snmp-session.ts';

const SYS_NAME = '1.3.6.1.2.1.1.5.0';
const TIMEOUT_MS = 40;

let open: { close(): void }[] = [];

afterEach(() => {
  for (const each of open) each.close();
  open = [];
});

/** A device that answers with what `answer` makes of the question. */
async function device(answer: (question: Buffer) => Buffer | undefined): Promise<number> {
  const socket: Socket = createSocket('udp4');
  socket.on('message', (question, { port, address }) => {
    const bytes = answer(question);
    if (bytes !== undefined) socket.send(bytes, port, address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  open.push(socket);
  return (socket.address() as AddressInfo).port;
}

function session(port: number, version: '2c' | '3' = '2c'): SnmpSession {
  const access =
    version === '2c'
      ? ({ version, community: 'public' } as const)
      : ({ version, name: 'weir', auth: undefined, priv: undefined } as const);
  const opened = openSnmpSession('127.0.0.1', { port, timeoutMs: TIMEOUT_MS, access });
  open.push(opened);
  return opened;
}

/** The question with its type changed to a response: the value asked for is null. */
function asResponse(question: Buffer): Buffer {
  const bytes = Buffer.from(question);
  const at = bytes.findIndex((byte) => byte === 0xa0 || byte === 0xa5);
  bytes[at] = 0xa2;
  return bytes;
}

it.each(['2c', '3'] as const)('version %s: no answer is said in words', async (version) => {
  const port = await device(() => undefined);
  await expect(session(port, version).get(SYS_NAME)).rejects.toMatchObject({
    code: 'SNMP_NO_ANSWER',
    message: expect.stringContaining('no answer: SNMP is off'),
  });
});

it('a device that sends the question back is no agent', async () => {
  const port = await device((question) => question);
  await expect(session(port).get(SYS_NAME)).rejects.toThrow();
});

it('an answer without a value is none', async () => {
  const port = await device(asResponse);
  expect(await session(port).get(SYS_NAME)).toBeNull();
});

it('close ends what is under way', async () => {
  const port = await device(() => undefined);
  const opened = session(port);
  const answer = opened.get(SYS_NAME);
  opened.close();
  await expect(answer).rejects.toThrow();
});

it('whatever bytes come back, a question ends, and nothing is thrown elsewhere', {
  timeout: 60_000,
}, async () => {
  let bytes: Uint8Array = new Uint8Array(0);
  let cut = (question: Buffer): Buffer => question;
  const port = await device((question) => (bytes.length > 0 ? Buffer.from(bytes) : cut(question)));
  const settled = async (version: '2c' | '3') => {
    const opened = openSnmpSession('127.0.0.1', {
      port,
      timeoutMs: 5,
      access:
        version === '2c'
          ? { version, community: 'public' }
          : { version, name: 'weir', auth: undefined, priv: undefined },
    });
    await opened.getBulk('1.3.6.1.2.1.31.1.1.1.1', 25).catch(() => undefined);
    opened.close();
  };
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 80 }),
      fc.constantFrom('2c' as const, '3' as const),
      async (given, version) => {
        bytes = given;
        await settled(version);
      },
    ),
    { numRuns: 40 },
  );
  bytes = new Uint8Array(0);
  // Responses to the question, with bytes of them changed or missing.
  await fc.assert(
    fc.asyncProperty(fc.nat(60), fc.nat(255), fc.nat(60), async (at, byte, length) => {
      cut = (question) => {
        const response = asResponse(question);
        response[at % response.length] = byte;
        return response.subarray(0, response.length - (length % 8 === 0 ? length % response.length : 0));
      };
      await settled('2c');
    }),
    { numRuns: 80 },
  );
});
