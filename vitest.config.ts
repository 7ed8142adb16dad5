import os from 'node:os';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that take long and are short: those that run examples, most of them in processes of their own. */
const long = /\/test\/(?:examples|stdlib\/webgpu|frame\/package|cli\/process)/;

/** Vitest begins with the largest files where it knows no times, as in a fresh clone. What is left for the end should be short, or one worker waits for another. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification): boolean => long.test(moduleId);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/seed.ts'],
    // The runtime's native sessions want processes of their own: one a core, each of which loads the sources once for all
    // the files that it runs.
    pool: 'forks',
    maxWorkers: os.availableParallelism(),
    isolate: false,
    sequence: { sequencer: LongestFirst },
    // Guards against hangs only: a busy machine with two cores must not fail a test.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 120_000 } },
  },
});
