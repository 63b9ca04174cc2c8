import type { Kind } from '../resources/group.ts'

// For every CEL rule of the six resources one object the API server takes and one it refuses with the rule's message.

type Spec = Readonly<Record<string, unknown>>

export interface RuleCase {
  readonly kind: Kind
  readonly message: string
  readonly accepted: Spec
  readonly rejected: Spec
  /** For rules about changes: the spec that is there before; `accepted` and `rejected` are then updates of it. */
  readonly before?: Spec
}

const reader = { readerSecretRef: { name: 'reader' } }
const blocks = {
  postgresql: { host: 'pg', database: 'shop' },
  snowflake: { account: 'org-account', warehouse: 'wh' },
  clickhouse: { host: 'ch' },
  databricks: { host: 'dbx', httpPath: '/sql/1.0' },
  bigquery: { project: 'p' },
} as const
const backends = [
  ['PostgreSQL', 'postgresql'],
  ['Snowflake', 'snowflake'],
  ['ClickHouse', 'clickhouse'],
  ['Databricks', 'databricks'],
  ['BigQuery', 'bigquery'],
] as const

const target = { databaseProfileRef: { name: 'pg' } }
const analyze = { type: 'Analyze', targets: [target], llmProfileRef: { name: 'llm' } }
const source = { runRef: { name: 'first' } }
const handWritten = {
  type: 'Generate',
  targets: [target],
  source: { texts: [{ asset: 'sales.customer', text: 'Who buys.' }] },
}
const seed = { asset: 'sales.customer', index: 2 }

const runCases: readonly Omit<RuleCase, 'kind'>[] = [
  {
    message: 'targets is required for the types Analyze, Generate and Refresh',
    accepted: { type: 'Refresh', targets: [target] },
    rejected: { type: 'Refresh' },
  },
  {
    message: 'source is required for the types Rerun, Variations and Rollback',
    accepted: { type: 'Rollback', source: { ...source, target: 'pg', assets: ['sales.customer'] } },
    rejected: { type: 'Rollback' },
  },
  {
    message:
      'the type Apply takes one of source (the run whose accepted rows are written) and targets (the databases whose queued rows are)',
    accepted: { type: 'Apply', source: { ...source, target: 'pg/shop', assets: ['sales.customer'] } },
    rejected: { type: 'Apply' },
  },
  {
    message: 'source has no meaning for the types Analyze and Refresh, and for Generate only with source.texts',
    accepted: handWritten,
    rejected: { ...analyze, source },
  },
  {
    message: 'source.texts has a meaning for the type Generate only',
    accepted: handWritten,
    rejected: { type: 'Apply', source: handWritten.source },
  },
  {
    message: 'source.texts stands alone: leave the other fields of source out',
    accepted: handWritten,
    rejected: { ...handWritten, source: { ...source, ...handWritten.source } },
  },
  {
    message:
      'the type Refresh only reads the catalog: leave llmProfileRef, generation, contextRefs, review, apply and budget out',
    accepted: { type: 'Refresh', targets: [{ ...target, scope: { include: ['sales'] } }] },
    rejected: { ...analyze, type: 'Refresh' },
  },
  {
    message: 'source.runRef is required: it names the run to go on from',
    accepted: { type: 'Rollback', source },
    rejected: { type: 'Rollback', source: { assets: ['sales.customer'] } },
  },
  {
    message: 'with source.texts no model is asked: leave llmProfileRef, generation and contextRefs out',
    accepted: handWritten,
    rejected: { ...handWritten, llmProfileRef: { name: 'llm' } },
  },
  {
    message: 'the scope is what source.texts names: leave scope out',
    accepted: handWritten,
    rejected: { ...handWritten, targets: [{ ...target, scope: { missingOnly: true } }] },
  },
  {
    message:
      'the type Apply takes one of source (the run whose accepted rows are written) and targets (the databases whose queued rows are)',
    accepted: {
      type: 'Apply',
      targets: [{ ...target, scope: { include: ['sales'], exclude: ['sales.tmp'], kinds: ['View'] } }],
    },
    rejected: { type: 'Apply', source, targets: [target] },
  },
  {
    message: 'the type Apply takes include, exclude and kinds of a scope, and nothing else',
    accepted: { type: 'Apply', targets: [target] },
    rejected: { type: 'Apply', targets: [target, { ...target, scope: { missingOnly: true } }] },
  },
  {
    message: 'targets come from the source run: leave them out for the types Rerun, Variations and Rollback',
    accepted: { type: 'Rollback', source },
    rejected: { type: 'Rollback', source, targets: [target] },
  },
  {
    message: 'llmProfileRef is required for the types Analyze and Generate',
    accepted: analyze,
    rejected: { type: 'Analyze', targets: [target] },
  },
  {
    message: 'source.alternative is required for the type Variations',
    accepted: { type: 'Variations', source: { ...source, alternative: seed } },
    rejected: { type: 'Variations', source },
  },
  {
    message: 'source.alternative has a meaning for the type Variations only',
    accepted: { type: 'Rerun', source: { ...source, assets: ['sales'] } },
    rejected: { type: 'Rerun', source: { ...source, alternative: seed } },
  },
  {
    message: 'source.filter has a meaning for the type Rerun only',
    accepted: { type: 'Rerun', source: { ...source, filter: { maximumConfidence: 'Low', states: ['Unreviewed'] } } },
    rejected: { type: 'Apply', source: { ...source, filter: { maximumConfidence: 'Low' } } },
  },
  {
    message: 'source.assets and source.filter exclude each other',
    accepted: { type: 'Rerun', source: { ...source, filter: { kinds: ['Column'] } } },
    rejected: { type: 'Rerun', source: { ...source, assets: ['sales.customer'], filter: { kinds: ['Column'] } } },
  },
  {
    message: 'Variations are made of the one asset in source.alternative: leave source.assets out',
    accepted: { type: 'Variations', source: { ...source, alternative: seed } },
    rejected: { type: 'Variations', source: { ...source, alternative: seed, assets: ['sales.customer'] } },
  },
  {
    message: 'scope.include is required for the type Generate: it names the columns, tables or schemas to describe',
    accepted: { ...analyze, type: 'Generate', targets: [{ ...target, scope: { include: ['sales.customer.email'] } }] },
    rejected: { ...analyze, type: 'Generate' },
  },
  {
    message: 'bands.medium must not be above bands.high',
    accepted: { ...analyze, generation: { bands: { high: '0.6', medium: '0.6' } } },
    rejected: { ...analyze, generation: { bands: { high: '0.4' } } },
  },
]

const fullRun = {
  ...analyze,
  generation: { alternatives: 2 },
  contextRefs: [{ name: 'handbook' }],
  review: { strategy: 'Auto' },
  apply: { policy: 'OnAccept' },
  budget: { maximumCost: '5' },
  activeDeadline: '1h',
  ttlAfterFinished: '1h',
}

function changed(field: string, before: Spec, after: Spec): Omit<RuleCase, 'kind'> {
  return {
    message: `${field} cannot be changed after creation: create a new object instead`,
    before,
    accepted: before,
    rejected: after,
  }
}

const runUpdates: readonly Omit<RuleCase, 'kind'>[] = [
  changed('type', analyze, { ...analyze, type: 'Generate' }),
  changed('targets', fullRun, { ...fullRun, targets: [{ ...target, scope: { missingOnly: true } }] }),
  changed('llmProfileRef', fullRun, { ...fullRun, llmProfileRef: { name: 'other' } }),
  changed('generation', fullRun, { ...fullRun, generation: { alternatives: 3 } }),
  changed('contextRefs', fullRun, { ...fullRun, contextRefs: [] }),
  changed('review', fullRun, { ...fullRun, review: { strategy: 'Manual' } }),
  changed('apply', analyze, { ...analyze, apply: { policy: 'OnAccept' } }),
  changed('source', { type: 'Apply', source }, { type: 'Apply', source: { runRef: { name: 'second' } } }),
  changed('activeDeadline', fullRun, { ...fullRun, activeDeadline: '2h' }),
  changed('ttlAfterFinished', analyze, { ...analyze, ttlAfterFinished: '2h' }),
  {
    message: 'a run that was cancelled cannot go on: start a new one',
    before: { ...analyze, desiredState: 'Cancel' },
    accepted: { ...analyze, desiredState: 'Cancel' },
    rejected: { ...analyze, desiredState: 'Run' },
  },
  {
    message: 'a run that was cancelled cannot go on: start a new one',
    before: { ...analyze, desiredState: 'Cancel' },
    accepted: { ...analyze, desiredState: 'Cancel' },
    rejected: analyze,
  },
]

const openAI = { provider: 'OpenAI', model: 'gpt-4o' }
const handbook = { kind: 'Documents', git: { url: 'https://git.example.com/handbook.git' } }
const nightly = { cron: '0 6 * * 1-5', runTemplate: { spec: analyze } }
const item = { asset: 'sales.customer.email', verdict: 'Accept' }
const decision = {
  runRef: { name: 'first' },
  draftDigest: `sha256:${'0'.repeat(64)}`,
  reviewer: { username: 'admin' },
  items: [item],
}

const otherCases: readonly RuleCase[] = [
  ...backends.map(
    ([backend, block], index): RuleCase => ({
      kind: 'DatabaseProfile',
      message: `${block} must be set when backend is ${backend}, and only then`,
      accepted: { ...reader, backend, [block]: blocks[block] },
      rejected:
        index % 2 === 0
          ? { ...reader, backend }
          : { ...reader, backend: 'PostgreSQL', ...blocks, [block]: blocks[block] },
    }),
  ),
  {
    kind: 'LLMProfile',
    message: 'model is required for every provider but BuiltIn',
    accepted: openAI,
    rejected: { provider: 'OpenAI' },
  },
  {
    kind: 'LLMProfile',
    message: 'baseURL is required for the provider OpenAICompatible',
    accepted: { provider: 'OpenAICompatible', model: 'm', baseURL: 'http://llm.svc:8080/v1' },
    rejected: { provider: 'OpenAICompatible', model: 'm' },
  },
  {
    kind: 'LLMProfile',
    message: 'the provider BuiltIn takes no API key',
    accepted: { provider: 'BuiltIn' },
    rejected: { provider: 'BuiltIn', apiKeySecretRef: { name: 'key' } },
  },
  {
    kind: 'LLMProfile',
    message: 'bands.medium must not be above bands.high',
    accepted: { ...openAI, generation: { bands: { medium: '0.75' } } },
    rejected: { ...openAI, generation: { bands: { medium: '0.76' } } },
  },
  {
    kind: 'ContextSource',
    message: 'exactly one of git, configMap, http, s3, volume must be set',
    accepted: handbook,
    rejected: { ...handbook, configMap: { name: 'handbook' } },
  },
  {
    kind: 'MetadataSchedule',
    message: 'exactly one of at, cron, onChange must be set',
    accepted: { onChange: {}, runTemplate: nightly.runTemplate },
    rejected: { ...nightly, onChange: {} },
  },
  {
    kind: 'MetadataSchedule',
    message: 'write the time zone into timeZone, not into cron',
    accepted: nightly,
    rejected: { ...nightly, cron: 'CRON_TZ=Europe/Istanbul 0 6 * * *' },
  },
  {
    kind: 'MetadataSchedule',
    message: 'cron takes five fields: minute, hour, day of month, month, weekday',
    accepted: { ...nightly, cron: '*/5  8-18 * JAN-DEC MON,FRI' },
    rejected: { ...nightly, cron: '0 0 6 * * 1-5' },
  },
  {
    kind: 'MetadataSchedule',
    message: 'a run cannot begin suspended or cancelled',
    accepted: { ...nightly, runTemplate: { spec: { ...analyze, desiredState: 'Run' } } },
    rejected: { ...nightly, runTemplate: { spec: { ...analyze, desiredState: 'Suspend' } } },
  },
  {
    kind: 'ReviewDecision',
    message: 'exactly one of items, filter must be set',
    accepted: { ...without(decision, 'items'), filter: { verdict: 'Accept', minimumConfidence: 'High' } },
    rejected: { ...decision, filter: { verdict: 'Accept' } },
  },
  {
    kind: 'ReviewDecision',
    message: 'filter.text is one description for columns of one name: it needs the verdict Accept and columnName',
    accepted: {
      ...without(decision, 'items'),
      filter: { verdict: 'Accept', columnName: 'created_at', dataType: 'timestamptz', text: 'When the row was made.' },
    },
    rejected: { ...without(decision, 'items'), filter: { verdict: 'Accept', text: 'Anything.' } },
  },
  {
    kind: 'ReviewDecision',
    message: 'filter.states: what is Unreviewed has no decision to take back',
    accepted: { ...without(decision, 'items'), filter: { verdict: 'Restore', states: ['Accepted', 'Rejected'] } },
    rejected: { ...without(decision, 'items'), filter: { verdict: 'Restore', states: ['Unreviewed'] } },
  },
  {
    kind: 'ReviewDecision',
    message: 'alternative and text exclude each other',
    accepted: { ...decision, items: [{ ...item, text: 'E-mail address.' }] },
    rejected: { ...decision, items: [{ ...item, alternative: 1, text: 'E-mail address.' }] },
  },
  {
    kind: 'ReviewDecision',
    message: 'alternative and text belong to the verdict Accept',
    accepted: { ...decision, items: [{ ...item, verdict: 'Skip', revision: 3 }] },
    rejected: { ...decision, items: [{ ...item, verdict: 'Skip', alternative: 1 }] },
  },
  {
    kind: 'ReviewDecision',
    message: 'a decision cannot be changed after creation: create a new one',
    before: decision,
    accepted: decision,
    rejected: { ...decision, runRef: { name: 'second' } },
  },
  ...[
    changed('items', decision, { ...decision, items: [{ ...item, alternative: 2 }] }),
    changed('filter', decision, { ...without(decision, 'items'), filter: { verdict: 'Reject' } }),
    changed('apply', decision, { ...decision, apply: true }),
    changed('comment', { ...decision, comment: 'fine' }, { ...decision, comment: 'not fine' }),
  ].map((one): RuleCase => ({ kind: 'ReviewDecision', ...one })),
]

/** Every case; the rules of a run hold for the template of a schedule too. */
export const ruleCases: readonly RuleCase[] = [
  ...[...runCases, ...runUpdates].map((one): RuleCase => ({ kind: 'MetadataRun', ...one })),
  ...runCases.map(
    ({ message, accepted, rejected }): RuleCase => ({
      kind: 'MetadataSchedule',
      message,
      accepted: { ...nightly, runTemplate: { spec: accepted } },
      rejected: { ...nightly, runTemplate: { spec: rejected } },
    }),
  ),
  ...otherCases,
]

function without(spec: Spec, field: string): Spec {
  return Object.fromEntries(Object.entries(spec).filter(([name]) => name !== field))
}
