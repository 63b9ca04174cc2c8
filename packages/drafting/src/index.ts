export type * from './drafting.ts'
