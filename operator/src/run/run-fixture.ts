import { apiVersion, type Condition, type MetadataRun, type RunSettings } from '@amx/api'
import type { RunObservation } from '@amx/store'
import type { JobView, PodView, RunObserved } from './run-observed.ts'

// What the tests of the policies start from: a run of two tables with ten columns, begun, its Jobs not yet made.

export const fixtureNowMs = Date.parse('2026-11-20T09:00:00.000Z')

export interface RunChanges {
  readonly spec?: Partial<MetadataRun['spec']>
  readonly status?: MetadataRun['status']
  readonly metadata?: Partial<MetadataRun['metadata']>
}

export function fixtureRun({ spec, status, metadata }: RunChanges = {}): MetadataRun {
  return {
    apiVersion,
    kind: 'MetadataRun',
    metadata: {
      name: 'shop',
      namespace: 'team',
      uid: 'uid-1',
      resourceVersion: '10',
      generation: 1,
      creationTimestamp: '2026-11-20T08:59:00Z',
      ...metadata,
    },
    spec: {
      type: 'Analyze',
      targets: [{ databaseProfileRef: { name: 'shop-db' } }],
      llmProfileRef: { name: 'model' },
      ...spec,
    },
    ...(status !== undefined && { status }),
  }
}

type Deep<T> = { readonly [Key in keyof T]?: T[Key] extends object | null ? Deep<T[Key]> : T[Key] }

const observation: RunObservation = {
  summary: {
    uid: 'uid-1',
    namespace: 'team',
    name: 'shop',
    type: 'Analyze',
    phase: 'Running',
    scope: 'shop: everything',
    model: 'built-in',
    databaseProfiles: ['shop-db'],
    startedAt: '2026-11-20T08:59:01Z',
    finishedAt: null,
    tables: { total: 2, settled: 0 },
    columns: { planned: 10, profiled: 0, drafted: 0, skipped: 0, failed: 0 },
    confidence: { high: 0, medium: 0, low: 0, none: 0, mean: null },
    review: { unreviewed: 0, accepted: 0, skipped: 0, rejected: 0, queued: 0 },
    apply: { applied: 0, failed: 0, refused: 0, unsupported: 0 },
    cost: {
      amount: null,
      inputTokens: 0,
      cachedInputTokens: 0,
      outputTokens: 0,
      reasoningTokens: 0,
      calls: 0,
      cachedReplies: 0,
      unknownCalls: 0,
      unpricedCalls: 0,
      priceTable: null,
    },
    draftDigest: null,
    settingsDigest: 'sha256:5e',
  },
  desiredState: 'Run',
  phase: 'Running',
  scopeResolved: false,
  profiled: false,
  drafted: false,
  plannedAssets: 12,
  plannedContainers: 0,
  leftOut: 0,
  units: {
    profile: { waiting: 0, leased: 0, failed: 0 },
    draft: { waiting: 0, leased: 0, failed: 0 },
    apply: { waiting: 0, leased: 0, failed: 0 },
  },
  fatalError: null,
  lastError: null,
  unknownAssets: [],
  applyWanted: false,
  budget: { limit: null, error: null },
}

export function fixtureObservation(changes: Deep<RunObservation> = {}): RunObservation {
  return merge(observation, changes)
}

/** Drafts settled, all rows undecided. */
export function settled(changes: Deep<RunObservation> = {}): RunObservation {
  const drafts = {
    scopeResolved: true,
    profiled: true,
    drafted: true,
    summary: {
      draftDigest: 'sha256:d1',
      tables: { total: 2, settled: 2 },
      columns: { profiled: 10, drafted: 10 },
      review: { unreviewed: 12 },
    },
  }
  return merge(merge(observation, drafts), changes)
}

export function observed(
  store: RunObservation,
  changes: Partial<RunObserved> & { run?: MetadataRun } = {},
): RunObserved {
  return {
    run: fixtureRun(),
    preparation: { kind: 'Ready', begin: fixtureBegin() },
    store: { kind: 'Begun', run: store },
    jobs: [],
    applyBeingDecided: false,
    policyAccepted: false,
    plannedRows: null,
    stoppingSinceMs: null,
    nowMs: fixtureNowMs,
    ...changes,
  }
}

export function fixtureBegin() {
  return {
    uid: 'uid-1',
    namespace: 'team',
    name: 'shop',
    type: 'Analyze',
    specDigest: 'sha256:5c',
    settings: {} as RunSettings,
    settingsDigest: 'sha256:5e',
    scopeText: 'shop: everything',
    origin: null,
  }
}

export function fixtureJob(changes: Partial<JobView> = {}): JobView {
  return {
    name: `shop-${changes.stage ?? 'draft'}-${changes.attempt ?? 1}`,
    stage: 'draft',
    attempt: 1,
    state: 'Active',
    failuresBefore: 0,
    progressBefore: 0,
    createdAtMs: fixtureNowMs - 60_000,
    finishedAtMs: changes.state === undefined || changes.state === 'Active' ? null : fixtureNowMs - 60_000,
    deleting: false,
    message: '',
    pods: [fixturePod()],
    ...changes,
  }
}

export function fixturePod(changes: Partial<PodView> = {}): PodView {
  return {
    name: 'shop-draft-1-abcde',
    state: 'Running',
    stuck: null,
    exitCode: null,
    summary: null,
    lastWords: null,
    ...changes,
  }
}

export function fixtureCondition(changes: Partial<Condition> & Pick<Condition, 'type'>): Condition {
  return {
    status: 'True',
    reason: 'Running',
    message: '',
    observedGeneration: 1,
    lastTransitionTime: '2026-11-20T08:59:00.000Z',
    ...changes,
  }
}

function merge<T>(base: T, changes: Deep<T>): T {
  if (typeof base !== 'object' || base === null || Array.isArray(base)) return changes as T
  const merged: Record<string, unknown> = { ...(base as object) }
  for (const [key, value] of Object.entries(changes)) {
    const own = merged[key]
    const nested =
      typeof own === 'object' && own !== null && !Array.isArray(own) && typeof value === 'object' && value !== null
    merged[key] = nested ? merge(own, value as Deep<typeof own>) : value
  }
  return merged as T
}
