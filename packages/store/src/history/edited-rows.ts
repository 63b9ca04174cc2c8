/** Number of rows of `amx.runs r` that were accepted in somebody's own words. */
export const editedRows = `(select count(*) from amx.assets a where a.run_uid = r.uid
  and a.review_state = 'Accepted' and a.chosen_alternative is null and a.source <> 'human')::integer`

/** Number of rows of `amx.runs r` that its own policy accepted and nobody took back, as far as the counts tell. */
export const policyRows = `coalesce((select least(p.accepted, (d.result #>> '{counts,accepted}')::integer)
  from amx.decisions d where d.uid = 'policy:' || r.uid), 0)`
