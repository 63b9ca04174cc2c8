export type * from './contract.ts'
export type { OpenStoreOptions, StoreLogger } from './database.ts'
export { type MigrateResult, migrate } from './migrate.ts'
export { type OpenServerStoreOptions, openServerStore } from './server-store.ts'
