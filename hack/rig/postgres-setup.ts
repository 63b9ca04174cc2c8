import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import './provided-context.ts'
import { startPostgres } from './start-postgres.ts'

/** Starts one PostgreSQL server for all tests of a run. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDir = mkdtempSync(join(tmpdir(), 'amx-test-postgres-'))
  const removeDataDir = () => rmSync(dataDir, { recursive: true, force: true })
  process.once('exit', removeDataDir)
  const postgres = await startPostgres({ dataDir })
  project.provide('adminDatabaseUrl', postgres.url)
  return async () => {
    await postgres.stop()
    removeDataDir()
  }
}
