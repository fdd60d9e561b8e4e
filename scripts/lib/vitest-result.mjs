import { readFileSync } from 'node:fs';

/**
 * Counts of a report that Vitest's JSON reporter wrote. A test file that could not be run counts as one failure.
 * @returns {{ passed: number, failed: number, skipped: number } | undefined} undefined when there is no report
 */
export function readVitestReport(path) {
  let report;
  try {
    report = JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
  const broken = report.testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((one) => one.status === 'failed'),
  ).length;
  const failed = report.numFailedTests + broken;
  return {
    passed: report.numPassedTests,
    // Faults outside of any test, such as an unhandled rejection, show only here.
    failed: failed === 0 && !report.success ? 1 : failed,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}
