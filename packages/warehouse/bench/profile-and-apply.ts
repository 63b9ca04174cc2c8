import { parseArgs } from 'node:util'
import type { ApplyRow, Scope, TargetSettings } from '@amx/api'
import { openPostgresql, type Warehouse } from '../src/index.ts'

// Prints how long catalog, profile and apply take against a database that is already there, and what they cost in statements:
//   node packages/warehouse/bench/profile-and-apply.ts --port 5432 --database bench --mode Sampled
// Credentials come from PGUSER and PGPASSWORD.

const { values } = parseArgs({
  options: {
    host: { type: 'string', default: '127.0.0.1' },
    port: { type: 'string', default: '5432' },
    database: { type: 'string', default: 'bench' },
    mode: { type: 'string', default: 'Sampled' },
    rows: { type: 'string', default: '5000' },
    connections: { type: 'string', default: '4' },
    rounds: { type: 'string', default: '3' },
    apply: { type: 'boolean', default: false },
  },
})

const scope: Scope = { include: [], exclude: [], tablePattern: null, kinds: [], tableLimit: 0, missingOnly: false }
const options: Pick<TargetSettings, 'profiling' | 'privacy'> = {
  profiling: {
    mode: values.mode === 'Full' || values.mode === 'Metadata' ? values.mode : 'Sampled',
    sampleRows: Number(values.rows),
    maximumRows: 1_000_000,
    exactDistinct: false,
    statementTimeoutMs: 120_000,
    connections: Number(values.connections),
  },
  privacy: { samples: 'Masked', excludeColumns: [] },
}

const signal = AbortSignal.timeout(600_000)
for (let round = 1; round <= Number(values.rounds); round += 1) {
  const warehouse = await openPostgresql(
    {
      connection: { host: values.host, port: Number(values.port), database: values.database, tlsMode: 'disable' },
      credentials: { username: process.env['PGUSER'] ?? 'postgres', password: process.env['PGPASSWORD'] ?? '' },
      connections: Number(values.connections),
    },
    signal,
  )
  try {
    console.table(await measure(warehouse, round))
  } finally {
    await warehouse.close()
  }
}

async function measure(warehouse: Warehouse, round: number): Promise<readonly Record<string, number | string>[]> {
  const cpuBefore = process.cpuUsage()
  const [catalog, catalogFigures] = await timed('catalog', () => warehouse.readCatalog(scope, signal))
  const tables = catalog.tables.map((table) => table.catalog)
  const [, profileFigures] = await timed('profile', () =>
    Promise.all(tables.map((table) => warehouse.profileTable(table, options, signal))),
  )
  const cpu = process.cpuUsage(cpuBefore)
  const columns = tables.reduce((sum, table) => sum + table.columns.length, 0)
  const figures = [
    { ...catalogFigures, tables: tables.length, columns },
    { ...profileFigures, clientCpuMs: Math.round((cpu.user + cpu.system) / 1000) },
  ]
  if (!values.apply) return figures
  const [, applyFigures] = await timed('apply', () =>
    Promise.all(
      tables.map((table) => {
        const row = (path: string, kind: ApplyRow['kind'], expected: string | null): ApplyRow => ({
          rowId: path,
          path,
          kind,
          text: `Round ${round}: ${path}`,
          expected,
          intended: false,
        })
        const rows = [
          row(table.path, table.kind, table.comment),
          ...table.columns.map(({ name, comment }) => row(`${table.path}.${name}`, 'Column', comment)),
        ]
        return warehouse.applyTable({ tablePath: table.path, rows, onDrift: 'Overwrite', dryRun: false }, signal)
      }),
    ),
  )
  return [...figures, applyFigures]

  async function timed<Result>(
    what: string,
    run: () => Promise<Result>,
  ): Promise<[Result, Record<string, number | string>]> {
    const [started, before] = [performance.now(), warehouse.statements()]
    const result = await run()
    return [
      result,
      { round, what, ms: Math.round(performance.now() - started), statements: warehouse.statements() - before },
    ]
  }
}
