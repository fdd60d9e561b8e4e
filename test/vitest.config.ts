import { defineConfig } from 'vitest/config';

/** Tests of the whole program: end to end, and with real peers. They run what is built, one file after the other. */
export default defineConfig({
  test: {
    root: '.',
    include: ['test/e2e/**/*.test.ts', 'test/interop/**/*.test.ts'],
    globalSetup: ['test/build-first.ts'],
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
  },
});
