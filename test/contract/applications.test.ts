import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFabricSource, type FabricSource } from '../../src/load/index.ts';
import { writeMmdb } from '../../src/lookup/testing/write-mmdb.ts';
import { fabricTopology } from '../support/fabric-topology.ts';
import { WeirUnderTest } from './weir-under-test.ts';

/*
 * Applications that use the engine in the ways that published ones do (apps.md, section 2), all at once, over the traffic
 * of the made-up fabric: each does its work, and none fails.
 */

const USAGE = fileURLToPath(new URL('../fixtures/usage', import.meta.url));
const WITHIN = { timeout: 30_000, interval: 250 };

let weir: WeirUnderTest;
let traffic: FabricSource;
const store = mkdtempSync(join(tmpdir(), 'weir-usage-'));

beforeAll(async () => {
  const countries = join(store, 'country.mmdb');
  writeFileSync(countries, writeMmdb({ records: { '10.0.0.0/8': { country: { iso_code: 'DE' } } } }));
  weir = await WeirUnderTest.serve(
    `-Dapp.dir=${USAGE}`,
    `-Dscript.file=${USAGE}/alone/lab.js`,
    `-Dscript.store=${store}`,
    '-Dblackhole.group.partner=198.51.100.0/24',
    `-Dgeo.country=${countries}`,
    '-Dbgp.start=yes',
    '-Dbgp.port=0',
  );
  traffic = createFabricSource({ address: '127.0.0.1', port: weir.sflowPort });
  await traffic.start();
  await weir.set('/topology/json', fabricTopology());
});
afterAll(async () => {
  await traffic?.stop();
  await weir?.end();
  rmSync(store, { recursive: true, force: true });
});

/** What a script answers at a path below it. */
function answer<T>(app: string, file: string, path: string): Promise<T> {
  return weir.get<T>(`/app/${app}/scripts/${file}.js/${path}`);
}

describe('each application does its work', () => {
  it('all scripts are alive', async () => {
    const scripts = await weir.get<Record<string, { alive: boolean; error?: string }>>('/scripts/json');
    expect(Object.keys(scripts).length).toBeGreaterThanOrEqual(17);
    expect(Object.entries(scripts).filter(([, { alive }]) => !alive)).toEqual([]);
    expect((await weir.ask('GET', '/status')).text).toBe('OK\n');
  });

  it('nothing that they define is refused: scripts do not look', () =>
    expect(weir.log.filter((line) => /: set(?:Flow|Threshold|Groups|Map|Topology) /.test(line))).toEqual([]));

  it('flows on demand, their trend after a time, and shortcuts that are kept', async () => {
    const keys = await answer<string[]>('search', 'flows', 'flowkeys/json?search=^ip');
    expect(keys).not.toContain('macsource');
    const ask = (): Promise<{ rows: { parts: string[]; value: number }[]; trend: { times: number[] } }> =>
      answer('search', 'flows', 'flows/json?keys=ipsource,ipdestination&value=bytes');
    await expect.poll(async () => (await ask()).rows[0]?.parts.length, WITHIN).toBe(2);
    const { rows, trend } = await ask();
    expect(rows.map(({ value }) => value)).toEqual(rows.map(({ value }) => value).sort((a, b) => b - a));
    expect(trend.times).toHaveLength(60);
    const path = '/app/search/scripts/flows.js/shortcuts/json';
    expect((await weir.ask('POST', path, { body: '[{"keys":"ipsource"}]' })).status).toBe(204);
    expect(await weir.get(path)).toEqual([{ keys: 'ipsource' }]);
    expect((await weir.ask('POST', path, { body: '[' })).status).toBe(400);
    expect((await weir.ask('GET', '/app/search/scripts/flows.js/json')).status).toBe(404);
  });

  it('discards by reason', async () => {
    await expect.poll(() => answer('drops', 'top', 'x/json'), WITHIN).not.toEqual([]);
  });

  it('a host under attack is told of, by flow, with its rate', async () => {
    interface Controls {
      controls: Record<string, { group: string; value: number; announced: boolean }>;
    }
    const path = '/app/blackhole/scripts/guard.js/threshold/json';
    expect((await weir.ask('PUT', path, { body: '1000' })).status).toBe(204);
    expect(await weir.get(path)).toBe(1000);
    const controls = async (): Promise<Controls['controls'][string][]> =>
      Object.values((await answer<Controls>('blackhole', 'guard', 'controls/json')).controls);
    await expect.poll(async () => (await controls()).length, WITHIN).toBeGreaterThan(0);
    const [control] = await controls();
    expect(control).toMatchObject({ group: 'local', announced: false });
    expect(control.value).toBeGreaterThanOrEqual(1000);
    expect(await answer('blackhole', 'guard', 'groups/info/json')).toContainEqual({ name: 'partner', n: 1 });
  });

  it('attacks of every kind are defined by agent, with the number of sources', async () => {
    interface State {
      defined: Record<string, boolean>;
      counts: { events: number };
    }
    const { defined } = await answer<State>('protect', 'shield', 'state/json');
    expect(Object.keys(defined)).toHaveLength(14);
    expect(Object.values(defined).every(Boolean)).toBe(true);
    const flows = (): Promise<{ dataSource: string; values: number[] }[]> =>
      answer('protect', 'shield', 'flows/protect_udp/json');
    await expect.poll(async () => (await flows()).length, WITHIN).toBeGreaterThan(0);
    const [flow] = await flows();
    expect(flow.dataSource).toBe('0');
    expect(flow.values).toHaveLength(2);
    expect((await weir.ask('GET', '/app/protect/scripts/shield.js/prometheus/txt')).text).toContain(
      'protect_dns_defined 1\n',
    );
    expect((await weir.get<{ filter: string }>('/flow/protect_dns/json')).filter).toContain(
      'udpsourceport=53',
    );
  });

  it('a fabric: metrics of the topology, tables, edges, large flows with their link or port', async () => {
    interface Fabric {
      values: { octets?: number; busiest?: unknown[][]; edge?: unknown[]; check?: string };
      large: Record<string, { where: string; links: unknown[] | null; value: number | null; top: number }>;
    }
    const ask = (): Promise<Fabric> => answer('fabric', 'metrics', 'metric/json');
    await expect.poll(async () => (await ask()).values.octets ?? 0, WITHIN).toBeGreaterThan(0);
    await expect.poll(async () => Object.keys((await ask()).large).length, WITHIN).toBeGreaterThan(0);
    const { values, large } = await ask();
    expect(values.busiest?.[0]).toHaveLength(2);
    expect(values.edge?.length).toBeGreaterThan(0);
    expect(values.check).toMatch(/^(learning|low|normal|high)$/);
    const [flow] = Object.values(large);
    expect(flow.where).toMatch(/^(leaf\d-spine\d|swp\d+)$/);
    expect(flow.links?.length).toBeGreaterThan(0);
    expect(flow.top).toBeGreaterThan(0);
  });

  it('pairs are heard of as their flows begin', async () => {
    await expect.poll(() => answer('pairs', 'graph', 'links/json'), WITHIN).toContain('rack1>rack2');
  });

  it('a laboratory: edge flows, busiest ports by name, diameter, traffic of links', async () => {
    interface Lab {
      flows: unknown[];
      ports: string[];
      diameter: number;
      version: number;
      links: Record<string, number[]>;
    }
    const ask = (): Promise<Lab> => answer('lab', 'metrics', 'trend/json');
    await expect
      .poll(
        async () =>
          Object.values((await ask()).links)
            .flat()
            .filter((value) => value > 0).length,
        WITHIN,
      )
      .toBeGreaterThan(4);
    const { flows, ports, diameter, version, links } = await ask();
    expect(flows.length).toBeGreaterThan(0);
    expect(ports[0]).toMatch(/^(leaf|spine)\d-swp\d+$/);
    expect(diameter).toBe(2);
    expect(version).toBe(0);
    expect(Object.keys(links)).toHaveLength(8);
  });

  it('moving dots: array keys, names where there are any, groups defined again every second', async () => {
    expect(await answer('motes', 'flows', 'options/json')).toEqual({ seed: 1234 });
    const ask = (): Promise<{ info: string[] }[]> => answer('motes', 'flows', 'flows/json');
    await expect.poll(async () => (await ask()).length, WITHIN).toBeGreaterThan(0);
    await expect.poll(async () => await weir.get('/group/motes/json'), WITHIN).toHaveProperty('seen');
  });

  it('an agent is examined: the older dialect of JavaScript, numbers as text', async () => {
    interface Checks {
      cells?: number;
      sources?: Record<string, number[]>;
      numbers?: string[];
      statistics?: unknown;
      baseline?: string;
    }
    const agents = await answer<string[]>('probe', 'test', 'agents/json');
    expect(agents).toContain('192.0.2.11');
    await answer('probe', 'test', 'start/json?agent=192.0.2.11');
    const ask = (): Promise<Checks> => answer('probe', 'test', 'checks/json');
    await expect.poll(async () => (await ask()).baseline, WITHIN).toBe('learning');
    const { cells, sources, numbers } = await ask();
    expect(cells).toBeGreaterThan(0);
    expect(Object.values(sources ?? {})[0]).toHaveLength(3);
    expect(numbers).toEqual(['1,234,567.89', '50%', '12', '1E6']);
    expect(await answer('probe', 'test', 'stop/json')).toBe(true);
  });

  it('the topology: what is up, what is silent, where a host is', async () => {
    interface Status {
      links: Record<string, boolean>;
      nodes: Record<string, string>;
      edge: number;
      macs: number;
    }
    const ask = (): Promise<Status> => answer('places', 'topology', 'status/json');
    await expect.poll(async () => (await ask()).nodes?.['leaf1'], WITHIN).toBe('up');
    await expect.poll(async () => (await ask()).links['leaf1-spine1'], WITHIN).toBe(true);
    await expect.poll(async () => (await ask()).macs, WITHIN).toBeGreaterThan(0);
    const located = (): Promise<{ node: string; port: string }[]> =>
      answer('places', 'topology', 'locate/json?address=10.1.1.11');
    await expect
      .poll(async () => (await located())[0], WITHIN)
      .toMatchObject({ node: 'leaf1', port: 'swp1' });
    expect(await answer('places', 'topology', 'locate/json?address=nowhere.invalid')).toEqual([]);
  });

  it('a flow is traced over links; a name of the engine is the application’s own', async () => {
    expect(await answer('tracer', 'trace', 'trace/json')).toEqual({ nodes: {}, edges: {} });
    const filter = encodeURIComponent('ipprotocol=6');
    const ask = (): Promise<{ nodes: object; edges: Record<string, unknown> }> =>
      answer('tracer', 'trace', `trace/json?filter=${filter}`);
    await expect
      .poll(async () => Object.keys((await ask()).edges), WITHIN)
      .toEqual(expect.arrayContaining([expect.stringMatching(/^leaf\d-spine\d$/)]));
    expect(
      (await weir.ask('GET', '/app/tracer/scripts/trace.js/trace/json?filter=a%26')).status,
    ).toBeLessThan(500);
  });

  it('countries of sources, by the version of IP; undeclared globals', async () => {
    const rows = async (): Promise<string[]> =>
      (await answer<{ key: string }[]>('globe', 'countries', 'json')).map(({ key }) => key);
    await expect.poll(rows, WITHIN).toContain('DE');
    expect(await weir.get('/flow/globe-source/json')).toMatchObject({
      keys: 'if:[first:stack:.:ip:ip6]:ip:[country:ipsource]:[country:ip6source]',
    });
  });

  it('prefixes of a router that is not connected; scripts of one application share', async () => {
    await expect
      .poll(() => answer<{ connected: boolean } | null>('routes', 'view', 'x/json'), WITHIN)
      .toMatchObject({ connected: false });
  });

  it('an exchange: maps, ranges, what members send each other', async () => {
    interface State {
      defined: number;
      octets?: number;
      speed?: number;
      matrix: { key: string }[];
      busiest: number;
      lag: number;
    }
    const ask = (): Promise<State> => answer('exchange', 'metrics', 'state/json');
    await expect.poll(async () => (await ask()).octets ?? 0, WITHIN).toBeGreaterThan(0);
    expect(await ask()).toMatchObject({ defined: 10, speed: 25_000_000_000, busiest: 2 });
    const path = '/app/exchange/scripts/metrics.js/members/json';
    expect((await weir.ask('PUT', path, { body: '{"GAMMA":["02000A010111"]}' })).status).toBe(204);
    expect(await weir.get('/map/exchange_member/json')).toEqual({ GAMMA: ['02000A010111'] });
  });

  it('a heat map: the largest flow is the first', async () => {
    const ask = (): Promise<{ x: number; z: number }[]> => answer('heat', 'flows', 'flows/json');
    await expect.poll(async () => (await ask())[0]?.z, WITHIN).toBe(1);
  });

  it('a script alone: flows, events, long polls of both', async () => {
    const flows = await weir.get<unknown[]>('/flows/json?name=alone_tcp&maxFlows=10&timeout=30&flowID=-1');
    expect(flows.length).toBeGreaterThan(0);
    const events = await weir.get<unknown[]>('/events/json?thresholdID=alone_large&maxEvents=10&timeout=30');
    expect(events.length).toBeGreaterThan(0);
  });

  it('and after all this every script is alive', async () => {
    const scripts = await weir.get<Record<string, { alive: boolean; error?: string }>>('/scripts/json');
    expect(Object.entries(scripts).filter(([, { alive }]) => !alive)).toEqual([]);
  });
});
