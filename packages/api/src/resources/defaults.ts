import type { RelationKind } from '../vocabulary.ts'

/**
 * What an absent field means. Defaults are applied when settings are resolved and are written in each field's description; the
 * API server fills in nothing, so that an applied manifest and the stored object are the same.
 */
export const defaults = {
  databaseProfile: {
    postgresql: { port: 5432, tlsMode: 'verify-full', caKey: 'ca.crt' },
    profiling: {
      mode: 'Sampled',
      sampleRows: 5000,
      maximumRows: 1_000_000,
      exactDistinct: false,
      statementTimeout: '120s',
      connections: 4,
    },
    privacy: { samples: 'Masked' },
  },
  llmProfile: {
    apiKeyKey: 'apiKey',
    limits: { concurrency: 32, requestsPerMinute: 0, tokensPerMinute: 0, timeout: '180s', retries: 4 },
  },
  contextSource: { refreshInterval: '24h' },
  generation: {
    alternatives: 3,
    alternativesMode: 'Semantic',
    confidenceSignal: 'SelfConsistency',
    bands: { high: '0.75', medium: '0.50' },
    promptDetail: 'Standard',
    verbosity: 'Brief',
    columnBatchSize: 10,
    otherColumnNames: 0,
    temperature: '0.2',
    maxOutputTokens: 4096,
    reasoning: { effort: 'Low', budgetTokens: 1024 },
    instructions: '',
    deduplicate: false,
    batchAPI: false,
  },
  scope: {
    kinds: ['Table', 'View', 'MaterializedView', 'ForeignTable'] as readonly RelationKind[],
    tableLimit: 0,
    missingOnly: false,
  },
  run: {
    review: { strategy: 'Manual', accept: 'High' },
    apply: { policy: 'Never', existing: 'Keep', onDrift: 'Refuse', dryRun: false },
    budget: { maximumTokens: 0, onExhausted: 'Suspend' },
    desiredState: 'Run',
    activeDeadline: '4h',
    /** A provider answers its batches within a day. */
    activeDeadlineInBatches: '26h',
    ttlAfterFinished: '168h',
  },
  schedule: {
    onChange: { changes: ['Added', 'TypeChanged', 'Dropped'], minimumInterval: '6h', checkEvery: '10m' },
    timeZone: 'Etc/UTC',
    suspend: false,
    startingDeadline: '10m',
    missed: 'Surface',
    concurrencyPolicy: 'Forbid',
    historyLimits: { successful: 3, failed: 1 },
  },
  decision: { alternative: 1, apply: false },
} as const
