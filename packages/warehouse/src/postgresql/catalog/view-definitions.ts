import type { Session } from '../connection-pool.ts'

/** Characters of a definition that are kept: enough to see what a view is made of. */
const definitionCharacters = 20_000

const viewDefinitionsSql = `
SELECT o.oid, pg_catalog.left(pg_catalog.pg_get_viewdef(o.oid, true), ${definitionCharacters})
FROM unnest($1::pg_catalog.oid[]) o(oid)`

/** Definitions of views and materialized views by object identifier. One statement. */
export async function readViewDefinitions(
  session: Session,
  oids: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const rows = await session.query({ text: viewDefinitionsSql, values: [oids] }, signal)
  return new Map(rows.flatMap(([oid, text]) => (oid == null || text == null ? [] : [[oid, text.trim()] as const])))
}
