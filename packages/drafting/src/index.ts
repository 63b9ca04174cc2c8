export { createDrafter } from './create-drafter.ts'
export type * from './drafting.ts'
