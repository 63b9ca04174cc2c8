import type { TableCatalog } from '@amx/api'
import type { Session, TextRow } from '../connection-pool.ts'

/** Figures the server keeps about a relation, and whether its rows may be read. */
interface TableDetails {
  readonly rowEstimate: number | null
  readonly sizeBytes: number | null
  readonly usage: TableCatalog['usage']
  readonly partitioning: TableCatalog['partitioning']
  readonly unreadable: string | null
  readonly statisticsTime: string | null
  readonly databaseComment: string | null
}

// Sizes come from pg_class pages: pg_total_relation_size() would wait for a lock that a migration may hold for long.
const detailsSql = `
WITH RECURSIVE member(root, oid) AS (
  SELECT c.oid, c.oid FROM pg_catalog.pg_class c WHERE c.oid = ANY($1::pg_catalog.oid[])
  UNION ALL
  SELECT m.root, i.inhrelid
  FROM member m
  JOIN pg_catalog.pg_class p ON p.oid = m.oid AND p.relkind = 'p'
  JOIN pg_catalog.pg_inherits i ON i.inhparent = m.oid
), heap AS (
  SELECT m.root, c.oid, c.relpages, c.reltuples, c.reltoastrelid,
         pg_catalog.pg_stat_get_live_tuples(c.oid) AS live,
         pg_catalog.pg_stat_get_numscans(c.oid) AS scans,
         pg_catalog.pg_stat_get_mod_since_analyze(c.oid) AS changes,
         greatest(pg_catalog.pg_stat_get_last_analyze_time(c.oid),
                  pg_catalog.pg_stat_get_last_autoanalyze_time(c.oid)) AS analyzed
  FROM member m
  JOIN pg_catalog.pg_class c ON c.oid = m.oid
  WHERE c.relkind <> 'p'
), index_use AS (
  SELECT h.root, sum(x.relpages) AS pages, sum(pg_catalog.pg_stat_get_numscans(x.oid)) AS scans
  FROM heap h
  JOIN pg_catalog.pg_index i ON i.indrelid = h.oid
  JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
  GROUP BY h.root
), total AS (
  SELECT h.root, count(*) AS members,
         sum(CASE WHEN h.reltuples < 0 OR (h.reltuples = 0 AND h.analyzed IS NULL) THEN h.live ELSE h.reltuples END) AS tuples,
         bool_and(h.reltuples < 0 OR (h.reltuples = 0 AND h.analyzed IS NULL)) AND coalesce(sum(h.live), 0) = 0 AS unknown,
         sum(h.relpages + coalesce(t.relpages, 0)) AS pages,
         sum(h.live) AS live, sum(h.scans) AS scans, sum(h.changes) AS changes,
         max(h.analyzed) AS analyzed, bool_and(h.analyzed IS NOT NULL) AS all_analyzed
  FROM heap h
  LEFT JOIN pg_catalog.pg_class t ON t.oid = h.reltoastrelid
  GROUP BY h.root
)
SELECT c.oid, c.relkind,
       CASE WHEN t.unknown THEN NULL ELSE round(t.tuples) END,
       (t.pages + coalesce(x.pages, 0)) * pg_catalog.current_setting('block_size')::pg_catalog.int8,
       t.scans, coalesce(x.scans, 0), t.live,
       to_char(t.analyzed AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
       t.all_analyzed AND t.changes = 0,
       p.partstrat,
       (SELECT pg_catalog.json_agg(coalesce(a.attname, '(expression)') ORDER BY k.place)::text
        FROM unnest(p.partattrs::pg_catalog.int2[]) WITH ORDINALITY k(attnum, place)
        LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum AND k.attnum > 0),
       t.members,
       pg_catalog.has_schema_privilege(c.relnamespace, 'USAGE'),
       pg_catalog.has_any_column_privilege(c.oid, 'SELECT'),
       (SELECT pg_catalog.shobj_description(d.oid, 'pg_database')
        FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database()),
       c.relkind = 'm' AND NOT c.relispopulated
FROM pg_catalog.pg_class c
LEFT JOIN total t ON t.root = c.oid
LEFT JOIN index_use x ON x.root = c.oid
LEFT JOIN pg_catalog.pg_partitioned_table p ON p.partrelid = c.oid
WHERE c.oid = ANY($1::pg_catalog.oid[])`

const strategies: Readonly<Record<string, string>> = { r: 'Range', l: 'List', h: 'Hash' }

/** Details of the relations by object identifier. One statement, no lock on any of them. */
export async function readTableDetails(
  session: Session,
  oids: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, TableDetails>> {
  const rows = await session.query({ text: detailsSql, values: [oids] }, signal)
  return new Map(rows.map((row) => [row[0] ?? '', detailsOf(row)]))
}

function detailsOf(row: TextRow): TableDetails {
  const [, kind, tuples, bytes, scans, indexScans, live, analyzed, unchanged, strategy, columns, members] = row
  const [usable, selectable, databaseComment, unpopulated] = row.slice(12)
  const stored = kind === 'r' || kind === 'p' || kind === 'm'
  return {
    rowEstimate: stored ? numberOf(tuples) : null,
    sizeBytes: stored ? numberOf(bytes) : null,
    usage: stored
      ? {
          sequentialScans: numberOf(scans) ?? 0,
          indexScans: numberOf(indexScans) ?? 0,
          liveRows: numberOf(live) ?? 0,
          lastAnalyze: analyzed ?? null,
        }
      : null,
    partitioning:
      strategy == null
        ? null
        : {
            strategy: strategies[strategy] ?? strategy,
            columns: JSON.parse(columns ?? '[]') as string[],
            partitions: numberOf(members) ?? 0,
          },
    unreadable: unreadableReason(usable === 't', selectable === 't', unpopulated === 't'),
    statisticsTime: stored && unchanged === 't' ? (analyzed ?? null) : null,
    databaseComment: databaseComment ?? null,
  }
}

function unreadableReason(usable: boolean, selectable: boolean, unpopulated: boolean): string | null {
  if (!usable) return 'the reader has no USAGE on its schema'
  if (!selectable) return 'the reader has no SELECT on it'
  if (unpopulated) return 'the materialized view has never been filled'
  return null
}

function numberOf(text: string | null | undefined): number | null {
  return text == null ? null : Number(text)
}
