import { defineConfig } from 'vitest/config';

const ROOTS = '{libs,services,tools,integration-tests}';

export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: [`${ROOTS}/**/*.unit.test.ts`], exclude: ['**/dist/**', '**/node_modules/**'] } },
      {
        test: {
          name: 'int',
          include: [`${ROOTS}/**/*.int.test.ts`],
          exclude: ['**/dist/**', '**/node_modules/**'],
          globalSetup: ['libs/testing/src/global-ground.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
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
