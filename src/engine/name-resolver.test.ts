import { afterEach, describe, expect, it } from 'vitest';
import type { NameAnswer } from '../lookup/index.ts';
import { NameResolver, validServers } from './name-resolver.ts';
import { type DnsReply, DnsResponder, RCODE } from './testing/dns-responder.ts';

let opened: { close(): void }[] = [];

afterEach(() => {
  for (const each of opened) each.close();
  opened = [];
});

async function setUp(reply: (question: string) => DnsReply | undefined, timeoutMs?: number) {
  const server = await DnsResponder.open(reply);
  const answers: NameAnswer[] = [];
  const batches: number[] = [];
  const servers = [`127.0.0.1:${server.port}`];
  const resolver = new NameResolver(timeoutMs === undefined ? { servers } : { servers, timeoutMs }, {
    answer(given) {
      answers.push(...given);
      batches.push(given.length);
    },
  });
  opened.push(server, resolver);
  return { server, resolver, answers, batches };
}

const addresses = (count: number): string[] =>
  Array.from({ length: count }, (_, i) => `10.0.${i >> 8}.${i & 255}`);

/* The name server is one of our own, in testing/. */
describe('NameResolver', () => {
  it('gives the names of addresses, with a dot at the end', async () => {
    const { server, resolver, answers } = await setUp((question) => ({
      names: [question.endsWith('ip6.arpa') ? 'six.example.net' : 'h-3.example.net'],
    }));
    resolver.ask(['10.1.2.3', '2001:db8::1']);
    await expect.poll(() => answers).toHaveLength(2);
    expect(answers).toEqual(
      expect.arrayContaining([
        { address: '10.1.2.3', name: 'h-3.example.net.', failed: false },
        { address: '2001:db8::1', name: 'six.example.net.', failed: false },
      ]),
    );
    expect([...server.questions].sort()).toEqual([
      '1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa',
      '3.2.1.10.in-addr.arpa',
    ]);
  });

  it('tells an address without a name from a failure', async () => {
    const replies: Record<string, DnsReply> = {
      '1.0.0.10.in-addr.arpa': { code: RCODE.nameError },
      '2.0.0.10.in-addr.arpa': { names: [] },
      '3.0.0.10.in-addr.arpa': { code: RCODE.serverFailure },
    };
    const { resolver, answers } = await setUp((question) => replies[question], 100);
    resolver.ask(['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4']);
    await expect.poll(() => answers, { timeout: 5000 }).toHaveLength(4);
    const failed = Object.fromEntries(answers.map((answer) => [answer.address, answer.failed]));
    expect(failed).toEqual({ '10.0.0.1': false, '10.0.0.2': false, '10.0.0.3': true, '10.0.0.4': true });
    expect(answers.every(({ name }) => name === undefined)).toBe(true);
  });

  it('gives the same one of several names, in whatever order they come', async () => {
    let turn = 0;
    const { resolver, answers } = await setUp(() => ({
      names: turn++ % 2 === 0 ? ['b.example.net', 'a.example.net'] : ['a.example.net', 'b.example.net'],
    }));
    resolver.ask(['10.0.0.1', '10.0.0.2']);
    await expect.poll(() => answers).toHaveLength(2);
    expect(answers.map(({ name }) => name)).toEqual(['a.example.net.', 'a.example.net.']);
  });

  it('answers every one of many, few messages for all', async () => {
    const { resolver, answers, batches } = await setUp((question) => ({ names: [`${question}.example`] }));
    resolver.ask(addresses(500));
    await expect.poll(() => answers, { timeout: 10_000 }).toHaveLength(500);
    expect(new Set(answers.map(({ name }) => name)).size).toBe(500);
    expect(batches.length).toBeLessThan(250);
  });

  it('has only so many under way, and refuses more than can wait', async () => {
    const { server, resolver, answers } = await setUp(() => undefined, 60_000);
    resolver.ask(addresses(12_000));
    await expect.poll(() => answers.length).toBe(2000);
    expect(answers.every(({ failed }) => failed)).toBe(true);
    await expect.poll(() => server.questions.length).toBe(32);
  });

  it('says nothing any more when it is closed', async () => {
    const { server, resolver, answers } = await setUp(() => ({ names: ['late.example'] }));
    resolver.ask(addresses(100));
    await expect.poll(() => server.questions.length).toBeGreaterThan(0);
    resolver.close();
    const heard = answers.length;
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(answers).toHaveLength(heard);
  });
});

it('validServers takes plain addresses only', () => {
  const refused: string[] = [];
  const given = ['192.0.2.53', '127.0.0.1:5353', '::1', 'dns.example.net', '[::1]'];
  expect(validServers(given, (server) => refused.push(server))).toEqual(['192.0.2.53', '::1']);
  expect(refused).toEqual(['127.0.0.1:5353', 'dns.example.net', '[::1]']);
});
