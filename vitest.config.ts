import { defineConfig } from 'vitest/config';

const ROOTS = '{libs,services,tools,integration-tests}';
/** The template of a channel is no part of this tree: its suite runs where it was scaffolded. */
const EXCLUDED = ['**/dist/**', '**/node_modules/**', 'tools/check-new-channel/template/**'];

export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: [`${ROOTS}/**/*.unit.test.ts`], exclude: EXCLUDED, testTimeout: 30_000 } },
      {
        test: {
          name: 'int',
          include: [`${ROOTS}/**/*.int.test.ts`],
          exclude: EXCLUDED,
          globalSetup: ['libs/testing/src/global-ground.ts'],
          // Waits have deadlines of their own; this one only ends what hangs, on a machine that does much else too.
          testTimeout: 180_000,
          hookTimeout: 240_000,
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['integration-tests/**/*.e2e.test.ts'],
          globalSetup: ['libs/testing/src/global-ground.ts'],
          testTimeout: 300_000,
          hookTimeout: 180_000,
          maxWorkers: 1,
          fileParallelism: false,
        },
      },
    ],
  },
});
