import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { bytes, eth, ip, udp } from '../../src/packet/testing/build-packet.ts';
import { ifCounters, record, sampledHeader } from '../../src/sflow/index.ts';
import { WeirUnderTest } from '../contract/weir-under-test.ts';
import { Influx } from '../support/influx.ts';
import { MailServer } from '../support/mail-server.ts';
import { requirePrograms } from '../support/peer-process.ts';
import { SyntheticAgent, tcpHeader } from '../support/synthetic-agent.ts';
import { WebServer } from '../support/web-server.ts';

/* The scripts in examples/, each in a real process, with a real server at its other end. */

const path = (name: string): string => fileURLToPath(new URL(`../../${name}`, import.meta.url));
const KEY_PAIR = {
  key: readFileSync(path('test/fixtures/tls/first.key.pem'), 'utf8'),
  cert: readFileSync(path('test/fixtures/tls/first.cert.pem'), 'utf8'),
};

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
});

/** @param defined what the script defines, as `flow/NAME` or `threshold/NAME`: it has run when this is there */
async function run(
  example: string,
  defined: string | undefined,
  properties: Readonly<Record<string, string | number>>,
): Promise<WeirUnderTest> {
  const given = Object.entries(properties).map(([name, value]) => `-D${name}=${value}`);
  const weir = await WeirUnderTest.serve(
    `-Dscript.file=${path(`examples/${example}`)}`,
    '-Dapp.dir=',
    ...given,
  );
  cleanUp.push(() => weir.end());
  if (defined !== undefined)
    await expect
      .poll(async () => (await weir.ask('GET', `/${defined}/json`)).status, { timeout: 10_000 })
      .toBe(200);
  cleanUp.push(async () => {
    const scripts = await weir.get<Record<string, { alive: boolean; error?: string }>>('/scripts/json');
    expect(scripts[example]).toMatchObject({ alive: true });
  });
  return weir;
}

async function web(...given: Parameters<typeof WebServer.open>): Promise<WebServer> {
  const server = await WebServer.open(...given);
  cleanUp.push(() => server.close());
  return server;
}

/** What a UDP socket of loopback hears. */
async function udpServer(): Promise<{ port: number; heard: string[] }> {
  const socket = createSocket('udp4');
  const heard: string[] = [];
  socket.on('message', (message) => heard.push(message.toString()));
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  cleanUp.push(() => socket.close());
  return { port: socket.address().port, heard };
}

const A = '192.0.2.1';
const tcp = (source: string, destination: string, frameLength = 1000) =>
  tcpHeader({ source, destination }, { frameLength });
/** Port unreachable (RFC 792), about a packet to UDP port 2222. */
const unreachable = (reporter: string, sender: string) => {
  const quoted = ip(17, udp(1000, 2222), { source: sender, destination: reporter });
  const icmp = bytes(3, 3, 0, 0, 0, 0, 0, 0, quoted);
  return sampledHeader(eth(0x0800, ip(1, icmp, { source: reporter, destination: sender })));
};

/** Events of a threshold on a counter metric. */
async function crossing(weir: WeirUnderTest, agent = new SyntheticAgent(A)): Promise<void> {
  await weir.set('/threshold/fast/json', { metric: 'ifspeed', value: 1000 });
  await weir.deliver(
    agent.datagram([
      agent.counters([ifCounters({ ifIndex: 1, ifSpeed: 2000n }), record('port_name', { name: 'swp1' })]),
      agent.counters([ifCounters({ ifIndex: 2, ifSpeed: 3000n })], { sourceId: 2 }),
    ]),
  );
}

describe('examples/icmp-unreachable.js', () => {
  it('tells an HTTPS input and syslog once of each', async () => {
    const input = await web((_request, response) => response.end('{"response":"ok"}'), KEY_PAIR);
    const log = await udpServer();
    const weir = await run('icmp-unreachable.js', 'flow/unreachable_port', {
      'unreachable.url': `${input.url}/inputs/TOKEN/tag/http/`,
      'unreachable.syslog': `127.0.0.1:${log.port}`,
      'script.https.ca': path('test/fixtures/tls/first.cert.pem'),
    });
    const agent = new SyntheticAgent(A);
    const sample = () => agent.datagram([agent.flow([unreachable('10.0.0.2', '10.0.0.1')])]);
    await weir.deliver(sample());
    await expect.poll(() => input.got.length, { timeout: 5000 }).toBe(1);
    const [{ method, path: target, headers, body }] = input.got;
    expect({ method, target, type: headers['content-type'] }).toEqual({
      method: 'POST',
      target: '/inputs/TOKEN/tag/http/',
      type: 'application/json',
    });
    expect(JSON.parse(body)).toEqual({
      type: 'port unreachable',
      port: '1',
      reporter: '10.0.0.2',
      sender: '10.0.0.1',
      node: A,
      unreachable: 'udp_2222',
      time: expect.stringMatching(/^\d{4}-/),
    });
    await expect.poll(() => log.heard.length).toBe(1);
    expect(log.heard[0]).toMatch(
      /^<133>.* type="port unreachable" .*reporter=10\.0\.0\.2 sender=10\.0\.0\.1/,
    );
    // The flow goes on: nothing new.
    await weir.deliver(sample(), sample());
    await sleep(200);
    expect(input.got).toHaveLength(1);
  });
});

describe('examples/blacklist.js', () => {
  const LIST =
    '# a list\n203.0.113.7 ; somebody\n198.51.100.0/25\n192.0.2.10-192.0.2.12\nnonsense\n2001:db8:bad::/48\n\n';

  it('warns of traffic in both directions', async () => {
    let list = LIST;
    const server = await web((_request, response) => response.end(list));
    const weir = await run('blacklist.js', 'group/blacklist', {
      'blacklist.url': `${server.url}/list.txt`,
      'blacklist.minutes': 1 / 60,
    });
    expect(await weir.get('/group/blacklist/json')).toEqual({
      listed: ['203.0.113.7/32', '198.51.100.0/25', '192.0.2.10/31', '192.0.2.12/32', '2001:db8:bad::/48'],
    });
    const agent = new SyntheticAgent(A);
    await weir.deliver(
      agent.datagram([
        agent.flow([tcp('10.0.0.1', '203.0.113.7')]),
        agent.flow([tcp('198.51.100.9', '10.0.0.2')]),
      ]),
      agent.datagram([agent.flow([tcp('10.0.0.1', '10.0.0.2')])]),
    );
    const flows = () =>
      weir.get<{ name: string; flowKeys: string }[]>('/flows/json?name=blacklist_to&name=blacklist_from');
    await expect.poll(flows).toHaveLength(2);
    expect((await flows()).map(({ name, flowKeys }) => `${name} ${flowKeys}`).sort()).toEqual([
      'blacklist_from 10.0.0.2,198.51.100.9,1000',
      'blacklist_to 10.0.0.1,203.0.113.7,80',
    ]);
    await expect
      .poll(() => weir.log.join('\n'))
      .toMatch(/10\.0\.0\.1 has traffic to 203\.0\.113\.7, port 80, seen by 192\.0\.2\.1/);
    expect(weir.log.join('\n')).toMatch(/10\.0\.0\.2 has traffic from 198\.51\.100\.9, port 1000/);
    // A list that has gone leaves the old one; a new one takes its place.
    list = '';
    await expect.poll(() => weir.log.join('\n'), { timeout: 5000 }).toMatch(/nothing usable/);
    expect(await weir.get('/group/blacklist/json')).toHaveProperty('listed.length', 5);
    list = '203.0.113.9';
    await expect
      .poll(() => weir.get('/group/blacklist/json'), { timeout: 5000 })
      .toEqual({ listed: ['203.0.113.9/32'] });
  });
});

describe('examples/intranet-ddos.js', () => {
  it('names the access ports of those who flood', async () => {
    const weir = await run('intranet-ddos.js', 'threshold/intranet_ddos', { 'intranet.threshold': 5000 });
    await weir.set('/topology/json', {
      nodes: { access7: { agent: A, ports: { ge12: { ifindex: '12' } } } },
    });
    const agent = new SyntheticAgent(A);
    const at = (source: string) =>
      agent.flow([tcp(source, '10.0.9.9')], {
        sourceId: 12,
        input: { format: 0, value: 12 },
        samplingRate: 4000,
      });
    await weir.deliver(
      agent.datagram([agent.flow([tcp('203.0.113.1', '10.0.9.9')], { samplingRate: 100_000 })]),
    );
    await sleep(100);
    expect(await weir.get('/events/json?thresholdID=intranet_ddos')).toEqual([]);
    await weir.deliver(agent.datagram([at('10.0.1.1'), at('10.0.1.2')]));
    await expect.poll(() => weir.log.join('\n')).toMatch(/10\.0\.1\.2 at access7 port ge12 sends/);
    expect(weir.log.join('\n')).toMatch(/10\.0\.1\.1 at access7 port ge12 sends/);
    expect(weir.log.join('\n')).toMatch(
      /intranet flood: [\d,]+ packets per second of protocol 6 to 10\.0\.9\.9/,
    );
    expect(weir.log.join('\n')).not.toMatch(/203\.0\.113\.1 at/);
  });
});

describe('examples/push-metrics.js', () => {
  async function traffic(weir: WeirUnderTest): Promise<void> {
    await weir.set('/flow/pairs/json', { keys: 'ipsource,ipdestination', value: 'bytes', t: 60 });
    const agent = new SyntheticAgent(A);
    await weir.deliver(
      agent.datagram([
        agent.counters([ifCounters({ ifIndex: 1, ifSpeed: 1000n })]),
        agent.flow([tcp('10.0.0.1', '10.0.0.2')]),
      ]),
    );
  }
  const properties = (url: string, format: string) => ({
    'push.url': url,
    'push.format': format,
    'push.metrics': 'sum:ifspeed',
    'push.flows': 'pairs',
    'push.seconds': 1,
  });

  it('writes line protocol to InfluxDB, and again when that fails', async () => {
    let status = 503;
    const server = await web((_request, response) => response.writeHead(status).end());
    const weir = await run('push-metrics.js', undefined, {
      ...properties(`${server.url}/api/v2/write?org=o&bucket=b`, 'influx'),
      'push.token': 'T',
    });
    await traffic(weir);
    const told = () => server.got.findLast(({ body }) => body.includes('pairs,flow='));
    await expect.poll(told, { timeout: 10_000 }).toBeDefined();
    expect(told()).toMatchObject({
      path: '/api/v2/write?org=o&bucket=b&precision=ns',
      headers: { authorization: 'Token T', 'content-type': 'text/plain; charset=utf-8' },
    });
    const first =
      told()
        ?.body.split('\n')
        .find((line) => line.startsWith('sum_ifspeed')) ?? '';
    expect(first).toMatch(/^sum_ifspeed value=1000 \d{10}000000000$/);
    expect(told()?.body).toMatch(/^pairs,flow=10\.0\.0\.1\\,10\.0\.0\.2 value=[\d.]+ \d{19}$/m);
    // What was refused comes again, with what has gathered meanwhile.
    status = 204;
    const before = server.got.length;
    await expect
      .poll(() => server.got.slice(before).some(({ body }) => body.includes(first)), { timeout: 20_000 })
      .toBe(true);
  });

  it('fills a real InfluxDB', async () => {
    requirePrograms({ influxd: 'influxdb' });
    const influx = await Influx.make();
    cleanUp.push(() => influx.delete());
    await influx.start();
    const weir = await run(
      'push-metrics.js',
      undefined,
      properties(`${influx.url}/write?db=network`, 'influx'),
    );
    await traffic(weir);
    const value = async (query: string) => (await influx.query(query))?.values[0];
    await expect.poll(() => value('SELECT last(value) FROM pairs'), { timeout: 15_000 }).toBeDefined();
    expect(await value('SELECT last(value) FROM sum_ifspeed')).toEqual([expect.anything(), 1000]);
    expect(await value('SELECT flow, last(value) FROM pairs')).toEqual([
      expect.anything(),
      '10.0.0.1,10.0.0.2',
      expect.any(Number),
    ]);
  });

  it('writes gauges to Librato', async () => {
    const server = await web((_request, response) => response.end());
    const weir = await run('push-metrics.js', undefined, {
      ...properties(`${server.url}/v1/metrics`, 'librato'),
      'push.user': 'joe',
      'push.password': 'secret',
    });
    await traffic(weir);
    const gauges = () =>
      server.got.flatMap(({ body }) => (JSON.parse(body) as { gauges: { name: string }[] }).gauges);
    await expect.poll(() => gauges().some(({ name }) => name === 'pairs'), { timeout: 10_000 }).toBe(true);
    expect(gauges()).toContainEqual({
      name: 'sum_ifspeed',
      value: 1000,
      source: 'weir',
      measure_time: expect.any(Number),
    });
    expect(gauges().find(({ name }) => name === 'pairs')).toMatchObject({ source: '10.0.0.1_10.0.0.2' });
    expect(server.got[0]).toMatchObject({
      path: '/v1/metrics',
      headers: { authorization: 'Basic am9lOnNlY3JldA==' },
    });
  });
});

describe('examples/webhook.js', () => {
  it('posts events, again when that fails', async () => {
    const server = await web((_request, response) =>
      response.writeHead(server.got.length === 1 ? 500 : 200).end('ok'),
    );
    const weir = await run('webhook.js', undefined, {
      'webhook.url': server.url,
      'webhook.thresholds': 'fast',
    });
    await sleep(300); // its handler is set by then
    await crossing(weir);
    await expect.poll(() => server.got.length, { timeout: 10_000 }).toBe(3);
    const texts = server.got.map(({ body }) => (JSON.parse(body) as { text: string }).text);
    expect([...new Set(texts)].sort()).toEqual([
      '*fast*: ifspeed is 2,000 at 192.0.2.1 port swp1',
      '*fast*: ifspeed is 3,000 at 192.0.2.1 port 2',
    ]);
  });
});

describe('examples/threshold-mail.js', () => {
  it('sends events that come together in one message', async () => {
    const server = await MailServer.open({ disabledCommands: ['STARTTLS'], allowInsecureAuth: true });
    cleanUp.push(() => server.close());
    const weir = await run('threshold-mail.js', undefined, {
      'mail.host': 'localhost',
      'mail.port': server.port,
      'mail.to': 'noc@example.com',
      'mail.user': 'joe',
      'mail.password': 'secret',
      'mail.seconds': 1,
    });
    await sleep(300); // its handler is set by then
    await crossing(weir);
    await expect.poll(() => server.got.length, { timeout: 10_000 }).toBe(1);
    const [{ to, text, user }] = server.got;
    expect({ to, user }).toEqual({ to: ['noc@example.com'], user: 'joe' });
    expect(text).toMatch(/^Subject: 2 events\r$/m);
    expect(text).toMatch(/\d\d:\d\d:\d\d fast: ifspeed is 2,000 at 192\.0\.2\.1 port\s+swp1/);
  });
});
