import { catalogue, type MetadataRun, reasons } from '@amx/api'
import type { RunObservation } from '@amx/store'
import type { Judgement, StageCondition } from './decision.ts'
import { onlyWrites } from './write-source.ts'

type Stages = Partial<Record<StageCondition, Judgement>>

/** How the stages of a run stand, from the store's figures; in sentences a person can act on. */
export function stageConditions(run: MetadataRun, observed: RunObservation): Stages {
  const applied = appliedCondition(run, observed)
  if (onlyWrites(run)) return { Applied: applied }
  if (run.spec.type === 'Refresh') return { ScopeResolved: readCondition(observed) }
  const written = run.spec.source?.texts?.length
  return {
    ScopeResolved: scopeCondition(observed),
    ...(written === undefined ? draftingConditions(run, observed) : handWritten(written, observed)),
    Reviewed: reviewedCondition(observed),
    Applied: applied,
  }
}

function draftingConditions(run: MetadataRun, observed: RunObservation): Stages {
  return {
    Profiled: readsNothing(run, observed) ? reused(observed) : profiledCondition(observed),
    Drafted: draftedCondition(observed),
  }
}

/** Of texts that people wrote. */
function handWritten(texts: number, { drafted }: RunObservation): Stages {
  return {
    Profiled: { status: 'True', reason: reasons.stageNotNeeded, message: 'No data is read: the texts are given.' },
    Drafted: drafted
      ? complete(`${plural(texts, 'text')} of a person; no model was asked.`)
      : waiting('The texts are taken once their assets are found.'),
  }
}

/** A run that goes on from another and has no table to read again. */
function readsNothing({ spec, status }: MetadataRun, { profiled }: RunObservation): boolean {
  if (spec.type !== 'Rerun' && spec.type !== 'Variations') return false
  return profiled && !(status?.jobs ?? []).some(({ stage }) => stage === 'profile')
}

function reused({ summary }: RunObservation): Judgement {
  const message = `The profiles of the source run serve again, for ${plural(summary.tables.total, 'table')}: nothing is read from the database.`
  return { status: 'True', reason: reasons.stageNotNeeded, message }
}

/** The stages of a run that has not begun. */
export function stagesBeforeBegin(run: MetadataRun): Stages {
  const waiting: Judgement = { status: 'Unknown', reason: reasons.stageWaiting, message: 'Not begun.' }
  if (onlyWrites(run)) return { Applied: waiting }
  if (run.spec.type === 'Refresh') return { ScopeResolved: waiting }
  return { ScopeResolved: waiting, Profiled: waiting, Drafted: waiting, Reviewed: waiting, Applied: waiting }
}

/** Of a run that reads the catalog and does nothing else. */
function readCondition({ scopeResolved, summary: { tables, columns } }: RunObservation): Judgement {
  if (!scopeResolved) return inProgress('The profile Job reads the catalog.')
  return complete(`${plural(tables.total, 'table')} with ${plural(columns.planned, 'column')} read.`)
}

function scopeCondition({
  scopeResolved,
  plannedAssets,
  plannedContainers,
  summary,
  unknownAssets,
}: RunObservation): Judgement {
  if (!scopeResolved) {
    return inProgress('The profile Job reads the catalog to find what is in scope.')
  }
  const missing = unknownAssets.length === 0 ? '' : ` Not found: ${listed(unknownAssets)}.`
  if (plannedAssets === 0) {
    return {
      status: 'False',
      reason: missing === '' ? catalogue['AMX-1005'].reason : catalogue['AMX-1006'].reason,
      message: `The scope selects nothing to describe.${missing}`,
    }
  }
  const left =
    summary.columns.skipped === 0 ? '' : ` ${plural(summary.columns.skipped, 'column')} left out; the results say why.`
  const containers =
    plannedContainers === 0 ? '' : `, and ${plural(plannedContainers, 'schema or database', 'schemas and databases')}`
  const found = `${plural(summary.tables.total, 'table')} with ${plural(summary.columns.planned, 'column')}${containers} in scope.${left}`
  return missing === ''
    ? complete(found)
    : { status: 'True', reason: reasons.someFailed, message: `${found}${missing} Check these names in spec.targets.` }
}

function profiledCondition({ scopeResolved, profiled, summary, units }: RunObservation): Judgement {
  if (!scopeResolved) return waiting('Begins once the scope is resolved.')
  if (!profiled) {
    return inProgress(`${summary.columns.profiled} of ${plural(summary.columns.planned, 'column')} profiled.`)
  }
  if (units.profile.failed > 0) {
    return {
      status: 'True',
      reason: reasons.someFailed,
      message: `${plural(units.profile.failed, 'table')} could not be read and left out; the results say why.`,
    }
  }
  return complete(`${plural(summary.columns.profiled, 'column')} profiled.`)
}

function draftedCondition({ drafted, scopeResolved, plannedContainers, summary }: RunObservation): Judgement {
  const { columns } = summary
  if (!scopeResolved) return waiting('Begins once the first table is profiled.')
  if (!drafted) {
    const last = plannedContainers === 0 ? '' : ' Schemas and databases follow once what lies in them is settled.'
    return inProgress(`${columns.drafted} of ${plural(columns.planned, 'column')} drafted.${last}`)
  }
  const left = columns.failed === 0 ? '' : ` ${plural(columns.failed, 'column')} failed; the results say why.`
  const text = `${plural(columns.drafted, 'column')} drafted.${left}`
  if (columns.drafted === 0 && columns.planned > 0) {
    return {
      status: 'False',
      reason: reasons.stageFailed,
      message: left === '' ? `${text} The results say why.` : text,
    }
  }
  return left === '' ? complete(text) : { status: 'True', reason: reasons.someFailed, message: text }
}

function reviewedCondition({ summary }: RunObservation): Judgement {
  const { review, draftDigest } = summary
  if (draftDigest === null) return waiting('Begins once the drafts are settled.')
  if (review.unreviewed > 0) {
    return {
      status: 'False',
      reason: reasons.awaitingReview,
      message: `${plural(review.unreviewed, 'row')} undecided, ${review.accepted} accepted, ${review.skipped} skipped, ${review.rejected} rejected.`,
    }
  }
  return complete(`${review.accepted} accepted, ${review.skipped} skipped, ${review.rejected} rejected.`)
}

function appliedCondition(run: MetadataRun, { summary, units }: RunObservation): Judgement {
  const { apply, review } = summary
  const open = units.apply.waiting + units.apply.leased
  const tried = apply.applied + apply.failed + apply.refused + apply.unsupported
  if (open > 0) return inProgress(`${apply.applied} written; ${plural(open, 'table')} to go.`)
  if (tried === 0) {
    if (onlyWrites(run) || run.spec.apply?.policy === 'OnAccept') {
      return waiting('Begins once rows are accepted.')
    }
    return {
      status: 'Unknown',
      reason: reasons.stageNotNeeded,
      message:
        review.queued === 0
          ? 'Nothing is written by this run: apply.policy is Never.'
          : `${plural(review.queued, 'row')} accepted and queued; a run of type Apply writes them.`,
    }
  }
  if (run.spec.apply?.dryRun === true) {
    const message = `Dry run: ${plural(apply.applied, 'row')} would be written${trouble(apply)}.`
    return { status: 'Unknown', reason: reasons.dryRun, message }
  }
  const text = `${apply.applied} of ${plural(tried, 'row')} written${trouble(apply)}.`
  return apply.failed + apply.refused === 0
    ? complete(text)
    : { status: 'False', reason: reasons.someFailed, message: `${text} What was not written stays queued.` }
}

/** What went wrong with some rows of an apply, as the rest of a sentence; empty when nothing did. */
export function trouble({ failed, refused, unsupported }: RunObservation['summary']['apply']): string {
  const parts = [
    failed > 0 ? `${failed} failed` : '',
    refused > 0 ? `${refused} refused because the comment changed meanwhile` : '',
    unsupported > 0 ? `${unsupported} without a comment in this backend` : '',
  ].filter((part) => part !== '')
  return parts.length === 0 ? '' : `, ${parts.join(', ')}`
}

function complete(message: string): Judgement {
  return { status: 'True', reason: reasons.stageComplete, message }
}

function inProgress(message: string): Judgement {
  return { status: 'Unknown', reason: reasons.stageInProgress, message }
}

function waiting(message: string): Judgement {
  return { status: 'Unknown', reason: reasons.stageWaiting, message }
}

/** "1 column", "2 columns". */
export function plural(count: number, noun: string, nouns = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : nouns}`
}

/** The first few of a list, and how many more there are. */
export function listed(names: readonly string[]): string {
  const shown = names.slice(0, 3).join('; ')
  return names.length <= 3 ? shown : `${shown}; and ${names.length - 3} more`
}
