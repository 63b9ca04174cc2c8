import {
  AmxError,
  budgetOf,
  builtInPrices,
  type ContextSource,
  catalogue,
  contextNames,
  type DatabaseProfile,
  defaults,
  digestOf,
  findUnsupported,
  hasKnownPrice,
  type LLMProfile,
  listedPrice,
  type MetadataRun,
  originLabel,
  type PriceTable,
  parseDurationMs,
  type RunSettings,
  type RunTarget,
  reasons,
  requestedByAnnotation,
  resolveSettings,
  targetsOf,
  toAmxError,
} from '@amx/api'
import type { BeginRunRequest, DescentRequest, SourceRun } from '@amx/store'
import { isFinal, reasonOf } from './decision.ts'
import type { Preparation } from './run-observed.ts'
import { onlyWrites, writeSource } from './write-source.ts'

/** The objects of a namespace that a run can refer to. */
export interface References {
  databaseProfile(name: string): DatabaseProfile | null
  llmProfile(name: string): LLMProfile | null
  /** Default: there is none. */
  contextSource?(name: string): ContextSource | null
  run(name: string): MetadataRun | null
  /** Prices of models. Default: the built-in table. */
  prices?(): PriceTable
  /** The source run as the store knows it; null when the run names none, or the store has none of that name. */
  readonly source: SourceRun | null
  readonly nowMs: number
}

/** Works out whether a run can begin, and with which settings. Pure but for the look-ups. */
export function prepareRun(run: MetadataRun, references: References, operatorVersion: string): Preparation {
  const source = onlyWrites(run) ? applySource(run, references) : descentSource(run, references)
  if (source !== null && 'kind' in source) return source
  const effective = source === null ? run : { ...run, spec: { ...run.spec, targets: source.targets } }

  const databaseProfiles: DatabaseProfile[] = []
  for (const name of profileNames(effective)) {
    const profile = references.databaseProfile(name)
    if (profile === null) return missing(run, 'DatabaseProfile', name)
    databaseProfiles.push(profile)
  }
  const llmName = run.spec.llmProfileRef?.name ?? source?.settings?.settings.model?.profileName
  if (llmName === undefined && source?.settings !== undefined) {
    const problem = `needed: run "${source.settings.name}" asked no model`
    return refused(new AmxError('AMX-1001', { field: 'spec.llmProfileRef', problem }))
  }
  const llmProfile = llmName === undefined ? null : references.llmProfile(llmName)
  if (llmName !== undefined && llmProfile === null) return missing(run, 'LLMProfile', llmName)

  const contextSources: ContextSource[] = []
  const cited =
    onlyWrites(run) || run.spec.type === 'Refresh'
      ? []
      : contextNames(run, databaseProfiles, source?.settings?.settings ?? null)
  for (const name of cited) {
    const found = references.contextSource?.(name) ?? null
    if (found === null) return missing(run, 'ContextSource', name)
    contextSources.push(found)
  }

  const unsupported = findUnsupported({ run: effective, databaseProfiles, llmProfile })
  if (unsupported !== null) return refused(new AmxError('AMX-1002', { field: unsupported }))

  const writes = onlyWrites(run) || run.spec.apply?.policy === 'OnAccept'
  const readOnly = databaseProfiles.find((profile) => profile.spec.writerSecretRef === undefined)
  if (writes && readOnly !== undefined) return refused(new AmxError('AMX-1004', { name: readOnly.metadata.name }))

  try {
    const settings = resolveSettings({
      run: effective,
      databaseProfiles,
      llmProfile,
      contextSources,
      operatorVersion,
      ...(source?.settings !== undefined && { source: source.settings }),
    })
    const unpriced = unpricedBudget(run, settings, references.prices?.() ?? builtInPrices)
    if (unpriced !== null) return refused(unpriced)
    const twice = namedTwice(settings)
    if (twice !== null) return refused(twice)
    return { kind: 'Ready', begin: beginRequest(run, settings, source) }
  } catch (thrown) {
    const error = toAmxError(thrown)
    return error.code === 'AMX-5010' ? waitForIndex(run, error, references.nowMs) : refused(error)
  }
}

/** A source that is being indexed is waited for, no longer than the run may take. */
function waitForIndex({ metadata, spec }: MetadataRun, error: AmxError, nowMs: number): Preparation {
  const limitMs = parseDurationMs(spec.activeDeadline ?? defaults.run.activeDeadline, 'spec.activeDeadline')
  const waitedMs = nowMs - Date.parse(metadata.creationTimestamp)
  return waitedMs >= limitMs ? refused(error) : waiting(error, reasonOf(error.report()))
}

/** A budget in money for a model whose price nobody knows could not be kept. */
function unpricedBudget({ spec }: MetadataRun, { model }: RunSettings, prices: PriceTable): AmxError | null {
  if (spec.budget?.maximumCost === undefined || model === null) return null
  const listed = listedPrice(prices, model.provider, model.model)
  return hasKnownPrice({ ...model, listed }) ? null : new AmxError('AMX-1031', { model: model.model })
}

/** One database in two targets: its tables would be drafted and paid for twice, and no decision could tell the rows apart. */
function namedTwice({ targets }: RunSettings): AmxError | null {
  const keys = targets.map(({ databaseKey }) => databaseKey)
  const second = keys.findIndex((key, index) => keys.indexOf(key) < index)
  if (second === -1) return null
  const first = keys.indexOf(keys[second] ?? '')
  const problem = `is the database of targets[${first}] as well: put both scopes into one target`
  return new AmxError('AMX-1001', { field: `spec.targets[${second}]`, problem })
}

/** The DatabaseProfiles that a run's targets name, in the order of the targets, each once. */
export function profileNames(run: Pick<MetadataRun, 'spec'>): string[] {
  return [...new Set((run.spec.targets ?? []).map((target) => target.databaseProfileRef.name))]
}

/** What a run takes from its source. */
interface Source {
  readonly uid: string
  readonly name: string
  readonly targets: RunTarget[]
  /** Of a Rerun and of Variations: the run whose settings hold where the spec says nothing. */
  readonly settings?: SourceRun
}

/** What a run of type Apply or Rollback takes from its source, or why it cannot. */
function applySource(run: MetadataRun, references: References): Source | Preparation | null {
  const found = writeSource(run, references)
  if (found === null) return null
  switch (found.kind) {
    case 'Found':
      return { uid: found.uid, name: found.name, targets: found.targets }
    case 'Refused':
      return refused(found.error)
    case 'Waiting': {
      const { retryMs } = found
      return { ...waiting(found.error, found.reason), ...(retryMs !== undefined && { retryMs }) }
    }
  }
}

/** A Rerun and Variations go on from drafts that are settled; their run may have left the cluster. */
function descentSource(run: MetadataRun, references: References): Source | Preparation | null {
  const name = run.spec.source?.runRef?.name
  if (name === undefined) return null
  const { source } = references
  if (source?.settled) return { uid: source.uid, name, targets: targetsOf(source.settings), settings: source }
  const inCluster = references.run(name)
  if (source === null && inCluster === null) return missingSource(name)
  const phase = inCluster?.status?.phase ?? source?.phase
  if (isFinal(phase)) {
    const problem = `run "${name}" ended as ${phase} without drafts`
    return refused(new AmxError('AMX-1001', { field: 'spec.source.runRef', problem }))
  }
  const error = new AmxError('AMX-1023', { run: name })
  return { ...waiting(error, reasonOf(error.report())), retryMs: sourceRetryMs }
}

/** How soon a run looks again whether its source is drafted. */
const sourceRetryMs = 5_000

function missingSource(name: string): Preparation {
  return waiting(new AmxError('AMX-1013', { what: `the source run "${name}"` }), reasons.missingReference)
}

function beginRequest(run: MetadataRun, settings: RunSettings, source: Source | null): BeginRunRequest {
  const { desiredState: _, ...spec } = run.spec
  const assets = spec.source?.assets
  const requestedBy = run.metadata.annotations?.[requestedByAnnotation]
  return {
    uid: run.metadata.uid,
    namespace: run.metadata.namespace,
    name: run.metadata.name,
    type: run.spec.type,
    specDigest: digestOf(spec),
    settings,
    settingsDigest: digestOf(settings),
    scopeText: source === null ? scopeText(settings) : descentText(run, source.name),
    origin: run.metadata.labels?.[originLabel] ?? null,
    budget: onlyWrites(run) ? null : budgetOf(run.spec.budget),
    ...(source !== null && { sourceRunUid: source.uid }),
    ...(source?.settings !== undefined && { descent: descentOf(run) }),
    ...(onlyWrites(run) && assets?.length && { selection: { assets } }),
    ...(requestedBy !== undefined && { requestedBy }),
  }
}

function descentOf({ spec: { source } }: MetadataRun): DescentRequest {
  const { target, assets, filter, alternative } = source ?? {}
  return {
    ...(target !== undefined && { target }),
    ...(assets !== undefined && { assets }),
    ...(filter !== undefined && { filter }),
    ...(alternative !== undefined && { alternative }),
  }
}

/** What of its source a run goes on from, in words. */
function descentText({ spec: { source } }: MetadataRun, name: string): string {
  const { assets = [], alternative, filter } = source ?? {}
  if (alternative !== undefined) return `${name}: ${alternative.asset}, alternative ${alternative.index}`.slice(0, 500)
  const shown = assets.slice(0, 3).join(', ')
  const rest = assets.length > 3 ? ` and ${assets.length - 3} more` : ''
  const what = assets.length > 0 ? `${shown}${rest}` : filter === undefined ? 'every row' : 'rows of a filter'
  return `${name}: ${what}`.slice(0, 500)
}

function scopeText(settings: RunSettings): string {
  const parts = settings.targets.map((target) => {
    const database = target.postgresql?.database ?? target.databaseKey
    const { include } = target.scope
    const shown = include.length === 0 ? 'everything' : include.slice(0, 3).join(', ')
    return `${database}: ${shown}${include.length > 3 ? ` and ${include.length - 3} more` : ''}`
  })
  return parts.join('; ').slice(0, 500)
}

function missing(run: MetadataRun, kind: string, name: string): Preparation {
  const error = new AmxError('AMX-1003', { kind, name, namespace: run.metadata.namespace })
  return waiting(error, catalogue['AMX-1003'].reason)
}

function waiting(error: AmxError, reason: string): Extract<Preparation, { kind: 'Waiting' }> {
  return { kind: 'Waiting', error: error.report(), reason }
}

function refused(error: AmxError): Preparation {
  const report = error.report()
  return { kind: 'Refused', error: report, reason: reasonOf(report) }
}
