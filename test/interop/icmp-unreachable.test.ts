import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { WeirProcess } from '../e2e/weir-process.ts';
import { NetworkNamespace, requirePeers } from '../support/network-namespace.ts';
import { OpenVSwitch } from '../support/open-vswitch.ts';

/*
 * A real agent and a real script: a host sends to a port where nobody listens, the other host's kernel answers with ICMP
 * "port unreachable", Open vSwitch samples it, and examples/icmp-unreachable.js tells an HTTP input.
 */

const EXAMPLE = fileURLToPath(new URL('../../examples/icmp-unreachable.js', import.meta.url));
const EVENT_WITHIN_MS = 1000;

/** Prints its port, then each body with the time at which it came. */
const HTTP_INPUT = `
const server = require('node:http').createServer(async (request, response) => {
  const at = Date.now();
  let body = '';
  for await (const chunk of request) body += chunk;
  console.log(JSON.stringify({ at, event: JSON.parse(body) }));
  response.end();
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
`;

it('an event comes within a second of the first ICMP unreachable packet', { timeout: 60_000 }, async () => {
  requirePeers({
    'ovs-vswitchd': 'openvswitch-switch',
    ethtool: 'ethtool',
    ip: 'iproute2',
    iperf3: 'iperf3',
  });
  const cleanUp: (() => unknown)[] = [];
  try {
    const namespace = (label: string): NetworkNamespace => {
      const made = new NetworkNamespace(label);
      cleanUp.push(() => made.delete());
      return made;
    };
    const bridge = namespace('bridge');
    const hosts = [namespace('host1'), namespace('host2')];
    const ovs = await OpenVSwitch.start(bridge);
    cleanUp.push(() => ovs.close());
    ovs.addBridge('br0');
    for (const [i, host] of hosts.entries()) {
      bridge.connect(`port${i + 1}`, host, 'eth0');
      host.run('ip', 'address', 'add', `10.0.0.${i + 1}/24`, 'dev', 'eth0');
      // The bridge in user space passes packets on as they are: their checksums must be there.
      host.run('ethtool', '-K', 'eth0', 'tx', 'off');
      ovs.addPort('br0', `port${i + 1}`);
    }
    const input = bridge.start([process.execPath, '-e', HTTP_INPUT]);
    const lines = createInterface({ input: input.stdout! })[Symbol.asyncIterator]();
    const next = async (): Promise<string> => String((await lines.next()).value);
    const { weir, sflowPort } = await WeirProcess.serveBy(
      bridge.prefix,
      `-Dscript.file=${EXAMPLE}`,
      `-Dunreachable.url=http://127.0.0.1:${await next()}/`,
    );
    cleanUp.push(() => weir.end());
    await weir.logLine(`${EXAMPLE} started`);
    ovs.exportSflow('br0', { port: sflowPort, samplingRate: 1, pollingInterval: 1 });

    // What crosses a switch in use: with nothing else to send, Open vSwitch keeps a sample back for up to a second.
    hosts[1].start(['iperf3', '--server']);
    const traffic = [
      'iperf3',
      '--client',
      '10.0.0.2',
      '--udp',
      '--bitrate',
      '1M',
      '--length',
      '1000',
      '--time',
    ];
    await expect.poll(() => succeeds(hosts[0], [...traffic, '1']), { timeout: 20_000 }).toBe(true);
    hosts[0].start([...traffic, '30']);
    await sleep(1000);

    const sent = Date.now();
    hosts[0].run('bash', '-c', 'echo anybody? > /dev/udp/10.0.0.2/4444');
    const { at, event } = JSON.parse(await next()) as { at: number; event: unknown };
    expect(event).toMatchObject({
      type: 'port unreachable',
      unreachable: 'udp_4444',
      reporter: '10.0.0.2',
      sender: '10.0.0.1',
    });
    expect(at - sent).toBeLessThan(EVENT_WITHIN_MS);
  } finally {
    for (const step of cleanUp.reverse()) await step();
  }
});

function succeeds(host: NetworkNamespace, command: readonly string[]): boolean {
  try {
    host.run(...command);
    return true;
  } catch {
    return false;
  }
}
