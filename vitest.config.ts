import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{src,web}/**/*.test.ts', 'test/unit/**/*.test.ts'],
    testTimeout: 20_000,
    pool: 'threads',
  },
});
