import type { SchemaComments } from '../../scope/plan-containers.ts'
import type { Session } from '../connection-pool.ts'

// What belongs to an extension or to the system is not the team's to describe. The outer join keeps the database's own comment
// when there is no schema.
const schemasSql = `
SELECT n.nspname, pg_catalog.obj_description(n.oid, 'pg_namespace'), pg_catalog.shobj_description(b.oid, 'pg_database')
FROM pg_catalog.pg_database b
LEFT JOIN pg_catalog.pg_namespace n
  ON n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
  AND NOT EXISTS (
    SELECT FROM pg_catalog.pg_depend d
    WHERE d.classid = 'pg_catalog.pg_namespace'::pg_catalog.regclass AND d.objid = n.oid AND d.deptype = 'e')
WHERE b.datname = pg_catalog.current_database()`

/** Every schema of the database that can be described, and the comments of schemas and database. One statement. */
export async function readSchemas(session: Session, signal: AbortSignal): Promise<SchemaComments> {
  const rows = await session.query({ text: schemasSql }, signal)
  return {
    databaseComment: rows[0]?.[2] ?? null,
    schemas: rows.flatMap(([name, comment]) => (name == null ? [] : [{ name, comment: comment ?? null }])),
  }
}
