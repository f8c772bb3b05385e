import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that take minutes begin first, so that none of them is left for the end, when other processors have nothing to do. */
class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = (file: TestSpecification) => /\/test\/(chaos|browser|integration|hostile)\//.test(file.moduleId);
    const sorted = await super.sort(files);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 20_000 } },
    restoreMocks: true,
    sequence: { sequencer: LongFirst },
    // As src/pipeline/own-process.ts does: tests start FFmpeg themselves.
    env: { OPENBLAS_NUM_THREADS: '1' },
    // Of two processors: files wait for services a good part of their time.
    maxWorkers: 4,
  },
});
