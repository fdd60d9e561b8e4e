import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { arch, cpus, release, totalmem, type } from 'node:os';

/** One line on what the figures were made on. */
export function machineLine() {
  const processors = cpus();
  const model = processors[0].model.trim().replace(/\s+/g, ' ');
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${processors.length} × ${model}, ${memory} GiB, ${type()} ${release()} ${arch()}, ${distribution()}, Node.js ${process.version}`;
}

function distribution() {
  try {
    return /^PRETTY_NAME="(.*)"$/m.exec(readFileSync('/etc/os-release', 'utf8'))[1];
  } catch {
    return 'unknown distribution';
  }
}

/** What a program prints about its version, on either stream; undefined when it is not installed. */
export function versionOf(command, args, pattern) {
  let text;
  try {
    text = execFileSync(command, args, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 10_000,
    });
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    text = `${error.stdout ?? ''}${error.stderr ?? ''}`;
  }
  return pattern.exec(text)?.[1] ?? 'unknown version';
}
