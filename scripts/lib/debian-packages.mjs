import { spawnSync } from 'node:child_process';

/** Which of these Debian packages are not installed. */
export function missingPackages(names) {
  return names.filter((name) => {
    const query = spawnSync('dpkg', ['-s', name], { encoding: 'utf8' });
    return !query.stdout?.includes('Status: install ok installed');
  });
}

/**
 * Installs what is missing, when this is root on a Debian.
 * @returns {string | undefined} what is still missing and what to do, in a line
 */
export function installPackages(names) {
  let missing = missingPackages(names);
  if (missing.length === 0) return undefined;
  if (process.getuid?.() === 0) {
    // The package lists may be older than the packages; then they are fetched, and it is tried once more.
    for (const fetchLists of [false, true]) {
      if (missing.length === 0) break;
      if (fetchLists) aptGet(['update', '-qq']);
      aptGet(['install', '-y', '-qq', '--no-install-recommends', ...missing]);
      missing = missingPackages(missing);
    }
    if (missing.length === 0) return undefined;
  }
  return `missing Debian packages; tests that need them fail: as root, apt-get install ${missing.join(' ')}`;
}

function aptGet(args) {
  spawnSync('apt-get', ['-o', 'DPkg::Lock::Timeout=180', ...args], {
    stdio: ['ignore', 'ignore', 'inherit'],
    // Tests start the daemons they need themselves; run level 1 keeps the packages from starting them.
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' },
  });
}
