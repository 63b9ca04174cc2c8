import {
  type AmxManifest,
  apiVersion,
  type MetadataRunSpec,
  originLabel,
  type RunTarget,
  requestedByAnnotation,
} from '@amx/api'
import { runName } from '../commands/run/run-manifest.ts'

/** What of which run, or of the queue, is written. */
export type WriteScope =
  | { readonly kind: 'Run'; readonly run: string; readonly assets: readonly string[]; readonly target?: string }
  | { readonly kind: 'Queue'; readonly targets: readonly RunTarget[] }

export interface WriteOptions {
  /** Compare with the live database and write nothing. */
  readonly compare?: boolean
  /** Replace comments that changed meanwhile as well. */
  readonly overwrite?: boolean
  /** Whom the audit names; null in a manifest that somebody else may create. */
  readonly requestedBy: string | null
  readonly namespace: string
  readonly now: Date
}

/** The MetadataRun that writes accepted texts, or puts back what a run replaced. Pure. */
export function writeManifest(
  type: 'Apply' | 'Rollback',
  scope: WriteScope,
  options: WriteOptions,
): AmxManifest<'MetadataRun', MetadataRunSpec> {
  const { compare, overwrite, requestedBy, namespace, now } = options
  const verb = type.toLowerCase()
  return {
    apiVersion,
    kind: 'MetadataRun',
    metadata: {
      name: runName(scope.kind === 'Run' ? `${scope.run.slice(0, 31)}-${verb}` : verb, now),
      namespace,
      labels: { [originLabel]: 'plugin' },
      ...(requestedBy !== null && { annotations: { [requestedByAnnotation]: requestedBy } }),
    },
    spec: {
      type,
      ...(scope.kind === 'Run' ? { source: sourceOf(scope) } : { targets: [...scope.targets] }),
      ...((compare || overwrite) && {
        apply: { ...(compare && { dryRun: true }), ...(overwrite && { onDrift: 'Overwrite' as const }) },
      }),
    },
  }
}

function sourceOf({ run, assets, target }: Extract<WriteScope, { kind: 'Run' }>) {
  return {
    runRef: { name: run },
    ...(assets.length > 0 && { assets: [...assets] }),
    ...(target !== undefined && { target }),
  }
}
