import type { CallOutcome, DraftRow, RunSettings, TableProfile } from '@amx/api'
import { type CallLedger, checkClaims, createDrafter, type Drafter } from '@amx/drafting'
import { openPostgresql } from '@amx/warehouse'
import { type Reference, referencesOf, withoutComments } from './hide-comments.ts'
import { embeddingSimilarity, tokenOverlap, wordsIn } from './text-similarity.ts'

/** A hidden comment with the draft that was made without it. */
export interface Comparison {
  readonly path: string
  readonly kind: 'Table' | 'Column'
  readonly reference: string
  /** Null when nothing was drafted. */
  readonly draft: string | null
  readonly score: number | null
  readonly words: number
  readonly referenceWords: number
  /** F1 of shared words, 0..1. */
  readonly overlap: number
  /** Cosine of the built-in embeddings, 0..1. */
  readonly similarity: number
  readonly claims: { readonly supported: number; readonly contradicted: number; readonly open: number }
}

export interface Evaluation {
  readonly tables: number
  readonly comparisons: readonly Comparison[]
  readonly calls: number
  readonly failedCalls: number
  readonly inputTokens: number
  readonly outputTokens: number
  /** US dollars; null when a call's price is unknown. */
  readonly costUsd: number | null
}

export interface EvaluateOptions {
  readonly settings: RunSettings
  readonly credentials: { readonly username: string; readonly password: string }
  readonly apiKey?: string
  readonly signal: AbortSignal
  readonly onTable?: (done: number, of: number) => void
}

/** Drafts every documented relation as if it had no comments, and sets each draft beside the comment that was hidden. */
export async function evaluate(options: EvaluateOptions): Promise<Evaluation> {
  const { settings, credentials, signal } = options
  const [target] = settings.targets
  if (target?.postgresql == null || settings.model === null) throw new Error('evaluating needs a database and a model')
  const warehouse = await openPostgresql({ connection: target.postgresql, credentials }, signal)
  const drafter = createDrafter({
    model: settings.model,
    ...(options.apiKey === undefined ? {} : { apiKey: options.apiKey }),
  })
  const outcomes: CallOutcome[] = []
  try {
    const { tables } = await warehouse.readCatalog(target.scope, signal)
    const documented = tables.filter(({ catalog }) => catalog.unreadable === null && referencesOf(catalog).length > 0)
    const comparisons: Comparison[] = []
    for (const [index, { catalog }] of documented.entries()) {
      const profile = await warehouse.profileTable(withoutComments(catalog), target, signal)
      const rows = await draftTable(drafter, profile, settings, outcomes, signal)
      comparisons.push(...referencesOf(catalog).map((reference) => compare(reference, rows, profile)))
      options.onTable?.(index + 1, documented.length)
    }
    return { tables: documented.length, comparisons, ...spending(outcomes) }
  } finally {
    await Promise.allSettled([drafter.close(), warehouse.close()])
  }
}

async function draftTable(
  drafter: Drafter,
  profile: TableProfile,
  { generation }: RunSettings,
  outcomes: CallOutcome[],
  signal: AbortSignal,
): Promise<readonly DraftRow[]> {
  const columns = profile.catalog.columns.map(({ name }) => name)
  const size = generation.columnBatchSize
  const starts = Array.from({ length: Math.max(1, Math.ceil(columns.length / size)) }, (_, batch) => batch * size)
  const batches = await Promise.all(
    starts.map((start) =>
      drafter.draftBatch(
        { profile, columns: columns.slice(start, start + size), includeTable: start === 0, generation },
        countingLedger(outcomes),
        signal,
      ),
    ),
  )
  return batches.flatMap(({ rows }) => rows)
}

/** Nothing is kept from one evaluation to the next: each draft is one the model made now. */
function countingLedger(outcomes: CallOutcome[]): CallLedger {
  return {
    begin: async () => ({ cachedReply: null }),
    end: async (_, outcome) => {
      outcomes.push(outcome)
    },
  }
}

function compare(reference: Reference, rows: readonly DraftRow[], profile: TableProfile): Comparison {
  const row = rows.find(({ path }) => path === reference.path)
  const best = row?.alternatives.find(({ fallback }) => !fallback) ?? null
  const draft = best?.text ?? null
  return {
    path: reference.path,
    kind: reference.kind,
    reference: reference.text,
    draft,
    score: draft === null ? null : (row?.score ?? null),
    words: wordsIn(draft ?? '').length,
    referenceWords: wordsIn(reference.text).length,
    overlap: tokenOverlap(draft ?? '', reference.text),
    similarity: draft === null ? 0 : embeddingSimilarity(draft, reference.text),
    claims: checkClaims(draft ?? '', profile, reference.column),
  }
}

function spending(outcomes: readonly CallOutcome[]) {
  const total = (pick: (outcome: CallOutcome) => number) => outcomes.reduce((sum, outcome) => sum + pick(outcome), 0)
  const unknown = outcomes.some(({ usage, costUsd }) => usage !== null && costUsd === null)
  return {
    calls: outcomes.length,
    failedCalls: outcomes.filter(({ outcome }) => outcome !== 'Succeeded').length,
    inputTokens: total(({ usage }) => usage?.inputTokens ?? 0),
    outputTokens: total(({ usage }) => usage?.outputTokens ?? 0),
    costUsd: unknown ? null : total(({ costUsd }) => Number(costUsd ?? 0)),
  }
}
