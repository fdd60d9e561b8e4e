export declare function readVitestReport(
  path: string,
): { passed: number; failed: number; skipped: number } | undefined;
