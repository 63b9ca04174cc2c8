import {
  apiVersion,
  assetKinds,
  canonicalAssetPath,
  confidenceBands,
  type MetadataRunSpec,
  originLabel,
  type RunSource,
  reviewStates,
  type SourceFilter,
} from '@amx/api'
import { usageError } from '../../connection/connection-options.ts'
import type { RunManifest, RunPlace } from '../run/create-run.ts'
import { runName } from '../run/run-manifest.ts'
import { setGeneration } from '../run/set-generation.ts'

/** What a descendant may have of its own; the rest comes from its source. */
export interface DescendantOptions {
  readonly name?: string
  readonly target?: string
  readonly llm?: string
  readonly instructions?: string
  readonly set?: readonly string[]
}

export interface RerunOptions extends DescendantOptions {
  readonly filter?: readonly string[]
  readonly all?: boolean
}

/** The MetadataRun that drafts rows of a run again. Pure; throws AMX-1011 and AMX-1014. */
export function rerunManifest(
  run: string,
  assets: readonly string[],
  options: RerunOptions,
  place: RunPlace,
): RunManifest {
  const chosen = [assets.length > 0, options.filter !== undefined, options.all === true].filter(Boolean).length
  if (chosen !== 1) throw usageError('name assets, or give --filter, or --all for the whole run')
  const rows = {
    ...(assets.length > 0 && { assets: assets.map(canonicalAssetPath) }),
    ...(options.filter !== undefined && { filter: readFilter(options.filter) }),
  }
  return descendant('Rerun', run, rows, options, place)
}

/** The MetadataRun that makes variations of one alternative of a row. Pure; throws AMX-1011 and AMX-1014. */
export function variationsManifest(
  run: string,
  asset: string,
  index: string,
  options: DescendantOptions,
  place: RunPlace,
): RunManifest {
  if (!/^[1-5]$/.test(index)) throw usageError(`${index}: write the number of the alternative, 1 to 5`)
  const alternative = { asset: canonicalAssetPath(asset), index: Number(index) }
  return descendant('Variations', run, { alternative }, options, place)
}

function descendant(
  type: 'Rerun' | 'Variations',
  run: string,
  rows: Omit<RunSource, 'runRef' | 'target'>,
  options: DescendantOptions,
  place: RunPlace,
): RunManifest {
  const generation = {
    ...setGeneration(options.set ?? []),
    ...(options.instructions !== undefined && { instructions: options.instructions }),
  }
  const spec: MetadataRunSpec = {
    type,
    source: { runRef: { name: run }, ...(options.target !== undefined && { target: options.target }), ...rows },
    ...(options.llm !== undefined && { llmProfileRef: { name: options.llm } }),
    ...(Object.keys(generation).length > 0 && { generation }),
  }
  return {
    apiVersion,
    kind: 'MetadataRun',
    metadata: {
      name: options.name ?? runName(`${run.slice(0, 24)}-${type.toLowerCase()}`, place.now),
      ...(place.namespace !== null && { namespace: place.namespace }),
      labels: { [originLabel]: 'plugin' },
    },
    spec,
  }
}

const lists = { kinds: assetKinds, states: reviewStates } as const
const bands = ['minimumConfidence', 'maximumConfidence'] as const

/** `maximumConfidence=Low`, `states=Unreviewed,Skipped` and the like as the filter of a source. */
function readFilter(given: readonly string[]): SourceFilter {
  const filter: Record<string, unknown> = {}
  for (const text of given) {
    const separator = text.indexOf('=')
    const [field, value] = separator < 1 ? [text, ''] : [text.slice(0, separator), text.slice(separator + 1)]
    filter[field] = readField(field, value)
  }
  return filter as SourceFilter
}

function readField(field: string, value: string): unknown {
  if (bands.some((band) => band === field)) return oneOf(confidenceBands, field, value)
  if (field === 'kinds' || field === 'states') return value.split(',').map((part) => oneOf(lists[field], field, part))
  if (field === 'tables') return value.split(',').map(canonicalAssetPath)
  throw usageError(
    `--filter ${field}: there is no such field; there are ${[...bands, 'tables', 'kinds', 'states'].join(', ')}`,
  )
}

function oneOf(values: readonly string[], field: string, text: string): string {
  const found = values.find((value) => value.toLowerCase() === text.trim().toLowerCase())
  if (found === undefined) throw usageError(`--filter ${field}=${text}: it is none of ${values.join(', ')}`)
  return found
}
