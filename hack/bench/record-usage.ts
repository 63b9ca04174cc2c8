import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import {
  type CallIntent,
  type GenerationSettings,
  type ModelSettings,
  promptDetails,
  type TableProfile,
} from '@amx/api'
import { createDrafter } from '@amx/drafting'
import { openPostgresql } from '@amx/warehouse'
import { createDemoWarehouse, type DemoShape } from '../demo-warehouse/index.ts'
import { startLlmStub } from '../llm-stub/index.ts'
import { startPostgres } from '../rig/start-postgres.ts'

// Drafts the demo and the benchmark warehouses with the model stub and writes what the calls used: the data the estimate is
// tested on.
//   node hack/bench/record-usage.ts [--out packages/api/src/money/recorded-usage.json]
const { values } = parseArgs({
  options: { out: { type: 'string', default: 'packages/api/src/money/recorded-usage.json' } },
})

interface RecordedRun {
  readonly name: string
  readonly generation: GenerationSettings
  readonly tables: readonly { readonly columns: number; readonly includeTable: boolean }[]
  readonly used: Record<string, { calls: number; inputTokens: number; outputTokens: number }>
}

const standard: GenerationSettings = {
  alternatives: 3,
  alternativesMode: 'Semantic',
  confidenceSignal: 'SelfConsistency',
  bands: { high: 0.75, medium: 0.5 },
  promptDetail: 'Standard',
  verbosity: 'Brief',
  columnBatchSize: 10,
  otherColumnNames: 0,
  temperature: 0.2,
  maxOutputTokens: 4096,
  reasoning: { effort: 'Low', budgetTokens: 1024 },
  instructions: '',
}

const signal = AbortSignal.timeout(900_000)
const dataDir = mkdtempSync(join(tmpdir(), 'amx-usage-'))
const postgres = await startPostgres({ dataDir })
const stub = await startLlmStub()
try {
  const runs: RecordedRun[] = []
  for (const shape of ['demo', 'bench-20x26x20000', 'bench-47x1283'] as const) {
    const profiles = await profilesOf(shape)
    runs.push(await record(shape, profiles, standard))
    if (shape !== 'demo') continue
    for (const promptDetail of promptDetails.filter((detail) => detail !== 'Standard'))
      runs.push(await record(`demo, ${promptDetail}`, profiles, { ...standard, promptDetail }))
    runs.push(await record('demo, one alternative', profiles, { ...standard, alternatives: 1 }))
    runs.push(await record('demo, five alternatives', profiles, { ...standard, alternatives: 5 }))
    runs.push(await record('demo, judged', profiles, { ...standard, confidenceSignal: 'Judge' }))
    runs.push(await record('demo, batches of 25', profiles, { ...standard, columnBatchSize: 25 }))
  }
  writeFileSync(values.out, `${JSON.stringify({ runs }, null, 2)}\n`)
  console.table(
    runs.map(({ name, tables, used }) => ({
      name,
      tables: tables.length,
      ...used['draft'],
      judge: JSON.stringify(used['judge'] ?? null),
    })),
  )
} finally {
  await stub.stop()
  await postgres.stop()
  rmSync(dataDir, { recursive: true, force: true })
}

async function profilesOf(shape: DemoShape): Promise<TableProfile[]> {
  const database = shape.replaceAll('-', '_')
  const passwords = { readerPassword: 'amx-reader', writerPassword: 'amx-writer' }
  await createDemoWarehouse({ adminUrl: postgres.url, database, ...passwords, shape })
  const url = new URL(postgres.url)
  const warehouse = await openPostgresql(
    {
      connection: { host: url.hostname, port: Number(url.port), database, tlsMode: 'disable' },
      credentials: { username: 'postgres', password: decodeURIComponent(url.password) },
      connections: 4,
    },
    signal,
  )
  try {
    const scope = { include: [], exclude: [], tablePattern: null, kinds: [], tableLimit: 0, missingOnly: false }
    const { tables } = await warehouse.readCatalog(scope, signal)
    const profiling = {
      mode: 'Sampled',
      sampleRows: 5_000,
      maximumRows: 1_000_000,
      exactDistinct: false,
      statementTimeoutMs: 120_000,
      connections: 4,
    } as const
    const privacy = { samples: 'Masked', excludeColumns: [] } as const
    return await Promise.all(
      tables.map(({ catalog }) =>
        warehouse.profileTable(catalog, { profiling, privacy: { ...privacy, excludeColumns: [] } }, signal),
      ),
    )
  } finally {
    await warehouse.close()
  }
}

async function record(
  name: string,
  profiles: readonly TableProfile[],
  generation: GenerationSettings,
): Promise<RecordedRun> {
  const model: ModelSettings = {
    profileName: 'stub',
    provider: 'OpenAICompatible',
    model: 'stub',
    baseURL: stub.url,
    hasKey: false,
    limits: { concurrency: 16, timeoutMs: 60_000, retries: 2 },
    price: null,
  }
  const drafter = createDrafter({ model })
  const used: RecordedRun['used'] = {}
  const purposes = new Map<string, CallIntent['purpose']>()
  for (const profile of profiles) {
    const columns = profile.catalog.columns.map((column) => column.name)
    for (let from = 0; from < Math.max(1, columns.length); from += generation.columnBatchSize) {
      await drafter.draftBatch(
        {
          profile,
          columns: columns.slice(from, from + generation.columnBatchSize),
          includeTable: from === 0,
          generation,
        },
        {
          async begin({ callId, purpose }) {
            purposes.set(callId, purpose)
            return { cachedReply: null }
          },
          async end(callId, { usage }) {
            const purpose = purposes.get(callId) ?? 'draft'
            const sum = used[purpose] ?? { calls: 0, inputTokens: 0, outputTokens: 0 }
            used[purpose] = sum
            sum.calls += 1
            sum.inputTokens += usage?.inputTokens ?? 0
            sum.outputTokens += usage?.outputTokens ?? 0
          },
        },
        signal,
      )
    }
  }
  await drafter.close()
  const tables = profiles.map(({ catalog }) => ({ columns: catalog.columns.length, includeTable: true }))
  return { name, generation, tables, used }
}
