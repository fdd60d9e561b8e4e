import { describe, expect, it } from 'vitest';
import { NO_FACTS } from './facts.ts';
import { describeHosts, type HostContext, locatedMacs } from './host-location.ts';
import type { LocatedHost } from './host-locator.ts';
import { FABRIC, topologyOf } from './testing/fabric.ts';
import { LearnedFacts } from './testing/learned-facts.ts';

const HOST: LocatedHost = {
  mac: '020000000001',
  ipaddress: '10.0.0.1',
  ip6address: undefined,
  agent: '192.0.6.1',
  ifindex: '2',
  seen: 1000,
};
const context: HostContext = { topology: topologyOf(FABRIC), facts: NO_FACTS, describe: () => undefined };

describe('topologyLocateHost…', () => {
  it('names the port, and leaves out what is not known', () => {
    expect(describeHosts([HOST], context)).toEqual([
      {
        mac: '020000000001',
        ipaddress: '10.0.0.1',
        node: 'leaf1',
        port: 'swp2',
        agent: '192.0.6.1',
        ifindex: '2',
      },
    ]);
  });

  it('describes the machine whose adapter it is', () => {
    const machine = {
      host_name: 'h1',
      uuid: '4e1c1a4e-0000-0000-0000-000000000001',
      machine_type: 'x86_64',
      os_name: 'linux',
      os_release: '6.1.0',
    };
    const describe = (mac: string) => (mac === HOST.mac ? machine : undefined);
    expect(describeHosts([HOST], { ...context, describe })).toMatchObject([{ mac: HOST.mac, ...machine }]);
  });

  it('takes node and port from telemetry where the topology has no port', () => {
    const facts = new LearnedFacts().learn('192.0.6.1', 'leaf1.example.net', { 9: 'eth9' });
    expect(describeHosts([{ ...HOST, ifindex: '9' }], { ...context, facts })).toMatchObject([
      { node: 'leaf1.example.net', port: 'eth9', ifindex: '9' },
    ]);
  });

  it('leaves out places that are not at the edge any more', () => {
    expect(describeHosts([{ ...HOST, ifindex: '1' }], context)).toEqual([]);
    expect(describeHosts([{ ...HOST, agent: '192.0.6.9' }], context)).toEqual([]);
    expect(describeHosts([HOST], { ...context, topology: undefined })).toEqual([]);
  });

  it('goes by the latest of several tables', () => {
    const moved = { ...HOST, agent: '192.0.6.2', seen: 2000 };
    for (const hosts of [
      [HOST, moved],
      [moved, HOST],
    ])
      expect(describeHosts(hosts, context)).toMatchObject([{ agent: '192.0.6.2' }]);
    expect(describeHosts([HOST, { ...HOST, ifindex: '1', seen: 2000 }], context)).toEqual([]);
  });
});

describe('topologyLocatedHostMacs', () => {
  it('lists each host at the edge once', () => {
    const other = { ...HOST, mac: '020000000002' };
    const gone = { ...HOST, mac: '020000000003', ifindex: '1' };
    expect(locatedMacs([HOST, other, gone, HOST], context.topology)).toEqual([
      '020000000001',
      '020000000002',
    ]);
    expect(locatedMacs([HOST], undefined)).toEqual([]);
  });
});
