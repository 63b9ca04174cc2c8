import { expect, test } from 'vitest'
import { type Admission, whyUnchecked } from './admission-in-force.ts'

const policyName = 'reviewdecisions.amx.dev'
const at = (creationTimestamp: string) => ({ metadata: { creationTimestamp } })
const old = at('2026-11-01T00:00:00Z')
const made = '2026-11-20T09:00:00Z'
const deny = { spec: { policyName, validationActions: ['Deny'] } }

test.each<[string, Admission, string | null]>([
  ['is there', { policy: old, binding: { ...old, ...deny } }, null],
  ['is as old', { policy: at(made), binding: { ...at(made), ...deny } }, null],
  ['is missing', { policy: null, binding: { ...old, ...deny } }, 'is missing'],
  ['is not bound', { policy: old, binding: null }, 'Binding reviewdecisions.amx.dev is missing'],
  [
    'only warns',
    { policy: old, binding: { ...old, spec: { policyName, validationActions: ['Warn'] } } },
    'denies nothing',
  ],
  ['came later', { policy: at('2026-11-20T09:00:01Z'), binding: { ...old, ...deny } }, 'it is older than'],
  ['was bound later', { policy: old, binding: { ...at('2026-11-20T09:00:01Z'), ...deny } }, 'it is older than'],
])('who decides is checked where the policy %s', (_, admission, problem) => {
  const found = whyUnchecked({ creationTimestamp: made }, admission)
  if (problem === null) expect(found).toBeNull()
  else expect(found).toContain(problem)
})
