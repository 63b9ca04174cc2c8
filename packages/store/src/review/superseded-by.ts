/** SQL for the row of another run whose accepted text took the place of asset `a` in the queue; null where none did. */
export const supersededBy = `(select jsonb_build_object('run', (select name from amx.runs r where r.uid = newer.run_uid),
    'rowId', newer.id::text, 'version', newer.version, 'decidedBy', newer.decided_by,
    'decidedAt', to_char(newer.decided_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
  from amx.assets newer where newer.id = a.superseded_by)`
