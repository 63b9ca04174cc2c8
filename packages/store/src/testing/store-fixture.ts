import { randomUUID } from 'node:crypto'
import { type DatabaseTemplate, testDatabase } from '@amx/hack'
import pg from 'pg'
import { onTestFinished } from 'vitest'
import type { OperatorStore, ServerStore, WorkerIdentity } from '../contract.ts'
import { migrate } from '../migrate.ts'
import { openOperatorStore } from '../operator-store.ts'
import { type OpenServerStoreOptions, openServerStore } from '../server-store.ts'

const migrated: DatabaseTemplate = {
  name: `amx-store-${process.pid}-${randomUUID()}`,
  async prepare(url) {
    await migrate(url)
  },
}

export interface Stores {
  readonly url: string
  readonly operator: OperatorStore
  readonly server: ServerStore
  /** Rows of a statement, past the store's own functions. */
  query<Row extends object>(text: string, values?: readonly unknown[]): Promise<Row[]>
}

/** Both halves of a store of the test's own; closed when the test ends. */
export async function openStores(options: Partial<OpenServerStoreOptions> = {}): Promise<Stores> {
  const stores = await openSharedStores(options)
  onTestFinished(stores.close)
  return stores
}

/** Both halves of a store that the tests of a file share; they close it. */
export async function openSharedStores(
  options: Partial<OpenServerStoreOptions> = {},
): Promise<Stores & { close(): Promise<void> }> {
  const { url } = await testDatabase({ template: migrated })
  const operator = openOperatorStore({ url, poolSize: 4 })
  const server = openServerStore({ url, poolSize: 8, sweepMs: 100, restartGraceMs: 0, ...options })
  const pool = new pg.Pool({ connectionString: url, max: 2 })
  return {
    url,
    operator,
    server,
    async query<Row extends object>(text: string, values: readonly unknown[] = []) {
      return (await pool.query<Row>(text, [...values])).rows
    },
    async close() {
      await Promise.all([operator.close(), server.close(), pool.end()])
    },
  }
}

/** Who a worker of a run is. */
export function workerOf(runUid: string, stage: WorkerIdentity['stage'], holder = `${stage}-pod`): WorkerIdentity {
  return { runUid, stage, holder }
}
