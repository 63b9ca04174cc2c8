import type { Session } from '../connection-pool.ts'
import { quoteIdentifier, quoteQualified } from '../quote.ts'
import { type CommentTarget, targetName } from './comment-target.ts'

/** What the remedy of a fault names: statements in it can be run as they stand. */
export interface FaultFacts {
  /** The role that writes, quoted. */
  readonly role: string
  /** The role that owns the object, quoted; empty when there is no such object. */
  readonly owner: string
  readonly ownerIsSuperuser: boolean
  /** Such as `TABLE "sales"."customer"`: what ALTER gives to another owner. */
  readonly object: string
  readonly schema: string
  readonly mayEnterSchema: boolean
  /** Whether the role is the owner or a member of it. */
  readonly isOwner: boolean
  /** Sessions that hold a lock in the way, in words. */
  readonly holders: string
  readonly encoding: string
}

// Modes that SHARE UPDATE EXCLUSIVE, the lock of COMMENT, does not go together with.
const factsSql = `
SELECT current_user, owner.rolname, owner.rolsuper, pg_catalog.current_setting('server_encoding'),
  object.schema IS NULL OR pg_catalog.has_schema_privilege(object.schema, 'USAGE'), pg_catalog.pg_has_role(object.owner, 'USAGE'), (
  SELECT pg_catalog.string_agg(DISTINCT pg_catalog.format('session %s%s%s', l.pid, ' of role "' || a.usename || '"',
      ' (' || nullif(a.application_name, '') || ')'), ', ')
  FROM pg_catalog.pg_locks l LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
  WHERE l.granted AND l.pid <> pg_catalog.pg_backend_pid()
    AND l.mode IN ('ShareUpdateExclusiveLock', 'ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
    AND (l.locktype = 'relation' AND l.relation = object.id
         AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database())
      OR l.locktype = 'object' AND l.objid = object.id))
FROM (
  SELECT CASE WHEN $1::pg_catalog.text IS NULL THEN (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database())
              WHEN $2::pg_catalog.text IS NULL THEN (SELECT n.oid FROM pg_catalog.pg_namespace n WHERE n.nspname = $1)
              ELSE (SELECT c.oid FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                    WHERE n.nspname = $1 AND c.relname = $2) END AS id,
         CASE WHEN $1 IS NULL THEN (SELECT d.datdba FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database())
              WHEN $2 IS NULL THEN (SELECT n.nspowner FROM pg_catalog.pg_namespace n WHERE n.nspname = $1)
              ELSE (SELECT c.relowner FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                    WHERE n.nspname = $1 AND c.relname = $2) END AS owner,
         (SELECT n.oid FROM pg_catalog.pg_namespace n WHERE n.nspname = $1) AS schema
) AS object LEFT JOIN pg_catalog.pg_roles AS owner ON owner.oid = object.owner`

/** Asks who owns an object and who stands in the way of it: one statement, for objects where a fault is to be explained. */
export async function readFaultFacts(
  session: Session,
  target: CommentTarget,
  database: string,
  signal: AbortSignal,
): Promise<FaultFacts> {
  const values = [target.schema, target.relation]
  const [[role, owner, isSuperuser, encoding, mayEnterSchema, isOwner, holders] = []] = await session.query(
    { text: factsSql, values },
    signal,
  )
  const noun = target.kind === 'Column' ? 'TABLE' : target.noun
  return {
    role: quoteIdentifier(role ?? 'amx_writer'),
    owner: owner === null || owner === undefined ? '' : quoteIdentifier(owner),
    ownerIsSuperuser: isSuperuser === 't',
    object: `${noun} ${targetName({ ...target, column: null }, database)}`,
    schema: target.schema === null ? '' : quoteQualified([target.schema]),
    mayEnterSchema: mayEnterSchema !== 'f',
    isOwner: isOwner === 't',
    holders: holders ?? 'a session that has ended meanwhile',
    encoding: encoding ?? '',
  }
}

/** Objects that share their facts: all columns of a table. */
export function factsKey({ schema, relation }: CommentTarget): string {
  return JSON.stringify([schema, relation])
}
