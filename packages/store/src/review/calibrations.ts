import type { Database } from '../database.ts'
import { fitIsotonic, type IsotonicBlock, isotonicShare, type ScoreOutcome } from './isotonic-regression.ts'

/** Fewest decided rows from which a calibration is fitted. */
export const leastDecidedRows = 200

/** Fits are kept for so long: decisions come in by the hundred, and a page of results is read often. */
const fitLifeMs = 60_000
const mostFits = 500

/** Whose scores are compared: of one team, database, signal and model. */
export interface CalibrationKey {
  readonly namespace: string
  readonly databaseKey: string
  readonly signal: string
  readonly provider: string | null
  readonly model: string | null
}

/** Turns a score into the share of rows with such a score that people accepted as they were. */
export type Calibration = (score: number) => number | null

export interface Calibrations {
  /** Gives nulls while fewer than {@link leastDecidedRows} rows are decided. */
  of(key: CalibrationKey): Promise<Calibration>
}

/** Fits calibrations when they are first asked for, and again after a minute. */
export function createCalibrations(database: Database, now: () => number = Date.now): Calibrations {
  const fits = new Map<string, { readonly untilMs: number; readonly blocks: Promise<readonly IsotonicBlock[]> }>()

  function blocksOf(key: CalibrationKey): Promise<readonly IsotonicBlock[]> {
    const name = JSON.stringify([key.namespace, key.databaseKey, key.signal, key.provider, key.model])
    const known = fits.get(name)
    if (known !== undefined && known.untilMs > now()) return known.blocks
    const blocks = readOutcomes(database, key).then(blocksFrom)
    fits.delete(name)
    fits.set(name, { untilMs: now() + fitLifeMs, blocks })
    blocks.catch(() => fits.delete(name))
    const oldest = fits.keys().next().value
    if (fits.size > mostFits && oldest !== undefined) fits.delete(oldest)
    return blocks
  }

  return {
    async of(key) {
      const blocks = await blocksOf(key)
      return (score) => rounded(isotonicShare(blocks, score))
    },
  }
}

function blocksFrom(outcomes: readonly ScoreOutcome[]): readonly IsotonicBlock[] {
  const decided = outcomes.reduce((sum, { rows }) => sum + rows, 0)
  return decided < leastDecidedRows ? [] : fitIsotonic(outcomes)
}

/** Rows that people decided, by the score of their first alternative. What a policy accepted tells nothing of anybody's judgement. */
async function readOutcomes(database: Database, key: CalibrationKey): Promise<readonly ScoreOutcome[]> {
  return database.rows<ScoreOutcome>(
    `select a.score, count(*)::integer as rows,
       (count(*) filter (where a.review_state = 'Accepted' and a.chosen_alternative = 1))::integer as right
     from amx.assets a join amx.runs r on r.uid = a.run_uid
     where a.database_key = $2 and a.signal = $3 and r.namespace = $1
       and r.settings #>> '{model,provider}' is not distinct from $4
       and r.settings #>> '{model,model}' is not distinct from $5
       and a.decided_at is not null and a.score is not null and a.decided_by not like 'policy:%'
       and a.review_state in ('Accepted', 'Skipped', 'Rejected')
     group by a.score`,
    [key.namespace, key.databaseKey, key.signal, key.provider, key.model],
  )
}

function rounded(share: number | null): number | null {
  return share === null ? null : Math.round(share * 1_000) / 1_000
}
