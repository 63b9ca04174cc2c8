/** API group of every resource of the product. */
export const apiGroup = 'amx.dev'

export const apiVersionName = 'v1alpha1'

/** `apiVersion` of every object of the product. */
export const apiVersion = 'amx.dev/v1alpha1'

export const kinds = [
  'DatabaseProfile',
  'LLMProfile',
  'ContextSource',
  'MetadataRun',
  'MetadataSchedule',
  'ReviewDecision',
] as const
export type Kind = (typeof kinds)[number]

export const plurals = {
  DatabaseProfile: 'databaseprofiles',
  LLMProfile: 'llmprofiles',
  ContextSource: 'contextsources',
  MetadataRun: 'metadataruns',
  MetadataSchedule: 'metadataschedules',
  ReviewDecision: 'reviewdecisions',
} as const satisfies Record<Kind, string>

export const shortNames = {
  DatabaseProfile: 'dbp',
  LLMProfile: 'llm',
  ContextSource: 'ctx',
  MetadataRun: 'mrun',
  MetadataSchedule: 'msched',
  ReviewDecision: 'rdec',
} as const satisfies Record<Kind, string>

/** Finalizer of a run: removed once its record is closed in the store. */
export const archiveFinalizer = 'amx.dev/archive'

/** Finalizer of a ContextSource: removed once its chunks are out of the store. */
export const contextFinalizer = 'amx.dev/context'

/** Asks for a ContextSource to be read at once; any value that is not the last one handled. */
export const indexNowAnnotation = 'amx.dev/index-now'

/** Asks for a profile to be tested at once; any value that is not the last one handled. */
export const testAnnotation = 'amx.dev/test'

/** How often a profile that works is tested by itself, such as `24h`; `never`: only when asked. */
export const testEveryAnnotation = 'amx.dev/test-every'

/** Who made an object; only objects with one of {@link origins} are ever deleted for their age. */
export const originLabel = 'amx.dev/origin'

export const origins = ['schedule', 'studio', 'plugin'] as const
export type Origin = (typeof origins)[number]

/** Who asked for a run: nobody but the user who creates it can be named, so an audit may rely on it. */
export const requestedByAnnotation = 'amx.dev/requested-by'

/** Where the AMX server is reached from outside, as an annotation on its Service. */
export const serverUrlAnnotation = 'amx.dev/url'

/** The schedule that made a run, by its name, or the head of a long one with a digest. */
export const scheduleLabel = 'amx.dev/schedule'

/** Asks for one run of a MetadataSchedule at once; any value that is not the last one handled. */
export const runNowAnnotation = 'amx.dev/run-now'

/** Asks for the missed occurrences of a MetadataSchedule to be forgotten; any value that is not the last one handled. */
export const dismissMissedAnnotation = 'amx.dev/dismiss-missed'

/** Stands with the value `true` on the operator's Lease when the operator that leads fires schedules. */
export const firesSchedulesAnnotation = 'amx.dev/fires-schedules'
