import { parseArgs } from 'node:util'
import { createDemoWarehouse, demoShapes } from './create-demo-warehouse.ts'

const usage = `Makes the demo warehouse on a PostgreSQL server of yours.

  node hack/run.mjs hack/demo-warehouse/main.ts --admin-url URL [--database amx_demo] [--shape ${demoShapes.join('|')}]
    [--reader-password TEXT] [--writer-password TEXT]
`

const { values } = parseArgs({
  options: {
    'admin-url': { type: 'string' },
    database: { type: 'string', default: 'amx_demo' },
    shape: { type: 'string', default: 'demo' },
    'reader-password': { type: 'string', default: 'amx-reader' },
    'writer-password': { type: 'string', default: 'amx-writer' },
  },
})
const shape = demoShapes.find((known) => known === values.shape)
if (values['admin-url'] === undefined || shape === undefined) {
  process.stderr.write(usage)
  process.exit(2)
}
const warehouse = await createDemoWarehouse({
  adminUrl: values['admin-url'],
  database: values.database,
  readerPassword: values['reader-password'],
  writerPassword: values['writer-password'],
  shape,
})
process.stdout.write(
  `${warehouse.created ? 'made' : 'found'} ${values.database}: ${warehouse.tables} tables, ${warehouse.columns} columns, ${warehouse.rows} rows\n`,
)
