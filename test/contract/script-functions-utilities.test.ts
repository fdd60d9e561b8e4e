import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SyntheticAgent } from '../support/synthetic-agent.ts';
import { UdpCollector } from '../support/udp-collector.ts';
import { fault, ScriptUnderTest, scriptTable } from './script-under-test.ts';

/* Script API, section 10: utilities. */

let script: ScriptUnderTest;
beforeAll(async () => {
  script = await ScriptUnderTest.serve(['-Dscript.runcmd=yes']);
});
afterAll(() => script.end());

scriptTable('10 digests and base64', () => script, [
  ['10 md5', "md5('abc')", '900150983cd24fb0d6963f7d28e17f72'],
  ['10 md5 of several texts', "md5('a', 'b', 'c') === md5('abc')", true],
  ['10 md5 in UTF-8', "md5('é')", '66ddcd97cfdeabb2f6fb8a999b4bc76f'],
  ['10 md5 of numbers', "md5(1, 2) === md5('12')", true],
  ['10 base64Encode', "base64Encode('hello')", 'aGVsbG8='],
  ['10 base64Encode in UTF-8', "base64Encode('é')", 'w6k='],
  ['10 base64Encode with an encoding', "base64Encode('é', 'latin1')", 'w6k='],
  ['10 base64Decode', "base64Decode('aGVsbG8=')", 'hello'],
  ['10 base64Decode without padding', "base64Decode('aGVsbG8')", 'hello'],
  ['10 base64Decode of something else', "base64Decode('a!')", fault('Illegal base64 character 21')],
  [
    '10 base64Decode of a stray digit',
    "base64Decode('aGVsb')",
    fault('Last unit does not have enough valid bits'),
  ],
]);

scriptTable('10 addresses', () => script, [
  ['10 mask', "mask('10.1.2.3', 24)", '10.1.2.0/24'],
  ['10 mask with text', "mask('10.1.2.3', '9')", '10.0.0.0/9'],
  ['10 mask without bits', "mask('10.1.2.3')", '10.1.2.3/32'],
  ['10 mask of 0', "mask('10.1.2.3', 0)", '0.0.0.0/0'],
  ['10 mask beyond the address', "mask('10.1.2.3', 40)", '10.1.2.3/40'],
  ['10 mask of IPv6', "mask('2001:db8:1:2::3', 48)", '2001:db8:1::/48'],
  [
    '10 mask with bits for IPv6',
    "[mask('2001:db8:1:2::3', 24, 64), mask('10.1.2.3', 24, 64)]",
    ['2001:db8:1:2::/64', '10.1.2.0/24'],
  ],
  ['10 mask of IPv6 without bits', "mask('2001:db8::3')", '2001:db8::3/128'],
  ['10 mask of a prefix', "mask('10.1.2.3/24', 24)", fault('bad address 10.1.2.3/24')],
  ['10 mask of junk', "mask('junk', 24)", fault('bad address junk')],
  ['10 mask of nothing', 'mask()', fault(/bad address/)],
  [
    '10 ipRangeToCidrList',
    "ipRangeToCidrList('10.0.0.1', '10.0.0.8')",
    ['10.0.0.1/32', '10.0.0.2/31', '10.0.0.4/30', '10.0.0.8/32'],
  ],
  ['10 ipRangeToCidrList of everything', "ipRangeToCidrList('0.0.0.0', '255.255.255.255')", ['0.0.0.0/0']],
  ['10 ipRangeToCidrList of one', "ipRangeToCidrList('10.0.0.1', '10.0.0.1')", ['10.0.0.1/32']],
  ['10 ipRangeToCidrList of nothing', "ipRangeToCidrList('10.0.0.2', '10.0.0.1')", []],
  [
    '10 ipRangeToCidrList of the upper half',
    "ipRangeToCidrList('128.0.0.0', '255.255.255.255')",
    ['128.0.0.0/1'],
  ],
  ['10 ipRangeToCidrList of a bad one', "ipRangeToCidrList('x', '10.0.0.1')", fault('bad IP address x')],
  ['10 ipRangeToCidrList of IPv6', "ipRangeToCidrList('::1', '::2')", fault('bad IP address ::1')],
]);

scriptTable('10 formats', () => script, [
  ['10 formatDate', "formatDate(new Date(0), 'yyyy')", expect.stringMatching(/^19(69|70)$/)],
  [
    '10 formatDate as it is',
    'formatDate(new Date(0))',
    expect.stringMatching(/^19(69|70)-\d\d-\d\dT\d\d:\d\d:00(Z|[+-]\d\d:\d\d)$/),
  ],
  ['10 formatDate of a number', 'formatDate(0)', fault('Cannot convert 0 to java.util.Date')],
  [
    '10 formatDate of no time',
    'formatDate(new Date(NaN))',
    fault('Cannot convert Invalid Date to java.util.Date'),
  ],
  ['10 formatDate of a bad pattern', "formatDate(new Date(), 'b')", fault("Illegal pattern character 'b'")],
  ['10 formatNumber', "formatNumber(1234.567, '#,##0.00')", '1,234.57'],
  ['10 formatNumber as it is', 'formatNumber(1234.5)', '1234.5'],
  ['10 formatNumber of text', "formatNumber('0.256', '0.0%')", '25.6%'],
  ['10 formatNumber of nothing', "formatNumber(undefined, '0')", 'NaN'],
  [
    '10 formatNumber of a bad pattern',
    "formatNumber(1, '0.0.0')",
    fault('Multiple decimal separators in pattern "0.0.0"'),
  ],
]);

scriptTable('10 dnsGetAllByName', () => script, [
  [
    '10 a name',
    "dnsGetAllByName('localhost').indexOf('127.0.0.1') >= 0 || dnsGetAllByName('localhost').indexOf('::1') >= 0",
    true,
  ],
  ['10 an address', "dnsGetAllByName('192.0.2.1')", ['192.0.2.1']],
  [
    '10 an unknown name',
    "dnsGetAllByName('nosuch.invalid')",
    fault('nosuch.invalid: Name or service not known'),
  ],
  ['10 no argument', 'dnsGetAllByName()', ['127.0.0.1']],
]);

scriptTable('10 runCmd', () => script, [
  [
    '10 an array',
    "runCmd(['/bin/sh', '-c', 'echo a b; echo c; echo d >&2; exit 3'])",
    { stdout: ['a b', 'c'], stderr: ['d'], status: 3 },
  ],
  ['10 text is split at blanks', "runCmd('echo  a   b').stdout", ['a b']],
  [
    '10 env replaces the environment',
    "runCmd(['/usr/bin/env'], ['FOO=1', 'BAR=a=b']).stdout.sort()",
    ['BAR=a=b', 'FOO=1'],
  ],
  [
    '10 null inherits it',
    "runCmd(['/usr/bin/env'], null, '/').stdout.some(l => l.startsWith('PATH='))",
    true,
  ],
  ['10 a folder', "runCmd(['pwd'], null, '/usr').stdout", ['/usr']],
  ['10 env that is no array', "runCmd(['pwd'], {FOO: 1})", fault('bad array')],
  [
    '10 a missing program',
    "runCmd(['/nosuch/program'])",
    fault(/^InternalError: IO error .*\/nosuch\/program/),
  ],
  ['10 a missing folder', "runCmd(['pwd'], null, '/nosuch')", fault(/^InternalError: IO error .*\/nosuch/)],
  ['10 nothing', 'runCmd()', fault('missing command')],
  ['10 reading the standard input ends at once', "runCmd(['cat'])", { stdout: [], stderr: [], status: 0 }],
  ['10 ended by a signal', "runCmd(['/bin/sh', '-c', 'kill -9 $$']).status", 137],
  ['10 too much output', "runCmd(['/bin/sh', '-c', 'exec cat /dev/zero'])", fault(/more than \d+ bytes/)],
  ['10 no newline at the end', "runCmd(['printf', 'a\\nb']).stdout", ['a', 'b']],
  ['10 empty lines stay', "runCmd(['printf', 'a\\n\\nb\\n']).stdout", ['a', '', 'b']],
]);

/** Runs code that calls `done(value)`, and gives the value. */
async function later(code: string): Promise<unknown> {
  await script.run(`var result = {}; function done(value) { result = {value: value}; } ${code}; 0`);
  await expect.poll(() => script.run("'value' in result"), { timeout: 10_000 }).toBe(true);
  return script.run('result.value');
}

describe('10 runCmdAsync', () => {
  it('10 gives success the lines of standard output', async () => {
    expect(await later("runCmdAsync({cmd: ['/bin/sh', '-c', 'echo a; echo b >&2'], success: done})")).toEqual(
      ['a'],
    );
  });

  it('10 takes text, and a folder', async () => {
    expect(await later("runCmdAsync({cmd: 'pwd', dir: '/usr', success: done})")).toEqual(['/usr']);
  });

  it('10 gives error all of a program that fails', async () => {
    const code = "runCmdAsync({cmd: ['/bin/sh', '-c', 'echo a; echo b >&2; exit 2'], error: done})";
    expect(await later(code)).toEqual({ stdout: ['a'], stderr: ['b'], status: 2 });
  });

  it('10 inherits the environment whatever is given', async () => {
    const code = "runCmdAsync({cmd: ['/usr/bin/env'], env: ['FOO=1'], envp: ['FOO=1'], success: done})";
    const lines = (await later(code)) as string[];
    expect(lines.some((line) => line.startsWith('PATH='))).toBe(true);
    expect(lines).not.toContain('FOO=1');
  });

  it('10 throws at the call for a missing program, and returns nothing otherwise', async () => {
    expect(await script.fault("runCmdAsync({cmd: ['/nosuch/program'], error: done})")).toMatch(/IO error/);
    expect(await script.run("runCmdAsync({cmd: ['true']})")).toBeUndefined();
  });

  it('10 does not keep the script from its other work', async () => {
    await script.run("var slow; runCmdAsync({cmd: ['sleep', '1'], success: function () { slow = true; }})");
    expect(await script.run('typeof slow')).toBe('undefined');
    await expect.poll(() => script.run('slow'), { timeout: 10_000 }).toBe(true);
  });
});

describe('10 runCmd unless scripts may', () => {
  it('10 says which property it takes', async () => {
    const other = await ScriptUnderTest.serve();
    const text = /InternalError: scripts may run programs only with the property script.runcmd=yes/;
    expect(await other.fault("runCmd(['true'])")).toMatch(text);
    expect(await other.fault("runCmdAsync({cmd: ['true']})")).toMatch(text);
    await other.end();
  });
});

describe('10 syslog', () => {
  const log = createSocket('udp4');
  const heard: string[] = [];
  let port = 0;
  beforeAll(async () => {
    log.on('message', (message) => heard.push(message.toString()));
    log.bind(0, '127.0.0.1');
    await once(log, 'listening');
    port = log.address().port;
  });
  afterAll(() => void log.close());

  const next = async (code: string): Promise<string> => {
    heard.length = 0;
    await script.run(code);
    await expect.poll(() => heard.length).toBe(1);
    return heard[0];
  };

  it('10 sends one datagram of RFC 3164', async () => {
    const text = await next(`syslog('127.0.0.1', ${port}, 16, 5, {app: 'x', n: 1, o: {}})`);
    expect(text).toMatch(
      /^<133>[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \S+ sflow-rt: app=x n=1 o="\[object Object\]"$/,
    );
    expect(text).toContain(` ${hostname()} `);
  });

  it('10 quotes values with blanks, and keeps to one line', async () => {
    expect(await next(`syslog('127.0.0.1', '${port}', '1', '2', {a: 'b c', d: 'e\\nf'})`)).toMatch(
      /^<10>.* a="b c" d="e f"$/,
    );
  });

  it('10 does nothing with fewer than five arguments', async () => {
    expect(await script.run(`syslog('127.0.0.1', ${port}, 16, 5)`)).toBeUndefined();
    await next(`syslog('127.0.0.1', ${port}, 16, 5, {only: 1})`);
  });

  it.each(["'text'", '[1]', 'null', '5'])('10 refuses %s for an object', async (value) => {
    expect(await script.fault(`syslog('127.0.0.1', ${port}, 16, 5, ${value})`)).toMatch(/must be an object/);
  });

  it.each([
    ["'x', 16, 5", /port/],
    ['514, 99, 5', /facility/],
    ['514, 16, 9', /severity/],
  ])('10 refuses %s', async (args, text) => {
    expect(await script.fault(`syslog('127.0.0.1', ${args}, {})`)).toMatch(text);
  });

  it('10 an unknown host is told in the log, and nothing else', async () => {
    expect(await script.run("syslog('nosuch.invalid', 514, 16, 5, {})")).toBeUndefined();
  });
});

describe('10 graphite', () => {
  it('10 sends lines by TCP', async () => {
    const texts: string[] = [];
    const server = createServer((socket) => {
      socket.setEncoding('utf8');
      socket.on('data', (text) => texts.push(String(text)));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    await script.run(`graphite('127.0.0.1', ${port}, {'a.b': 1, c: 2.5, none: undefined, text: '3'})`);
    await expect.poll(() => texts.join('')).toMatch(/^a\.b 1\.0 \d{10}\nc 2\.5 \d{10}\ntext 3\.0 \d{10}\n$/);
    expect(await script.run(`graphite('127.0.0.1', ${port})`)).toBeUndefined();
    expect(await script.run(`graphite('127.0.0.1', ${port}, {a: 1}, 4)`)).toBeUndefined();
    expect(await script.fault(`graphite('127.0.0.1', ${port}, 'a')`)).toMatch(/must be an object/);
    await sleep(50);
    expect(texts).toHaveLength(1);
    server.close();
  });

  it('10 nobody there is told in the log, and nothing else', async () => {
    expect(await script.run("graphite('127.0.0.1', 1, {a: 1})")).toBeUndefined();
    expect(await script.run('1')).toBe(1);
  });
});

describe('10 setForward', () => {
  const forwardings = (): Promise<unknown> => script.weir.get('/forwarding/json');

  it('10 sends datagrams on', async () => {
    const collector = await UdpCollector.open();
    expect(await script.run(`setForward('f', '127.0.0.1', '${collector.port}', ['192.0.2.1'])`)).toBe(true);
    expect(await forwardings()).toEqual({
      f: { address: '127.0.0.1', port: collector.port, agents: ['192.0.2.1'] },
    });
    const [one, two] = [new SyntheticAgent('192.0.2.1'), new SyntheticAgent('192.0.2.2')];
    await script.weir.deliver(one.datagram(), two.datagram());
    expect(await collector.until(1)).toHaveLength(1);
    expect(await script.run("clearForward('f')")).toBeUndefined();
    expect(await forwardings()).toEqual({});
    collector.close();
  });

  it('10 goes to port 6343 unless told', async () => {
    expect(await script.run("setForward('g', '192.0.2.99')")).toBe(true);
    expect(await forwardings()).toEqual({ g: { address: '192.0.2.99', port: 6343 } });
    await script.run("clearForward('g')");
  });

  it.each([
    "'h'",
    "'h', {}",
    "'h', ['192.0.2.1']",
    "'h', 5",
    "'h', '192.0.2.1', 'x'",
    "'h', '192.0.2.1', 99999",
    "'h', '192.0.2.1', 6343, 'x'",
    "'h', '192.0.2.1', 6343, [5]",
    "'h i', '192.0.2.1'",
    '',
  ])('10 refuses (%s), and goes on receiving', async (args) => {
    expect(await script.run(`setForward(${args})`)).toBe(false);
    expect(await forwardings()).toEqual({});
    await script.weir.deliver(new SyntheticAgent('192.0.2.3').datagram());
  });

  it('10 a host that nobody knows is no harm', async () => {
    await script.run("setForward('h', 'nosuch.invalid')");
    await script.weir.deliver(new SyntheticAgent('192.0.2.4').datagram());
    await script.run("clearForward('h')");
  });

  it('10 clearForward of none', async () => {
    expect(await script.run("[clearForward('nosuch'), clearForward()]")).toEqual([null, null]);
  });
});
