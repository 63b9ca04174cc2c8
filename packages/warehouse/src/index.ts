export { openPostgresql } from './postgresql/open-postgresql.ts'
export { testReader, testWriter } from './postgresql/test-postgresql.ts'
export { compileExcludedColumns } from './privacy/excluded-columns.ts'
export type * from './warehouse.ts'
