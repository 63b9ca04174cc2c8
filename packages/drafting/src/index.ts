export { type CheckedClaims, checkClaims } from './confidence/check-claims.ts'
export { createDrafter } from './create-drafter.ts'
export type * from './drafting.ts'
export { promptVersion } from './prompt/prompt-version.ts'
