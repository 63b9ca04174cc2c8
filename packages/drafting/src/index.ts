export { createDrafter } from './create-drafter.ts'
export type * from './drafting.ts'
export { priceTableDate } from './money/price-table.ts'
export { promptVersion } from './prompt/prompt-version.ts'
