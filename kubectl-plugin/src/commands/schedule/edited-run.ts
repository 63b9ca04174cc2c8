import type { MetadataRunSpec, RunTarget, TargetScope } from '@amx/api'
import { usageError } from '../../connection/connection-options.ts'
import type { GivenOptions } from '../run/complete-options.ts'
import { runManifest } from '../run/run-manifest.ts'

/**
 * A run with what the command line names changed, and the rest as it was. Several databases share one scope, as those that `schedule add`
 * makes do. Pure; throws AMX-1011 and AMX-1014 for what it cannot mean.
 */
export function editedRun(run: MetadataRunSpec, scope: readonly string[], options: GivenOptions): MetadataRunSpec {
  const { database, llm, all, review = reviewOf(run, options) } = options
  if (all && scope.length > 0) throw usageError('--all and named assets exclude each other')
  const place = { namespace: null, now: new Date(0) }
  const named = { ...options, ...(review && { review }), database: database ?? ['-'], llm: llm ?? '-' }
  const { spec } = runManifest(scope, named, place)
  const before = run.targets ?? []
  const targets: readonly RunTarget[] =
    database === undefined
      ? before
      : (spec.targets ?? []).map((target) => ({ ...target, scope: before[0]?.scope ?? {} }))
  const { generation, apply, budget } = spec
  return {
    ...run,
    ...(targets.length > 0 && {
      targets: targets.map((target) => withScope(target, spec.targets?.[0]?.scope, options)),
    }),
    ...(llm !== undefined && { llmProfileRef: { name: llm } }),
    ...(generation && { generation: merged(run.generation, generation) }),
    ...(options.review === 'manual' && { review: { strategy: 'Manual' as const } }),
    ...(spec.review && { review: spec.review }),
    ...(apply && { apply: { ...run.apply, ...apply } }),
    ...(budget && { budget: { ...run.budget, ...budget } }),
  }
}

/** `--accept` alone is about the strategy that is there. */
function reviewOf({ review }: MetadataRunSpec, { accept }: GivenOptions): 'auto' | undefined {
  return accept !== undefined && review?.strategy === 'Auto' ? 'auto' : undefined
}

function withScope(target: RunTarget, asked: TargetScope = {}, { all, limit }: GivenOptions): RunTarget {
  const { scope: before = {}, ...rest } = target
  const { include, tableLimit, ...others } = { ...before, ...asked }
  const scope: TargetScope = {
    ...(include !== undefined && !all && { include }),
    ...(tableLimit !== undefined && Number(limit ?? 1) !== 0 && { tableLimit }),
    ...others,
  }
  return Object.keys(scope).length === 0 ? rest : { ...rest, scope }
}

type Generation = NonNullable<MetadataRunSpec['generation']>

/** Fields within fields stay, too. */
function merged(before: Generation | undefined, changes: Generation): Generation {
  const known: Record<string, unknown> = { ...before }
  const entries = Object.entries(changes).map(([name, value]) => {
    const isNested = typeof value === 'object' && value !== null && !Array.isArray(value)
    return [name, isNested ? { ...(known[name] as object | undefined), ...value } : value] as const
  })
  return { ...before, ...Object.fromEntries(entries) }
}
