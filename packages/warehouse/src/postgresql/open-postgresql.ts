import type { OpenPostgresqlOptions, Warehouse, WarehouseCapabilities } from '../warehouse.ts'
import { applyTable } from './apply/apply-table.ts'
import { defaultLockTimeoutMs, defaultStatementTimeoutMs, openConnectionPool } from './connection-pool.ts'
import { createPlannerStatistics } from './profile/planner-statistics.ts'
import { profileTable } from './profile/profile-table.ts'
import { readCatalog } from './read-catalog.ts'

const capabilities: WarehouseCapabilities = {
  commentKinds: ['Table', 'View', 'MaterializedView', 'ForeignTable', 'Column', 'Schema', 'Database'],
  transactionalComments: true,
  sampling: true,
  plannerStatistics: true,
}

/**
 * Opens a PostgreSQL database (13 or later) and signs in once. Throws AMX-2001 when it cannot be reached, AMX-2002 when the
 * sign-in is refused, AMX-2006 when TLS fails, AMX-2007 for an unknown database, AMX-2013 when no connection is left.
 */
export async function openPostgresql(options: OpenPostgresqlOptions, signal: AbortSignal): Promise<Warehouse> {
  const pool = await openConnectionPool(options, signal)
  const planner = createPlannerStatistics()
  const limits = {
    lockWaitMs: options.lockTimeoutMs ?? defaultLockTimeoutMs,
    statementTimeoutMs: options.statementTimeoutMs ?? defaultStatementTimeoutMs,
  }
  return {
    serverVersion: pool.serverVersion,
    capabilities,
    statements: () => pool.statements(),
    async readCatalog(scope, abort) {
      const result = await readCatalog(pool, scope, abort)
      planner.expect(result.tables.map(({ catalog }) => catalog.path))
      return result
    },
    profileTable: (catalog, profileOptions, abort) => profileTable(pool, planner, catalog, profileOptions, abort),
    applyTable: (request, abort) => applyTable(pool, options.connection.database, limits, request, abort),
    close: () => pool.close(),
  }
}
