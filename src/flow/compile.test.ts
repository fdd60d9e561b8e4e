import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { udpPayloads } from '../packet/index.ts';
import { DatagramWalker, SAMPLE } from '../sflow/index.ts';
import { parseDefinition } from './definition.ts';
import { evaluateFilter, evaluateKey, evaluateNumber } from './evaluate.ts';
import type { FlowDefinition } from './expression.ts';
import { fillSampleContext } from './fill.ts';
import { FlowSet } from './flow-set.ts';
import type { FlowState } from './flow-state.ts';
import { type Lookups, NO_LOOKUPS } from './lookups.ts';
import { SAMPLE_KIND, SampleContext } from './sample.ts';

const CAPTURES = ['structures', 'hsflowd', 'ovs', 'mininet-tree'];

const LOOKUPS: Lookups = {
  ...NO_LOOKUPS,
  lookupIPv4: (groups, word) => (groups[0] === 'net' ? (word & 1 ? 'odd' : undefined) : undefined),
  map: (_name, value) => (value === '443' ? 'https' : value === '5201' ? 'iperf' : undefined),
};

/** Every flow and discard sample of a capture, as a filled context handed to `visit`. */
function eachSample(capture: string, visit: (sample: SampleContext) => void): void {
  const walker = new DatagramWalker();
  const sample = new SampleContext();
  const bytes = readFileSync(new URL(`../../test/fixtures/captures/${capture}.pcap`, import.meta.url));
  for (const { payload } of udpPayloads(bytes)) {
    if (walker.begin(payload, 0, payload.length) !== 0) continue;
    for (let kind = walker.nextSample(); kind !== SAMPLE.end; kind = walker.nextSample()) {
      if (kind !== SAMPLE.flow && kind !== SAMPLE.discard) continue;
      sample.agent = '192.0.2.1';
      sample.agentScope = 2;
      sample.dataSource = String(walker.sourceIndex);
      sample.dataSourceScope = 3 + (walker.sourceIndex % 5);
      sample.samplingRate = kind === SAMPLE.discard ? 1 : 10;
      fillSampleContext(sample, walker);
      visit(sample);
    }
  }
}

/** What the definition means, by the interpreter: sums of scaled values by scope and key. */
function interpret(definition: FlowDefinition, sample: SampleContext, sums: Map<string, number>): void {
  if ((sample.kind === SAMPLE_KIND.discard) !== definition.dropped) return;
  if (!evaluateFilter(definition.filter, sample, LOOKUPS)) return;
  const texts = definition.keys.map((key) => evaluateKey(key, sample, LOOKUPS));
  if (texts.includes(undefined)) return;
  const x = evaluateNumber(definition.value.key, sample);
  if (Number.isNaN(x)) return;
  const scope = definition.aggMode === 'AGENT' ? sample.agentScope : sample.dataSourceScope;
  const key = `${scope} ${texts.join(definition.fs)}`;
  sums.set(key, (sums.get(key) ?? 0) + x * sample.samplingRate);
}

function contents(state: FlowState): Map<string, number> {
  const sums = new Map<string, number>();
  for (const { table, layout } of state.tables()) {
    table.visit((entry) => {
      sums.set(
        `${table.scopeOf(entry)} ${layout.format(table.words, entry + table.keyAt)}`,
        table.doubles[entry >> 1],
      );
    });
  }
  return sums;
}

const DEFINITIONS: Record<string, unknown>[] = [
  { keys: 'ipsource,ipdestination,tcpsourceport,tcpdestinationport', value: 'bytes' },
  { keys: 'ipsource,ipdestination,ipprotocol', value: 'frames' },
  { keys: 'macsource,macdestination,ethernetprotocol', value: 'bytes' },
  { keys: 'ip6source,ip6destination,ip6nexthdr', value: 'bytes' },
  { keys: 'udpsourceport,udpdestinationport', value: 'bytes', filter: 'udpdestinationport=53,5201' },
  { keys: 'mask:ipsource:24,mask:ipdestination:16', value: 'frames' },
  { keys: 'or:ipsource:ip6source', value: 'bytes' },
  { keys: 'null:vlan:none,stack', value: 'frames' },
  {
    keys: 'or:tcpsourceport:udpsourceport:icmptype,or:tcpdestinationport:udpdestinationport',
    value: 'bytes',
  },
  {
    keys: 'or:ipsource:ip6source:arpipsender:macsource,null:[or:tcpsourceport:udpsourceport]:-',
    value: 'bytes',
  },
  { keys: 'null:udpsourceport,null:ip6source:no6', value: 'frames' },
  { keys: 'or:[mask:ipsource:24]:ip6source', value: 'bytes' },
  { keys: 'ipsource', value: 'bytes', filter: 'or:tcpsourceport:udpsourceport=5201' },
  { keys: 'ipsource', value: 'bytes', filter: 'or:tcpsourceport:udpsourceport!=5201' },
  { keys: 'macsource', value: 'frames', filter: 'or:ipsource:ip6source=10.251.0.1,fd00:251::1' },
  { keys: 'macsource', value: 'frames', filter: 'null:tcpsourceport:none=none' },
  { keys: 'macsource', value: 'frames', filter: 'mask:ipsource:24~10.251.*|mask:ipsource:24=10.252.0.0/24' },
  { keys: 'inputifindex,outputifindex', value: 'frames' },
  { keys: 'direction,ipprotocol', value: 'bytes', filter: 'direction=ingress' },
  { keys: 'tcpflags', value: 'frames', filter: 'tcpflags~.*1.' },
  { keys: 'group:ipsource:net', value: 'bytes', filter: 'group:ipdestination:net!=odd' },
  { keys: 'ipsource', value: 'bytes', filter: 'group:ipsource:net=odd&ipprotocol=6' },
  { keys: 'map:tcpdestinationport:services', value: 'bytes' },
  { keys: 'ipttl,iptos,ipflags', value: 'ipbytes' },
  { keys: 'icmptype,icmpcode,ipsource', value: 'frames' },
  { keys: 'ipsource', value: 'bytes', filter: 'ipsource=10.251.0.1|ipsource~10.252.*' },
  { keys: 'ipsource', value: 'bytes', filter: '(ipprotocol=17&udpdestinationport!=53)|!(ipprotocol=6)' },
  { keys: 'ipsource', value: 'bytes', filter: 'range:tcpsourceport:0:1023=true' },
  { keys: 'ipsource', value: 'bytes', filter: 'range:tcpsourceport:1024=true' },
  { keys: 'ipsource', value: 'bytes', filter: 'vlan=null' },
  { keys: 'ipsource', value: 'bytes', filter: 'vlan!=null' },
  { keys: 'ipsource', value: 'bytes', filter: 'macsource!=020000000001' },
  { keys: 'ip6source', value: 'bytes', filter: 'ip6source=2001:db8::1,fd00:251::1' },
  { keys: 'ip6source', value: 'bytes', filter: 'ip6source=2001:0db8::1' },
  { keys: 'ipsource', value: 'bytes', filter: 'bits:ipttl:1=0' },
  { value: 'bytes' },
  { value: 'frames', filter: 'stack~.*tcp' },
  { keys: 'vlansource,vlandestination', value: 'bytes' },
  { keys: 'ipsource,ipsourcemaskbits', value: 'bytes' },
  { keys: 'bgpdestinationaspath,bgpas', value: 'bytes' },
  { keys: 'dnsqname,dnsqtypename', value: 'requests' },
  { keys: 'vxlanvni,ipsource.1,ipdestination.1', value: 'bytes' },
  { keys: 'httphost,httpstatus', value: 'respbytes' },
  { keys: 'memcachekey', value: 'bytes' },
  { keys: 'tcpdirection,tcprtt', value: 'frames' },
  { keys: 'reason,ipsource', value: 'frames', dropped: true },
  { keys: 'ipsource', value: 'bytes', aggMode: 'AGENT' },
  { keys: 'agent,ds,samplingrate', value: 'frames' },
  { keys: 'nosuchkey', value: 'bytes' },
  { keys: 'ipsource', value: 'nosuchvalue' },
  { keys: 'if:ipprotocol:6:tcpdestinationport', value: 'bytes' },
  { keys: 'prefix:ipsource:.:2,suffix:ipdestination:.:1', value: 'frames' },
  { keys: 'arpipsender,arpoperation', value: 'frames' },
  { keys: 'mplslabels', value: 'frames' },
  { keys: 'tcpsourceport,macsource,ipttl,udpsourceport', value: 'bytes' },
  { keys: 'ipsource,ipttl', value: 'bytes', filter: 'ipttl=64,63&ipid!=0' },
];

describe('compiled definitions', () => {
  it.each(CAPTURES)('give exactly what the interpreter gives, all at once, on %s', (capture) => {
    const flows = new FlowSet({
      memoryBytes: 1 << 30,
      seed: 1,
      lookups: LOOKUPS,
      isLive: () => true,
      onClosed: () => undefined,
    });
    const definitions = DEFINITIONS.flatMap((specification, i) => {
      const definition = parseDefinition(`d${i}`, specification);
      return definition === undefined ? [] : [definition];
    });
    expect(definitions.length).toBe(DEFINITIONS.length);
    for (const definition of definitions) flows.define(definition, 0);
    const expected = definitions.map(() => new Map<string, number>());
    let samples = 0;
    eachSample(capture, (sample) => {
      samples++;
      flows.update(sample, 0);
      definitions.forEach((definition, i) => {
        interpret(definition, sample, expected[i]);
      });
    });
    expect(samples).toBeGreaterThan(50);
    definitions.forEach((definition, i) => {
      const state = flows.state(definition.name);
      if (state === undefined) throw new Error(`no state for ${definition.name}`);
      const named = (sums: Map<string, number>): unknown => ({
        definition: DEFINITIONS[i],
        sums: Object.fromEntries([...sums].sort()),
      });
      expect(named(contents(state))).toEqual(named(expected[i]));
    });
  });

  it('every definition above sees something in some capture, apart from those that name no key', () => {
    const seen = new Set<number>();
    const definitions = DEFINITIONS.map((specification, i) => parseDefinition(`d${i}`, specification));
    for (const capture of CAPTURES) {
      eachSample(capture, (sample) => {
        definitions.forEach((definition, i) => {
          if (definition === undefined || seen.has(i)) return;
          const sums = new Map<string, number>();
          interpret(definition, sample, sums);
          if (sums.size > 0) seen.add(i);
        });
      });
    }
    const blind = DEFINITIONS.filter((_, i) => !seen.has(i)).map(
      (definition) => definition['keys'] ?? definition['filter'],
    );
    expect(blind).toEqual(['ip6source', 'nosuchkey', 'ipsource']);
  });
});
