import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freeUdpPort, start, stop, untilBound } from '../lib/child.mjs';
import { versionOf } from '../lib/machine.mjs';

/** What each sample of the load stands for. */
const SAMPLING_RATE = 1000;

/** pmacct's sFlow daemon with a table of 5-tuples in memory: the nearest it has to one flow definition. */
export const sfacctd = {
  name: 'pmacct sfacctd, 5-tuple table',
  version: () => versionOf('sfacctd', ['-V'], /sfacctd ([\d.]+)/),
  async start({ folder }) {
    const port = await freeUdpPort();
    const pipe = join(folder, 'sfacctd.pipe');
    const config = join(folder, 'sfacctd.conf');
    writeFileSync(config, configuration(port, pipe));
    const child = start('sfacctd', 'sfacctd', ['-f', config], { folder });
    await untilBound(child, port);
    return {
      pid: child.pid,
      port,
      /** Samples in its table; those still on the way from its core process to the table are missing. */
      async counted() {
        await sleep(1000);
        const table = execFileSync('pmacct', ['-s', '-p', pipe, '-O', 'csv'], {
          encoding: 'utf8',
          maxBuffer: 2 ** 30,
        });
        let packets = 0;
        for (const line of table.split('\n').slice(1)) packets += Number(line.split(',')[5] ?? 0);
        return { samples: packets / SAMPLING_RATE };
      },
      // It takes no notice of SIGTERM.
      stop: () => stop(child, 'SIGINT'),
    };
  },
};

function configuration(port, pipe) {
  return `daemonize: false
sfacctd_ip: 127.0.0.1
sfacctd_port: ${port}
sfacctd_pipe_size: 4194304
sfacctd_renormalize: true
plugins: memory[a]
aggregate[a]: src_host, dst_host, src_port, dst_port, proto
imt_path[a]: ${pipe}
imt_buckets[a]: 65537
imt_mem_pools_number[a]: 0
imt_mem_pools_size[a]: 1048576
plugin_pipe_size[a]: 33554432
plugin_buffer_size[a]: 65536
`;
}
