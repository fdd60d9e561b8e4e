import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freeTcpPort, freeUdpPort, start, stop, untilBound } from '../lib/child.mjs';
import { versionOf } from '../lib/machine.mjs';

const PACKAGED_CONFIGURATION = '/etc/fastnetmon.conf';

/** It fetches nothing for a while after it has bound its port. */
const SETTLE_MS = 1000;

/** The destinations of the load: 65,536 addresses, each with its own counters. */
const NETWORK = '192.168.0.0/16';

/** FastNetMon community edition: traffic counters for each host of a network, against thresholds. */
export const fastnetmon = {
  name: 'FastNetMon, counters per host',
  version: () => versionOf('fastnetmon', ['--version'], /Version: ([\d.]+)/),
  async start({ folder }) {
    const [port, metrics] = [await freeUdpPort(), await freeTcpPort()];
    const config = join(folder, 'fastnetmon.conf');
    writeFileSync(config, configuration(folder, port, metrics));
    writeFileSync(join(folder, 'networks'), `${NETWORK}\n`);
    writeFileSync(join(folder, 'whitelist'), '');
    const args = [
      `--configuration_file=${config}`,
      `--log_file=${join(folder, 'fastnetmon-own.log')}`,
      '--disable_pid_logic',
    ];
    const child = start('fastnetmon', 'fastnetmon', args, { folder });
    await untilBound(child, port);
    await sleep(SETTLE_MS);
    return {
      pid: child.pid,
      port,
      async counted() {
        const text = await (await fetch(`http://127.0.0.1:${metrics}/metrics`)).text();
        return { samples: Number(/^fastnetmon_total_simple_packets_processed (\d+)$/m.exec(text)?.[1]) };
      },
      stop: () => stop(child),
    };
  },
};

/** The packaged configuration with sFlow on, everything that leaves the machine off, and nobody banned. */
function configuration(folder, port, metrics) {
  const changes = {
    networks_list_path: join(folder, 'networks'),
    white_list_path: join(folder, 'whitelist'),
    pid_path: join(folder, 'fastnetmon.pid'),
    cli_stats_file_path: join(folder, 'fastnetmon.dat'),
    cli_stats_ipv6_file_path: join(folder, 'fastnetmon6.dat'),
    disable_usage_report: 'on',
    monitor_local_ip_addresses: 'off',
    enable_api: 'off',
    enable_ban: 'off',
    ban_for_pps: 'off',
    ban_for_bandwidth: 'off',
    interfaces: '',
    sflow: 'on',
    sflow_host: '127.0.0.1',
    sflow_port: port,
    prometheus_port: metrics,
  };
  let text = readFileSync(PACKAGED_CONFIGURATION, 'utf8');
  for (const [name, value] of Object.entries(changes)) {
    const line = new RegExp(`^${name} *=.*$`, 'm');
    if (!line.test(text)) throw new Error(`${PACKAGED_CONFIGURATION} has no ${name}`);
    text = text.replace(line, `${name} = ${value}`);
  }
  return text;
}
