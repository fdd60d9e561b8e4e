import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { run } from './bgp.ts';

const CAPTURE = 'test/fixtures/bgp/session.pcap';
const RULE = {
  match: { version: '4', destination: '10.1.1.1', protocol: '=17', 'source-port': '=53' },
  // biome-ignore lint/suspicious/noThenProperty: the name that clients write.
  then: { 'traffic-rate': '0' },
};
const ROUTE = { prefix: '10.9.9.9/32', nexthop: '192.0.2.1', communities: '65535:666', localpref: '100' };
/** bgp.md 2 and 3: what was seen on the wire. */
const ROUTE_HEX =
  'ffffffffffffffffffffffffffffffff003e02000000224001010040020602010000fde8400304c000020140050400000064c00804ffff029a200a090909';
const RULE_NLRI = '0c01200a010101038111068135';

/** What the command prints to both outputs, and its exit code. */
async function bgp(args: readonly string[], stdin = ''): Promise<{ code: number; out: string; err: string }> {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const [out, err] = [text(stdout), text(stderr)];
  const code = await run(args, { stdin: Readable.from([Buffer.from(stdin)]), stdout, stderr });
  stdout.end();
  stderr.end();
  return { code, out: await out, err: await err };
}

describe('weir bgp encode', () => {
  it('a route', async () => {
    expect(await bgp(['encode', JSON.stringify(ROUTE)])).toEqual({ code: 0, out: `${ROUTE_HEX}\n`, err: '' });
  });

  it('a withdrawal, for a peer of the same AS, of a list, from standard input', async () => {
    const { out } = await bgp(['encode', '-', '--withdraw', '--internal'], JSON.stringify([ROUTE, RULE]));
    const [route, rule] = out.trim().split('\n');
    expect(route.slice(38)).toBe('0005200a0909090000');
    expect(rule).toContain('800f100001850c01200a010101');
  });

  it('a rule in bytes, in words and in five notations', async () => {
    const { out } = await bgp(['encode', JSON.stringify(RULE), '--text']);
    expect(out).toContain(
      'in words\n  IPv4 packets to 10.1.1.1/32, protocol UDP (17), source port 53: drop\n',
    );
    for (const title of ['Arista EOS', 'Cisco IOS XR', 'Juniper Junos', 'FRR', 'GoBGP'])
      expect(out).toContain(`\n${title}\n  `);
    expect(out).toContain(RULE_NLRI);
  });

  it('JSON with everything', async () => {
    const { out } = await bgp(['encode', JSON.stringify(RULE), '--json']);
    expect(JSON.parse(out)).toMatchObject({
      match: { destination: '10.1.1.1/32', version: '4' },
      bytes: expect.stringContaining(RULE_NLRI),
      texts: { words: expect.any(String), gobgp: expect.any(String) },
    });
  });

  it('says what is wrong with a rule, and goes on with the next', async () => {
    const { code, out, err } = await bgp([
      'encode',
      JSON.stringify([{ ...RULE, match: {} }, { ...ROUTE, nexthop: 'x' }, ROUTE]),
    ]);
    expect(code).toBe(1);
    expect(out).toBe(`${ROUTE_HEX}\n`);
    expect(err).toMatch(/item 1: match is empty/);
    expect(err).toMatch(/item 2: nexthop/);
  });

  it.each([
    [['encode'], 'CLI_USAGE'],
    [['encode', '{', '}'], 'CLI_USAGE'],
    [['encode', '{"match":'], 'BGP_INPUT'],
    [['encode', '/no/such/file'], 'BGP_INPUT'],
    [['encode', '{}', '--as', '0'], 'CLI_USAGE'],
    [['decode'], 'CLI_USAGE'],
    [['decode', 'fff'], 'BGP_INPUT'],
    [['decode', 'ff', '--add-path', 'x'], 'CLI_USAGE'],
    [['decode', CAPTURE, CAPTURE], 'CLI_USAGE'],
    [['decode', 'README.md'], 'CAPTURE_BAD'],
    [['convert'], 'CLI_USAGE'],
  ])('%j is refused', async (args, code) => {
    await expect(bgp(args)).rejects.toMatchObject({ code });
  });
});

describe('weir bgp decode', () => {
  it('hexadecimal, with blanks and in several arguments', async () => {
    const { code, out } = await bgp(['decode', ROUTE_HEX.slice(0, 40), ROUTE_HEX.slice(40)]);
    expect(code).toBe(0);
    expect(out).toBe(`UPDATE, 62 bytes
  announces 10.9.9.9/32
  origin: IGP
  AS path: 65000
  next hop: 192.0.2.1
  local preference: 100
  communities: 65535:666

`);
  });

  it('what encode makes', async () => {
    const { out } = await bgp(['encode', JSON.stringify([ROUTE, RULE])]);
    const decoded = await bgp(['decode', '-', '--json'], out);
    const [route, rule] = decoded.out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(route).toMatchObject({ type: 'update', announced: ['10.9.9.9/32'], bytes: ROUTE_HEX });
    expect(rule.reach.matches[0]).toEqual({ ...RULE.match, destination: '10.1.1.1/32' });
    expect((await bgp(['decode', out])).out).toContain('  rule: IPv4 packets to 10.1.1.1/32');
  });

  it('a capture, as its OPEN messages say', async () => {
    const { code, out } = await bgp(['decode', CAPTURE, '--json']);
    const messages = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(code).toBe(0);
    expect(messages.map(({ type }) => type)).toEqual([
      'open',
      'open',
      'keepalive',
      'keepalive',
      'update',
      'update',
      'update',
      'notification',
    ]);
    expect(messages[4]).toMatchObject({
      direction: '127.0.0.31:39921 > 127.0.0.32:11792',
      announced: [{ prefix: '10.1.0.0/16', pathId: 1 }],
    });
    expect(messages[7].text).toBe('Cease: Administrative Shutdown (maintenance)');
    const words = (await bgp(['decode', CAPTURE])).out;
    expect(words).toContain('  withdraws 10.1.0.0/16 path 1\n');
    expect(words).toContain('    add-path, families mode both, family ipv4-unicast\n');
  });

  it('says what is wrong, and with which byte', async () => {
    const { code, err, out } = await bgp(['decode', `${ROUTE_HEX}ffff`]);
    expect({ code, err }).toEqual({ code: 1, err: 'weir bgp: byte 62: 2 bytes are not a whole message\n' });
    expect(out).toContain('10.9.9.9/32');
    const bad = await bgp(['decode', ROUTE_HEX.replace(/^ffff/, 'ff00')]);
    expect(bad.err).toMatch(/byte 1 of the marker is 0/);
    // A path of zeros: the route counts as withdrawn.
    const fault = await bgp(['decode', ROUTE_HEX.replace('0000fde8', '00000000')]);
    expect(fault.out).toMatch(/ {2}fault: AS_PATH: AS number 0.*\n.*counts as withdrawn/);
  });
});
