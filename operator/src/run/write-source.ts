import { AmxError, catalogue, type MetadataRun, type RunTarget, reasons, targetsOf } from '@amx/api'
import type { References } from './prepare-run.ts'

/** Whether a run drafts nothing: it writes what was accepted, or puts back what was written. */
export function onlyWrites({ spec }: Pick<MetadataRun, 'spec'>): boolean {
  return spec.type === 'Apply' || spec.type === 'Rollback'
}

/** The run whose rows are written, or what it wrote put back. */
export type WriteSource =
  | { readonly kind: 'Found'; readonly uid: string; readonly name: string; readonly targets: RunTarget[] }
  | { readonly kind: 'Waiting'; readonly error: AmxError; readonly reason: string; readonly retryMs?: number }
  | { readonly kind: 'Refused'; readonly error: AmxError }

/** How soon a rollback looks again whether its source has come to rest. */
const sourceRetryMs = 5_000

/**
 * What a run of type Apply or Rollback takes from its source, which may have left the cluster; null when it names none. A run
 * that is at work is not rolled back under its hands.
 */
export function writeSource(run: MetadataRun, references: Pick<References, 'run' | 'source'>): WriteSource | null {
  const { runRef, target } = run.spec.source ?? {}
  if (runRef === undefined) return null
  const inCluster = references.run(runRef.name)
  const stored = references.source
  if (inCluster === null && stored === null) {
    const error = new AmxError('AMX-1013', { what: `the source run "${runRef.name}"` })
    return { kind: 'Waiting', error, reason: reasons.missingReference }
  }
  const phase = inCluster?.status?.phase ?? stored?.phase ?? 'Pending'
  if (run.spec.type === 'Rollback' && atWork.has(phase)) {
    const error = new AmxError('AMX-1053', { run: runRef.name, phase })
    return { kind: 'Waiting', error, reason: catalogue['AMX-1053'].reason, retryMs: sourceRetryMs }
  }
  const all = stored === null ? [...(inCluster?.spec.targets ?? [])] : targetsOf(stored.settings)
  const targets = target === undefined ? all : all.filter((one) => isNamed(one, target))
  if (targets.length === 1 || (target === undefined && targets.length > 0)) {
    return { kind: 'Found', uid: stored?.uid ?? inCluster?.metadata.uid ?? '', name: runRef.name, targets }
  }
  const problem = `run "${runRef.name}" has ${targets.length === 0 ? 'no' : 'several'} targets "${target}"; it has ${named(all)}`
  return { kind: 'Refused', error: new AmxError('AMX-1001', { field: 'spec.source.target', problem }) }
}

const atWork: ReadonlySet<string> = new Set(['Pending', 'Running', 'Applying'])

function isNamed(target: RunTarget, name: string): boolean {
  return name === target.databaseProfileRef.name || name === nameOf(target)
}

function nameOf({ databaseProfileRef, database }: RunTarget): string {
  return database === undefined ? databaseProfileRef.name : `${databaseProfileRef.name}/${database}`
}

function named(targets: readonly RunTarget[]): string {
  return targets.map(nameOf).join(', ')
}
