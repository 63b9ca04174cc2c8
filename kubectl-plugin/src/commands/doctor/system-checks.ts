import type { Diagnostics, MetadataRun } from '@amx/api'
import { skewRemark } from '../../connection/version-skew.ts'
import { counted } from '../../output/figures.ts'
import type { Asked, Check } from './check.ts'

export interface SeenServer {
  readonly url: string
  readonly found: string
  readonly diagnostics: Diagnostics
}

/** Whether the server is reached and knows the caller, and how its version stands to the plugin's. */
export function serverCheck(client: string, asked: Asked<SeenServer>): Check {
  const part = 'server'
  if (!('answer' in asked)) return { part, state: 'Fail', says: asked.problem, remedy: asked.remedy }
  const { url, found, diagnostics } = asked.answer
  const says = `${url} answers with version ${diagnostics.version}, ${found}`
  const skew = skewRemark(client, diagnostics.version)
  if (skew === null) return { part, state: 'Ok', says }
  return { part, state: 'Warn', says, remedy: skew.replace(/^note: /, '') }
}

const slowMs = 100

/** How the store fares, as the server sees it. */
export function storeCheck(store: Diagnostics['store']): Check {
  const part = 'store'
  if ('error' in store) {
    const remedy = "Check the store's PostgreSQL and the Secret amx-store; work goes on by itself when it is back."
    return { part, state: 'Fail', says: store.error, remedy }
  }
  const { schema, latencyMs, units, unfinishedRuns, sizeBytes } = store
  const says = `schema ${schema}, ${latencyMs} ms, ${Math.round(sizeBytes / 1_048_576)} MiB; ${counted(unfinishedRuns, 'run')} under way, ${counted(units.waiting, 'unit')} of work waiting, ${units.leased} taken`
  if (units.overdue > 0) {
    const remedy = 'Check that the server runs: it hands work out again whose worker is gone.'
    return { part, state: 'Warn', says: `${says}; ${units.overdue} overdue`, remedy }
  }
  if (latencyMs <= slowMs) return { part, state: 'Ok', says }
  return {
    part,
    state: 'Warn',
    says,
    remedy: 'The store answers slowly: check the load and the place of its PostgreSQL.',
  }
}

const over = ['Succeeded', 'PartiallyApplied', 'Failed', 'Cancelled', 'AwaitingReview', 'Suspended']

/** Runs that stand still: not begun, or with an error, for longer than that. */
export function stuckChecks(runs: readonly MetadataRun[], now: Date, stuckMs: number): Check[] {
  const part = 'runs'
  const stuck = runs.flatMap((run): Check[] => {
    const { phase = 'not begun', conditions = [], lastError } = run.status ?? {}
    const ageMs = now.getTime() - Date.parse(run.metadata.creationTimestamp)
    if (over.includes(phase) || ageMs < stuckMs) return []
    const waits = phase === 'not begun' || phase === 'Pending'
    if (!waits && lastError === undefined) return []
    const ready = conditions.find(({ type, status }) => type === 'Ready' && status !== 'True')
    const why = lastError?.message ?? ready?.message ?? 'the operator has not looked at it'
    const says = `run ${run.metadata.name} is ${phase} for ${Math.round(ageMs / 60_000)} min: ${why}`
    const remedy = lastError?.remedy ?? `\`kubectl describe metadatarun ${run.metadata.name}\` says what it waits for.`
    return [{ part, state: 'Warn', says, remedy }]
  })
  if (stuck.length > 0) return stuck
  return [{ part, state: 'Ok', says: `${counted(runs.length, 'run')} in the namespace, none stands still` }]
}
