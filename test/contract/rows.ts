import { describe, expect, it } from 'vitest';
import type { Answer, AskOptions, WeirUnderTest } from './weir-under-test.ts';

/** What an answer must be: a status (with an empty body when it is not 200), or more. */
export type Expected =
  | number
  | {
      /** 200 unless given. */
      readonly status?: number;
      /** The document, as `toEqual` takes it. */
      readonly json?: unknown;
      readonly text?: string | RegExp;
      readonly headers?: Readonly<Record<string, unknown>>;
    };

/**
 * A fact of the contract that one request shows: the section and the fact, the request as `METHOD PATH [BODY]`, and
 * what its answer must be.
 */
export type RequestRow = readonly [fact: string, request: string, expected: Expected, options?: AskOptions];

/** A test for each row. The rows of a table are asked in their order. */
export function requestTable(title: string, weir: () => WeirUnderTest, rows: readonly RequestRow[]): void {
  describe(title, () => {
    it.for(rows)('%s: %s', async ([, request, expected, options]) => {
      expectAnswer(await askAs(weir(), request, options), expected);
    });
  });
}

/** Asks what `METHOD PATH [BODY]` says. */
export function askAs(weir: WeirUnderTest, request: string, options: AskOptions = {}): Promise<Answer> {
  const [, method, path, body] = /^(\S+) (\S+)(?: (.*))?$/s.exec(request) ?? [];
  if (method === undefined) throw new Error(`no request: ${request}`);
  return weir.ask(method, path, { body, ...options });
}

export function expectAnswer(answer: Answer, expected: Expected): void {
  const {
    status = 200,
    json,
    text,
    headers,
  } = typeof expected === 'number' ? { status: expected } : expected;
  expect({ status: answer.status, reason: answer.headers['weir-error'] }).toMatchObject({ status });
  if (json !== undefined) expect(JSON.parse(answer.text)).toEqual(json);
  else if (typeof text === 'string') expect(answer.text).toBe(text);
  else if (text !== undefined) expect(answer.text).toMatch(text);
  else if (status !== 200) expect(answer.bytes).toHaveLength(0);
  if (headers !== undefined) expect(answer.headers).toMatchObject(headers);
}
