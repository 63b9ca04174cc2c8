// The closed vocabularies of the product, each written once. Resources, wire formats, store and screens take them from here.

export const backends = ['PostgreSQL', 'Snowflake', 'ClickHouse', 'Databricks', 'BigQuery'] as const
export type Backend = (typeof backends)[number]

export const providers = [
  'OpenAI',
  'Anthropic',
  'DeepSeek',
  'Kimi',
  'OpenRouter',
  'Ollama',
  'OpenAICompatible',
  'BuiltIn',
] as const
export type Provider = (typeof providers)[number]

export const runTypes = ['Analyze', 'Generate', 'Rerun', 'Variations', 'Apply', 'Rollback', 'Refresh'] as const
export type RunType = (typeof runTypes)[number]

export const runPhases = [
  'Pending',
  'Running',
  'AwaitingReview',
  'Applying',
  'Succeeded',
  'PartiallyApplied',
  'Failed',
  'Suspended',
  'Cancelled',
] as const
export type RunPhase = (typeof runPhases)[number]

export const desiredStates = ['Run', 'Suspend', 'Cancel'] as const
export type DesiredState = (typeof desiredStates)[number]

/** The programs of the worker image that a Job can run. */
export const stages = ['profile', 'draft', 'apply'] as const
export type Stage = (typeof stages)[number]

export const relationKinds = ['Table', 'View', 'MaterializedView', 'ForeignTable'] as const
export type RelationKind = (typeof relationKinds)[number]

export const assetKinds = [...relationKinds, 'Column', 'Schema', 'Database'] as const
export type AssetKind = (typeof assetKinds)[number]

/** What a scope can ask for; columns always come with their relation. */
export const scopeKinds = [...relationKinds, 'Schema', 'Database'] as const
export type ScopeKind = (typeof scopeKinds)[number]

export const profilingModes = ['Metadata', 'Sampled', 'Full'] as const
export type ProfilingMode = (typeof profilingModes)[number]

export const sampleDisclosures = ['None', 'Masked', 'Raw'] as const
export type SampleDisclosure = (typeof sampleDisclosures)[number]

export const confidenceSignals = ['SelfConsistency', 'Logprob', 'SelfDeclared', 'Judge', 'Evidence', 'None'] as const
export type ConfidenceSignal = (typeof confidenceSignals)[number]

export const confidenceBands = ['High', 'Medium', 'Low'] as const
export type ConfidenceBand = (typeof confidenceBands)[number]

export const alternativesModes = ['Semantic', 'Lexical'] as const
export type AlternativesMode = (typeof alternativesModes)[number]

export const promptDetails = ['Minimal', 'Standard', 'Detailed', 'Full'] as const
export type PromptDetail = (typeof promptDetails)[number]

export const verbosities = ['Brief', 'Detailed', 'Comprehensive', 'Exhaustive'] as const
export type Verbosity = (typeof verbosities)[number]

export const verdicts = ['Accept', 'Skip', 'Reject', 'Restore'] as const
export type Verdict = (typeof verdicts)[number]

export const reviewStates = ['Unreviewed', 'Accepted', 'Skipped', 'Rejected'] as const
export type ReviewState = (typeof reviewStates)[number]

export const draftSources = ['profile', 'documents', 'code', 'combined', 'human', 'provided'] as const
export type DraftSource = (typeof draftSources)[number]

/** What became of one row of an apply. `AlreadyThere` and `Applied` both leave the new text in the warehouse. */
export const applyOutcomes = [
  'Applied',
  'AlreadyThere',
  'Drifted',
  'Refused',
  'Unsupported',
  'Missing',
  'Failed',
  'Unknown',
] as const
export type ApplyOutcome = (typeof applyOutcomes)[number]

/** What became of a row of the results: as an apply left it, or put back by a rollback. */
export const rowOutcomes = [...applyOutcomes, 'RolledBack'] as const

/** What happens to a run whose budget is used up. */
export const budgetEnds = ['Suspend', 'Review'] as const

export const patternClasses = [
  'Email',
  'UUID',
  'URL',
  'Phone',
  'IPAddress',
  'IBAN',
  'ISODate',
  'ISOTimestamp',
  'Time',
  'Code',
  'CountryCode',
  'CurrencyCode',
  'JSON',
  'Hex',
  'Integer',
  'Decimal',
  'Boolean',
  'FreeText',
  'Mixed',
] as const
export type PatternClass = (typeof patternClasses)[number]
