import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { EndedFlow, EndedFlows } from '../engine/index.ts';
import { createIpfixExporter, type IpfixExporter } from './ipfix-exporter.ts';

const NOW = 1_795_000_000_000;

let listeners: Set<(flows: EndedFlows) => void>;
let socket: Socket;
let messages: Buffer[];
let warnings: string[];
let exporter: IpfixExporter;
let hosts: Record<string, string | undefined>;
let now: number;

beforeEach(async () => {
  [listeners, messages, warnings, now] = [new Set(), [], [], NOW];
  hosts = { '127.0.0.1': '127.0.0.1', 'collector.example': '127.0.0.1' };
  socket = createSocket({ type: 'udp4', recvBufferSize: 1 << 20 });
  socket.on('message', (message) => messages.push(message));
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  exporter = createIpfixExporter(
    {
      onEndedFlows(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
    {
      log: { warn: (message) => warnings.push(message) },
      now: () => now,
      resolve: async (host) => hosts[host],
      port: socket.address().port,
    },
  );
  exporter.start();
});
afterEach(() => {
  exporter.stop();
  socket.close();
});

const flow = (given: Partial<EndedFlow> = {}): EndedFlow => ({
  agent: '192.0.2.1',
  dataSource: '3',
  keys: ['10.0.0.1'],
  totals: [1000],
  start: NOW - 10_000,
  end: NOW,
  ...given,
});

function end(flows: readonly EndedFlow[], given: Partial<EndedFlows> = {}): void {
  for (const listener of listeners)
    listener({ collectors: ['127.0.0.1'], keys: ['ipsource'], values: ['bytes'], flows, ...given });
}

async function until(count: number): Promise<Buffer[]> {
  for (let i = 0; i < 400 && messages.length < count; i++) await sleep(5);
  expect(messages.length).toBe(count);
  return messages;
}

const sequence = (message: Buffer): number => message.readUInt32BE(8);
const templateId = (message: Buffer): number => message.readUInt16BE(20);
/** Records of the template's length in the data set, which ends the message. */
const records = (message: Buffer): number => {
  const dataSet = 16 + message.readUInt16BE(18);
  const lengths = Array.from({ length: message.readUInt16BE(22) }, (_, i) =>
    message.readUInt16BE(26 + 4 * i),
  );
  return (message.readUInt16BE(dataSet + 2) - 4) / lengths.reduce((sum, length) => sum + length, 0);
};

describe('4.1 IPFIX exporter', () => {
  it('numbers messages by the records before them, for each collector on its own', async () => {
    end([flow(), flow()]);
    await until(1);
    end([flow()], { collectors: ['127.0.0.1', 'collector.example', '127.0.0.1'] });
    await until(3);
    expect(messages.map((message) => [sequence(message), records(message)])).toEqual([
      [0, 2],
      [2, 1],
      [0, 1],
    ]);
    expect(exporter.counters()).toEqual({
      '127.0.0.1': { messages: 2, records: 3, failed: 0 },
      'collector.example': { messages: 1, records: 1, failed: 0 },
    });
  });

  it('an agent is an observation domain, with a number and a sequence of its own', async () => {
    const agents = ['192.0.2.1', '255.255.255.255', '2001:db8::1', '2001:db8::2'];
    end(agents.flatMap((agent) => [flow({ agent }), flow({ agent })]));
    await until(4);
    end(agents.map((agent) => flow({ agent })));
    await until(8);
    const domains = messages.map((message) => message.readUInt32BE(12));
    expect(domains.slice(0, 2)).toEqual([0xc0000201, 0xffffffff]);
    expect(new Set(domains).size).toBe(4);
    expect(domains.slice(4)).toEqual(domains.slice(0, 4));
    expect(messages.map((message) => [sequence(message), records(message)])).toEqual([
      ...agents.map(() => [0, 2]),
      ...agents.map(() => [2, 1]),
    ]);
  });

  it('splits many flows into messages that fit a packet', async () => {
    end(Array.from({ length: 500 }, () => flow()));
    while (
      messages.length === 0 ||
      sequence(messages[messages.length - 1]) + records(messages[messages.length - 1]) < 500
    )
      await sleep(5);
    let before = 0;
    for (const message of messages) {
      expect(message.length).toBeLessThanOrEqual(1400);
      expect(sequence(message)).toBe(before);
      before += records(message);
    }
    expect(before).toBe(500);
  });

  it('equal layouts share a template, different ones and the other family have their own', async () => {
    end([flow()]);
    await until(1);
    end([flow()]);
    await until(2);
    end([flow()], { values: ['frames'] });
    await until(3);
    end([flow({ agent: '2001:db8::1' })]);
    await until(4);
    expect(messages.map(templateId)).toEqual([256, 256, 257, 258]);
  });

  it('a host nobody knows is said once a minute, and looked up again', async () => {
    const lost = { collectors: ['lost.example'] };
    end([flow(), flow()], lost);
    end([flow()], lost);
    await sleep(20);
    expect(warnings).toEqual(['IPFIX to "lost.example" is not sent: nobody knows this host']);
    expect(exporter.health()).toEqual({ ok: false, reason: warnings[0] });
    hosts['lost.example'] = '127.0.0.1';
    now += 60_000;
    end([flow()], lost);
    const [message] = await until(1);
    // What was not sent shows as missing.
    expect(sequence(message)).toBe(3);
    expect(exporter.counters()).toEqual({ 'lost.example': { messages: 1, records: 1, failed: 2 } });
    expect(exporter.health()).toEqual({ ok: true });
  });

  it('one collector that cannot be reached harms no other', async () => {
    hosts['refused.example'] = '255.255.255.255';
    end([flow()], { collectors: ['refused.example', '127.0.0.1'] });
    await until(1);
    await vi.waitFor(() =>
      expect(exporter.counters()['refused.example']).toEqual({ messages: 0, records: 0, failed: 1 }),
    );
  });

  it('is silent after it was stopped', async () => {
    end([flow()]);
    exporter.stop();
    end([flow()]);
    await sleep(20);
    expect(listeners.size).toBe(0);
    expect(messages).toEqual([]);
  });
});
