import { expect, test } from 'vitest'
import { resourceDefinitions } from '../resources/definitions.ts'
import type { ValidationRule } from '../resources/schema-parts.ts'
import { type OpenAPISchema, openAPISchema } from './open-api-schema.ts'
import { ruleCases } from './rule-cases.ts'

test.each(resourceDefinitions)('every rule of $kind has a case', ({ kind, spec }) => {
  const covered = new Set(ruleCases.filter((one) => one.kind === kind).map(({ message }) => message))
  const messages = new Set(rulesIn(openAPISchema(spec)).map(({ message }) => message))
  expect([...messages].filter((message) => !covered.has(message))).toEqual([])
})

function rulesIn(schema: OpenAPISchema): ValidationRule[] {
  const own = (schema['x-kubernetes-validations'] ?? []) as ValidationRule[]
  const members = [...Object.values(schema.properties ?? {}), ...(schema.items ? [schema.items] : [])]
  return [...own, ...members.flatMap(rulesIn)]
}
