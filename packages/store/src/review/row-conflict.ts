import { AmxError } from '@amx/api'
import { oneRow, type Queryable } from '../database.ts'

interface Conflicting {
  readonly id: string
  readonly path: string
  readonly revision: number
}

interface Standing {
  readonly state: string
  readonly text: string | null
  readonly reviewer: string | null
  readonly changed_at: Date | null
  readonly newer_run: string | null
  readonly newer_text: string | null
  readonly newer_by: string | null
  readonly newer_at: Date | null
}

/** Characters of a text that a conflict shows. */
const shownCharacters = 200

/** That a row is no longer what its reviewer saw: what it is now, who made it so, and when. */
export async function rowConflict(tx: Queryable, asset: Conflicting, seen: number): Promise<AmxError> {
  const standing = await oneRow<Standing>(
    tx,
    `select a.review_state as state, a.chosen_text as text, last.reviewer, last.recorded_at as changed_at,
       (select name from amx.runs r where r.uid = newer.run_uid) as newer_run, newer.chosen_text as newer_text,
       newer.decided_by as newer_by, newer.decided_at as newer_at
     from amx.assets a
       left join amx.assets newer on newer.id = a.superseded_by
       left join lateral (
         select d.reviewer, d.recorded_at from amx.decision_items i join amx.decisions d on d.uid = i.decision_uid
         where i.asset_id = a.id order by d.recorded_at desc, d.uid limit 1
       ) last on true
     where a.id = $1`,
    [asset.id],
  )
  const problem = `${asset.path} changed since it was read: ${standingText(standing)} (revision ${asset.revision}, you saw ${seen})`
  return new AmxError('AMX-1009', { problem })
}

function standingText(standing: Standing): string {
  if (standing.newer_run !== null) {
    return `${by(standing.newer_by, standing.newer_at)} accepted ${quoted(standing.newer_text)} for it in run "${standing.newer_run}"`
  }
  const text = standing.state === 'Accepted' ? ` as ${quoted(standing.text)}` : ''
  return `it is ${standing.state}${text} by ${by(standing.reviewer, standing.changed_at)}`
}

function by(who: string | null, at: Date | null): string {
  return at === null ? (who ?? 'somebody') : `${who ?? 'somebody'} at ${at.toISOString()}`
}

function quoted(text: string | null): string {
  const characters = [...(text ?? '')]
  return JSON.stringify(
    characters.length > shownCharacters ? `${characters.slice(0, shownCharacters).join('')}…` : (text ?? ''),
  )
}
