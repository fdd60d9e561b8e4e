import { expect } from 'vitest';
import { parseThreshold } from '../../event/index.ts';
import { parseDefinition } from '../../flow/index.ts';
import { eth, ip, tcp, udp } from '../../packet/testing/build-packet.ts';
import {
  counterSample,
  datagram,
  encodeDatagram,
  flowSample,
  ifCounters,
  type Sample,
  sampledHeader,
} from '../../sflow/index.ts';
import { answer } from '../answer.ts';
import { Shard } from '../shard.ts';
import type { Crossing } from '../threshold-monitor.ts';

/**
 * A small language for tests of the flow tables: datagrams in, expected answers out. One statement a line; `#` begins a
 * comment. Times are ms.
 *
 * ```
 * flow NAME {"keys": …}                       define
 * group NAME {"label": ["10.0.0.0/8"]}
 * at MS                                       set the clock
 * send key=value …                            one datagram with one flow sample
 * every MS until MS: send …                   repeatedly, the clock moving on
 * expect NAME [agents=…] [mode=…] [max=…] [min=…] [filter=…] | KEY VALUE [±TOLERANCE] [flowN=…] [at=AGENT/DS], …
 * value AGENT DS.NAME [key=…] VALUE [±TOLERANCE]
 * counter AGENT NAME VALUE                    a member of the agent's record
 * received NAME VALUE                         a member of the receive counters
 * log NAME COUNT                              records of the flow log so far
 * topology {"nodes": …}
 * locations NAME [key=…] | AGENT/DS PLACE, …   PLACE: node:port, or local>remote@link, or -
 * host BY VALUE | MAC [IP] AGENT/IFINDEX NODE:PORT, …   BY: mac, ip, ip6
 * link NAME METRIC | VALUE, …                           at both ends; - for nothing
 * threshold NAME {"metric": …}
 * ask KIND {"question": …} | ANSWER             any question: members of the answer as JSON, or none
 * events NAME [AGENT/DS[/FLOWKEY] VALUE [±TOLERANCE], …]   since the last such statement
 * ```
 *
 * Members of `send`: agent, sub, dseq, seq, ds (`1`, `2.1000`), rate, pool (+N: more than the one before), drops, in, out,
 * bytes, src, dst, proto (tcp, udp), sport, dport, count (identical samples in the datagram), octets (a counter sample
 * with that ifInOctets instead).
 */
export function runScenario(text: string): void {
  const scenario = new Scenario();
  for (const [i, line] of text.split('\n').entries()) {
    const statement = line.replace(/(^|\s)#.*/, '').trim();
    if (statement === '') continue;
    try {
      scenario.run(statement);
    } catch (cause) {
      throw new Error(`line ${i + 1}: ${statement}\n${cause instanceof Error ? cause.message : cause}`, {
        cause,
      });
    }
  }
}

type Members = Record<string, string>;

class Scenario {
  private now = 1_000_000;
  private readonly origin = this.now;
  private readonly logged = new Map<string, number>();
  private readonly events: Crossing[] = [];
  private readonly sequences = new Map<string, number>();
  private readonly shard = new Shard({
    memoryBytes: 1 << 26,
    maxAgents: 1000,
    maxDataSources: 100_000,
    seed: 7,
    onLogged: ({ name }) => this.logged.set(name, (this.logged.get(name) ?? 0) + 1),
    onEvent: (event) => this.events.push(event),
  });

  run(statement: string): void {
    const [, verb, rest] = /^(\S+)\s*(.*)$/.exec(statement) ?? [];
    switch (verb) {
      case 'flow': {
        const [name, json] = nameAndRest(rest);
        const definition = parseDefinition(name, JSON.parse(json));
        if (definition === undefined) throw new Error('nothing to define');
        this.shard.define(definition, this.now);
        return;
      }
      case 'remove':
        this.shard.flows.remove(rest, this.now);
        return;
      case 'group': {
        const [name, json] = nameAndRest(rest);
        this.shard.lookups.setGroup(name, JSON.parse(json));
        return;
      }
      case 'at':
        this.setClock(this.origin + Number(rest));
        return;
      case 'every': {
        const [, step, until, inner] = /^(\d+) until (\d+): (.*)$/.exec(rest) ?? [];
        for (; this.now - this.origin <= Number(until); this.setClock(this.now + Number(step)))
          this.run(inner);
        this.setClock(this.origin + Number(until));
        return;
      }
      case 'send':
        this.send(members(rest));
        return;
      case 'expect':
        this.expectFlows(rest);
        return;
      case 'value':
        this.expectValue(rest);
        return;
      case 'counter': {
        const [address, name, value] = rest.split(/\s+/);
        expect(this.ask('agents', { agents: [address] })[address]?.[name]).toBe(Number(value));
        return;
      }
      case 'received': {
        const [name, value] = rest.split(/\s+/);
        const counters: Readonly<Record<string, unknown>> = { ...this.ask('receive', undefined) };
        expect(counters[name]).toBe(Number(value));
        return;
      }
      case 'log': {
        const [name, count] = rest.split(/\s+/);
        expect(this.logged.get(name) ?? 0).toBe(Number(count));
        return;
      }
      case 'topology':
        this.shard.topology.set(JSON.parse(rest));
        this.shard.advance(this.now);
        return;
      case 'locations':
        this.expectLocations(rest);
        return;
      case 'host': {
        const [question, expected] = rest.split('|').map((part) => part.trim());
        const [by, value] = question.split(' ');
        const hosts = this.ask('hosts', { by: by as 'mac' | 'ip' | 'ip6', value });
        const shown = hosts.map(({ mac, ipaddress, agent, ifindex, node, port }) =>
          [
            mac,
            ...(ipaddress === undefined ? [] : [ipaddress]),
            `${agent}/${ifindex}`,
            `${node}:${port}`,
          ].join(' '),
        );
        expect(shown.join(', ')).toBe(expected);
        return;
      }
      case 'link': {
        const [question, expected] = rest.split('|').map((part) => part.trim());
        const [link, metrics] = question.split(' ');
        const cells = this.ask('linkMetric', { link, metrics });
        expect(cells.map(({ metricValue = '-' }) => metricValue).join(', ')).toBe(expected);
        return;
      }
      case 'threshold': {
        const [name, json] = nameAndRest(rest);
        const threshold = parseThreshold(name, JSON.parse(json));
        if (threshold === undefined) throw new Error('nothing to define');
        this.shard.thresholds.define(threshold, this.now);
        return;
      }
      case 'ask':
        this.expectAnswer(rest);
        return;
      case 'events':
        this.expectEvents(...nameAndRest(rest));
        return;
      default:
        throw new Error(`no such statement: ${verb}`);
    }
  }

  private setClock(now: number): void {
    // Housekeeping runs each second, as in the shard's thread.
    while (this.now < now) {
      this.now = Math.min(now, (Math.floor(this.now / 1000) + 1) * 1000);
      if (this.now % 1000 === 0) this.shard.tick(this.now);
    }
  }

  private send(given: Members): void {
    const agent = given['agent'] ?? '192.0.2.1';
    const sub = Number(given['sub'] ?? 0);
    const [sourceClass, index] = dataSource(given['ds'] ?? '1');
    const samples: Sample[] = [];
    for (let i = 0; i < Number(given['count'] ?? 1); i++) {
      const kind = given['octets'] === undefined ? 'flow' : 'counter';
      const sequenceNumber = this.next(`${agent} ${kind} ${given['ds'] ?? 1}`, given['seq']);
      const sourceId = { class: sourceClass, index };
      if (kind === 'counter') {
        const counters = ifCounters({ ifIndex: index, ifInOctets: BigInt(given['octets']) });
        samples.push(counterSample({ sequenceNumber, sourceId, records: [counters] }));
      } else {
        const rate = Number(given['rate'] ?? 1);
        const pool = this.next(`${agent} pool ${given['ds'] ?? 1}`, given['pool'] ?? `+${rate}`);
        samples.push(
          flowSample({
            sequenceNumber,
            sourceId,
            samplingRate: rate,
            samplePool: pool,
            drops: Number(given['drops'] ?? 0),
            input: { format: 0, value: Number(given['in'] ?? 1) },
            output: { format: 0, value: Number(given['out'] ?? 2) },
            records: [sampledHeader(packet(given), { frameLength: Number(given['bytes'] ?? 1000) })],
          }),
        );
      }
    }
    const bytes = encodeDatagram(
      datagram({
        agentAddress: agent,
        subAgentId: sub,
        sequenceNumber: this.next(`${agent}/${sub}`, given['dseq']),
        samples,
      }),
    );
    this.shard.advance(this.now);
    this.shard.receive(bytes, 0, bytes.length, 0, 0, 0xffff, 0x7f000001, this.now);
  }

  /** The next number of a sequence: one more than before, `+N` more, or as given. */
  private next(name: string, given: string | undefined): number {
    const before = this.sequences.get(name) ?? 0;
    const value =
      given === undefined
        ? before + 1
        : given.startsWith('+')
          ? before + Number(given.slice(1))
          : Number(given);
    this.sequences.set(name, value);
    return value >>> 0;
  }

  private expectFlows(rest: string): void {
    const [head, tail = ''] = rest.split('|').map((part) => part.trim());
    const [name, options] = nameAndRest(head);
    const given = members(options);
    const flows = this.ask('activeFlows', {
      agents: given['agents'] ?? 'ALL',
      name,
      maxFlows: Number(given['max'] ?? 100),
      minValue: Number(given['min'] ?? 0),
      aggMode: given['mode'] ?? '',
      filter: given['filter'],
    });
    const wanted = tail === '' ? [] : tail.split(/,\s+/);
    expect(flows?.map(({ key }) => key)).toEqual(
      wanted.map((one) => one.split(/\s+/)[0].replace(/^""$/, '')),
    );
    for (const [i, one] of wanted.entries()) {
      const [, value, ...more] = one.split(/\s+/);
      const flow = flows?.[i];
      near(
        flow?.value,
        value,
        more.find((word) => word.startsWith('±')),
      );
      const { flowN, at } = members(more.join(' '));
      if (flowN !== undefined) expect(flow?.flowN).toBe(Number(flowN));
      if (at !== undefined) expect(`${flow?.agent}/${flow?.dataSource}`).toBe(at);
    }
  }

  private expectLocations(rest: string): void {
    const [head, tail = ''] = rest.split('|').map((part) => part.trim());
    const [name, options] = nameAndRest(head);
    const found = this.ask('flowLocations', { agents: 'ALL', name, key: members(options)['key'] });
    const places = found?.map(({ agent, dataSource, node, port, localnode, remotenode, linkname }) => {
      const link = linkname === undefined ? '-' : `${localnode}>${remotenode}@${linkname}`;
      return `${agent}/${dataSource} ${node === undefined ? link : `${node}:${port}`}`;
    });
    expect(places?.sort()).toEqual(tail === '' ? [] : tail.split(/,\s+/).sort());
  }

  private expectEvents(name: string, wanted: string): void {
    const mine = this.events.filter(({ thresholdID }) => thresholdID === name);
    for (const event of mine) this.events.splice(this.events.indexOf(event), 1);
    const expected = wanted === '' ? [] : wanted.split(/,\s+/).map((one) => one.split(/\s+/));
    const places = mine.map(({ agent, dataSource, flowKey }) =>
      [agent, dataSource, ...(flowKey === undefined ? [] : [flowKey])].join('/'),
    );
    expect(places).toEqual(expected.map(([place]) => place));
    for (const [i, [, value, tolerance]] of expected.entries()) near(mine[i].value, value, tolerance);
  }

  private expectValue(rest: string): void {
    const words = rest.split(/\s+/);
    const [agent, metric] = words;
    const [, source, name] = /^(.*)\.([^.]+)$/.exec(metric) ?? [];
    const { key } = members(words.slice(2).join(' '));
    const value = words.slice(2).find((word) => /^(-?[\d.]|none)/.test(word)) ?? '';
    const got = this.ask('flowValue', { agent, dataSource: source, name, key });
    if (value === 'none') expect(got).toBeUndefined();
    else
      near(
        got,
        value,
        words.find((word) => word.startsWith('±')),
      );
  }

  private expectAnswer(rest: string): void {
    const [, kind, question, wanted] = /^(\w+) (\{.*\}) \| (.*)$/.exec(rest) ?? [];
    const got = this.ask(kind as Parameters<typeof answer>[1], JSON.parse(question));
    if (wanted === 'none') expect(got).toBeUndefined();
    else expect({ answer: got }).toMatchObject({ answer: JSON.parse(wanted) });
  }

  private ask<K extends Parameters<typeof answer>[1]>(
    kind: K,
    question: Parameters<typeof answer<K>>[2],
  ): ReturnType<typeof answer<K>> {
    return answer({ shard: this.shard, kernelDrops: 0, forwarding: {} }, kind, question, this.now);
  }
}

function near(got: number | undefined, wanted: string, tolerance: string | undefined): void {
  if (got === undefined) throw new Error(`nothing, not ${wanted}`);
  const value = Number(wanted);
  const slack = tolerance === undefined ? Math.abs(value) * 1e-9 : parseTolerance(tolerance.slice(1), value);
  if (!(Math.abs(got - value) <= slack)) throw new Error(`${got}, not ${wanted}`);
}

function parseTolerance(text: string, value: number): number {
  return text.endsWith('%') ? (Math.abs(value) * Number(text.slice(0, -1))) / 100 : Number(text);
}

function nameAndRest(text: string): [string, string] {
  const [, name, rest] = /^(\S+)\s*(.*)$/.exec(text) ?? [];
  return [name, rest];
}

function members(text: string): Members {
  const pairs = text.split(/\s+/).filter((word) => word.includes('='));
  return Object.fromEntries(
    pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
  );
}

function dataSource(text: string): [number, number] {
  const parts = text.split('.').map(Number);
  return parts.length === 2 ? [parts[0], parts[1]] : [0, parts[0]];
}

function packet(given: Members): Uint8Array {
  const source = given['src'] ?? '10.0.0.1';
  const destination = given['dst'] ?? '10.0.0.2';
  const ports = [Number(given['sport'] ?? 1000), Number(given['dport'] ?? 80)] as const;
  const isUdp = given['proto'] === 'udp';
  const payload = isUdp ? udp(...ports) : tcp(...ports);
  return eth(0x0800, ip(isUdp ? 17 : 6, payload, { source, destination }));
}
