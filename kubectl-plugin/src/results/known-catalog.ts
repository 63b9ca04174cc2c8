import { AmxError, type CatalogEntry } from '@amx/api'
import { allCatalogEntries } from '../connection/catalog-calls.ts'
import type { Connection } from '../connection/connection.ts'
import { databaseKeyOf } from '../connection/database-key.ts'

/**
 * Reads what is known of the databases that rows are from or, without rows, of the one a profile names. Gives nothing for a profile
 * that cannot be read: then rows alone tell.
 */
export function knownCatalog(connection: Connection, profile: string) {
  return async (targets: readonly string[]): Promise<readonly CatalogEntry[]> => {
    try {
      const databases = targets.length > 0 ? targets : [await databaseKeyOf(connection, profile)]
      const server = await connection.server()
      const lists = databases.map((database) => allCatalogEntries(server, connection.namespace, { database }))
      return (await Promise.all(lists)).flat()
    } catch (error) {
      if (error instanceof AmxError) return []
      throw error
    }
  }
}
