import { AmxError, type DecisionItem, type QueueRow, type ReviewDecision } from '@amx/api'
import type { Connection } from '../connection/connection.ts'
import { groupedBy } from '../results/grouped-by.ts'
import { decisionManifest, itemsPerDecision, recordDecision } from './record-decision.ts'

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

/** Has decisions about the queue recorded, one after the other. Throws AMX-1009 where an entry is not what was seen. */
export async function changeQueue(
  connection: Connection,
  rows: readonly QueueRow[],
  change: QueueChange & { readonly comment?: string },
  options: { readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<readonly ReviewDecision[]> {
  const { comment, ...what } = change
  const username = await connection.username()
  const recorded: ReviewDecision[] = []
  for (const { run, digest, items } of queueDecisions(rows, what)) {
    const about = { metadata: { ...run, namespace: connection.namespace } }
    const verdicts = { items: [...items], ...(comment !== undefined && { comment }) }
    recorded.push(await recordDecision(connection, decisionManifest(about, digest, username, verdicts), options))
  }
  return recorded
}
