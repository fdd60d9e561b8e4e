import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEMO_FLOWS } from '../../src/cli/demo-flows.ts';
import { WeirProcess } from './weir-process.ts';

/** Within this time of the start a newcomer must see live data. */
const TEN_SECONDS = 10_000;

/** Definitions that show nothing before the attack and the scan begin. */
const LATER = ['amplification', 'scan', 'drops'];

describe('weir demo', () => {
  let demo: WeirProcess;
  let url: string;
  let started: number;

  beforeAll(async () => {
    started = performance.now();
    demo = new WeirProcess([
      'demo',
      '-Dlog.format=json',
      '-Dhttp.port=0',
      '-Dsflow.port=0',
      '--minutes',
      '1',
    ]);
    url = String((await demo.logLine('serving'))['http']);
  });

  afterAll(async () => {
    await demo.end();
  });

  const ask = async <T>(path: string): Promise<T> => (await fetch(`${url}${path}`)).json() as Promise<T>;
  const left = (): number => Math.max(1, TEN_SECONDS - (performance.now() - started));

  it('shows flows, interfaces and hosts within ten seconds', async () => {
    for (const name of Object.keys(DEMO_FLOWS).filter((each) => !LATER.includes(each))) {
      await expect
        .poll(async () => (await ask<unknown[]>(`activeflows/ALL/${name}/json`)).length, {
          message: name,
          timeout: left(),
        })
        .toBeGreaterThan(0);
    }
    await expect
      .poll(async () => (await ask<unknown[]>('table/ALL/ifname,sort:ifinoctets:-5/json')).length, {
        timeout: left(),
      })
      .toBe(5);
    await expect
      .poll(
        async () => (await ask<[{ metricN?: number }]>('metric/ALL/avg:cpu_utilization/json'))[0].metricN,
        { timeout: left() },
      )
      .toBe(16);
  });

  it('loses nothing of its own traffic', async () => {
    const analyzer = await ask<object>('analyzer/json');
    expect(analyzer).toMatchObject({
      sFlowAgents: 22,
      sFlowParseErrors: 0,
      sFlowDatagramsDiscarded: 0,
      sFlowDatagramsLost: 0,
      sFlowSamplesLost: 0,
      sFlowUnknownStructures: {},
    });
  });

  it('prints command lines that work', async () => {
    const paths = [...demo.out.matchAll(/curl '(?:http:\/\/[^/]+\/)([^']+)'/g)].map((match) => match[1]);
    expect(paths.length).toBeGreaterThanOrEqual(5);
    for (const path of paths.filter((each) => !each.includes('/mine/'))) {
      expect((await fetch(`${url}${path}`)).status, path).toBe(200);
    }
  });
});
