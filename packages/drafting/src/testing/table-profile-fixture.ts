import type {
  ColumnCatalog,
  ColumnProfile,
  ForeignKey,
  GenerationSettings,
  ModelSettings,
  TableCatalog,
  TableProfile,
} from '@amx/api'

/** A column for tests: its catalog entry and profile in one; what is left out is unremarkable. */
export type FixtureColumn = Partial<Omit<ColumnCatalog, 'name' | 'ordinal' | 'type'>> &
  Partial<Omit<ColumnProfile, 'name'>> & { readonly name: string; readonly type: string }

export interface FixtureTable extends Partial<Omit<TableCatalog, 'columns' | 'path'>> {
  readonly path: string
  readonly columns: readonly FixtureColumn[]
  readonly rows?: number
}

/** A table profile in mode Full with the given columns. */
export function tableProfile(table: FixtureTable): TableProfile {
  const { columns, rows = 1_000, ...catalog } = table
  return {
    catalog: {
      kind: 'Table',
      comment: null,
      schemaComment: null,
      databaseComment: null,
      primaryKey: [],
      foreignKeysOut: [],
      foreignKeysIn: [],
      uniqueKeys: [],
      checks: [],
      indexes: [],
      partitioning: null,
      viewDefinition: null,
      rowEstimate: rows,
      sizeBytes: null,
      usage: null,
      unreadable: null,
      structureDigest: 'sha256:0',
      statisticsTime: null,
      ...catalog,
      columns: columns.map(columnCatalog),
    },
    mode: 'Full',
    modeReason: null,
    rowCount: rows,
    rowCountIsExact: true,
    rowsRead: rows,
    columns: columns.map(columnProfile),
    warnings: [],
    statements: 2,
    durationMs: 3,
  }
}

/** A foreign key of one column. */
export function foreignKey(
  column: string,
  otherTable: string,
  otherColumn: string,
  otherComment: string | null = null,
): ForeignKey {
  return { name: `${column}_fkey`, columns: [column], otherTable, otherColumns: [otherColumn], otherComment }
}

/** Generation settings as the defaults have them, with the given ones replaced. */
export function generationSettings(change: Partial<GenerationSettings> = {}): GenerationSettings {
  return {
    alternatives: 3,
    alternativesMode: 'Semantic',
    confidenceSignal: 'Evidence',
    bands: { high: 0.75, medium: 0.5 },
    promptDetail: 'Standard',
    verbosity: 'Brief',
    columnBatchSize: 10,
    otherColumnNames: 0,
    temperature: 0.2,
    maxOutputTokens: 4_096,
    reasoning: { effort: 'low', budgetTokens: 1_024 },
    instructions: '',
    ...change,
  }
}

/** Settings of a model behind `baseURL`, which makes three tries. */
export function modelSettings(change: Partial<ModelSettings> = {}): ModelSettings {
  return {
    profileName: 'model',
    provider: 'OpenAICompatible',
    model: 'stub-model',
    baseURL: null,
    hasKey: false,
    limits: { concurrency: 8, timeoutMs: 10_000, retries: 2 },
    price: null,
    ...change,
  }
}

function columnCatalog(column: FixtureColumn, index: number): ColumnCatalog {
  const { name, type, nullable = false, comment = null, generated, identity, enumValues } = column
  return {
    name,
    ordinal: index + 1,
    type,
    nullable,
    default: column.default ?? null,
    comment,
    ...(generated === undefined ? {} : { generated }),
    ...(identity === undefined ? {} : { identity }),
    ...(enumValues === undefined ? {} : { enumValues }),
  }
}

function columnProfile(column: FixtureColumn): ColumnProfile {
  return {
    name: column.name,
    nullFraction: column.nullFraction ?? 0,
    distinct: column.distinct ?? null,
    distinctIsExact: column.distinctIsExact ?? true,
    minimum: column.minimum ?? null,
    maximum: column.maximum ?? null,
    minimumLength: column.minimumLength ?? null,
    maximumLength: column.maximumLength ?? null,
    samples: column.samples ?? [],
    frequencies: column.frequencies ?? [],
    pattern: column.pattern ?? null,
    heldBack: column.heldBack ?? null,
  }
}
