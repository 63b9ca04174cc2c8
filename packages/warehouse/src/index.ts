export { openPostgresql } from './postgresql/open-postgresql.ts'
export type * from './warehouse.ts'
