import type { Condition, ContextConditionType, ContextSource, ContextSourceStatus } from '@amx/api'
import type { ContextObservation } from '@amx/store'
import type { Judgement } from '../run/decision.ts'
import type { ContextDecision } from './decide-context.ts'

export interface ContextStatusParts {
  readonly source: ContextSource
  readonly decision: ContextDecision
  /** null while the store does not answer: what was shown of it stays. */
  readonly observation: ContextObservation | null
  readonly job: string | null
  readonly handledRequest: string | null
  readonly nowMs: number
}

const shownSkipped = 10

/** The status of a source, computed once per reconcile. */
export function contextStatus(parts: ContextStatusParts): ContextSourceStatus {
  const { source, decision, observation, nowMs } = parts
  const before = source.status
  const lastHandledRequest = parts.handledRequest ?? before?.lastHandledRequest
  const job = parts.job ?? before?.job
  return {
    observedGeneration: source.metadata.generation ?? 1,
    conditions: [
      condition(before, 'Ready', decision.ready, source, nowMs),
      condition(before, 'Reconciling', decision.reconciling, source, nowMs),
      condition(before, 'Stalled', decision.stalled, source, nowMs),
    ],
    ...(observation === null ? indexedBefore(before) : indexed(observation)),
    ...(decision.nextIndexAtMs !== null && { nextIndexTime: new Date(decision.nextIndexAtMs).toISOString() }),
    ...(lastHandledRequest !== undefined && { lastHandledRequest }),
    ...(job !== undefined && { job }),
    ...(decision.lastError !== null && {
      lastError: {
        code: decision.lastError.code,
        message: decision.lastError.message.slice(0, 400),
        remedy: decision.lastError.remedy.slice(0, 260),
      },
    }),
  }
}

type Indexed = Pick<
  ContextSourceStatus,
  'revision' | 'documents' | 'chunks' | 'skipped' | 'skippedFiles' | 'lastIndexTime'
>

function indexed({ current }: ContextObservation): Indexed {
  if (current === null) return {}
  const { revision, documents, chunks, skipped, checkedAt } = current
  return {
    revision,
    documents,
    chunks,
    skipped: skipped.length,
    ...(skipped.length > 0 && {
      skippedFiles: skipped
        .slice(0, shownSkipped)
        .map(({ path, reason }) => ({ path: path.slice(0, 512), reason: reason.slice(0, 256) })),
    }),
    lastIndexTime: checkedAt,
  }
}

function indexedBefore(before: ContextSourceStatus | undefined): Indexed {
  if (before === undefined) return {}
  const { revision, documents, chunks, skipped, skippedFiles, lastIndexTime } = before
  return {
    ...(revision !== undefined && { revision }),
    ...(documents !== undefined && { documents }),
    ...(chunks !== undefined && { chunks }),
    ...(skipped !== undefined && { skipped }),
    ...(skippedFiles !== undefined && { skippedFiles }),
    ...(lastIndexTime !== undefined && { lastIndexTime }),
  }
}

function condition(
  before: ContextSourceStatus | undefined,
  type: ContextConditionType,
  judgement: Judgement,
  { metadata }: ContextSource,
  nowMs: number,
): Condition {
  const old = before?.conditions?.find((known) => known.type === type)
  return {
    type,
    ...judgement,
    message: judgement.message.slice(0, 1_000),
    observedGeneration: metadata.generation ?? 1,
    lastTransitionTime: old?.status === judgement.status ? old.lastTransitionTime : new Date(nowMs).toISOString(),
  }
}
