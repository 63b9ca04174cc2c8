export { openPostgresql } from './postgresql/open-postgresql.ts'
export { tryReader, tryWriter } from './postgresql/try-postgresql.ts'
export { compileExcludedColumns } from './privacy/excluded-columns.ts'
export type * from './warehouse.ts'
