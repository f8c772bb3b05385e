import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 20_000 } },
    restoreMocks: true,
    // As src/pipeline/own-process.ts does: tests start FFmpeg themselves.
    env: { OPENBLAS_NUM_THREADS: '1' },
    // Files wait for services a good part of their time.
    maxWorkers: 3,
  },
});
