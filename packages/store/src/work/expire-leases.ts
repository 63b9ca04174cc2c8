import type { Database, Queryable } from '../database.ts'
import { announceWork, llmTopic, stageTopic } from '../topics.ts'
import { failUnit, silentHolder } from './fail-unit.ts'
import { attemptLimit, ranOut } from './lease.ts'
import { type UnitRow, unitColumns } from './unit-row.ts'

/** Most units put back in one transaction. */
const sweepSize = 200

/** Puts units back whose holder went silent; those tried often enough fail for good. Gives how many there were. */
export async function expireLeases(database: Database, restartGraceMs: number): Promise<number> {
  return database.transaction(async (tx) => {
    const expired = await tx.rows<UnitRow>(
      `select ${unitColumns} from amx.units u
       where u.state = 'leased' and ${ranOut('u.lease_until', '$1')} order by u.lease_until
       limit ${sweepSize} for update skip locked`,
      [restartGraceMs],
    )
    await returnUnits(tx, expired)
    return expired.length
  })
}

/** Puts back the leases of a holder that is known to be dead. */
export async function releaseUnits(
  database: Database,
  runUid: string,
  stage: string,
  holder: string,
  signal?: AbortSignal,
): Promise<number> {
  return database.transaction(async (tx) => {
    const held = await tx.rows<UnitRow>(
      `select ${unitColumns} from amx.units u
       where u.run_uid = $1 and u.stage = $2 and u.holder = $3 and u.state = 'leased' order by u.id for update`,
      [runUid, stage, holder],
    )
    await returnUnits(tx, held)
    return held.length
  }, signal)
}

async function returnUnits(tx: Queryable, units: readonly UnitRow[]): Promise<void> {
  const again = units.filter(({ failures }) => failures + 1 < attemptLimit)
  if (again.length > 0) {
    await tx.rows(
      `update amx.units set state = 'waiting', failures = failures + 1, holder = null, lease_until = null,
         available_at = clock_timestamp()
       where id = any($1::bigint[])`,
      [again.map(({ id }) => id)],
    )
    for (const [runUid, ofRun] of Map.groupBy(again, ({ run_uid }) => run_uid)) {
      const topics = ofRun.flatMap(({ stage, llm_key }) => [
        stageTopic(runUid, stage),
        ...(llm_key === null ? [] : [llmTopic(llm_key)]),
      ])
      await announceWork(tx, runUid, [...new Set(topics)])
    }
  }
  for (const unit of units.filter(({ failures }) => failures + 1 >= attemptLimit)) {
    await tx.rows('update amx.units set failures = failures + 1 where id = $1', [unit.id])
    await failUnit(tx, unit, { error: silentHolder(unit), cause: 'AttemptsUsedUp' })
  }
}
