import type { Descent, DraftUnit } from '@amx/api'
import type { Queryable } from '../database.ts'
import type { UnitRow } from './unit-row.ts'

/** Texts of earlier versions that a drafter is told of, the newest first. */
const textsTold = 30

/** What the assets of claimed draft units go on from, by unit id; nothing for units of first drafts. */
export async function readDescents(
  tx: Queryable,
  units: readonly UnitRow[],
): Promise<ReadonlyMap<string, NonNullable<DraftUnit['descent']>>> {
  const descending = units.filter(({ descent }) => descent !== null)
  if (descending.length === 0) return new Map()
  const rows = await tx.rows<{ unit_id: string; column: string | null; texts: string[]; seed: string | null }>(
    `select u.id::text as unit_id, a.column_name as "column", a.seed_text as seed,
       array(
         select alternative ->> 'text'
         from amx.assets v join amx.drafts d on d.asset_id = v.id,
           jsonb_array_elements(d.alternatives) with ordinality as listed (alternative, place)
         where (v.root_id = a.root_id or v.id = a.root_id) and v.version < a.version
           and not (alternative ->> 'fallback')::boolean
         order by v.version desc, place limit ${textsTold}
       ) as texts
     from amx.units u join amx.assets a on a.table_id = u.table_id and a.root_id is not null
       and (a.column_name = any(u.columns) or (a.column_name is null and u.include_table))
     where u.id = any($1::bigint[]) order by u.id, a.ordinal`,
    [descending.map(({ id }) => id)],
  )
  const ofUnit = Map.groupBy(rows, ({ unit_id }) => unit_id)
  return new Map(
    descending.map(({ id, descent }) => [
      id,
      { type: typeOf(descent), rows: (ofUnit.get(id) ?? []).map(({ unit_id: _, ...row }) => row) },
    ]),
  )
}

function typeOf(descent: string | null): Descent['type'] {
  return descent === 'Variations' ? 'Variations' : 'Rerun'
}
