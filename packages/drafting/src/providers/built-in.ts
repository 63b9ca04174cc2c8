import type { Citation, DraftRow, TableProfile } from '@amx/api'
import { describeColumn } from '../built-in/describe-column.ts'
import { describeTable } from '../built-in/describe-table.ts'
import { evidenceSubject } from '../confidence/evidence-subject.ts'
import { describeContainer } from '../container/describe-container.ts'
import { type FoundContext, findContext } from '../context/find-context.ts'
import { providedTexts } from '../context/provided-texts.ts'
import { type BatchAsset, draftRow, skippedRow } from '../draft-row.ts'
import type { DraftBatchRequest, Drafter } from '../drafting.ts'
import { columnEvidence, tableEvidence } from '../evidence/evidence-block.ts'
import { distinctTexts } from '../reply/distinct-texts.ts'

/** The rule-based drafter: deterministic, offline, free of charge; it makes no calls. Of context it takes what people wrote. */
export function createBuiltInDrafter(): Drafter {
  return {
    async draftBatch(request, _ledger, signal) {
      signal.throwIfAborted()
      const assets: BatchAsset[] = request.includeTable ? [null, ...request.columns] : [...request.columns]
      const found = await findContext(request, signal)
      return { rows: assets.map((asset) => rowOf(request, asset, found)), calls: 0 }
    },
    async describeContainer({ brief, generation }, _ledger, signal) {
      signal.throwIfAborted()
      return { row: describeContainer(brief, generation), calls: 0 }
    },
    async close() {},
  }
}

function rowOf(request: DraftBatchRequest, asset: BatchAsset, { chunks, warnings }: FoundContext): DraftRow {
  const { profile, generation } = request
  const subject = evidenceSubject(profile, asset)
  const { facts } = subject
  if (asset !== null && facts === null)
    return skippedRow(profile, asset, generation, {
      reason: `the table has no column "${asset}"`,
      callIds: [],
      evidence: '',
    })
  const own =
    facts === null ? describeTable(profile, generation.verbosity) : describeColumn(facts, profile, generation.verbosity)
  const { kept, doubted } = providedTexts(subject, chunks)
  const provided = kept.map(({ text }) => text)
  // What a person wrote stays to the letter: cleaning and shortening are for our own texts.
  const texts = [...provided, ...distinctTexts(own, generation.verbosity, provided)].slice(0, generation.alternatives)
  const drafted = {
    texts,
    padding: [],
    source: kept.length > 0 ? ('provided' as const) : ('profile' as const),
    reasoning: reasoningOf(profile, asset, subject.clarity, kept[0]?.citation ?? null),
    citations: kept.map(({ citation }) => citation),
    warnings: [...doubted, ...warnings, ...leftAside(generation)],
    callIds: [],
    evidence:
      facts === null
        ? tableEvidence(profile, generation.promptDetail)
        : columnEvidence(facts, profile, generation.promptDetail),
  }
  return draftRow(profile, asset, drafted, generation)
}

/** What was asked for and rules cannot do, in words. */
function leftAside({ instructions, styleTable }: DraftBatchRequest['generation']): string[] {
  return [
    ...(instructions.trim() === '' ? [] : ['the built-in drafter writes by rule: instructions were left aside']),
    ...(styleTable === undefined ? [] : ['the built-in drafter writes by rule: no style was matched']),
  ]
}

function reasoningOf(profile: TableProfile, asset: BatchAsset, clarity: number, first: Citation | null): string {
  const grounds = profile.rowsRead > 0 ? 'names, types, keys and values' : 'names, types and keys; no values were read'
  if (first !== null) {
    const provided = first.path === undefined ? 'the comment that is already there' : `taken from ${first.path}`
    return `The first alternative is ${provided}; the others are written by rule from ${grounds}.`
  }
  if (clarity < 0.5)
    return `Written by rule from ${grounds}; the ${asset === null ? "table's" : "column's"} name does not say what it means.`
  return `Written by rule from ${grounds}.`
}
