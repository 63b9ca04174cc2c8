import { type Citation, type DraftRow, type TableProfile, type Verbosity, verbosities } from '@amx/api'
import { describeColumn } from '../built-in/describe-column.ts'
import { describeTable } from '../built-in/describe-table.ts'
import { evidenceSubject } from '../confidence/evidence-subject.ts'
import { describeContainer } from '../container/describe-container.ts'
import { type FoundContext, findContext } from '../context/find-context.ts'
import { providedTexts } from '../context/provided-texts.ts'
import { type AssetDescent, descentOf, newTextsFirst } from '../descent-of.ts'
import { type BatchAsset, draftRow, skippedRow } from '../draft-row.ts'
import type { DraftBatchRequest, Drafter } from '../drafting.ts'
import { columnEvidence, tableEvidence } from '../evidence/evidence-block.ts'
import { distinctTexts } from '../reply/distinct-texts.ts'
import { paddingTexts, productionWarning } from '../reply/padding.ts'

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
    cancel() {},
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
  const descent = descentOf(request, asset)
  // Variations are of a text that was chosen, not of what people wrote elsewhere.
  const { kept, doubted } =
    descent.seed === null ? providedTexts(subject, chunks, descent.earlier) : { kept: [], doubted: [] }
  const provided = kept.map(({ text }) => text)
  const own = wordings(
    (verbosity) => (facts === null ? describeTable(profile, verbosity) : describeColumn(facts, profile, verbosity)),
    generation.verbosity,
    descent,
  )
  // What a person wrote stays to the letter: cleaning and shortening are for our own texts.
  const written = distinctTexts(own, generation.verbosity, [...provided, ...descent.excluded])
  const texts = [...provided, ...written].slice(0, generation.alternatives)
  const padded = generation.alternatives - texts.length
  const evidence =
    facts === null
      ? tableEvidence(profile, generation.promptDetail)
      : columnEvidence(facts, profile, generation.promptDetail)
  if (texts.length === 0)
    return skippedRow(profile, asset, generation, {
      reason: 'the built-in drafter knows no further wording',
      callIds: [],
      evidence,
    })
  const drafted = {
    texts,
    padding: paddingTexts(padded),
    source: kept.length > 0 ? ('provided' as const) : ('profile' as const),
    reasoning: reasoningOf(profile, asset, subject.clarity, kept[0]?.citation ?? null),
    citations: kept.map(({ citation }) => citation),
    warnings: [
      ...doubted,
      ...warnings,
      ...leftAside(generation),
      ...(padded > 0
        ? [productionWarning({ requested: generation.alternatives, produced: texts.length, retried: 0, padded })]
        : []),
    ],
    callIds: [],
    evidence,
  }
  return draftRow(profile, asset, drafted, generation)
}

/** Texts in the wanted length; those a descendant had before come last, and other lengths make up for them. */
function wordings(
  describe: (verbosity: Verbosity) => string[],
  wanted: Verbosity,
  { earlier, seed }: AssetDescent,
): string[] {
  if (earlier.length === 0 && seed === null) return describe(wanted)
  const lengths = [wanted, ...verbosities.filter((verbosity) => verbosity !== wanted)]
  return newTextsFirst(distinctTexts(lengths.flatMap(describe), wanted), earlier)
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
