import type { MetadataRun, RunPhase } from '@amx/api'
import { counted } from '../output/figures.ts'
import type { Paint } from '../output/paint.ts'

const endedPhases: readonly RunPhase[] = ['Succeeded', 'PartiallyApplied', 'Failed', 'Cancelled']

/** Whether the run came to its end. */
export function isEnded({ status }: MetadataRun): boolean {
  return status?.phase !== undefined && endedPhases.includes(status.phase)
}

/** Whether nothing more happens unless a person does something. */
export function isSettled(run: MetadataRun): boolean {
  return isEnded(run) || run.status?.phase === 'AwaitingReview' || run.status?.phase === 'Suspended'
}

/** One line about where a run stands. */
export function runLine({ status }: MetadataRun, paint: Paint): string {
  if (status?.phase === undefined) return 'waiting for the operator'
  const { phase, progress, columns, deduplicated, confidence, apply, cost } = status
  const parts = [
    paint(phaseColour(phase), phase),
    progress && progress !== '0/0' && `tables ${progress}`,
    columns &&
      columns.planned > 0 &&
      `columns profiled ${columns.profiled}/${columns.planned}, drafted ${columns.drafted}/${columns.planned}`,
    deduplicated &&
      deduplicated.columns > 0 &&
      `copied ${counted(deduplicated.columns, 'equal column')}, ${counted(deduplicated.calls, 'call')} saved`,
    confidence &&
      confidence.high + confidence.medium + confidence.low > 0 &&
      `high ${confidence.high} · medium ${confidence.medium} · low ${confidence.low}`,
    apply && apply.applied + apply.failed + apply.refused > 0
      ? `written ${apply.applied}${apply.failed ? `, ${apply.failed} failed` : ''}${apply.refused ? `, ${apply.refused} refused` : ''}`
      : '',
    cost && cost.inputTokens + cost.outputTokens > 0 ? `${cost.inputTokens} + ${cost.outputTokens} tokens` : '',
    cost?.amount && `$${cost.amount}`,
  ]
  return parts.filter(Boolean).join('   ')
}

/** The condition that explains where the run stands, in its own words. */
export function explanation(run: MetadataRun): string {
  return presentError(run)?.message ?? telling(run) ?? ''
}

function telling({ status }: MetadataRun): string | undefined {
  const byType = (type: string) => status?.conditions?.find((condition) => condition.type === type)
  return (byType('Succeeded') ?? byType('Ready'))?.message
}

/** The last error, unless the run has overcome it since: until a run ends, its status keeps an error that is over. */
function presentError(run: MetadataRun) {
  const { lastError } = run.status ?? {}
  if (lastError === undefined || isEnded(run)) return lastError
  return telling(run)?.includes(`(${lastError.code})`) ? lastError : undefined
}

/** What keeps a run that is not settled from going on, with what to do about it; null when nothing does. */
export function obstacle(run: MetadataRun): string | null {
  const error = presentError(run)
  if (error === undefined || isSettled(run)) return null
  return `${asSentence(error.message)} ${error.remedy} (${error.code})`
}

/** Words with a full stop, unless they bring an end of their own. */
export function asSentence(text: string): string {
  return /[.?!]$/.test(text) ? text : `${text}.`
}

/** The colour a phase is told in. */
export function phaseColour(phase: RunPhase) {
  if (phase === 'Succeeded') return 'green'
  if (phase === 'Failed' || phase === 'PartiallyApplied' || phase === 'Cancelled') return 'red'
  return phase === 'AwaitingReview' || phase === 'Suspended' ? 'yellow' : 'cyan'
}
