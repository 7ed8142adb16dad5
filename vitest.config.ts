import os from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/seed.ts'],
    // The runtime's native sessions want processes of their own: one a core, each of which loads the sources once for all
    // the files that it runs.
    pool: 'forks',
    maxWorkers: os.availableParallelism(),
    isolate: false,
    // Guards against hangs only: a busy machine with two cores must not fail a test.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 120_000 } },
  },
});
