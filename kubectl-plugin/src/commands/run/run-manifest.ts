import {
  type AmxManifest,
  apiVersion,
  canonicalAssetPath,
  type MetadataRunSpec,
  originLabel,
  type TargetScope,
} from '@amx/api'
import { usageError } from '../../connection/connection-options.ts'
import { re2Pattern } from '../../re2-pattern.ts'
import { wholeNumber } from '../../whole-number.ts'
import { setGeneration } from './set-generation.ts'

export interface RunOptions {
  readonly name?: string
  readonly database: readonly string[]
  readonly llm: string
  readonly exclude?: readonly string[]
  readonly filter?: string
  readonly limit?: string
  readonly missingOnly?: boolean
  readonly review?: 'manual' | 'auto'
  readonly accept?: 'high' | 'all'
  readonly apply?: boolean
  readonly replace?: boolean
  readonly writeNothing?: boolean
  readonly budget?: string
  readonly instructions?: string
  readonly set?: readonly string[]
}

/** The MetadataRun that a command line asks for. Pure; throws AMX-1011 and AMX-1014 for what it cannot mean. */
export function runManifest(
  scope: readonly string[],
  options: RunOptions,
  place: { readonly namespace: string | null; readonly now: Date },
): AmxManifest<'MetadataRun', MetadataRunSpec> {
  if (options.accept !== undefined && options.review !== 'auto') throw usageError('--accept needs --review auto')
  if (options.budget !== undefined && !/^\d{1,12}(\.\d{1,9})?$/.test(options.budget)) {
    throw usageError(`--budget ${options.budget}: write dollars, such as 5 or 0.50`)
  }
  const generation = {
    ...setGeneration(options.set ?? []),
    ...(options.instructions !== undefined && { instructions: options.instructions }),
  }
  const targetScope = scopeOf(scope, options)
  return {
    apiVersion,
    kind: 'MetadataRun',
    metadata: {
      name: options.name ?? runName(options.database[0] ?? 'run', place.now),
      ...(place.namespace !== null && { namespace: place.namespace }),
      labels: { [originLabel]: 'plugin' },
    },
    spec: {
      type: 'Analyze',
      targets: options.database.map((profile) => ({
        ...targetOfRun(profile),
        ...(Object.keys(targetScope).length > 0 && { scope: targetScope }),
      })),
      llmProfileRef: { name: options.llm },
      ...(Object.keys(generation).length > 0 && { generation }),
      ...(options.review === 'auto' && {
        review: { strategy: 'Auto' as const, accept: options.accept === 'all' ? ('All' as const) : ('High' as const) },
      }),
      ...applyOf(options),
      ...(options.budget !== undefined && { budget: { maximumCost: options.budget } }),
    },
  }
}

/** A target named as `profile` or `profile/database`. */
export function targetOfRun(text: string) {
  const [name = '', ...database] = text.split('/')
  return { databaseProfileRef: { name }, ...(database.length > 0 && { database: database.join('/') }) }
}

function scopeOf(include: readonly string[], options: RunOptions): TargetScope {
  const limit = wholeNumber(options.limit ?? '0', '--limit', { atLeast: 0 })
  // The API server cannot tell; the run would be refused only after it began.
  if (options.filter !== undefined) re2Pattern(options.filter, '--filter')
  return {
    ...(include.length > 0 && { include: include.map(canonicalAssetPath) }),
    ...(options.exclude !== undefined && { exclude: options.exclude.map(canonicalAssetPath) }),
    ...(options.filter !== undefined && { tablePattern: options.filter }),
    ...(limit > 0 && { tableLimit: limit }),
    ...(options.missingOnly && { missingOnly: true }),
  }
}

function applyOf({ apply, replace, writeNothing }: RunOptions): Pick<MetadataRunSpec, 'apply'> {
  if (!apply && !replace && !writeNothing) return {}
  return {
    apply: {
      ...(apply && { policy: 'OnAccept' as const }),
      ...(replace && { existing: 'Replace' as const }),
      ...(writeNothing && { dryRun: true }),
    },
  }
}

/**
 * A name that says where it comes from and when, such as `prod-pg-20261121-080755-123`: to the millisecond, because a script, or two
 * people, start more than one run in a second.
 */
export function runName(prefix: string, now: Date): string {
  const stamp = now.toISOString().replaceAll(/[-:]/g, '').replace(/[T.]/g, '-').slice(0, 19)
  const start = prefix.replace(/\/.*$/, '').slice(0, 40)
  return `${start.replace(/[^a-z0-9]+$/, '')}-${stamp}`
}
