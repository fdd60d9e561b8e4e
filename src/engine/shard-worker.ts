import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type MessagePort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { isWeirError, WeirError } from '../common/index.ts';
import { parseThreshold } from '../event/index.ts';
import { type FlowDefinition, parseDefinition } from '../flow/index.ts';
import { type AddressRecords, type GeoFile, NameCache, parseOuiFile } from '../lookup/index.ts';
import { SLOT_BYTES } from '../udp/receiver.ts';
import { DgramReceiver } from '../udp/receiver-dgram.ts';
import { BATCH, RecvmmsgReceiver } from '../udp/receiver-recvmmsg.ts';
import type { DatagramSender } from '../udp/sender.ts';
import { answer, type ShardView } from './answer.ts';
import { AnswerCache } from './answer-cache.ts';
import { createClock, type EngineClock } from './clock.ts';
import { Forwarder } from './forwarder.ts';
import type { EndedFlow, EndedFlows, PrometheusPage } from './index.ts';
import { Outbox } from './outbox.ts';
import {
  type Change,
  type ForwardingChange,
  type FromShard,
  type ShardClient,
  type ShardData,
  SIGNAL,
  type TenantChange,
  type ToShard,
  type UnnumberedFlow,
} from './protocol.ts';
import { readCaptureFile, replayCapture } from './replay-capture.ts';
import { Shard } from './shard.ts';
import { tableMemory } from './table-memory.ts';
import type { Crossing } from './threshold-monitor.ts';

/**
 * The thread of a shard. With recvmmsg it never returns to the event loop: it blocks for datagrams, and takes messages
 * between batches; the front wakes it with an empty datagram. With node:dgram it is an ordinary event-driven thread.
 */

/** How long a blocking receive waits at most; questions do not wait for it. */
const RECEIVE_TIMEOUT_MS = 250;
const TICK_MS = 1000;
/** How long questions wait at most while datagrams are waiting too, and how long they are then answered in one go. */
const QUESTIONS_WAIT_MS = 10;
const MESSAGES_MS = 2;
/**
 * A thread that has its answer often asks again at once. For so long the shard looks for that before it blocks, where few
 * datagrams come in: to be woken would take longer.
 */
const LINGER_MS = 0.05;
/** The rate is measured over this long. */
const RATE_MS = 100;
/**
 * From this many datagrams per second on, a batch that is not full is followed by a pause in which the next one gathers,
 * and answers are kept for a moment.
 */
const BUSY_RATE = 5000;
/** Datagrams that a pause should gather, of the 64 a batch can hold. */
const GATHER = 40;
const MAX_PAUSE_MICROSECONDS = 2000;
/** Below this a pause costs more than it gathers. */
const MIN_PAUSE_MICROSECONDS = 100;

type Question = Extract<ToShard, { kind: 'ask' }>;

/** A thread that asks by itself. */
interface Client {
  readonly id: number;
  readonly port: MessagePort;
  readonly signal: Int32Array;
  /** Value of `SIGNAL.ASKED` when its last question was taken. */
  taken: number;
}

/** A question of a client that has been taken from its port. */
interface Asked {
  readonly client: Client;
  readonly question: Question;
  /** Equal for questions that have one answer. */
  readonly text: string;
}

class ShardThread {
  private readonly data: ShardData;
  private readonly port: MessagePort;
  private readonly clock: EngineClock;
  private readonly shard: Shard;
  private forwarder = new Forwarder();
  private sender: DatagramSender | undefined;
  /** Reads databases of addresses; loaded only where there are any. */
  private openRecords: ((bytes: Uint8Array) => AddressRecords) | undefined;
  private readonly answers = new AnswerCache();
  private readonly logged: Outbox<UnnumberedFlow>;
  private readonly events: Outbox<Crossing>;
  private ended = new Map<FlowDefinition, EndedFlow[]>();
  private kernelDrops: () => number = () => 0;
  private lastTick = 0;
  private readonly clients: Client[] = [];
  /** Not yet answered, the oldest first. */
  private asked: Asked[] = [];
  private wakeBy: (port: number) => void = () => {};
  private isBlocking = false;
  private readonly view: ShardView;
  private stopping = false;
  /** Datagrams come at BUSY_RATE or faster. */
  private isBusy = false;

  constructor(data: ShardData, port: MessagePort) {
    this.data = data;
    this.port = port;
    this.clock = createClock(data.clockOrigin);
    this.logged = new Outbox(data.maxFlows);
    this.events = new Outbox(data.maxEvents);
    this.shard = new Shard({
      memoryBytes: data.memoryBytes,
      maxAgents: data.maxAgents,
      maxDataSources: data.maxDataSources,
      seed: randomInt(2 ** 31),
      ownAddress: data.ownAddress,
      onLogged: ({ name, agent, dataSource, flowKeys, value, values, start, end }) =>
        this.logged.push({ name, agent, dataSource, flowKeys, value, values, start, end }),
      onEvent: (event) => this.events.push(event),
      onEnded: (definition, flow) => {
        const flows = this.ended.get(definition);
        if (flows === undefined) this.ended.set(definition, [flow]);
        else flows.push(flow);
      },
      memory: tableMemory(),
      onTenantsFull: () => this.sender?.flush(),
    });
    const kernelDrops = (): number => this.kernelDrops();
    const forwarding = () => this.forwarder.counts();
    this.view = {
      shard: this.shard,
      // Found only when somebody asks for them.
      get kernelDrops() {
        return kernelDrops();
      },
      get forwarding() {
        return forwarding();
      },
    };
    if (data.vendorFile !== '')
      this.shard.lookups.setVendors(parseOuiFile(readFileSync(data.vendorFile, 'utf8')));
    if (data.dns) this.shard.lookups.names = new NameCache();
  }

  async run(): Promise<void> {
    const { data } = this;
    // Now, for a thread that blocks cannot load anything later.
    if (data.geo) this.openRecords = (await import('./geo-reader.ts')).openRecords;
    if (data.captureFile !== '') {
      const datagrams = readCaptureFile(data.captureFile);
      this.runEventDriven(() => undefined);
      this.post({ kind: 'ready', info: fileInfo(data.captureFile), reason: undefined });
      await replayCapture(datagrams, this.clock, (bytes, s0, s1, s2, s3, now) => {
        this.shard.advance(now);
        this.shard.receive(bytes, 0, bytes.length, s0, s1, s2, s3, now);
        this.sendNews();
      });
      return;
    }
    let reason: string | undefined;
    if (data.receiver.kind !== 'dgram') {
      try {
        this.runBlocking();
        return;
      } catch (error) {
        const mayFallBack = data.receiver.kind === 'auto' && isWeirError(error, 'RECEIVER_UNAVAILABLE');
        if (!mayFallBack) throw error;
        reason = error.message;
      }
    }
    const receiver = new DgramReceiver(data.receiver, (bytes, start, end, s0, s1, s2, s3) => {
      const now = this.clock.now();
      if (this.forwarder.active) this.forwarder.take(bytes, start, end);
      try {
        this.shard.advance(now);
        this.shard.receive(bytes, start, end, s0, s1, s2, s3, now);
      } catch (error) {
        this.fault(error);
      }
      this.sendNews();
    });
    await receiver.start();
    this.sender = receiver.sender();
    this.kernelDrops = () => receiver.kernelDrops();
    this.runEventDriven(() => receiver.close());
    this.post({ kind: 'ready', info: receiver.info, reason });
  }

  private runBlocking(): void {
    const { data, shard, clock } = this;
    let now = clock.now();
    const forwarder = new Forwarder(SLOT_BYTES);
    const receiver = new RecvmmsgReceiver(
      data.receiver,
      RECEIVE_TIMEOUT_MS,
      data.wakePort,
      (bytes, start, end, s0, s1, s2, s3) => {
        if (forwarder.active) forwarder.take(bytes, start, end);
        try {
          shard.receive(bytes, start, end, s0, s1, s2, s3, now);
        } catch (error) {
          this.fault(error);
        }
      },
    );
    const sender = receiver.sender();
    this.forwarder = forwarder;
    this.sender = sender;
    this.kernelDrops = () => receiver.kernelDrops();
    this.wakeBy = (port) => receiver.wakeBy(port);
    this.isBlocking = true;
    this.post({ kind: 'ready', info: receiver.info, reason: undefined });
    let rateStart = now;
    let rateCount = 0;
    let pause = 0;
    let lastMessages = now;
    let more = false;
    while (!this.stopping) {
      // First the word, then the look: who asks in between sees the word, and wakes.
      if (!more) Atomics.store(data.waiting, 0, 1);
      more ||= this.hasQuestions();
      const n = more ? receiver.poll() : receiver.wait();
      Atomics.store(data.waiting, 0, 0);
      now = clock.now();
      if (n > 0) {
        shard.advance(now);
        // Threads that ask often make no flood of datagrams.
        rateCount += receiver.deliver(n);
        sender.flush();
        this.sendNews();
      }
      // While more is waiting in the socket, datagrams go before questions: what is not read in time is lost.
      const isBehind = n === BATCH && now - lastMessages < QUESTIONS_WAIT_MS;
      if (!isBehind && (more || receiver.woken || now !== lastMessages)) {
        receiver.woken = false;
        more = this.takeMessages();
        if (this.hasQuestions()) more = this.takeQuestions() || (!this.isBusy && this.linger()) || more;
        this.sendNews();
        lastMessages = clock.now();
        if (now - this.lastTick >= TICK_MS) this.tick(now);
      }
      if (now - rateStart >= RATE_MS) {
        const rate = (rateCount * 1000) / (now - rateStart);
        this.isBusy = rate >= BUSY_RATE;
        pause = pauseFor(rate);
        rateStart = now;
        rateCount = 0;
      }
      if (pause > 0 && n < GATHER && !more) receiver.pause(pause);
    }
    receiver.close();
    this.post({ kind: 'stopped' });
    this.port.close();
  }

  private runEventDriven(close: () => void): void {
    const timer = setInterval(() => this.tick(this.clock.now()), TICK_MS);
    this.port.on('message', (message: ToShard) => {
      this.handle(message);
      this.sendNews();
      if (!this.stopping) return;
      clearInterval(timer);
      close();
      this.post({ kind: 'stopped' });
      this.port.close();
    });
  }

  private tick(now: number): void {
    this.lastTick = now;
    try {
      this.shard.tick(now);
      this.shard.lookups.names?.advance(now);
    } catch (error) {
      this.fault(error);
    }
    this.sendNews();
  }

  /** Nothing a datagram holds may raise an error; should one do so all the same, it costs that datagram and is counted. */
  private fault(error: unknown): void {
    const text = error instanceof Error ? error.message : String(error);
    this.shard.faults.add(`internal: ${text.slice(0, 100)}`);
  }

  /** Handle what has been sent to this thread, for a while. True when there may be more. */
  private takeMessages(): boolean {
    const until = performance.now() + MESSAGES_MS;
    do {
      const got = receiveMessageOnPort(this.port);
      if (got === undefined) return false;
      this.handle(got.message as ToShard);
    } while (performance.now() < until);
    return true;
  }

  /** True when there is another question soon. */
  private linger(): boolean {
    const until = performance.now() + LINGER_MS;
    do if (this.hasQuestions()) return true;
    while (performance.now() < until);
    return false;
  }

  private hasQuestions(): boolean {
    return (
      this.asked.length > 0 ||
      this.clients.some(({ signal, taken }) => Atomics.load(signal, SIGNAL.ASKED) !== taken)
    );
  }

  /**
   * Answer the threads that ask by themselves, for a while. Those that ask the same get one answer: scripts of one kind
   * ask at the same moment. True when there is more.
   */
  private takeQuestions(): boolean {
    const until = performance.now() + MESSAGES_MS;
    this.fetchQuestions();
    while (this.asked.length > 0) {
      const { question, text } = this.asked[0];
      const answer = this.answer(question);
      this.asked = this.asked.filter((other) => {
        if (other.text !== text) return true;
        this.answerClient(other, answer);
        return false;
      });
      if (performance.now() >= until) break;
    }
    return this.hasQuestions();
  }

  /** One of each client: a thread that sleeps until it has its answer asks no second. */
  private fetchQuestions(): void {
    for (const client of this.clients) {
      if (Atomics.load(client.signal, SIGNAL.ASKED) === client.taken) continue;
      const got = receiveMessageOnPort(client.port);
      // Posted before it was counted, so it is there.
      if (got === undefined) continue;
      client.taken = (client.taken + 1) | 0;
      const question = got.message as Question;
      this.asked.push({ client, question, text: this.textOf(question, client) });
    }
  }

  private textOf({ what, question }: Question, client: Client): string {
    // Pages follow each other: none is given twice.
    if (what === 'prometheus' || this.clients.length === 1) return String(client.id);
    return textOfQuestion({ what, question });
  }

  private answerClient({ client, question }: Pick<Asked, 'client' | 'question'>, answer: FromShard): void {
    const own = 'id' in answer ? { ...answer, id: question.id } : answer;
    client.port.postMessage(own, buffersOf(question, own));
    Atomics.add(client.signal, SIGNAL.ANSWERED, 1);
    Atomics.notify(client.signal, SIGNAL.ANSWERED);
  }

  private connect(client: ShardClient): void {
    const { id, port, signal, wakePort } = client;
    const connected: Client = { id, port, signal, taken: 0 };
    this.clients.push(connected);
    if (wakePort !== 0) this.wakeBy(wakePort);
    if (this.isBlocking) return;
    port.on('message', (question: Question) =>
      this.answerClient({ client: connected, question }, this.answer(question)),
    );
  }

  private disconnect(id: number): void {
    this.asked = this.asked.filter(({ client }) => client.id !== id);
    const at = this.clients.findIndex((client) => client.id === id);
    if (at >= 0) for (const { port } of this.clients.splice(at, 1)) port.close();
  }

  private handle(message: ToShard): void {
    if (message.kind === 'stop') {
      this.stopping = true;
      return;
    }
    if (message.kind === 'names') {
      this.shard.lookups.names?.answer(message.answers);
      return;
    }
    if (message.kind === 'connect') this.connect(message.client);
    else if (message.kind === 'disconnect') this.disconnect(message.id);
    else {
      const answer = this.answer(message);
      this.port.postMessage(answer, buffersOf(message, answer));
    }
  }

  /** Carry out a change or find an answer: what is to be sent back. */
  private answer(message: Extract<ToShard, { kind: 'ask' | 'change' }>): FromShard {
    const { id } = message;
    const now = this.clock.now();
    try {
      if (message.kind === 'change') {
        this.answers.clear();
        this.change(message.change, now);
        return { kind: 'answer', id, answer: undefined };
      }
      const find = (): unknown => answer(this.view, message.what, message.question as never, now);
      // Pages follow each other: none is given twice.
      const found = this.isBusy && message.what !== 'prometheus' ? this.kept(message, find) : find();
      return { kind: 'answer', id, answer: found };
    } catch (error) {
      const code = isWeirError(error) ? error.code : 'ENGINE_FAULT';
      return { kind: 'error', id, code, message: error instanceof Error ? error.message : String(error) };
    }
  }

  /** While many datagrams come in: an answer of a moment ago, where there is one. */
  private kept(question: Question, find: () => unknown): unknown {
    return this.answers.answer(textOfQuestion(question), find, () => performance.now());
  }

  private change(change: Change, now: number): void {
    const { shard } = this;
    const { what, name, content } = change;
    if (change.what === 'forwarding' || change.what === 'tenant') this.changeDestination(change);
    else if (change.what === 'bgpRoutes') shard.bgp.setTable(change.name, change.content);
    else if (change.what === 'bgpSource') shard.bgp.setSource(change.name, change.content, now);
    else if (change.what === 'geo') this.changeGeo(change.name, change.content);
    else if (change.what === 'agentNames') shard.metrics.setNames(name, change.content, now);
    else if (what === 'group') shard.lookups.setGroup(name, content);
    else if (what === 'map') shard.lookups.setMap(name, content);
    else if (what === 'topology') shard.topology.set(content);
    else if (what === 'threshold') this.changeThreshold(name, content, now);
    else if (content === undefined) shard.flows.remove(name, now);
    else {
      const definition = parseDefinition(name, content);
      if (definition !== undefined) shard.define(definition, now);
    }
  }

  private changeThreshold(name: string, content: unknown, now: number): void {
    const threshold = content === undefined ? undefined : parseThreshold(name, content);
    if (threshold === undefined) this.shard.thresholds.remove(name, now);
    else this.shard.thresholds.define(threshold, now);
  }

  private changeGeo(file: GeoFile, bytes: Uint8Array): void {
    const records = this.openRecords?.(bytes);
    if (records !== undefined) this.shard.lookups.geo.use(file, records);
  }

  private changeDestination({ what, name, content }: ForwardingChange | TenantChange): void {
    if (content === undefined) {
      if (what === 'forwarding') this.forwarder.remove(name);
      else this.shard.tenants.remove(name);
      return;
    }
    const destination = this.sender?.destination(content.address, content.port);
    if (destination === undefined)
      throw new WeirError(`${what.toUpperCase()}_BAD`, `the sFlow socket does not reach ${content.address}`);
    if (what === 'forwarding') this.forwarder.set(name, content, destination);
    else this.shard.tenants.set(name, content.filters, destination);
  }

  /** Tell the front what happened: events at once, they are waited for. */
  private sendNews(): void {
    const now = this.clock.now();
    const events = this.events.take(now);
    if (events !== undefined) this.post({ kind: 'events', ...events });
    const flows = this.logged.take(now);
    if (flows !== undefined) this.post({ kind: 'logged', ...flows });
    if (this.ended.size > 0) {
      this.post({
        kind: 'ended',
        flows: [...this.ended].map(([definition, ended]) => endedFlows(definition, ended)),
      });
      this.ended.clear();
    }
    const addresses = this.shard.lookups.names?.takeWanted();
    if (addresses !== undefined && addresses.length > 0) this.post({ kind: 'wanted', addresses });
  }

  private post(message: FromShard): void {
    this.port.postMessage(message);
  }
}

/** What of an answer is handed over rather than copied: the bytes of a page. */
function buffersOf(question: ToShard, answer: FromShard): ArrayBuffer[] {
  if (question.kind !== 'ask' || question.what !== 'prometheus' || answer.kind !== 'answer') return [];
  return [(answer.answer as PrometheusPage).bytes.buffer];
}

/** Equal for questions that have one answer. */
function textOfQuestion({ what, question }: Pick<Question, 'what' | 'question'>): string {
  return `${what} ${JSON.stringify(question)}`;
}

/** Microseconds to pause at a rate of datagrams per second; 0 for not at all. */
function pauseFor(rate: number): number {
  if (rate < BUSY_RATE) return 0;
  const pause = Math.min(MAX_PAUSE_MICROSECONDS, Math.floor((GATHER * 1e6) / rate));
  return pause < MIN_PAUSE_MICROSECONDS ? 0 : pause;
}

function endedFlows(definition: FlowDefinition, flows: readonly EndedFlow[]): EndedFlows {
  const { ipfixCollectors, keys, value, values } = definition;
  return {
    collectors: ipfixCollectors,
    keys: keys.map(({ text }) => text),
    values: [value, ...values].map(({ key }) => key.name),
    flows,
  };
}

function fileInfo(file: string): Extract<FromShard, { kind: 'ready' }>['info'] {
  return { kind: 'file', address: file, port: 0, bufferAsked: 0, bufferGranted: 0 };
}

const { data, port } = workerData as { data: ShardData; port: MessagePort };
new ShardThread(data, port).run().catch((error: unknown) => {
  const failed: FromShard = {
    kind: 'failed',
    code: isWeirError(error) ? error.code : 'ENGINE_FAULT',
    message: error instanceof Error ? error.message : String(error),
  };
  port.postMessage(failed);
  port.close();
});
