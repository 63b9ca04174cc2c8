import * as value from './drawn-values.ts'
import { column, type PlannedColumn, type PlannedTable, type WarehousePlan } from './planned-table.ts'

type ColumnKind = (name: string, label: string) => PlannedColumn

const kinds: [string, ColumnKind][] = [
  ['status', (name, label) => column(name, 'text', value.pick(label, ['open', 'closed', 'open', 'blocked']))],
  ['amount', (name, label) => column(name, 'numeric(12,2)', value.decimal(label, 0, 10_000))],
  ['quantity', (name, label) => column(name, 'integer', value.whole(label, 0, 500))],
  ['created_at', (name, label) => column(name, 'timestamptz', value.moment(label, '2024-01-01', 700))],
  ['due_date', (name, label) => column(name, 'date', value.sometimes(label, 0.8, value.day(label, '2024-01-01', 700)))],
  ['is_active', (name, label) => column(name, 'boolean', value.chance(label, 0.7))],
  ['reference_code', (name, label) => column(name, 'text', `'R' || ${value.padded(value.whole(label, 0, 99_999), 5)}`)],
  [
    'contact_email',
    (name, label) => column(name, 'text', `'user' || ${value.whole(label, 1, 5_000)} || '@example.com'`),
  ],
  ['country_code', (name, label) => column(name, 'char(2)', value.pick(label, ['DE', 'NL', 'DK', 'AT', 'PL']))],
  ['score', (name, label) => column(name, 'double precision', value.drawn(label))],
  [
    'note',
    (name, label) => column(name, 'text', value.sometimes(label, 0.2, `'note ' || ${value.whole(label, 1, 900)}`)),
  ],
  ['x_flag', (name, label) => column(name, 'smallint', value.whole(label, 0, 1))],
]

const subjects = [
  'order',
  'customer',
  'invoice',
  'shipment',
  'product',
  'contract',
  'ticket',
  'payment',
  'asset',
  'campaign',
]

function benchTable(schema: string, number: number, columnCount: number, rows: number): PlannedTable {
  const subject = subjects[number % subjects.length] ?? 'order'
  const name = `stg_${subject}_${String(number + 1).padStart(2, '0')}`
  const columns = [column(`${subject}_id`, 'bigint NOT NULL', 'i')]
  for (let index = 0; columns.length < columnCount; index++) {
    const [base, make] = kinds[index % kinds.length] ?? kinds[0] ?? []
    const turn = Math.floor(index / kinds.length)
    const columnName = turn === 0 ? base : `${base}_${turn + 1}`
    if (columnName !== undefined && make !== undefined) columns.push(make(columnName, `${name}.${columnName}`))
  }
  return { schema, name, rows, columns, constraints: [`PRIMARY KEY (${subject}_id)`] }
}

function plainTables(schema: string, tables: number, columns: number, rows: number): WarehousePlan {
  const least = Math.floor(columns / tables)
  const wider = columns % tables
  const planned = Array.from({ length: tables }, (_, number) =>
    benchTable(schema, number, least + (number < wider ? 1 : 0), rows),
  )
  return { schemas: [schema], types: [], tables: planned, views: [], comments: [], hiddenFromReader: [] }
}

/** 20 plain tables of 26 columns and 20,000 rows each. */
export function bench20x26x20000(): WarehousePlan {
  return plainTables('bench', 20, 520, 20_000)
}

/** 47 plain tables with 1,283 columns in all and 1,000 rows each. */
export function bench47x1283(): WarehousePlan {
  return plainTables('staging', 47, 1283, 1_000)
}
