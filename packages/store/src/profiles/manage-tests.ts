import type { ErrorReport, ProfileFinding, ProfileTestAssignment, ProfileTestPart } from '@amx/api'
import { type Database, oneRow } from '../database.ts'
import { jsonParameter } from '../json-parameter.ts'
import type { BeginProfileTestRequest, ProfileTestKey, ProfileTestObservation } from './contract.ts'

/** Tests kept per profile: as many as failures in a row are told apart. */
const keptTests = 12

interface PartRow {
  readonly number: number
  readonly part: ProfileTestPart
  readonly spec_digest: string
  readonly request: string | null
  readonly finding: ProfileFinding | null
  readonly error: ErrorReport | null
  readonly ended_at: Date | null
}

/** What the operator decides from. */
export async function observeProfileTests(
  database: Database,
  uid: string,
  signal?: AbortSignal,
): Promise<ProfileTestObservation> {
  signal?.throwIfAborted()
  const rows = await database.rows<PartRow>(
    `select number, part, spec_digest, request, finding, error, ended_at
     from amx.profile_tests where profile_uid = $1 order by number desc, part`,
    [uid],
  )
  const { now } = await oneRow<{ now: Date }>(database, 'select now() as now')
  const [newest] = rows
  if (newest === undefined) return { nowMs: now.getTime(), newest: null, failures: 0 }
  const parts = rows.filter(({ number }) => number === newest.number)
  return {
    nowMs: now.getTime(),
    newest: {
      number: newest.number,
      specDigest: newest.spec_digest,
      request: newest.request,
      parts: parts.map(({ part, finding, error, ended_at: endedAt }) => ({
        ...{ part, finding, error },
        endedAt: endedAt?.toISOString() ?? null,
      })),
    },
    failures: failuresInARow(rows, newest.spec_digest),
  }
}

function failuresInARow(newestFirst: readonly PartRow[], specDigest: string): number {
  const ofSpec = newestFirst.filter(({ spec_digest }) => spec_digest === specDigest)
  const numbers = [...new Set(ofSpec.map(({ number }) => number))]
  const ended = numbers.filter((number) =>
    ofSpec.every((row) => row.number !== number || row.finding !== null || row.error !== null),
  )
  const failed = new Set(ofSpec.flatMap(({ number, error }) => (error === null ? [] : [number])))
  const lastGood = ended.findIndex((number) => !failed.has(number))
  return lastGood === -1 ? ended.length : lastGood
}

/** Makes a test; one that is unfinished under an older number is over. */
export async function beginProfileTest(
  database: Database,
  request: BeginProfileTestRequest,
  signal?: AbortSignal,
): Promise<void> {
  const { uid, kind, namespace, name, number, specDigest, request: asked, parts } = request
  await database.transaction(async (tx) => {
    for (const settings of parts) {
      await tx.rows(
        `insert into amx.profile_tests (profile_uid, number, part, kind, namespace, name, settings, spec_digest, request)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict do nothing`,
        [uid, number, settings.part, kind, namespace, name, jsonParameter(settings), specDigest, asked],
      )
    }
    await tx.rows(
      'delete from amx.profile_tests where profile_uid = $1 and (number <= $2 or number < $3 and ended_at is null)',
      [uid, number - keptTests, number],
    )
  }, signal)
}

/** Ends a part with an error; false when it had ended. */
export async function failProfileTest(
  database: Database,
  { profileUid, number, part }: ProfileTestKey,
  error: ErrorReport,
  signal?: AbortSignal,
): Promise<{ readonly recorded: boolean }> {
  signal?.throwIfAborted()
  const ended = await database.rows(
    `update amx.profile_tests set ended_at = now(), error = $4
     where profile_uid = $1 and number = $2 and part = $3 and ended_at is null returning number`,
    [profileUid, number, part, jsonParameter(error)],
  )
  return { recorded: ended.length > 0 }
}

/** Removes the tests of a profile that is gone. */
export async function deleteProfileTests(
  database: Database,
  { kind, namespace, name }: ProfileTestAssignment['profile'],
  signal?: AbortSignal,
): Promise<void> {
  signal?.throwIfAborted()
  await database.rows('delete from amx.profile_tests where namespace = $1 and name = $2 and kind = $3', [
    namespace,
    name,
    kind,
  ])
}
