import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WeirProcess } from '../e2e/weir-process.ts';
import { type Dashboard, dashboardFaults, dashboardQueries } from '../support/dashboard.ts';
import { ExportingWeir, ODD_PORT } from '../support/exporting-weir.ts';
import { eventually, requirePrograms } from '../support/peer-process.ts';
import { Prometheus } from '../support/prometheus.ts';

/*
 * A real Prometheus that scrapes: what it has is what REST answers, promtool has nothing to say, and every query of the
 * dashboards in extras/grafana finds something.
 */

const EXTRAS = fileURLToPath(new URL('../../extras/', import.meta.url));
const TOLERANCE = 0.02;

beforeAll(() => requirePrograms({ prometheus: 'prometheus', promtool: 'prometheus' }));

const job = (name: string, url: string, path: string, params: Record<string, string[]> = {}) => ({
  job_name: name,
  scrape_interval: '1s',
  metrics_path: path,
  params,
  static_configs: [{ targets: [new URL(url).host] }],
});

describe('a scrape', () => {
  const PAIRS = { metric: ['pairs_bps'], key: ['ipsource,ipdestination'], label: ['from,to'] };
  let weir: ExportingWeir;
  let prometheus: Prometheus;

  beforeAll(async () => {
    weir = await ExportingWeir.start();
    const { url } = weir.weir;
    const app = '/app/prometheus/scripts/export.js';
    prometheus = await Prometheus.start({
      scrape_configs: [
        job('all', url, '/prometheus/metrics/ALL/ALL/txt'),
        job('analyzer', url, '/prometheus/analyzer/txt'),
        job('flows', url, `${app}/flows/ALL/txt`, { ...PAIRS, value: ['bytes'], scale: ['8'], t: ['600'] }),
        job('statistics', url, `${app}/statistics/ours/ALL/sum:ifinoctets,max:ifspeed/txt`),
        job('dump', url, `${app}/dump/ALL/ifinoctets/txt`),
      ],
    });
    await eventually(
      () => prometheus.query('up == 1'),
      (found) => found.length === 5,
      30_000,
    ).catch(async (error) => {
      throw new Error(`${error} ${await prometheus.targetErrors()}`);
    });
  });
  afterAll(() => Promise.all([weir.end(), prometheus.end()]));

  const expectSame = (value: string | number, wanted: number): void =>
    expect(Math.abs(Number(value) - wanted)).toBeLessThanOrEqual(TOLERANCE * wanted);

  it('each metric of each data source has the value that REST answers', async () => {
    for (const metric of ['ifinoctets', 'ifinutilization', 'ifspeed']) {
      const rest = await weir.values(metric);
      const found = await prometheus.query(`sflow_${metric}{job="all"}`);
      expect(found).toHaveLength(rest.size);
      for (const sample of found) expectSame(sample.value[1], rest.get(sample.metric['datasource'])!);
    }
    const names = (await prometheus.query('sflow_ifspeed{job="all"}')).map(({ metric }) => metric['ifname']);
    expect(names.sort()).toEqual([ODD_PORT, 'swp1', 'swp2', 'swp3'].sort());
  });

  it('sums in PromQL are sums in REST', async () => {
    const [rest] = await weir.rest.json<{ metricValue: number }[]>('metric/ALL/sum:ifinoctets/json');
    const [found] = await prometheus.query('sum(sflow_ifinoctets{job="all"})');
    expectSame(found.value[1], rest.metricValue);
    const [statistic] = await prometheus.query('{__name__="sflow_sum:ifinoctets",group="ours"}');
    expectSame(statistic.value[1], rest.metricValue);
  });

  it('the older path for counter metrics gives the same', async () => {
    const rest = await weir.values('ifinoctets');
    const found = await prometheus.query('sflow_ifinoctets{job="dump"}');
    expect(found).toHaveLength(rest.size);
    for (const { metric, value } of found) expectSame(value[1], rest.get(metric['datasource'])!);
    expect(found.map(({ metric }) => metric['ifname'])).toContain(ODD_PORT);
  });

  it('a flow metric has the rates that REST answers, in bits', async () => {
    const definitions = await weir.rest.json<Record<string, unknown>>('flow/json');
    const name = Object.keys(definitions).find((each) => each.startsWith('prometheus_'))!;
    await weir.sendFlows();
    const found = await eventually(
      () => prometheus.query('pairs_bps'),
      (samples) => samples.length === 3,
    );
    const flows = await weir.rest.activeFlows(name);
    expect(flows).toHaveLength(3);
    for (const { key, value } of flows) {
      const [from, to] = key.split('_SEP_');
      const sample = found.find(({ metric }) => metric['from'] === from && metric['to'] === to);
      expectSame(sample!.value[1], 8 * value);
    }
  });

  it('the analyzer is there, with the types of OpenMetrics', async () => {
    const [agents] = await prometheus.query('sflow_analyzer_agent_count');
    expect(agents.value[1]).toBe('1');
    const reply = await fetch(`${prometheus.url}api/v1/metadata?metric=sflow_ifspeed`);
    const { data } = (await reply.json()) as { data: Record<string, { type: string; help: string }[]> };
    expect(data['sflow_ifspeed']).toEqual([
      { type: 'gauge', help: 'Gauge ifSpeed of sFlow structure if_counters: bits per second', unit: '' },
    ]);
  });

  it.each(['/prometheus/metrics/ALL/ALL/txt', '/prometheus/analyzer/txt'])(
    'promtool understands %s',
    async (path) => {
      for (const format of ['text', 'typed']) {
        const text = await (await fetch(`${weir.weir.url}${path.slice(1)}?format=${format}`)).text();
        const said = promtoolSays(text);
        expect(said).not.toContain('error while linting');
        // What it says is about names, which are those that clients know.
        if (format === 'typed') expect(said).not.toContain('no help text');
      }
    },
  );

  it('promtool has nothing to say about the metrics with HELP and TYPE', async () => {
    const reply = await fetch(
      `${weir.weir.url}prometheus/metrics/ALL/ifinoctets,ifinutilization/txt?format=typed`,
    );
    expect(promtoolSays(await reply.text())).toBe('');
  });
});

/** What `promtool check metrics` prints. */
function promtoolSays(text: string): string {
  try {
    return execFileSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8', stdio: 'pipe' });
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    return stdout + stderr;
  }
}

const readDashboards = (): [file: string, dashboard: Dashboard][] =>
  readdirSync(`${EXTRAS}grafana`)
    .filter((name) => name.endsWith('.json'))
    .map((name) => [name, JSON.parse(readFileSync(`${EXTRAS}grafana/${name}`, 'utf8')) as Dashboard]);

describe('dashboards for Grafana', () => {
  const dashboards = readDashboards();

  it('there are four, each with a uid of its own', () => {
    expect(dashboards.map(([file]) => file)).toEqual([
      'agents-health.json',
      'ddos-control.json',
      'network-overview.json',
      'top-flows.json',
    ]);
    expect(new Set(dashboards.map(([, { uid }]) => uid)).size).toBe(4);
  });

  it.each(dashboards)('%s is made as Grafana wants it', (_file, dashboard) => {
    expect(dashboardFaults(dashboard)).toEqual([]);
  });

  it('the files for containers scrape what the files for one machine do', () => {
    const jobs = (file: string): string =>
      readFileSync(`${EXTRAS}${file}`, 'utf8')
        .split('\n')
        .slice(1)
        .join('\n')
        .replaceAll('weir:8008', 'localhost:8008');
    expect(jobs('compose/prometheus.yml')).toBe(jobs('prometheus/prometheus.yml'));
  });

  describe('each query finds something in a network with traffic, hosts, a scan and an attack', () => {
    let demo: WeirProcess;
    let prometheus: Prometheus;
    beforeAll(async () => {
      const own = ['-Dlog.format=json', '-Dhttp.port=0', '-Dsflow.port=0', '-Dsflow.hostname=127.0.0.1'];
      demo = new WeirProcess(['demo', ...own]);
      const { http } = await demo.logLine('serving');
      const config = readFileSync(`${EXTRAS}prometheus/prometheus.yml`, 'utf8')
        .replaceAll('localhost:8008', new URL(String(http)).host)
        .replaceAll('scrape_interval: 15s', 'scrape_interval: 1s');
      prometheus = await Prometheus.start(config);
    });
    afterAll(() => Promise.all([demo.end(), prometheus.end()]));

    it.each(dashboards)(
      '%s',
      async (_file, dashboard) => {
        const queries = dashboardQueries(dashboard);
        expect(queries.length).toBeGreaterThan(5);
        for (const query of queries)
          await eventually(
            () => prometheus.query(query),
            (found) => found.length > 0,
            100_000,
          ).catch((error) => {
            throw new Error(`${query}: ${error}`);
          });
        expect(await prometheus.targetErrors()).toBe('');
      },
      240_000,
    );
  });
});
