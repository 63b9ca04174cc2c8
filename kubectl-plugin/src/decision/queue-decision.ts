import { AmxError, type AmxManifest, type DecisionItem, type QueueRow, type ReviewDecisionSpec } from '@amx/api'
import type { Connection } from '../connection/connection.ts'
import { groupedBy } from '../results/grouped-by.ts'
import { decisionManifest, itemsPerDecision } from './record-decision.ts'

/** What is to become of one entry of the queue. */
export type QueueChange = Pick<DecisionItem, 'verdict' | 'text'>

/** Decisions, each with at most 500 entries of one run, that make of every entry what is said. Pure; throws AMX-1008. */
export function queueDecisions(
  rows: readonly QueueRow[],
  change: QueueChange,
): readonly { readonly run: QueueRow['run']; readonly digest: string; readonly items: readonly DecisionItem[] }[] {
  const ofRuns = groupedBy(rows, ({ run }) => run.uid)
  return [...ofRuns.values()].flatMap((ofRun) => {
    const [first] = ofRun
    if (first === undefined) return []
    const { run, draftDigest } = first
    if (draftDigest === undefined || draftDigest === null) {
      throw new AmxError('AMX-1008', {
        asset: `run "${run.name}"`,
        problem: 'the server does not say which drafts it has',
      })
    }
    const items = ofRun.map((row) => itemOf(row, change))
    return Array.from({ length: Math.ceil(items.length / itemsPerDecision) }, (_, index) => ({
      run,
      digest: draftDigest,
      items: items.slice(index * itemsPerDecision, (index + 1) * itemsPerDecision),
    }))
  })
}

function itemOf({ path, databaseProfile, revision }: QueueRow, { verdict, text }: QueueChange): DecisionItem {
  return {
    asset: path,
    ...(databaseProfile !== undefined && { target: databaseProfile }),
    verdict,
    ...(text !== undefined && { text }),
    ...(revision !== undefined && { revision }),
  }
}

/** The caller's decisions about entries of the queue. */
export async function queueManifests(
  connection: Connection,
  rows: readonly QueueRow[],
  { comment, ...what }: QueueChange & { readonly comment?: string },
): Promise<readonly AmxManifest<'ReviewDecision', ReviewDecisionSpec>[]> {
  const username = await connection.username()
  return queueDecisions(rows, what).map(({ run, digest, items }) => {
    const about = { metadata: { ...run, namespace: connection.namespace } }
    return decisionManifest(about, digest, username, { items: [...items], ...(comment !== undefined && { comment }) })
  })
}
