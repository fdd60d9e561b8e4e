import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { GobgpRouter } from '../support/gobgp-router.ts';

const RULE = {
  match: { destination: '203.0.113.55/32', protocol: '=17', 'source-port': '=53' },
  // biome-ignore lint/suspicious/noThenProperty: the name that clients write.
  then: { 'traffic-rate': '0' },
};

let router: GobgpRouter;

beforeAll(async () => {
  router = await GobgpRouter.start({
    as: 65001,
    address: '127.0.0.51',
    peerAs: 65077,
    peerAddress: '127.0.0.1',
    families: ['ipv4-unicast', 'ipv4-flowspec'],
  });
});

afterAll(() => router.stop());

it('a small speaker made with weir/bgp learns a route from GoBGP and pushes a rule to it', async () => {
  router.run(
    'global',
    'rib',
    'add',
    '10.2.0.0/16',
    'nexthop',
    '127.0.0.51',
    'aspath',
    '65010,65030',
    'med',
    '7',
  );
  const program = fileURLToPath(new URL('small-speaker.mjs', import.meta.url));
  const { address } = router.options;
  const args = [program, address, String(router.port), '65077', '10.2.3.4', JSON.stringify(RULE)];
  const speaker = spawn(process.execPath, args);
  try {
    let out = '';
    speaker.stdout.on('data', (chunk) => {
      out += chunk;
    });
    await router.until(() => router.run('global', 'rib', '-a', 'ipv4-flowspec').includes('203.0.113.55/32'));
    expect(router.run('global', 'rib', '-a', 'ipv4-flowspec')).toMatch(
      /destination: 203\.0\.113\.55\/32\]\[protocol: ==udp\]\[source-port: ==53\].*discard/s,
    );
    await router.until(() => out.endsWith('\n'));
    expect(JSON.parse(out)).toMatchObject({
      prefix: '10.2.0.0/16',
      paths: [{ asPath: '65001-65010-65030', med: 7, origin: 'INCOMPLETE', nextHop: '127.0.0.51' }],
    });
  } finally {
    speaker.kill();
  }
});
