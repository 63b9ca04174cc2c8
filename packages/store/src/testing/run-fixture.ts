import { randomUUID } from 'node:crypto'
import {
  type DraftRow,
  type DraftUnit,
  digestOf,
  formatAssetPath,
  type RunSettings,
  type ScopedContainer,
  type ScopedTable,
  type ScopeUnit,
  type TableCatalog,
  type TableProfile,
  type TargetSettings,
  type WorkUnit,
} from '@amx/api'
import type { BeginRunRequest, OperatorStore, ServerStore } from '../contract.ts'
import { workerOf } from './store-fixture.ts'

export const databaseKey = 'postgresql://warehouse:5432/shop'

export interface SettingsOptions {
  readonly batchSize?: number
  readonly deduplicate?: boolean
  readonly concurrency?: number
  readonly modelProfile?: string
  readonly target?: Partial<TargetSettings>
  readonly targets?: number
  readonly review?: RunSettings['review']
  readonly apply?: Partial<RunSettings['apply']>
}

export function settingsOf(options: SettingsOptions = {}): RunSettings {
  const target: TargetSettings = {
    profileName: 'shop',
    backend: 'PostgreSQL',
    databaseKey,
    postgresql: { host: 'warehouse', port: 5432, database: 'shop', tlsMode: 'disable' },
    writable: true,
    scope: { include: [], exclude: [], tablePattern: null, kinds: ['Table'], tableLimit: 0, missingOnly: false },
    profiling: {
      mode: 'Sampled',
      sampleRows: 5000,
      maximumRows: 1_000_000,
      exactDistinct: false,
      statementTimeoutMs: 120_000,
      connections: 4,
    },
    privacy: { samples: 'Masked', excludeColumns: [] },
    ...options.target,
  }
  return {
    version: 1,
    type: 'Analyze',
    targets: Array.from({ length: options.targets ?? 1 }, (_, index) =>
      index === 0 ? target : { ...target, profileName: `shop-${index}`, databaseKey: `${databaseKey}-${index}` },
    ),
    model: {
      profileName: options.modelProfile ?? 'stub',
      provider: 'OpenAICompatible',
      model: 'stub-1',
      baseURL: null,
      hasKey: false,
      limits: { concurrency: options.concurrency ?? 32, timeoutMs: 60_000, retries: 4 },
      price: null,
    },
    generation: {
      alternatives: 3,
      alternativesMode: 'Semantic',
      confidenceSignal: 'SelfConsistency',
      bands: { high: 0.75, medium: 0.5 },
      promptDetail: 'Standard',
      verbosity: 'Brief',
      columnBatchSize: options.batchSize ?? 10,
      otherColumnNames: 0,
      temperature: 0.2,
      maxOutputTokens: 4096,
      reasoning: { effort: 'Low', budgetTokens: 1024 },
      instructions: '',
      ...(options.deduplicate === true ? { deduplicate: true } : {}),
    },
    review: options.review ?? { strategy: 'Manual', accept: 'High' },
    apply: { policy: 'OnAccept', existing: 'Keep', onDrift: 'Refuse', dryRun: false, ...options.apply },
    activeDeadlineMs: 3_600_000,
    promptVersion: '1',
    operatorVersion: '0.1.0',
  }
}

export function runOf(options: Partial<BeginRunRequest> & SettingsOptions = {}): BeginRunRequest {
  const settings = options.settings ?? settingsOf(options)
  const uid = options.uid ?? randomUUID()
  return {
    uid,
    namespace: options.namespace ?? 'team',
    name: options.name ?? `run-${uid.slice(0, 8)}`,
    type: options.type ?? 'Analyze',
    specDigest: options.specDigest ?? 'sha256:spec',
    settings,
    settingsDigest: digestOf(settings),
    scopeText: 'everything',
    origin: null,
    ...(options.sourceRunUid === undefined ? {} : { sourceRunUid: options.sourceRunUid }),
    ...(options.descent === undefined ? {} : { descent: options.descent }),
    ...(options.selection === undefined ? {} : { selection: options.selection }),
    ...(options.requestedBy === undefined ? {} : { requestedBy: options.requestedBy }),
    ...(options.budget === undefined ? {} : { budget: options.budget }),
  }
}

export interface TableOptions {
  readonly comments?: Readonly<Record<string, string>>
  readonly unreadable?: string
  /** Type of every column; text unless told otherwise. */
  readonly dataType?: string
  readonly statisticsTime?: string | null
  readonly structureDigest?: string
  readonly planned?: ScopedTable['planned']
  readonly skipped?: ScopedTable['skipped']
}

/** A table with its columns, everything of it planned unless told otherwise. */
export function tableOf(path: string, columns: readonly string[], options: TableOptions = {}): ScopedTable {
  const catalog: TableCatalog = {
    path,
    kind: 'Table',
    comment: options.comments?.[''] ?? null,
    schemaComment: null,
    databaseComment: null,
    columns: columns.map((name, index) => ({
      name,
      ordinal: index + 1,
      type: options.dataType ?? 'text',
      nullable: true,
      default: null,
      comment: options.comments?.[name] ?? null,
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
    unreadable: options.unreadable ?? null,
    structureDigest: options.structureDigest ?? digestOf([path, columns]),
    statisticsTime: options.statisticsTime === undefined ? '2026-01-01T00:00:00Z' : options.statisticsTime,
  }
  return {
    catalog,
    planned: options.planned ?? { table: true, columns: [...columns] },
    skipped: options.skipped ?? [],
  }
}

export function profileOf(catalog: TableCatalog): TableProfile {
  return {
    catalog,
    mode: 'Sampled',
    modeReason: null,
    rowCount: 10,
    rowCountIsExact: true,
    rowsRead: 10,
    columns: [],
    warnings: [],
    statements: 2,
    durationMs: 3,
  }
}

export function draftOf(path: string, options: Partial<DraftRow> = {}): DraftRow {
  return {
    path,
    kind: 'Column',
    source: 'profile',
    alternatives: [
      { text: `First text for ${path}`, score: 0.9, fallback: false },
      { text: `Second text for ${path}`, score: 0.6, fallback: false },
    ],
    signal: 'SelfConsistency',
    score: 0.9,
    band: 'High',
    reasoning: 'because',
    citations: [],
    warnings: [],
    skippedReason: null,
    callIds: [],
    evidence: `evidence of ${path}`,
    ...options,
  }
}

/** The rows a model would give for a batch. */
export function draftsOf(unit: DraftUnit): DraftRow[] {
  const columns = unit.columns.map((name) => draftOf(`${unit.tablePath}.${formatAssetPath([name])}`))
  return unit.includeTable ? [draftOf(unit.tablePath, { kind: 'Table' }), ...columns] : columns
}

/** Claims everything of a stage that is ready now. */
export async function claimAll(
  server: ServerStore,
  runUid: string,
  stage: 'profile' | 'draft' | 'apply',
  holder?: string,
): Promise<readonly WorkUnit[]> {
  const { units } = await server.claim(workerOf(runUid, stage, holder), { capacity: 256, waitMs: 0 })
  return units
}

const stageOfKind = { scope: 'profile', profile: 'profile', draft: 'draft', settle: 'draft', apply: 'apply' } as const

/** Claims what is ready and insists that it is of one kind. */
export async function claimKind<Kind extends WorkUnit['kind']>(
  server: ServerStore,
  runUid: string,
  kind: Kind,
  holder?: string,
): Promise<readonly Extract<WorkUnit, { kind: Kind }>[]> {
  const units = await claimAll(server, runUid, stageOfKind[kind], holder)
  return units.map((unit) => {
    if (!isKind(unit, kind)) throw new Error(`a unit of kind ${unit.kind} came instead of ${kind}`)
    return unit
  })
}

function isKind<Kind extends WorkUnit['kind']>(unit: WorkUnit, kind: Kind): unit is Extract<WorkUnit, { kind: Kind }> {
  return unit.kind === kind
}

/** Resolves every scope unit of a run to the same tables. */
export async function resolveScope(
  server: ServerStore,
  runUid: string,
  tables: readonly ScopedTable[],
  containers: readonly ScopedContainer[] = [],
): Promise<void> {
  for (const unit of await claimKind(server, runUid, 'scope')) await postScope(server, runUid, unit, tables, containers)
}

export async function postScope(
  server: ServerStore,
  runUid: string,
  { id, attempt }: Pick<ScopeUnit, 'id' | 'attempt'>,
  tables: readonly ScopedTable[],
  containers: readonly ScopedContainer[] = [],
): Promise<void> {
  const worker = workerOf(runUid, 'profile')
  const head = { unitId: id, attempt }
  await server.recordCatalogPage(worker, { ...head, page: 0, tables: [...tables], containers: [...containers] })
  await server.recordResult(worker, { ...head, kind: 'scope', pages: 1, serverVersion: '18', statements: 3 })
}

export async function profileTables(server: ServerStore, runUid: string): Promise<void> {
  const worker = workerOf(runUid, 'profile')
  for (const unit of await claimKind(server, runUid, 'profile')) {
    await server.recordResult(worker, {
      unitId: unit.id,
      attempt: unit.attempt,
      kind: 'profile',
      tableId: unit.tableId,
      profile: profileOf(unit.catalog),
    })
  }
}

export async function draftBatches(
  server: ServerStore,
  runUid: string,
  rowsOf: (unit: DraftUnit) => DraftRow[] = draftsOf,
): Promise<void> {
  const worker = workerOf(runUid, 'draft')
  for (;;) {
    const units = await claimKind(server, runUid, 'draft')
    if (units.length === 0) return
    for (const unit of units) {
      await server.recordResult(worker, {
        unitId: unit.id,
        attempt: unit.attempt,
        kind: 'draft',
        tableId: unit.tableId,
        rows: rowsOf(unit),
      })
    }
  }
}

/** A schema or the database, holding what is given with its comments. */
export function containerOf(
  path: string,
  members: Readonly<Record<string, string | null>>,
  options: Partial<ScopedContainer> = {},
): ScopedContainer {
  const listed = Object.entries(members)
  return {
    path,
    kind: path === '*' ? 'Database' : 'Schema',
    comment: null,
    skipped: null,
    members: listed.map(([member, comment]) => ({
      path: member,
      kind: path === '*' ? 'Schema' : 'Table',
      comment,
      tables: path === '*' ? 1 : 0,
    })),
    memberCount: listed.length,
    ...options,
  }
}

export interface DraftedRun {
  readonly uid: string
  readonly name: string
  readonly digest: string
}

/** A run whose drafts are settled, one draft per asset. */
export async function draftedRun(
  { operator, server }: { readonly operator: OperatorStore; readonly server: ServerStore },
  tables: readonly ScopedTable[],
  options: Partial<BeginRunRequest> & SettingsOptions & { readonly rowsOf?: (unit: DraftUnit) => DraftRow[] } = {},
): Promise<DraftedRun> {
  const request = runOf(options)
  await operator.beginRun(request)
  await resolveScope(server, request.uid, tables)
  await profileTables(server, request.uid)
  await draftBatches(server, request.uid, options.rowsOf)
  const { digest } = await operator.settleDrafts(request.uid)
  return { uid: request.uid, name: request.name, digest }
}
