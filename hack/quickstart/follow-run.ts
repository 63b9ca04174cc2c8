import type { MetadataRun } from '@amx/api'
import type { Kubectl } from './kubectl.ts'

const finalPhases = ['Succeeded', 'PartiallyApplied', 'Failed', 'Cancelled']

/** One line about where a run stands. */
export function progressLine({ status }: MetadataRun): string {
  if (status?.phase === undefined) return 'waiting for the operator'
  const { phase, progress, columns, confidence, apply, cost } = status
  const parts = [
    phase,
    progress === undefined ? undefined : `tables ${progress}`,
    columns === undefined
      ? undefined
      : `profiled ${columns.profiled ?? 0} · drafted ${columns.drafted ?? 0} of ${columns.planned ?? 0}`,
    confidence === undefined
      ? undefined
      : `high ${confidence.high ?? 0} · medium ${confidence.medium ?? 0} · low ${confidence.low ?? 0}`,
    apply === undefined || (apply.applied ?? 0) === 0 ? undefined : `written ${apply.applied}`,
    cost?.amount === undefined ? undefined : `$${cost.amount}`,
  ]
  return parts.filter((part) => part !== undefined).join('   ')
}

/** Whether nothing more happens to the run unless a person does something. */
export function isSettled({ status }: MetadataRun): boolean {
  const phase = status?.phase
  if (phase === undefined) return false
  return finalPhases.includes(phase) || phase === 'AwaitingReview'
}

/** The condition that explains why a run stands where it stands, in words. */
export function explanation({ status }: MetadataRun): string {
  const conditions = status?.conditions ?? []
  const telling = conditions.find(({ type }) => type === 'Succeeded') ?? conditions.find(({ type }) => type === 'Ready')
  return telling === undefined ? '' : `${telling.reason ?? ''}: ${telling.message ?? ''}`
}

/** Watches a run until it is settled and gives it; calls back with a line whenever one changed. Throws when `timeoutMs` is over. */
export async function followRun(
  kubectl: Kubectl,
  run: { readonly namespace: string; readonly name: string },
  options: { readonly onLine: (line: string) => void; readonly timeoutMs: number },
): Promise<MetadataRun> {
  const signal = AbortSignal.timeout(options.timeoutMs)
  let last: MetadataRun | null = null
  let lastLine = ''
  while (!signal.aborted) {
    // A watch ends when the API server says so; another one goes on from there.
    for await (const seen of kubectl.watch<MetadataRun>(
      ['get', 'metadatarun', run.name, '-n', run.namespace],
      signal,
    )) {
      last = seen
      const line = progressLine(seen)
      if (line !== lastLine) options.onLine(line)
      lastLine = line
      if (isSettled(seen)) return seen
    }
  }
  const where = last === null ? 'it was never seen' : `${progressLine(last)}. ${explanation(last)}`
  throw new Error(`run ${run.name} did not settle within ${options.timeoutMs / 1000} s: ${where}`)
}
