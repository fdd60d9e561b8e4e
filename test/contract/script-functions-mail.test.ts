import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MailServer } from '../support/mail-server.ts';
import { ScriptUnderTest } from './script-under-test.ts';

/* Beyond the script API: mail. */

const fixture = (name: string): string => fileURLToPath(new URL(`../fixtures/tls/${name}`, import.meta.url));
const KEY_PAIR = {
  key: readFileSync(fixture('first.key.pem')),
  cert: readFileSync(fixture('first.cert.pem')),
};

let script: ScriptUnderTest;
let plain: MailServer;
let secure: MailServer;
beforeAll(async () => {
  script = await ScriptUnderTest.serve([`-Dscript.https.ca=${fixture('first.cert.pem')}`]);
  plain = await MailServer.open({ disabledCommands: ['STARTTLS'], allowInsecureAuth: true });
  secure = await MailServer.open({ secure: true, ...KEY_PAIR });
});
afterAll(async () => {
  await script.end();
  plain.close();
  secure.close();
});

const later = async (members: string): Promise<unknown> => {
  await script.run(`var result = {}; sendMail({${members},
    success: function (text) { result = {success: text}; },
    error: function (text) { result = {error: text}; }}); 0`);
  await expect.poll(() => script.run('Object.keys(result).length'), { timeout: 15_000 }).toBe(1);
  return script.run('result');
};
const MESSAGE =
  "from: 'weir@example.com', to: ['a@example.com', 'b@example.com'], subject: 'Busy', text: 'eth1 is full'";

describe('sendMail', () => {
  it('sends a message', async () => {
    expect(await later(`host: 'localhost', port: ${plain.port}, ${MESSAGE}`)).toEqual({
      success: expect.stringMatching(/^250/),
    });
    expect(plain.got).toEqual([
      {
        from: 'weir@example.com',
        to: ['a@example.com', 'b@example.com'],
        text: expect.any(String),
        user: undefined,
      },
    ]);
    expect(plain.got[0].text).toMatch(/^Subject: Busy\r$/m);
    expect(plain.got[0].text).toMatch(/\r\n\r\neth1 is full\r\n/);
  });

  it('by TLS, as a user', async () => {
    expect(
      await later(
        `host: 'localhost', port: ${secure.port}, secure: true, user: 'joe', password: 'secret', ${MESSAGE}`,
      ),
    ).toHaveProperty('success');
    expect(secure.got[0].user).toBe('joe');
  });

  it('tells what went wrong', async () => {
    expect(
      await later(
        `host: 'localhost', port: ${secure.port}, secure: true, user: 'joe', password: 'wrong', ${MESSAGE}`,
      ),
    ).toEqual({ error: expect.stringMatching(/no such user/) });
    expect(await later(`host: '127.0.0.1', port: 1, ${MESSAGE}`)).toEqual({
      error: expect.stringMatching(/ECONNREFUSED/),
    });
  });

  it('a subject cannot add headers', async () => {
    const before = plain.got.length;
    await later(
      `host: 'localhost', port: ${plain.port}, from: 'a@example.com', to: 'b@example.com', subject: 'x\\r\\nBcc: c@example.com', text: 'x'`,
    );
    expect(plain.got[before].to).toEqual(['b@example.com']);
    expect(plain.got[before].text).not.toMatch(/^Bcc:/m);
  });

  it.each([
    ['', /must be an object/],
    ['{}', /to is missing/],
    ["{to: 'a@example.com'}", /host is missing/],
    ["{to: 'a@example.com', host: 'localhost'}", /from is missing/],
    ["{to: 'a@example.com', host: 'localhost', from: 'b@example.com', port: 'x'}", /x is no port/],
  ])('refuses %s', async (argument, text) => {
    expect(await script.fault(`sendMail(${argument})`)).toMatch(text);
  });
});
