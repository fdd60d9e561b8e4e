import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readVitestReport } from '../../scripts/lib/vitest-result.mjs';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'weir-report-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

function read(changes: object) {
  const path = join(folder, 'report.json');
  const report = {
    success: true,
    numPassedTests: 10,
    numFailedTests: 0,
    numPendingTests: 0,
    numTodoTests: 0,
    testResults: [{ status: 'passed', assertionResults: [{ status: 'passed' }] }],
    ...changes,
  };
  writeFileSync(path, JSON.stringify(report));
  return readVitestReport(path);
}

it('counts tests', () => {
  expect(read({})).toEqual({ passed: 10, failed: 0, skipped: 0 });
  expect(read({ numPendingTests: 2, numTodoTests: 1 })).toEqual({ passed: 10, failed: 0, skipped: 3 });
});

it('counts a failed test once', () => {
  const testResults = [{ status: 'failed', assertionResults: [{ status: 'failed' }] }];
  expect(read({ success: false, numFailedTests: 1, testResults })?.failed).toBe(1);
});

it('counts a file that could not be run', () => {
  const testResults = [{ status: 'failed', assertionResults: [] }];
  expect(read({ success: false, testResults })?.failed).toBe(1);
});

it('counts a fault outside of any test', () => {
  expect(read({ success: false })?.failed).toBe(1);
});

it('is nothing without a report', () => {
  expect(readVitestReport(join(folder, 'none.json'))).toBeUndefined();
});
