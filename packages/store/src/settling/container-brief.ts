import type { ContainerBrief, ContainerMember } from '@amx/api'
import type { Queryable } from '../database.ts'
import type { UnitRow } from '../work/unit-row.ts'
import { sampleMembers } from './sample-members.ts'

/** Characters of a member's text that are handed out; descriptions say the most in their first sentences. */
const longestText = 600

interface BriefRow {
  readonly unit_id: string
  readonly path: string
  readonly kind: 'Schema' | 'Database'
  readonly database_name: string | null
  readonly comment: string | null
  readonly member_count: number | null
  readonly members: readonly ContainerMember[]
}

/** What the settle units among `units` are to describe, by unit. */
export async function readBriefs(
  tx: Queryable,
  units: readonly UnitRow[],
): Promise<ReadonlyMap<string, ContainerBrief>> {
  const ids = units.filter(({ kind }) => kind === 'settle').map(({ id }) => id)
  if (ids.length === 0) return new Map()
  // A run that goes on from another sees the texts that one drafted. A text that a person accepted comes before today's draft, and that, which has seen the comment, before the comment.
  const rows = await tx.rows<BriefRow>(
    `select u.id::text as unit_id, a.path, a.kind, a.existing_comment as comment, a.member_count,
       r.settings #>> array['targets', u.target_index::text, 'postgresql', 'database'] as database_name,
       (select coalesce(jsonb_agg(jsonb_build_object('path', m.path, 'kind', m.kind, 'tables', m.tables,
            'text', left(coalesce(q.text, draft.text, m.comment), ${longestText}),
            'origin', case when q.text is not null then 'accepted' when draft.text is not null then 'drafted'
              when m.comment is not null then 'existing' end) order by m.path), '[]')
        from amx.container_members m
          left join amx.queue q on q.namespace = r.namespace and q.database_key = a.database_key and q.path = m.path
          left join lateral (
            select alternative ->> 'text' as text
            from amx.assets d join amx.drafts on drafts.asset_id = d.id,
              jsonb_array_elements(drafts.alternatives) with ordinality as listed (alternative, place)
            where (d.run_uid = a.run_uid or d.run_uid = r.source_run_uid) and d.target_index = a.target_index and d.path = m.path and d.status = 'Drafted'
              and not (alternative ->> 'fallback')::boolean
            order by d.run_uid = a.run_uid desc, place limit 1
          ) draft on true
        where m.asset_id = a.id) as members
     from amx.units u join amx.runs r on r.uid = u.run_uid
       join amx.assets a on a.run_uid = u.run_uid and a.target_index = u.target_index and a.path = u.table_path
     where u.id = any($1::bigint[])`,
    [ids],
  )
  return new Map(rows.map((row) => [row.unit_id, toBrief(row)]))
}

function toBrief(row: BriefRow): ContainerBrief {
  return {
    path: row.path,
    kind: row.kind,
    name: row.kind === 'Database' ? (row.database_name ?? row.path) : row.path,
    comment: row.comment,
    members: [...sampleMembers(row.members)],
    memberCount: Math.max(row.member_count ?? 0, row.members.length),
    describedCount: row.members.filter(({ text }) => text !== null).length,
  }
}
