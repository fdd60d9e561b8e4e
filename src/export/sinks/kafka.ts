import type { KafkaConfig, Producer, SASLOptions } from 'kafkajs';
import type { Members } from '../members.ts';
import type { ExportMessage } from '../message.ts';
import { type Sink, SinkError, untilAborted } from '../sink.ts';
import { tlsOptions } from './tls-options.ts';
import { fillTopic } from './topic.ts';

const MECHANISMS = ['plain', 'scram-sha-256', 'scram-sha-512'] as const;
const ACKS = { all: -1, leader: 1, none: 0 };
const CONNECT_MS = 3000;
const REQUEST_MS = 10_000;

interface KafkaOptions {
  readonly client: KafkaConfig;
  readonly topic: string;
  readonly acks: number;
  readonly gzip: boolean;
}

/** A topic of Kafka. The key is the agent, so that messages of one agent keep their order. */
export function kafkaSink(members: Members): () => Sink {
  const brokers = [...members.texts('brokers')];
  if (brokers.length === 0) throw members.fault('brokers', 'is missing');
  if (!brokers.every((broker) => /^[^\s:]+:\d+$|^\[[^\s\]]+\]:\d+$/.test(broker)))
    throw members.fault('brokers', 'is a list of HOST:PORT');
  const topic = members.optionalText('topic') ?? 'weir.{type}';
  const acks = ACKS[members.choice('acks', ['all', 'leader', 'none'], 'all')];
  const gzip = members.flag('gzip', false);
  const username = members.optionalText('username');
  const sasl = {
    mechanism: members.choice('mechanism', MECHANISMS, 'plain'),
    username,
    password: members.optionalText('password') ?? '',
  };
  const client: KafkaConfig = {
    clientId: members.optionalText('clientId') ?? 'weir',
    brokers,
    connectionTimeout: CONNECT_MS,
    requestTimeout: REQUEST_MS,
    // Trying again is ours.
    retry: { retries: 0 },
    ...(members.has('tls') && { ssl: tlsOptions(members) }),
    ...(username !== undefined && { sasl: sasl as SASLOptions }),
  };
  return () => createKafkaSink({ client, topic, acks, gzip });
}

function createKafkaSink({ client, topic, acks, gzip }: KafkaOptions): Sink {
  let producer: Producer | undefined;

  async function connected(): Promise<Producer> {
    if (producer !== undefined) return producer;
    const { Kafka, logLevel, Partitioners } = await import('./kafka-library.ts');
    const made = new Kafka({ ...client, logLevel: logLevel.NOTHING }).producer({
      createPartitioner: Partitioners.DefaultPartitioner,
      retry: { retries: 0 },
    });
    await made.connect();
    producer = made;
    return made;
  }

  async function drop(): Promise<void> {
    const old = producer;
    producer = undefined;
    await old?.disconnect().catch(() => undefined);
  }

  return {
    async send(messages, signal) {
      try {
        const to = await untilAborted(connected(), signal);
        const topicMessages = [...byTopic(messages, topic)].map(([name, list]) => ({
          topic: name,
          messages: list,
        }));
        const compression = gzip ? (await import('./kafka-library.ts')).CompressionTypes.GZIP : 0;
        await untilAborted(to.sendBatch({ topicMessages, acks, compression }), signal);
      } catch (error) {
        await drop();
        throw new SinkError(error instanceof Error ? error.message : String(error), { cause: error });
      }
    },
    close: drop,
  };
}

function byTopic(
  messages: readonly ExportMessage[],
  topic: string,
): Map<string, { key: string | null; value: string; timestamp: string }[]> {
  const topics = new Map<string, { key: string | null; value: string; timestamp: string }[]>();
  for (const message of messages) {
    const name = fillTopic(topic, message);
    const list = topics.get(name) ?? [];
    list.push({
      key: message.agent ?? null,
      value: JSON.stringify(message),
      timestamp: String(Math.round(message.time)),
    });
    topics.set(name, list);
  }
  return topics;
}
