import type { Client } from 'pg'

export interface FilledRun {
  readonly uid: string
  readonly tables: number
  /** Rows per table: the table and its columns. */
  readonly rowsPerTable: number
}

/**
 * Puts a run with settled drafts into a store: 20 schemas, three alternatives and 2 KB of evidence per row, a third with
 * comments in the database, a fifth on files.
 */
export async function fillRun(client: Client, { uid, tables, rowsPerTable }: FilledRun): Promise<void> {
  await client.query(
    `insert into amx.runs (uid, namespace, name, type, spec_digest, settings, settings_digest, scope_text, phase, draft_digest, draft_rows)
     values ($1, 'bench', $1, 'Analyze', 'sha256:spec', $2, 'sha256:settings', 'everything', 'AwaitingReview', 'sha256:draft', $3)`,
    [
      uid,
      {
        targets: [{ profileName: 'bench', databaseKey: 'postgresql://bench:5432/bench' }],
        generation: { instructions: '' },
      },
      tables * rowsPerTable,
    ],
  )
  await client.query('insert into amx.progress (run_uid) values ($1)', [uid])
  await client.query(
    `insert into amx.tables (run_uid, target_index, ordinal, path, schema_path, catalog, columns_planned, table_planned, settled)
     select $1, 0, t, 'schema_' || t % 20 || '.table_' || t, 'schema_' || t % 20, '{}', $3 - 1, true, true
     from generate_series(1, $2::integer) as t`,
    [uid, tables, rowsPerTable],
  )
  const step = 500
  for (let from = 0; from < tables; from += step)
    await fillTables(client, uid, from + 1, Math.min(from + step, tables), rowsPerTable)
}

const words = [
  'identifier of the customer who placed the order',
  'moment at which the row was written',
  'amount in the currency of the invoice',
  'country code after ISO 3166',
  'whether the account was closed',
  'free text that support staff entered',
  'reference to the product catalogue',
  'state of the delivery',
  'share of the discount that was granted',
  'postal address in one line',
]
const columnNames = [
  'id',
  'customer_id',
  'created_at',
  'amount',
  'currency',
  'country',
  'status',
  'note',
  'product_id',
  'is_closed',
  'email',
  'rate',
]
const dataTypes = ['bigint', 'text', 'timestamptz', 'numeric(12,2)', 'boolean']

async function fillTables(client: Client, uid: string, from: number, to: number, rowsPerTable: number): Promise<void> {
  await client.query(
    `insert into amx.assets (run_uid, table_id, target_index, database_key, table_path, path, kind, column_name, data_type,
       ordinal, existing_comment, planned, status)
     select $1, t.id, 0, 'postgresql://bench:5432/bench', t.path, t.path || coalesce('.' || name, ''),
       case when name is null then 'Table' else 'Column' end, name,
       case when name is not null then ($6::text[])[1 + n % 5] end, n,
       case when (t.id + n) % 3 = 0 then 'What was known of column ' || n || ' before.' end, true, 'Planned'
     from amx.tables t, lateral (select n, case when n > 0 then ($5::text[])[1 + (n + t.ordinal) % 12] || case when n > 12 then '_' || n else '' end end as name
       from generate_series(0, $4::integer - 1) as n) as c
     where t.run_uid = $1 and t.ordinal between $2 and $3
     on conflict do nothing`,
    [uid, from, to, rowsPerTable, columnNames, dataTypes],
  )
  await client.query(
    `with drafted as (
       update amx.assets a set status = case when a.id % 50 = 0 then 'Skipped' else 'Drafted' end,
         reason = case when a.id % 50 = 0 then 'nothing was drafted' end,
         source = (array['profile', 'profile', 'documents', 'combined', 'code'])[1 + a.id % 5], signal = 'SelfConsistency',
         score = case when a.id % 50 > 0 then round((random() * 1000)::numeric) / 1000 end, 
         band = case when a.id % 50 > 0 then (array['High', 'High', 'Medium', 'Low'])[1 + a.id % 4] end,
         top_fallback = a.id % 50 = 0, alternative_count = 3, draft_length = 60 + a.id % 90, draft_hash = hashint8(a.id), has_citations = a.id % 5 > 1,
         has_warnings = a.id % 17 = 0, token_probability = random()
       from amx.tables t where t.id = a.table_id and a.run_uid = $1 and t.ordinal between $2 and $3
       returning a.id, a.path
     )
     insert into amx.drafts (asset_id, alternatives, reasoning, citations, warnings, evidence, call_ids, token_probability)
     select id, (select jsonb_agg(jsonb_build_object('text', 'The ' || ($4::text[])[1 + (id + n) % 10] || ', as ' || path || ' of reading ' || n || ' says; '
           || ($4::text[])[1 + (id / 7 + n) % 10] || '.', 'score', 0.9 - n * 0.1, 'fallback', false))
         from generate_series(0, 2) as n),
       'The profile and the names say so.', case when id % 5 > 1 then '[{"source": "handbook", "path": "orders.md", "startLine": 3, "endLine": 9, "snippet": "It is paid."}]' else '[]' end::jsonb,
       case when id % 17 = 0 then '["the text is short"]' else '[]' end::jsonb,
       repeat('From the profile: 10,000 rows, 3 % nulls, values such as 4711 and DE. ', 30), '[]', random()
     from drafted`,
    [uid, from, to, words],
  )
}
