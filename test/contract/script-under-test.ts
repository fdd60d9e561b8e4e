import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { WeirUnderTest } from './weir-under-test.ts';

/** Answers each POST with what the JavaScript in it comes to, in the global scope of the script. */
const EVALUATOR = `
var evaluate = eval;
setHttpHandler(function (request) {
  try {
    var value = evaluate(request.body.code);
    return { type: value === null ? 'null' : typeof value, value: value };
  } catch (error) {
    return { type: 'error', value: error instanceof Error ? error.name + ': ' + error.message : String(error) };
  }
});
`;

interface Outcome {
  readonly type: string;
  readonly value?: unknown;
}

/** A real process with a real script in it, which does what it is told. */
export class ScriptUnderTest {
  readonly weir: WeirUnderTest;
  readonly folder: string;

  private constructor(weir: WeirUnderTest, folder: string) {
    this.weir = weir;
    this.folder = folder;
  }

  /** @param more further scripts by the names of their files */
  static async serve(
    properties: readonly string[] = [],
    more: Readonly<Record<string, string>> = {},
  ): Promise<ScriptUnderTest> {
    const folder = mkdtempSync(join(tmpdir(), 'weir-script-'));
    const files = Object.entries({ 'test.js': EVALUATOR, ...more }).map(([name, text]) => {
      const file = join(folder, name);
      writeFileSync(file, text);
      return file;
    });
    const weir = await WeirUnderTest.serve(
      `-Dscript.file=${files.join(',')}`,
      `-Dscript.store=${join(folder, 'store')}`,
      `-Dapp.dir=${join(folder, 'app')}`,
      ...properties,
    );
    const script = new ScriptUnderTest(weir, folder);
    await script.run('0');
    return script;
  }

  /** What the code comes to. Throws what it throws. */
  async run(code: string): Promise<unknown> {
    const { type, value } = await this.outcome(code);
    if (type === 'error') throw new Error(String(value));
    return type === 'undefined' ? undefined : value;
  }

  /** The text of the error that the code throws. */
  async fault(code: string): Promise<string> {
    const { type, value } = await this.outcome(code);
    if (type !== 'error') throw new Error(`no error but ${JSON.stringify(value)}`);
    return String(value);
  }

  async end(): Promise<void> {
    await this.weir.end();
    rmSync(this.folder, { recursive: true });
  }

  private async outcome(code: string): Promise<Outcome> {
    const { status, text } = await this.weir.ask('POST', '/script/test.js/json', {
      body: JSON.stringify({ code }),
      headers: { 'Content-Type': 'application/json' },
    });
    if (status !== 200) throw new Error(`${status} for ${code}`);
    return JSON.parse(text) as Outcome;
  }
}

/** What a row of a table expects instead of a value: an error with this text. */
export class Fault {
  readonly text: string | RegExp;

  constructor(text: string | RegExp) {
    this.text = text;
  }
}

export function fault(text: string | RegExp): Fault {
  return new Fault(text);
}

/** A rule with its section, JavaScript, and what it comes to. Rows run in order, in one script. */
export type ScriptRow = readonly [rule: string, code: string, expected: unknown];

/** @param prepare what happens before the first row */
export function scriptTable(
  title: string,
  script: () => ScriptUnderTest,
  rows: readonly ScriptRow[],
  prepare: () => Promise<void> = async () => {},
): void {
  describe(title, () => {
    beforeAll(prepare);
    it.each(rows)('%s: %s', async (_rule, code, expected) => {
      if (expected instanceof Fault) {
        const text = await script().fault(code);
        if (typeof expected.text === 'string') expect(text).toBe(`InternalError: ${expected.text}`);
        else expect(text).toMatch(expected.text);
      } else expect(await script().run(code)).toEqual(expected);
    });
  });
}
