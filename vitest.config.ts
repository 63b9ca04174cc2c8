import { defineConfig } from 'vitest/config'

// The suffix of a test file says what it needs: x.test.ts nothing, x.pg.test.ts a PostgreSQL server,
// x.cluster.test.ts a Kubernetes control plane; everything under e2e/ starts the whole system.
export default defineConfig({
  test: {
    testTimeout: 30_000,
    hookTimeout: 60_000,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['**/*.test.ts'],
          exclude: ['**/node_modules/**', '**/*.pg.test.ts', '**/*.cluster.test.ts', 'e2e/**'],
        },
      },
      {
        test: {
          name: 'pg',
          include: ['**/*.pg.test.ts'],
          exclude: ['**/node_modules/**', 'e2e/**'],
          globalSetup: ['hack/rig/postgres-setup.ts'],
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'cluster',
          include: ['**/*.cluster.test.ts'],
          exclude: ['**/node_modules/**', 'e2e/**'],
          globalSetup: ['hack/rig/cluster-setup.ts'],
          testTimeout: 90_000,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['e2e/**/*.test.ts'],
          globalSetup: ['e2e/setup.ts'],
          fileParallelism: false,
          testTimeout: 300_000,
          hookTimeout: 900_000,
        },
      },
    ],
  },
})
