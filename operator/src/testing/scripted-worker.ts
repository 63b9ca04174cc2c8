import {
  type ApplyUnit,
  type DraftRow,
  type DraftUnit,
  digestOf,
  type ScopedContainer,
  type ScopedTable,
  type SettleUnit,
  type Stage,
  type TableProfile,
  type WorkerSummary,
  type WorkUnit,
} from '@amx/api'
import type { ServerStore, WorkerIdentity } from '@amx/store'

/** What a scripted worker finds in its imaginary warehouse, and how it fares. */
export interface WorkerScript {
  /** Tables with their columns; a run's scope is not looked at. */
  readonly tables: Readonly<Record<string, readonly string[]>>
  /** Schemas and the database that are to be described as well. */
  readonly containers?: readonly ScopedContainer[]
  /** Score of every draft, or of each by its path. */
  readonly score: number | ((path: string) => number)
  /** The text of a draft. @default names the path */
  readonly textOf?: (path: string) => string
  /** Called before each unit; what it throws or answers decides how the worker ends. */
  readonly beforeUnit?: (unit: WorkUnit, worker: WorkerIdentity) => Promise<void> | void
  /** Units asked for at once. @default 4 */
  readonly capacity?: number
  /** Outcome of a row's write. @default Applied */
  readonly applyOutcome?: (path: string) => 'Applied' | 'Drifted' | 'Failed'
}

/** Ends a scripted worker like a process: with an exit code and last words. */
export class WorkerExit extends Error {
  override readonly name = 'WorkerExit'
  readonly exitCode: number
  readonly words: string

  constructor(exitCode: number, words: string) {
    super(words)
    this.exitCode = exitCode
    this.words = words
  }
}

/** Works through a stage against the store, as the real worker does through the server; gives its termination message. */
export async function runScriptedStage(
  store: ServerStore,
  worker: WorkerIdentity,
  script: WorkerScript,
  signal: AbortSignal,
): Promise<WorkerSummary> {
  const units = { done: 0, failed: 0 }
  const end = (outcome: WorkerSummary['outcome'], stop: WorkerSummary['stop']): WorkerSummary => {
    return { stage: worker.stage, outcome, stop, units, statements: 0, calls: 0, durationMs: 1, error: null }
  }
  while (!signal.aborted) {
    const claim = await store.claim(worker, { capacity: script.capacity ?? 4, waitMs: 500 }, signal)
    if (claim.stop !== null) return end('Stopped', claim.stop)
    if (claim.done) return end('Done', null)
    for (const unit of claim.units) {
      await script.beforeUnit?.(unit, worker)
      await workOn(unit, store, worker, script)
      units.done += 1
    }
  }
  return end('Stopped', null)
}

async function workOn(unit: WorkUnit, store: ServerStore, worker: WorkerIdentity, script: WorkerScript): Promise<void> {
  const head = { unitId: unit.id, attempt: unit.attempt }
  switch (unit.kind) {
    case 'scope': {
      const tables = Object.entries(script.tables).map(([path, columns]) => scopedTable(path, columns))
      await store.recordCatalogPage(worker, { ...head, page: 0, tables, containers: [...(script.containers ?? [])] })
      await store.recordResult(worker, { ...head, kind: 'scope', pages: 1, serverVersion: '18.4', statements: 3 })
      return
    }
    case 'profile':
      await store.recordResult(worker, {
        ...head,
        kind: 'profile',
        tableId: unit.tableId,
        profile: profile(unit.catalog),
      })
      return
    case 'draft':
      await store.recordResult(worker, {
        ...head,
        kind: 'draft',
        tableId: unit.tableId,
        rows: drafts(unit, script),
      })
      return
    case 'settle':
      await store.recordResult(worker, { ...head, kind: 'settle', row: settledRow(unit, script) })
      return
    case 'apply':
      await store.recordResult(worker, {
        ...head,
        kind: 'apply',
        rows: outcomes(unit, script.applyOutcome ?? (() => 'Applied')),
        statements: 1,
        durationMs: 1,
      })
  }
}

function scopedTable(path: string, columns: readonly string[]): ScopedTable {
  return {
    catalog: {
      path,
      kind: 'Table',
      comment: null,
      schemaComment: null,
      databaseComment: null,
      columns: columns.map((name, index) => ({
        name,
        ordinal: index + 1,
        type: 'text',
        nullable: true,
        default: null,
        comment: null,
      })),
      primaryKey: [],
      foreignKeysOut: [],
      foreignKeysIn: [],
      uniqueKeys: [],
      checks: [],
      indexes: [],
      partitioning: null,
      viewDefinition: null,
      rowEstimate: 10,
      sizeBytes: 8192,
      usage: null,
      unreadable: null,
      structureDigest: digestOf([path, columns]),
      statisticsTime: null,
    },
    planned: { table: true, columns: [...columns] },
    skipped: [],
  }
}

function profile(catalog: TableProfile['catalog']): TableProfile {
  return {
    catalog,
    mode: 'Sampled',
    modeReason: null,
    rowCount: 10,
    rowCountIsExact: true,
    rowsRead: 10,
    columns: catalog.columns.map(({ name }) => ({
      name,
      nullFraction: 0,
      distinct: 10,
      distinctIsExact: true,
      minimum: null,
      maximum: null,
      minimumLength: null,
      maximumLength: null,
      samples: [],
      frequencies: [],
      pattern: null,
      heldBack: null,
    })),
    warnings: [],
    statements: 1,
    durationMs: 1,
  }
}

function drafts(unit: DraftUnit, script: WorkerScript): DraftRow[] {
  const columns = unit.columns.map((column) => draftOf(`${unit.tablePath}.${column}`, 'Column', script))
  return unit.includeTable ? [draftOf(unit.tablePath, 'Table', script), ...columns] : columns
}

function settledRow({ brief }: SettleUnit, script: WorkerScript): DraftRow {
  return draftOf(brief.path, brief.kind, script)
}

function draftOf(path: string, kind: DraftRow['kind'], { score: scoring, textOf }: WorkerScript): DraftRow {
  const score = typeof scoring === 'number' ? scoring : scoring(path)
  const text = textOf?.(path) ?? `What ${path} is`
  return {
    path,
    kind,
    source: 'profile',
    alternatives: [1, 2, 3].map((n) => ({ text: `${text}, version ${n}.`, score, fallback: false })),
    signal: 'SelfConsistency',
    score,
    band: score >= 0.75 ? 'High' : 'Low',
    reasoning: null,
    citations: [],
    warnings: [],
    skippedReason: null,
    callIds: [],
    evidence: path,
  }
}

function outcomes(unit: ApplyUnit, outcomeOf: (path: string) => 'Applied' | 'Drifted' | 'Failed') {
  return unit.rows.map((row) => {
    const outcome = outcomeOf(row.path)
    const error = {
      code: 'AMX-2008',
      message: `${row.path}: must be owner`,
      remedy: 'Use a writer that owns it.',
      driverMessage: 'must be owner',
    }
    return {
      rowId: row.rowId,
      outcome,
      oldText: null,
      statement: 'COMMENT ON …',
      error: outcome === 'Failed' ? error : null,
    }
  })
}

/** The stage a pod's labels name. */
export function stageOf(labels: Readonly<Record<string, string>> | undefined): Stage {
  const stage = labels?.['amx.dev/stage']
  if (stage === 'profile' || stage === 'draft' || stage === 'apply') return stage
  throw new Error('the pod is not of a stage')
}
