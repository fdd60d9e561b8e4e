import { defineConfig } from 'vitest/config';

/**
 * Tests of the whole program: end to end, of its contract with clients, in a browser, with real peers, and by the examples of the
 * documentation. They run what is built, one file after the other.
 */
export default defineConfig({
  test: {
    root: '.',
    include: ['test/{e2e,contract,browser,interop,docs}/**/*.test.ts'],
    globalSetup: ['test/build-first.ts'],
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
  },
});
