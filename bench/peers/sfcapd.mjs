import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { freeUdpPort, start, stop, untilBound } from '../lib/child.mjs';
import { versionOf } from '../lib/machine.mjs';

/** nfdump's sFlow collector: writes every sample to a file and analyses nothing. */
export const sfcapd = {
  name: 'nfdump sfcapd, writes files',
  version: () => versionOf('sfcapd', ['-V'], /Version: ([\d.]+)/),
  async start({ folder }) {
    const port = await freeUdpPort();
    const files = join(folder, 'nfcapd');
    mkdirSync(files);
    const args = ['-w', files, '-p', String(port), '-b', '127.0.0.1', '-t', '3600', '-B', '4194304'];
    const child = start('sfcapd', 'sfcapd', args, { folder });
    await untilBound(child, port);
    return {
      pid: child.pid,
      port,
      /** Samples in its files, which are complete only when it has ended. */
      async counted() {
        await stop(child);
        let samples = 0;
        for (const file of readdirSync(files)) {
          const summary = execFileSync('nfdump', ['-I', '-r', join(files, file)], { encoding: 'utf8' });
          samples += Number(/^Flows: (\d+)$/m.exec(summary)?.[1]);
        }
        return { samples };
      },
      stop: () => stop(child),
    };
  },
};
