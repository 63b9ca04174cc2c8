import {
  AmxError,
  budgetOf,
  builtInPrices,
  catalogue,
  type DatabaseProfile,
  digestOf,
  findUnsupported,
  hasKnownPrice,
  type LLMProfile,
  listedPrice,
  type MetadataRun,
  originLabel,
  type PriceTable,
  type RunSettings,
  reasons,
  resolveSettings,
  toAmxError,
} from '@amx/api'
import { reasonOf } from './decision.ts'
import type { Preparation } from './run-observed.ts'

/** The objects of a namespace that a run can refer to. */
export interface References {
  databaseProfile(name: string): DatabaseProfile | null
  llmProfile(name: string): LLMProfile | null
  run(name: string): MetadataRun | null
  /** Prices of models. Default: the built-in table. */
  prices?(): PriceTable
}

/** Works out whether a run can begin, and with which settings. Pure but for the look-ups. */
export function prepareRun(run: MetadataRun, references: References, operatorVersion: string): Preparation {
  const unsupportedInRun = findUnsupported({ run, databaseProfiles: [], llmProfile: null })
  if (unsupportedInRun !== null) return refused(new AmxError('AMX-1002', { field: unsupportedInRun }))

  const source = sourceOf(run, references)
  if (source instanceof AmxError) return waiting(source, reasons.missingReference)
  const effective = source === null ? run : withTargetsOf(run, source)

  const databaseProfiles: DatabaseProfile[] = []
  for (const name of profileNames(effective)) {
    const profile = references.databaseProfile(name)
    if (profile === null) return missing(run, 'DatabaseProfile', name)
    databaseProfiles.push(profile)
  }
  const llmName = run.spec.llmProfileRef?.name
  const llmProfile = llmName === undefined ? null : references.llmProfile(llmName)
  if (llmName !== undefined && llmProfile === null) return missing(run, 'LLMProfile', llmName)

  const unsupported = findUnsupported({ run: effective, databaseProfiles, llmProfile })
  if (unsupported !== null) return refused(new AmxError('AMX-1002', { field: unsupported }))

  const writes = run.spec.type === 'Apply' || run.spec.apply?.policy === 'OnAccept'
  const readOnly = databaseProfiles.find((profile) => profile.spec.writerSecretRef === undefined)
  if (writes && readOnly !== undefined) return refused(new AmxError('AMX-1004', { name: readOnly.metadata.name }))

  try {
    const settings = resolveSettings({ run: effective, databaseProfiles, llmProfile, operatorVersion })
    const unpriced = unpricedBudget(run, settings, references.prices?.() ?? builtInPrices)
    if (unpriced !== null) return refused(unpriced)
    const twice = namedTwice(settings)
    if (twice !== null) return refused(twice)
    return { kind: 'Ready', begin: beginRequest(run, settings, source) }
  } catch (thrown) {
    return refused(toAmxError(thrown))
  }
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

/** A run of type Apply works on the targets of its source. */
export function withTargetsOf(run: MetadataRun, source: MetadataRun): MetadataRun {
  const targets = source.spec.targets
  return targets === undefined ? run : { ...run, spec: { ...run.spec, targets } }
}

function beginRequest(run: MetadataRun, settings: RunSettings, source: MetadataRun | null) {
  const { desiredState: _, ...spec } = run.spec
  return {
    uid: run.metadata.uid,
    namespace: run.metadata.namespace,
    name: run.metadata.name,
    type: run.spec.type,
    specDigest: digestOf(spec),
    settings,
    settingsDigest: digestOf(settings),
    scopeText: scopeText(settings),
    origin: run.metadata.labels?.[originLabel] ?? null,
    budget: run.spec.type === 'Apply' ? null : budgetOf(run.spec.budget),
    ...(source !== null && { sourceRunUid: source.metadata.uid }),
  }
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

function sourceOf(run: MetadataRun, references: References): MetadataRun | AmxError | null {
  const name = run.spec.source?.runRef.name
  if (name === undefined) return null
  return references.run(name) ?? new AmxError('AMX-1013', { what: `the source run "${name}"` })
}

function missing(run: MetadataRun, kind: string, name: string): Preparation {
  const error = new AmxError('AMX-1003', { kind, name, namespace: run.metadata.namespace })
  return waiting(error, catalogue['AMX-1003'].reason)
}

function waiting(error: AmxError, reason: string): Preparation {
  return { kind: 'Waiting', error: error.report(), reason }
}

function refused(error: AmxError): Preparation {
  const report = error.report()
  return { kind: 'Refused', error: report, reason: reasonOf(report) }
}
